"""Tables beside those of places: who originates which prefix, and how many users operators have.

They are kept as files of places are, by the day that they tell of, and of each kind the newest file
of the day or before counts alone.
"""

from __future__ import annotations

import io
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Literal
from zipfile import BadZipFile

import numpy as np

from zicht.errors import InputError
from zicht.model.time import MICROSECONDS
from zicht.observe.files import read_file, unpack
from zicht.observe.places import PlaceImported, keep_file, kept_places, plain_name
from zicht.place.origins import Origins, parse_origins
from zicht.place.users import Users, parse_users
from zicht.publish.files import write_whole
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.fetch.files import read_mrt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from zicht.observe.places import PlaceFile

_SHORTEST = {4: 8, 6: 16}
"""Bits: no shorter prefix is delegated; a default route is no origin of the internet."""
_LONGEST = {4: 24, 6: 48}
"""Bits: longer ones do not get far."""
_HEAD = 4096
_PARSED = "origins-{}.npz"
_COLUMNS = ("family", "high", "length", "asn")


def import_tables(
    store: Path,
    files: Sequence[str],
    *,
    kind: Literal["origins", "users"],
    day: date | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
) -> list[PlaceImported]:
    """Take tables in; each whole or not at all.

    Args:
        store: the store's folder.
        files: their paths; they may be compressed, and ``-`` is standard input. Origins may be a
            dump of tables in MRT: then each prefix's AS is that which most peers say.
        kind: what they are.
        day: the day that they tell of where they do not say it, by default today.
        on_bad: what to do at a row that cannot be read.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: a file cannot be read, or is something else.
        StoreError: it cannot be kept.
    """
    day = day or datetime.now(UTC).date()
    return [_import(store, file, kind, day, on_bad) for file in files]


def load_origins(
    store: Path, as_of: date | None = None, tell: Callable[[str], None] = lambda _: None
) -> Origins | None:
    """Who originates which prefix, as of a day; ``None`` where no table is kept.

    It is read once and then kept beside the file as arrays.

    Raises:
        StoreError: the file is damaged.
    """
    file = _in_force(store, "origins", as_of, tell)
    if file is None:
        return None
    kept = file.path.with_name(_PARSED.format(sha256(file.path.read_bytes()).hexdigest()[:16]))
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        return _read_kept(kept, file)
    origins = parse_origins(file.read(), name=file.name, as_of=file.as_of, on_bad="skip")
    packed = io.BytesIO()
    np.savez(packed, **{column: getattr(origins, column) for column in _COLUMNS})
    with suppress(OSError, InputError):  # where nothing can be written it is read anew
        write_whole(kept, packed.getvalue(), force=True)
    return origins


def load_users(
    store: Path, as_of: date | None = None, tell: Callable[[str], None] = lambda _: None
) -> Users | None:
    """Users by operator and country, as of a day; ``None`` where no table is kept.

    Raises:
        StoreError: the file is damaged.
    """
    file = _in_force(store, "users", as_of, tell)
    if file is None:
        return None
    return parse_users(file.read(), name=file.name, as_of=file.as_of, on_bad="skip")


def _import(
    store: Path,
    file: str,
    kind: Literal["origins", "users"],
    day: date,
    on_bad: Literal["stop", "skip"],
) -> PlaceImported:
    data = unpack(read_file(file), name=file)
    if kind == "origins" and b"\0" in data[:_HEAD]:
        data, day = _origins_of_routes(data, file)
    parsed: Origins | Users
    if kind == "origins":
        parsed = parse_origins(data, name=file, as_of=day, on_bad=on_bad)
        records = len(parsed)
    else:
        parsed = parse_users(data, name=file, as_of=day, on_bad=on_bad)
        records = len(parsed.users)
    own = plain_name(file)
    return PlaceImported(
        name=own,
        kind=kind,
        as_of=parsed.as_of,
        records=records,
        unknown=0,
        skipped=len(parsed.bad_rows),
        new=keep_file(store, data, kind, own, parsed.as_of),
    )


def _in_force(
    store: Path, kind: str, as_of: date | None, tell: Callable[[str], None]
) -> PlaceFile | None:
    files = sorted(
        (file for file in kept_places(store) if file.kind == kind), key=lambda file: file.as_of
    )
    before = [file for file in files if as_of is None or file.as_of <= as_of]
    if files and not before:
        tell(f"{kind}: nothing is kept of {as_of} or before; {files[0].as_of} is taken.")
    return next(iter(before[-1:] or files[:1]), None)


def _read_kept(path: Path, file: PlaceFile) -> Origins:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as columns:
        return Origins(file.name, file.as_of, *(columns[column] for column in _COLUMNS))


def _origins_of_routes(data: bytes, name: str) -> tuple[bytes, date]:
    """A table of origins, of a dump of tables: the AS that most peers say of each prefix.

    Raises:
        InputError: it is no dump of tables.
    """
    votes: Counter[tuple[int, int, int, int]] = Counter()
    latest = 0
    for batch in read_mrt(io.BytesIO(data), collector=""):
        mine = (batch.kind == Kind.ROUTE) & (batch.origin > 0) & (batch.safi == 1)
        for family, shortest in _SHORTEST.items():
            length = batch.length
            fits = (length >= shortest) & (length <= _LONGEST[family])
            rows = np.flatnonzero(mine & (batch.family == family) & fits)
            keys = np.stack(
                [batch.prefix_high[rows], length[rows], batch.origin[rows]], axis=1
            ).astype(np.uint64)
            unique, counts = np.unique(keys, axis=0, return_counts=True)
            for (high, bits, asn), count in zip(unique.tolist(), counts.tolist(), strict=True):
                votes[family, high, bits, asn] += count
        if len(batch.time):
            latest = max(latest, int(batch.time.max()))
    if not votes:
        raise InputError(
            f"{name} holds no routes of tables.", "Give a dump of tables (rib, bview), or a pfx2as."
        )
    best: dict[tuple[int, int, int], tuple[int, int]] = {}
    for (family, high, bits, asn), count in sorted(votes.items()):
        key = (family, high, bits)
        best[key] = max(best.get(key, (0, 0)), (count, -asn))
    lines = [
        f"{_text(family, high)}\t{bits}\t{-asn}\n"
        for (family, high, bits), (_, asn) in best.items()
    ]
    return "".join(lines).encode(), datetime.fromtimestamp(latest // MICROSECONDS, UTC).date()


def _text(family: int, high: int) -> str:
    return str(IPv4Address(high >> 32) if family == 4 else IPv6Address(high << 64))  # noqa: PLR2004
