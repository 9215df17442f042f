"""Fetching IODA's series of labelled outages, so that they can be scored."""

from __future__ import annotations

import hashlib
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pyarrow.compute as pc

from zicht.errors import NotFoundError, UsageError
from zicht.http import get
from zicht.model.entity import parse_entity
from zicht.model.signal import Origin
from zicht.sources.ioda.api import DATASOURCES, parse_answer
from zicht.sources.ioda.signals import CITATION, LICENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from zicht.model.label import Label
    from zicht.store import Store

ADDRESS = "https://api.ioda.inetintel.cc.gatech.edu/v2"

_RATE = 1.0  # seconds between requests
_PIECE = timedelta(days=7)  # 2,016 values of five minutes: IODA gives them at its own step
_AFTER = 0.1  # part of the days before that is fetched after the end
_UNKNOWN_END = timedelta(days=1)
_WHOLE = 0.9  # a piece of which so much is stored is not fetched again
_DEFAULT = ("bgp", "ping-slash24", "ucsd-nt", "merit-nt")

Window = tuple[datetime, datetime]


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What was fetched of one signal of one entity.

    Attributes:
        signal: the signal's name.
        entity: the entity's text.
        start: begin of the first bin, written ``from`` in JSON.
        until: begin of the last bin.
        values: how many bins have a value.
        new: how many bins were not stored before.
    """

    signal: str
    entity: str
    start: datetime = msgspec.field(name="from")
    until: datetime
    values: int
    new: int


def backfill(
    store: Store,
    labels: Iterable[Label],
    *,
    address: str = ADDRESS,
    signals: Collection[str] | None = None,
    days: float = 14.0,
    tell: Callable[[str], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Fetched]:
    """Fetch what IODA has of labelled entities around their outages, into the store.

    One request at a time, a week each, at most one a second. What is stored already is not fetched
    again, so that an interrupted run goes on where it stopped.

    Args:
        store: where the observations go.
        labels: the outages. Regions are left out: IODA has numbers of its own for them.
        address: where the API answers.
        signals: only these, such as ``ioda.bgp``; by default routes, probing and both telescopes.
        days: how many days before each outage; a tenth of it after it.
        tell: told what is done and what is left out.
        pause: waits for so many seconds.

    Raises:
        InputError: an answer is not what the API's documentation says.
        SourceUnreachableError: IODA cannot be reached; what was fetched before is stored.
        UsageError: a signal is none of IODA's.
    """
    sources = _datasources(signals)
    windows = _windows(labels, days, tell)
    fetched = []
    for entity in sorted(windows):
        for source in sources:
            for piece in _pieces(windows[entity]):
                if _is_stored(store, DATASOURCES[source].name, entity, piece):
                    continue
                tell(f"fetching {source} of {entity}, {piece[0]:%Y-%m-%d} to {piece[1]:%Y-%m-%d}")
                fetched += _fetch(store, address, entity, source, piece, tell, pause)
                pause(_RATE)
    return fetched


def _datasources(signals: Collection[str] | None) -> list[str]:
    if signals is None:
        return list(_DEFAULT)
    names = {signal.name: source for source, signal in DATASOURCES.items()}
    for name in signals:
        if name not in names:
            raise UsageError(
                f"{name!r} is none of IODA's signals.", f"There are {', '.join(sorted(names))}."
            )
    return [names[name] for name in signals]


def _windows(
    labels: Iterable[Label], days: float, tell: Callable[[str], None]
) -> dict[str, list[Window]]:
    before = timedelta(days=days)
    windows: dict[str, list[Window]] = {}
    regions = 0
    for label in labels:
        if parse_entity(label.entity).type == "region":
            regions += 1
            continue
        end = label.end[1] if label.end else label.begin[1] + _UNKNOWN_END
        windows.setdefault(label.entity, []).append(
            (_midnight(label.begin[0] - before), end + _AFTER * before)
        )
    if regions:
        tell(f"{regions} labels of regions left out: IODA has numbers of its own for them.")
    return windows


def _midnight(time_: datetime) -> datetime:
    return time_.replace(hour=0, minute=0, second=0, microsecond=0)


def _pieces(windows: list[Window]) -> Iterator[Window]:
    """The weeks that cover some windows, each once."""
    merged: list[Window] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    for start, end in merged:
        begin = start
        while begin < end:
            yield begin, min(begin + _PIECE, end)
            begin += _PIECE


def _is_stored(store: Store, signal: str, entity: str, piece: Window) -> bool:
    if (signal, entity) not in set(store.keys()):
        return False
    series = store.read(signal, entity, start=piece[0], end=piece[1])
    expected = (piece[1] - piece[0]).total_seconds() / series.signal.step
    return len(series.values) >= _WHOLE * expected


def _fetch(  # noqa: PLR0917 - one request and all that it needs
    store: Store,
    address: str,
    entity: str,
    source: str,
    piece: Window,
    tell: Callable[[str], None],
    pause: Callable[[float], None],
) -> list[Fetched]:
    begin, end = (int(time_.timestamp()) for time_ in piece)
    query = urllib.parse.urlencode({"from": begin, "until": end, "datasource": source})
    url = f"{address.rstrip('/')}/signals/raw/{entity}?{query}"
    try:
        data = get(url, pause=pause)
    except NotFoundError:
        tell(f"IODA has nothing of {entity}.")
        return []
    parsed = parse_answer(data, name=url)
    if parsed.observations.num_rows == parsed.observations["value"].null_count:
        return []
    appended = store.append(
        parsed.observations,
        signals=parsed.signals,
        origin=_origin(url, data),
        entities=parsed.entities,
        known_at=datetime.now(UTC),
    )
    times = pc.min_max(parsed.observations["time"]).as_py()
    return [
        Fetched(
            signal=", ".join(signal.name for signal in parsed.signals),
            entity=entity,
            start=times["min"],
            until=times["max"],
            values=parsed.observations.num_rows - parsed.observations["value"].null_count,
            new=appended.new,
        )
    ]


def _origin(url: str, data: bytes) -> Origin:
    digest = hashlib.sha256(data).hexdigest()
    said = ("ioda", url, digest, LICENCE, CITATION, False)
    return Origin(
        id=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16],
        source="ioda",
        name=url,
        sha256=digest,
        licence=LICENCE,
        citation=CITATION,
    )
