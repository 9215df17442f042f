"""Collectors whose number of routes is known at each instant, as MRT records in an archive.

A RIB states a collector's number of routes, and each record of updates by how many it changes, so
that a file applied twice, not at all or out of order shows in every bin after it. The records have
MRT's common header (RFC 6396, section 2) and a body of their own.
"""

from __future__ import annotations

import bz2
import gzip
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Signal
from zicht.observe.routes_pipeline import Observed, Pipeline

if TYPE_CHECKING:
    from archive_server import Archive

    from zicht.observe.routes_digests import DigestJob
    from zicht.sources.bgp.archives import Gap

START = datetime(2024, 10, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
ENTITY = "asn/64500"
SIGNAL = Signal(
    name="bgp.routes",
    source="bgp",
    title="Routes",
    unit="routes",
    step=300,
    plane="control",
    scale="count",
    lag=300,
    licence="CC0",
    citation="the lab",
)
_RIB, _UPDATES = (13, 2), (16, 4)  # TABLE_DUMP_V2 and BGP4MP; RFC 6396, section 4
_HEADER = struct.Struct(">IHHI")
_BODY = struct.Struct(">q")


def change(collector: str, time: datetime) -> int:
    """By how much the number of routes changes in the 5 minutes from ``time`` on."""
    number = int((time - START) / STEP)
    return (number * 7 + len(collector) * 3) % 11 - 4


def routes(collector: str, time: datetime) -> int:
    """How many routes there are at ``time``, which begins a bin."""
    number = int((time - START) / STEP)
    before = range(min(number, 0), max(number, 0))
    sign = 1 if number >= 0 else -1
    return 10_000 + sign * sum(change(collector, START + STEP * step) for step in before)


def record(kind: tuple[int, int], time: datetime, value: int) -> bytes:
    return _HEADER.pack(int(time.timestamp()), *kind, _BODY.size) + _BODY.pack(value)


def publish(
    archive: Archive, collector: str, hours: float, *, begin: datetime = START, rib_every: int = 8
) -> None:
    """Put RIBs and updates of some hours into an archive, in the layout of the collector."""
    ris = collector.startswith("rrc")
    root = f"/{collector}" if ris else f"/{collector}/bgpdata"
    root = "/bgpdata" if collector == "route-views2" else root
    pack, end = (gzip.compress, "gz") if ris else (bz2.compress, "bz2")
    cadence = STEP if ris else STEP * 3
    time = begin
    while time < begin + timedelta(hours=hours):
        month = f"{root}/{time:%Y.%m}"
        steps = int(cadence / STEP)
        each = [time + STEP * step for step in range(steps)]
        body = b"".join(record(_UPDATES, one + STEP / 2, change(collector, one)) for one in each)
        folder = month if ris else f"{month}/UPDATES"
        archive.hold(f"{folder}/updates.{time:%Y%m%d.%H%M}.{end}", pack(body))
        if time.minute == 0 and time.hour % rib_every == 0:
            rib = pack(record(_RIB, time, routes(collector, time)))
            name = f"bview.{time:%Y%m%d.%H%M}.gz" if ris else f"RIBS/rib.{time:%Y%m%d.%H%M}.bz2"
            archive.hold(f"{month}/{name}", rib)
        time += cadence


@dataclass(frozen=True)
class LevelDigest:
    """Times and values of the records of a file."""

    records: tuple[tuple[int, int], ...]


def digest(job: DigestJob) -> LevelDigest:
    """Read a file as a worker does."""
    path = Path(job.path)
    data = (gzip.open if path.suffix == ".gz" else bz2.open)(path).read()
    found, offset = [], 0
    while offset < len(data):
        seconds, kind, subtype, length = _HEADER.unpack_from(data, offset)
        assert (kind, subtype) == (_RIB if job.kind == "rib" else _UPDATES)
        (value,) = _BODY.unpack_from(data, offset + _HEADER.size)
        found.append((seconds, value))
        offset += _HEADER.size + length
    return LevelDigest(tuple(found))


class Levels:
    """The sum of all collectors' routes at the end of each bin; none while one is unknown."""

    def __init__(self, start: datetime, until: datetime) -> None:
        self.next = start
        self.until = until
        self.known: dict[str, int] = {}
        self.since: dict[str, datetime] = {}
        self.events: list[tuple[datetime, int]] = []
        self.level = 0
        self.gaps: list[Gap] = []

    def apply(self, job: DigestJob, digest: LevelDigest) -> None:
        if job.kind == "rib":
            ((seconds, value),) = digest.records
            time = datetime.fromtimestamp(seconds, UTC)
            assert job.collector not in self.since, "a RIB in the midst of known routes"
            self.since[job.collector] = time
            self.events.append((time, value))
            return
        for seconds, value in digest.records:
            time = datetime.fromtimestamp(seconds, UTC)
            if time >= self.since[job.collector]:
                self.events.append((time, value))

    def forget(self, gap: Gap) -> None:
        self.gaps.append(gap)
        if gap.collector in self.since:
            raise AssertionError("the worlds with gaps have a visibility of their own")

    def observe(self, until: datetime) -> Observed:
        self.events.sort()
        times, values = [], []
        while self.next + STEP <= until:
            end = self.next + STEP
            while self.events and self.events[0][0] < end:
                self.level += self.events.pop(0)[1]
            times.append(self.next)
            values.append(float(self.level))
            self.next = end
        table = pa.table(
            {
                "signal": [SIGNAL.name] * len(times),
                "entity": [ENTITY] * len(times),
                "time": pa.array(times, pa.timestamp("us", tz="UTC")),
                "value": pa.array(values, pa.float64()),
                "samples": pa.nulls(len(times), pa.int64()),
            },
            schema=OBSERVATIONS,
        )
        return Observed(table, [SIGNAL])


PIPELINE = Pipeline("levels", digest, Levels)


def pipeline(entities: tuple[str, ...]) -> Pipeline[LevelDigest]:
    """What the command asks for in the place of decoding and visibility."""
    return Pipeline(f"levels of {entities}", digest, Levels)


def truth(collectors: list[str], start: datetime, end: datetime) -> list[float]:
    """What each bin should say."""
    bins = int((end - start) / STEP)
    return [
        float(sum(routes(one, start + STEP * (number + 1)) for one in collectors))
        for number in range(bins)
    ]
