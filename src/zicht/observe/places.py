"""Which addresses are where: the files that say so, kept by their days beside the store's tables.

``STORE/place/delegated-20241122/ripencc.gz`` is what RIPE NCC told of 22 November 2024;
``STORE/place/geofeed-20241122/NAME.gz`` is what the user supplied for that day. Files are never
changed. Each registry and each name counts by itself: of each the newest file of the day that is
asked for or before it, so that a registry that could not be reached today does not take the others
along.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import msgspec
import numpy as np

from zicht.errors import InputError, NotFoundError, StoreError
from zicht.observe.files import read_file, unpack
from zicht.place.blocks import Blocks, PlaceSource, build_blocks, source_of
from zicht.place.delegated import REGISTRIES, Delegated, parse_delegated
from zicht.place.geofeed import Geofeed, parse_geofeed
from zicht.publish.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PlaceKind = Literal["delegated", "geofeed", "geolocation", "origins", "users"]
LOCATING = ("delegated", "geofeed", "geolocation")
"""The kinds that say where addresses are."""

_FOLDER = re.compile(r"(delegated|geofeed|geolocation|origins|users)-(\d{8})")
_SUFFIX = ".gz"
_FORM = b"1"  # counted up when blocks are made or kept in another way
_BLOCKS = "blocks-{}.npz"
_COLUMNS = ("family", "high", "length", "place")


@dataclass(frozen=True)
class PlaceFile:
    """A file that is kept.

    Attributes:
        kind: ``delegated``, ``geofeed``, ``geolocation``, ``origins`` or ``users``.
        name: the registry, or the file's name.
        as_of: the day that it tells of.
        path: where it lies.
    """

    kind: PlaceKind
    name: str
    as_of: date
    path: Path

    def read(self) -> bytes:
        """What was taken in.

        Raises:
            StoreError: the file is damaged.
        """
        try:
            return gzip.decompress(self.path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise StoreError(
                f"{self.path} cannot be read: {error}.", "Delete it, and take it in again."
            ) from error

    def parse(self) -> Delegated | Geofeed:
        """Read a file of a kind that says where addresses are.

        Rows that were left out when it was taken in are so again.

        Raises:
            StoreError: it is damaged.
        """
        return _parse(self.read(), self.kind, self.name, self.as_of, "skip")


class PlaceImported(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken in of a file.

    Attributes:
        name: the registry, or the file's name.
        kind: ``delegated``, ``geofeed``, ``geolocation``, ``origins`` or ``users``.
        as_of: the day that it tells of.
        records: how many statements it has.
        unknown: how many of them are of somebody, but of no known country (EU, AP, ZZ and so on).
        skipped: how many rows were left out.
        new: whether it was not kept before.
    """

    name: str
    kind: str
    as_of: date
    records: int
    unknown: int
    skipped: int
    new: bool


def import_places(
    store: Path,
    files: Sequence[str],
    *,
    kind: PlaceKind = "delegated",
    day: date | None = None,
    on_bad: Literal["stop", "skip"] = "stop",
) -> list[PlaceImported]:
    """Take files in by hand; each whole or not at all.

    Args:
        store: the store's folder.
        files: their paths; they may be compressed, and ``-`` is standard input.
        kind: what they are.
        day: the day that geofeeds and tables of locations tell of, by default today; delegated
            files say it themselves.
        on_bad: what to do at a row that cannot be read.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: a file cannot be read, or is something else.
        StoreError: it cannot be kept.
    """
    day = day or datetime.now(UTC).date()
    return [
        keep_places(store, unpack(read_file(file), name=file), kind, file, day, on_bad)
        for file in files
    ]


def keep_places(
    store: Path,
    data: bytes,
    kind: PlaceKind,
    name: str,
    day: date,
    on_bad: Literal["stop", "skip"] = "stop",
) -> PlaceImported:
    """Keep a file that is not compressed, after it was read once.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: it is something else.
        StoreError: it cannot be kept.
    """
    parsed = _parse(data, kind, name, day, on_bad)
    own = parsed.registry if isinstance(parsed, Delegated) else plain_name(name)
    new = keep_file(store, data, kind, own, parsed.as_of)
    source = source_of(parsed)
    return PlaceImported(
        name=own,
        kind=kind,
        as_of=parsed.as_of,
        records=source.records,
        unknown=source.unknown,
        skipped=len(parsed.bad_rows),
        new=new,
    )


def keep_file(store: Path, data: bytes, kind: PlaceKind, name: str, as_of: date) -> bool:
    """Keep the bytes of a file; whether they were not kept before.

    Raises:
        StoreError: they cannot be kept.
    """
    folder = _root(store) / f"{kind}-{as_of:%Y%m%d}"
    packed = gzip.compress(data, mtime=0)
    path = folder / f"{name}{_SUFFIX}"
    if path.exists() and path.read_bytes() == packed:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, packed, force=True)
    except (OSError, InputError) as error:
        raise StoreError(f"{path} cannot be written: {error}.") from error
    return True


def kept_places(store: Path) -> list[PlaceFile]:
    """All files that are kept, by kind and name, the earliest first."""
    found = []
    root = _root(store)
    for folder in root.iterdir() if root.is_dir() else ():
        if (match := _FOLDER.fullmatch(folder.name)) is not None:
            day = datetime.strptime(match[2], "%Y%m%d").replace(tzinfo=UTC).date()
            kind = cast("PlaceKind", match[1])
            found += [
                PlaceFile(kind, path.name.removesuffix(_SUFFIX), day, path)
                for path in folder.glob(f"[!.]*{_SUFFIX}")
            ]
    return sorted(found, key=lambda file: (file.kind, file.name, file.as_of))


def places_in_force(
    store: Path, as_of: date | None = None, tell: Callable[[str], None] = lambda _: None
) -> list[PlaceFile]:
    """The files that count on a day: of each name the newest of that day or before.

    Where a name has none so early its oldest counts instead, and that is told; so are the
    registries of which there is no file, where there are some of others.

    Raises:
        NotFoundError: there is no file at all.
    """
    names: dict[tuple[str, str], list[PlaceFile]] = {}
    for file in kept_places(store):
        if file.kind not in LOCATING:
            continue
        names.setdefault((file.kind, file.name), []).append(file)
    if not names:
        raise NotFoundError(
            "It is not known which addresses are where.",
            "Fetch the registries' files with zicht place update, or take them in with"
            " zicht place import.",
        )
    chosen = []
    for files in names.values():
        before = [file for file in files if as_of is None or file.as_of <= as_of]
        chosen.append(before[-1] if before else files[0])
        if not before:
            tell(
                f"{files[0].name}: nothing is kept of {as_of} or before; the places are those of"
                f" {files[0].as_of}."
            )
    missing = [name for name in REGISTRIES if ("delegated", name) not in names]
    if 0 < len(missing) < len(REGISTRIES):
        tell(f"No file of {', '.join(missing)} is kept: where their addresses are is not known.")
    return chosen


def load_blocks(
    store: Path, as_of: date | None = None, tell: Callable[[str], None] = lambda _: None
) -> Blocks:
    """The blocks of addresses as they were on a day, or as they are in the newest files.

    They are made once for each set of files and then kept beside them.

    Raises:
        NotFoundError: there is no file at all.
        StoreError: a file is damaged.
    """
    files = places_in_force(store, as_of, tell)
    kept = _kept_blocks(files)
    with contextlib.suppress(OSError, ValueError, KeyError, msgspec.MsgspecError):
        return _read_blocks(kept)
    parsed = [file.parse() for file in files]
    blocks = build_blocks(
        [file for file in parsed if isinstance(file, Delegated)],
        [file for file in parsed if isinstance(file, Geofeed)],
    )
    with contextlib.suppress(
        OSError, InputError
    ):  # where nothing can be written they are made anew
        for old in kept.parent.glob(_BLOCKS.format("*")):
            old.unlink()
        write_whole(kept, _packed_blocks(blocks), force=True)
    return blocks


class _Said(msgspec.Struct):
    places: tuple[str, ...]
    as_of: date
    sources: tuple[PlaceSource, ...]


def _kept_blocks(files: Sequence[PlaceFile]) -> Path:
    digest = hashlib.sha256(_FORM)
    for file in files:
        digest.update(f"{file.kind} {file.name} {file.as_of}".encode())
        digest.update(hashlib.sha256(file.path.read_bytes()).digest())
    newest = max(files, key=lambda file: file.as_of)
    return newest.path.parent / _BLOCKS.format(digest.hexdigest()[:16])


def _packed_blocks(blocks: Blocks) -> bytes:
    said = _Said(places=blocks.places, as_of=blocks.as_of, sources=blocks.sources)
    columns = {column: getattr(blocks, column) for column in _COLUMNS}
    file = io.BytesIO()
    np.savez(file, said=np.frombuffer(msgspec.json.encode(said), np.uint8), **columns)
    return file.getvalue()


def _read_blocks(path: Path) -> Blocks:
    with np.load(path, allow_pickle=False) as kept:
        said = msgspec.json.decode(kept["said"].tobytes(), type=_Said)
        columns = {column: kept[column] for column in _COLUMNS}
    return Blocks(**columns, places=said.places, as_of=said.as_of, sources=said.sources)


def _parse(
    data: bytes, kind: PlaceKind, name: str, day: date, on_bad: Literal["stop", "skip"]
) -> Delegated | Geofeed:
    if kind == "delegated":
        return parse_delegated(data, name=name, on_bad=on_bad)
    geo = cast("Literal['geofeed', 'geolocation']", kind)
    return parse_geofeed(data, name=name, as_of=day, kind=geo, on_bad=on_bad)


def plain_name(name: str) -> str:
    """The name of a file without its folder and the ends that say how it is written."""
    stem = re.sub(r"(\.(csv|txt|json|mrt|gz|bz2|zst))+$", "", Path(name).name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.") or "standard-input"


def _root(store: Path) -> Path:
    return store / "place"
