"""The files of a collector's archive: which there are, and what is in them.

Any file can be made without those before it. RIS writes tables every eight hours and updates every
five minutes, with microseconds; RouteViews every two hours and fifteen minutes, in whole seconds.
"""

from __future__ import annotations

import bz2
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Literal

from isal import isal_zlib

from zicht.lab import chance, mrt
from zicht.lab.routes.encode import encode_messages, encode_tables
from zicht.lab.routes.tabling import table_at
from zicht.lab.routes.telling import messages_between
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zicht.lab.routes.collectors import Station

Kind = Literal["rib", "updates"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 2048  # networks of a table that are made at a time
_STRETCH, _LONGEST_STRETCH = timedelta(minutes=5), timedelta(hours=12)  # of updates likewise
_MUCH = 1 << 22  # bytes of a stretch: after fewer than that the next one is twice as long
_GZIP_LEVEL = 1  # of 0 to 3
_GZIP = 31  # a window of 32 kB, with gzip's header


@dataclass(frozen=True)
class Habit:
    """How a project writes files.

    Attributes:
        every: how far apart the files of each kind are.
        after: how long after what it tells a file of each kind is there.
        folder: where files of each kind lie within the folder of a month.
        name: what files of each kind are called.
        ending: by their packing.
        extended: whether records have microseconds.
    """

    every: dict[Kind, timedelta]
    after: dict[Kind, timedelta]
    folder: dict[Kind, str]
    name: dict[Kind, str]
    ending: str
    extended: bool


HABITS = {
    "ris": Habit(
        every={"rib": timedelta(hours=8), "updates": timedelta(minutes=5)},
        after={"rib": timedelta(minutes=10), "updates": timedelta(minutes=2)},
        folder={"rib": "", "updates": ""},
        name={"rib": "bview", "updates": "updates"},
        ending="gz",
        extended=True,
    ),
    "routeviews": Habit(
        every={"rib": timedelta(hours=2), "updates": timedelta(minutes=15)},
        after={"rib": timedelta(minutes=10), "updates": timedelta(minutes=2)},
        folder={"rib": "RIBS/", "updates": "UPDATES/"},
        name={"rib": "rib", "updates": "updates"},
        ending="bz2",
        extended=False,
    ),
}
"""As of ris.ripe.net/docs/mrt and archive.routeviews.org; how long files take is the lab's."""


@dataclass(frozen=True)
class LabFile:
    """A file of an archive.

    Attributes:
        path: below the archive's address, from its first slash on.
        kind: a table, or updates.
        begin: what its name says.
        end: where what it tells ends; of a table its begin.
        published: when it is there.
        corrected: when it is replaced by a better one, if it is.
    """

    path: str
    kind: Kind
    begin: datetime
    end: datetime
    published: datetime
    corrected: datetime | None = None


def files_of(station: Station, begin: datetime, end: datetime) -> Iterator[LabFile]:
    """The files whose names are of ``[begin, end)``, in that order, those of both kinds.

    A collector that is dead writes nothing, nor does one that is ``silent`` or ``blank``; of
    ``missing`` ones some are not there.
    """
    kinds: tuple[Kind, ...] = ("rib", "updates")
    habit = HABITS[station.collector.project]
    found = [
        file
        for kind in kinds
        for time in _times(begin, end, habit.every[kind])
        if (file := _file(station, habit, kind, time)) is not None
    ]
    return iter(sorted(found, key=lambda file: (file.begin, file.kind)))


def _times(begin: datetime, end: datetime, every: timedelta) -> Iterator[datetime]:
    time = _EPOCH + -(-(begin - _EPOCH) // every) * every
    while time < end:
        yield time
        time += every


def _file(station: Station, habit: Habit, kind: Kind, begin: datetime) -> LabFile | None:
    end = begin + habit.every[kind] if kind == "updates" else begin
    published = end + habit.after[kind]
    corrected = None
    path = path_of(station, kind, begin)
    for fault in station.faults:
        last = fault.end or datetime.max.replace(tzinfo=UTC)
        if not (fault.begin < max(end, begin + timedelta(seconds=1)) and begin < last):
            continue
        match fault.kind:
            case "silent" | "dies" | "blank":
                return None
            case "missing" if chance.uniform(station.seed, path) < fault.share / 100:
                return None
            case "late":
                published += timedelta(minutes=fault.delay_minutes)
            case "provisional":
                corrected = published + timedelta(minutes=fault.delay_minutes)
            case _:
                pass
    return LabFile(path, kind, begin, end, published, corrected)


def path_of(station: Station, kind: Kind, time: datetime) -> str:
    """Where a file lies below the archive's address."""
    habit = HABITS[station.collector.project]
    name = f"{habit.name[kind]}.{time:%Y%m%d.%H%M}.{habit.ending}"
    return f"/{root_of(station)}/{time:%Y.%m}/{habit.folder[kind]}{name}"


def root_of(station: Station) -> str:
    """The collector's folder: RouteViews' oldest has the archive's own."""
    name = station.collector.name
    if station.collector.project == "ris":
        return name
    return "bgpdata" if name == "route-views2" else f"{name}/bgpdata"


def table_records(station: Station, time: datetime) -> Iterator[bytes]:
    """The records of a table at an instant, in pieces."""
    peers = station.collector.peers
    speakers = [mrt.Speaker(one.address, one.asn, IPv4Address(one.identifier)) for one in peers]
    at = to_microseconds(time)
    yield mrt.index_table(at, speakers, view=station.collector.name.encode())
    sequence = 0
    for first in range(0, len(station.order), _AT_ONCE):
        some = station.order[first : first + _AT_ONCE]
        entries = table_at(station.ground, station.post, some, at)
        yield encode_tables(
            at // 1_000_000,
            entries,
            station.routers,
            station.networks,
            sequence=sequence,
        ).tobytes()
        sequence += len(entries.network)


def update_records(station: Station, begin: datetime, end: datetime) -> Iterator[bytes]:
    """The records of what is told from ``begin`` to before ``end``, in pieces.

    Where little is told pieces are of hours, since each costs as much as what happens in minutes.
    """
    extended = HABITS[station.collector.project].extended
    stretch = _STRETCH
    while begin < end:
        until = min(begin + stretch, end)
        messages = messages_between(
            station.ground, station.post, to_microseconds(begin), to_microseconds(until)
        )
        records = encode_messages(messages, station.routers, station.networks, extended=extended)
        yield records.tobytes()
        begin = until
        if len(records) < _MUCH:
            stretch = min(2 * stretch, _LONGEST_STRETCH)


def records_of(station: Station, file: LabFile) -> Iterator[bytes]:
    """What is in a file once it is as it should be, unpacked."""
    if file.kind == "rib":
        return table_records(station, file.begin)
    return update_records(station, file.begin, file.end)


def packed(pieces: Iterable[bytes], ending: str) -> Iterator[bytes]:
    """Pack by gzip (``gz``) or bzip2 (``bz2``).

    What is packed is the same on every machine; how, is as the library has it.
    """
    packer = _packer(ending)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _packer(ending: str) -> bz2.BZ2Compressor | isal_zlib.Compress:
    if ending == "gz":
        return isal_zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP)
    return bz2.BZ2Compressor()
