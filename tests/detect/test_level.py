"""What is worth an alert: two independent sources, or one that leaves no doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from detection_worlds import ordinary, series, signal

from zicht.detect.detection import detect
from zicht.detect.fusion import independent

if TYPE_CHECKING:
    from zicht.model.series import Series
    from zicht.model.signal import Signal

ROUTES = signal("ours.bgp", plane="control")
PROBING = signal("theirs.probing")
OTHERS = signal("others.probing")


def fallen(spec: Signal, share: float, bins: int = 30) -> Series:
    values = ordinary(spec, 10)
    values[1000 : 1000 + bins] *= share
    return series(spec, values)


@pytest.mark.parametrize(
    ("world", "level"),
    [
        ([(PROBING, 0.7)], "notice"),
        ([(PROBING, 0.05)], "alert"),
        ([(PROBING, 0.7), (ROUTES, 0.7)], "alert"),
        ([(PROBING, 0.7), (signal("theirs.other"), 0.7)], "notice"),
        ([(PROBING, 0.05), (ROUTES, 1.0)], "alert"),
        ([(PROBING, 0.05), (OTHERS, 1.0)], "notice"),
        ([(PROBING, 0.05), (OTHERS, 1.0), (ROUTES, 0.7)], "alert"),
    ],
    ids=[
        "one shallow",
        "one deep",
        "two sources",
        "two signals of one source",
        "one deep, routes up",
        "one deep, contradicted by another source of packets",
        "one deep, contradicted, and routes fall",
    ],
)
def test_the_level_of_an_event(world: list[tuple[Signal, float]], level: str) -> None:
    (event,) = detect([fallen(spec, share) for spec, share in world], {}).events
    assert event.level == level


def test_three_bins_of_one_source_are_no_alert_however_deep() -> None:
    (event,) = detect([fallen(PROBING, 0.0, bins=3)], {}).events
    assert event.level == "notice"


@pytest.mark.parametrize(("hours", "level"), [(1, "notice"), (20, "notice"), (30, "alert")])
def test_what_was_there_for_less_than_a_day_may_have_been_a_visitor(hours: int, level: str) -> None:
    values = ordinary(ROUTES, 10)
    before = 1000 - 3600 * hours // ROUTES.step
    values[:before] = np.nan
    values[1000:] = 0.0
    (event,) = detect([series(ROUTES, values)], {}).events
    assert event.level == level


def test_signals_that_read_the_same_collectors_are_not_independent() -> None:
    ours = msgspec.structs.replace(ROUTES, inputs=("ris", "routeviews"))
    theirs = msgspec.structs.replace(ROUTES, name="ioda.bgp", source="ioda", inputs=("ris",))
    assert not independent(ours, theirs)
    assert independent(ours, PROBING)
