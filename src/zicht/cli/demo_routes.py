"""What the lab's route collectors write, read by the source of routes: bytes of MRT to bins."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from zicht.lab.registry import registry_file
from zicht.lab.routes.collectors import stations_of
from zicht.lab.routes.files import files_of, table_records, update_records
from zicht.model.time import to_microseconds
from zicht.place.blocks import build_blocks
from zicht.place.delegated import parse_delegated
from zicht.sources.bgp.archives import ArchiveFile, Gap, ribs_for, steps_of
from zicht.sources.bgp.collectors import PROJECTS
from zicht.sources.bgp.digest import digest
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.playback import Playback
from zicht.sources.bgp.series import Entities, observations
from zicht.sources.bgp.signals import VISIBLE_24
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa

    from zicht.lab.routes.collectors import Station
    from zicht.lab.routes.files import LabFile
    from zicht.lab.world import World
    from zicht.sources.bgp.archives import Step

_NEVER = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


class Reader:
    """What reads routes: the decoder, what is visible, and bins of some entities.

    Args:
        registry: a registry's file, which says where addresses are.
        begin: begin of the first bin, microseconds since 1970 UTC.
        entities: the texts of the entities that are wanted.
    """

    def __init__(self, registry: bytes, begin: int, entities: Iterable[str]) -> None:
        visibility = Visibility(build_blocks([parse_delegated(registry, name="ripencc")]))
        self._playback = Playback(visibility, begin, VISIBLE_24.step)
        self._entities = Entities(visibility.places, VISIBLE_24.step, only=set(entities))

    def take(self, collector: str, records: bytes) -> None:
        """Read what stands in files of a collector that follow one another, as one stream."""
        self._playback.take(digest(collector, read_mrt(BytesIO(records), collector=collector)))

    def lose(self, gap: Gap) -> None:
        """Of a collector nothing is known from a time on, until its next table."""
        self._playback.lose(gap.collector, to_microseconds(gap.start))

    def bins(self, until: int) -> pa.Table:
        """The bins that end by a time and were not given before.

        Of IPv4 alone: the other counts are read, and left out to keep the demo short.
        """
        bins = map(self._entities.bin, self._playback.until(until))
        table = observations(bins, VISIBLE_24.step)
        return table.filter(pc.equal(table["signal"], VISIBLE_24.name))


class Routes:
    """The archives of a world's collectors, read as far as they are published.

    Args:
        world: the world.
        entities: the texts of the entities that are wanted.
        ready: waits until the reader is compiled.
    """

    def __init__(
        self, world: World, entities: Iterable[str], ready: Callable[[], object] = lambda: None
    ) -> None:
        registry = registry_file(world, world.begin.date())
        self._reader = Reader(registry, to_microseconds(world.begin), entities)
        self._archives = [_Archive(one, world.begin, world.end) for one in stations_of(world)]
        self._ready = ready

    def heard(self, now: datetime) -> pa.Table:
        """The bins that are complete by what is published now, and were not given before."""
        told = [(archive.name, list(archive.published(now))) for archive in self._archives]
        self._ready()
        for name, pieces in told:
            for piece in pieces:
                if isinstance(piece, Gap):
                    self._reader.lose(piece)
                else:
                    self._reader.take(name, piece)
        return self._reader.bins(to_microseconds(min(one.known for one in self._archives)))


class _Turn(NamedTuple):
    """A file or a gap, when it is known of, and until when it tells."""

    known_at: datetime
    until: datetime
    step: Step


class _Archive:
    """A collector's archive, and until when what was published of it tells."""

    def __init__(self, station: Station, begin: datetime, end: datetime) -> None:
        self._station = station
        self._turns = deque(_turns(station, list(files_of(station, begin, end)), begin, end))
        self.name = station.collector.name
        self.known = begin

    def published(self, now: datetime) -> Iterator[bytes | Gap]:
        """The records of what was published since the last time, and the gaps between."""
        turns: list[_Turn] = []
        while self._turns and self._turns[0].known_at <= now:
            turns.append(self._turns.popleft())
            self.known = max(self.known, turns[-1].until)
        for is_updates, some in groupby(turns, key=_is_updates):
            if is_updates:
                for begin, end in _days(list(some)):
                    yield b"".join(update_records(self._station, begin, end))
                continue
            for turn in some:
                if isinstance(turn.step, Gap):
                    yield turn.step
                else:
                    yield b"".join(table_records(self._station, turn.step.time))


def _turns(
    station: Station, files: Sequence[LabFile], begin: datetime, end: datetime
) -> list[_Turn]:
    """What has to be gone through, as the source of routes plans it by the names of the files."""
    made = {file.path: file for file in files}
    listed = [
        ArchiveFile(
            collector=station.collector.name,
            kind=file.kind,
            name=file.path.rpartition("/")[2],
            address=file.path,
            time=file.begin,
        )
        for file in files
    ]
    first = ribs_for(listed, begin, end)[0]
    cadence = PROJECTS[station.collector.project].cadence
    turns = []
    for step in steps_of(listed, first, end, cadence):
        if isinstance(step, Gap):
            after = (file for file in files if file.kind == "updates" and file.begin >= step.start)
            known_at = min((_good(file) for file in after), default=_NEVER)
            turns.append(_Turn(known_at, step.end, step))
        else:
            file = made[step.address]
            turns.append(_Turn(_good(file), file.end, step))
    return turns


def _good(file: LabFile) -> datetime:
    """When a file is there as it should be."""
    return file.corrected or file.published


def _is_updates(turn: _Turn) -> bool:
    return isinstance(turn.step, ArchiveFile) and turn.step.kind == "updates"


def _days(turns: Sequence[_Turn]) -> Iterator[tuple[datetime, datetime]]:
    """The stretch that files of updates tell of without a gap, cut into days."""
    begin = turns[0].step.time if isinstance(turns[0].step, ArchiveFile) else turns[0].until
    while begin < turns[-1].until:
        end = min(begin + _DAY, turns[-1].until)
        yield begin, end
        begin = end
