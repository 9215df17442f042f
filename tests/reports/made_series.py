"""Series of a made country with an outage or two, assessed as any are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.detection import Detection, detect
from zicht.model.entity import EntityFact
from zicht.model.series import Series
from zicht.model.signal import Origin, Signal
from zicht.model.time import to_microseconds
from zicht.reports.verdict import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
STEP = 600
DAYS = 14


def made(
    downs: Sequence[tuple[datetime, datetime, float]],
    *,
    plane: str = "data",
    entity: str = "country/KZ",
    simulated: bool = False,
    missing: Sequence[tuple[datetime, datetime]] = (),
    throughput: bool = False,
    platform: str = "",
    step: int = STEP,
) -> Series:
    """A series of two weeks; ``downs`` are begin, end and the share that is left."""
    bins = DAYS * 86_400 // step
    noise = np.random.default_rng(7).normal(1, 0.01, bins)
    values = 1000 * noise
    for begin, end, share in downs:
        values[_bin(begin, step) : _bin(end, step)] *= share
    for begin, end in missing:
        values[_bin(begin, step) : _bin(end, step)] = np.nan
    signal = Signal(
        name=f"table.{_name(plane, platform, throughput=throughput)}",
        source="table",
        title="A made signal",
        unit="things",
        step=step,
        plane=plane,  # type: ignore[arg-type]
        scale="index",
        lag=0,
        licence="CC0",
        citation="made",
        tells_outages=not (throughput or platform),
        throughput=throughput,
        platform=platform,
    )
    origin = Origin(
        id="o", source="table", name="o", sha256="", licence="", citation="", simulated=simulated
    )
    samples = np.full(bins, np.nan)
    return Series(signal, entity, to_microseconds(BEGIN), values, samples, (origin,))


def _name(plane: str, platform: str, *, throughput: bool) -> str:
    return "speed" if throughput else platform.lower() or plane


def _bin(time: datetime, step: int) -> int:
    return int((time - BEGIN).total_seconds()) // step


def detected(*series: Series) -> Detection:
    return detect(series, FACTS)


def evidence(*series: Series) -> Evidence:
    found = detected(*series)
    return Evidence(
        assessments=found.assessments,
        events=(*found.events, *found.blocks.events),
        facts=FACTS,
        simulated=any(one.simulated for one in series),
        speeds=tuple(one for one in found.blocks.assessments if one.series.signal.throughput),
        tests=tuple(one for one in found.blocks.assessments if one.series.signal.platform),
    )


FACTS = {
    "asn/29355": EntityFact(entity="asn/29355", name="Kcell", country="KZ", kind="mobile"),
    "asn/48503": EntityFact(entity="asn/48503", name="Tele2", country="KZ", kind="mobile"),
    "asn/9198": EntityFact(entity="asn/9198", name="Kazakhtelecom", country="KZ", kind="fixed"),
}


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of January 2022."""
    return datetime(2022, 1, day, hour, minute, tzinfo=UTC)
