"""Throttling: slowed and not cut, told where throughput is measured and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.detect.detection import detect
from zicht.detect.slowdowns import SLOW
from zicht.model.entity import EntityFact
from zicht.model.series import Series
from zicht.model.time import to_microseconds
from zicht.sources.ioda import SIGNALS as IODA
from zicht.sources.mlab import DOWNLOAD
from zicht.sources.radar import BANDWIDTH

if TYPE_CHECKING:
    from zicht.detect.detection import Detection
    from zicht.model.signal import Signal

BEGIN = datetime(2025, 3, 3, tzinfo=UTC)
PACKETS = next(one for one in IODA if one.name == "ioda.ping-slash24")
FACTS = {"asn/64500": EntityFact(entity="asn/64500", country="KZ")}
SLOWED = (400, 440)  # hours


def series(
    signal: Signal,
    *stretches: tuple[int, int, float],
    level: float = 20.0,
    entity: str = "country/KZ",
    samples: float = np.nan,
) -> Series:
    """Three weeks; of stretches, in hours, so much is left."""
    count = 21 * 24 * 3600 // signal.step
    random = np.random.Generator(np.random.PCG64(5))
    values = level * (1 + 0.03 * random.standard_normal(count))
    for begin, end, left in stretches:
        values[begin * 3600 // signal.step : end * 3600 // signal.step] *= left
    return Series(signal, entity, to_microseconds(BEGIN), values, np.full(count, samples))


def classes(found: Detection) -> list[str]:
    return [one.event_class for one in (*found.events, *found.blocks.events) if not one.retracted]


def test_slowed_connections_are_throttling_and_no_outage() -> None:
    found = detect([series(BANDWIDTH, (*SLOWED, 0.2)), series(PACKETS, level=900)], FACTS)
    assert found.events == ()
    (event,) = found.blocks.events
    assert event.event_class == "throttling"
    assert {phase.event_class for phase in event.phases} == {"throttling"}
    assert event.id == "KZ-20250319-bandwidth"
    assert event.depth_percent == pytest.approx(20, abs=4)
    onset = BEGIN + timedelta(hours=SLOWED[0])
    assert event.onset[0] <= onset <= event.onset[1] + timedelta(hours=1)
    assert event.end is not None


def test_a_little_slower_is_no_throttling() -> None:
    left = (SLOW + 15) / 100
    assert classes(detect([series(BANDWIDTH, (*SLOWED, left))], FACTS)) == []


def test_of_what_is_cut_off_the_speed_of_the_rest_tells_nothing() -> None:
    cut = series(PACKETS, (*SLOWED, 0.05), level=900)
    found = detect([cut, series(BANDWIDTH, (*SLOWED, 0.2))], FACTS)
    assert classes(found) == ["data-plane"]
    operator = series(BANDWIDTH, (*SLOWED, 0.2), entity="asn/64500")
    assert classes(detect([cut, operator], FACTS)) == ["data-plane"]


def test_what_is_slowed_before_it_is_cut_is_both() -> None:
    cut = series(PACKETS, (430, 460, 0.05), level=900)
    found = detect([cut, series(BANDWIDTH, (*SLOWED, 0.2))], FACTS)
    assert sorted(classes(found)) == ["data-plane", "throttling"]
    (slowed,) = found.blocks.events
    assert [one.event_class for one in slowed.phases] == ["throttling", "unknown"]
    assert slowed.phases[0].end is not None
    assert slowed.phases[0].end <= BEGIN + timedelta(hours=430 + 7), "a value holds for six hours"


def test_of_few_tests_nothing_is_told() -> None:
    days = (16 * 24, 20 * 24, 0.1)
    told = detect([series(DOWNLOAD, days, samples=300.0)], FACTS)
    assert classes(told) == ["throttling"]
    assert classes(detect([series(DOWNLOAD, days, samples=5.0)], FACTS)) == []


def test_a_service_that_is_slow_everywhere_is_sick() -> None:
    found = detect(
        [
            series(BANDWIDTH, (*SLOWED, 0.2), entity=f"country/{code}")
            for code in ("KZ", "NL", "BR")
        ],
        FACTS,
    )
    assert classes(found) == []
    (sick,) = found.blocks.sicknesses
    assert sick.signal == BANDWIDTH.name
    assert "slower at once" in sick.reason


def test_it_keeps_its_id_and_is_retracted_when_it_was_none() -> None:
    slow = series(BANDWIDTH, (*SLOWED, 0.2))
    first = detect([slow], FACTS)
    again = detect(
        [slow], FACTS, known_outages=first.blocks.outages, known_events=first.blocks.events
    )
    assert again.blocks.events == first.blocks.events
    assert again.blocks.outages == first.blocks.outages
    corrected = detect(
        [series(BANDWIDTH)],
        FACTS,
        known_outages=first.blocks.outages,
        known_events=first.blocks.events,
    )
    assert [one.retracted for one in corrected.blocks.events] == [True]
    assert corrected.events == ()
