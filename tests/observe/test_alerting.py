"""Since when an outage is worth an alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from zicht.detect.detection import Detection, detect
from zicht.model.series import Series
from zicht.model.signal import Signal
from zicht.model.time import to_microseconds
from zicht.observe.alerting import alerts_since, finding_of

BEGIN = datetime(2022, 1, 3, tzinfo=UTC)
ROUTES = Signal(
    name="a.routes",
    source="a",
    title="routes",
    unit="percent",
    step=3600,
    plane="control",
    scale="share",
    lag=0,
    licence="CC0",
    citation="made up",
)
PACKETS = msgspec.structs.replace(ROUTES, name="b.packets", source="b", plane="data")


def series(signal: Signal, begin: int, hours: int, left: float) -> Series:
    values = 100 + np.random.default_rng(1).normal(0, 1, 21 * 24)
    values[begin : begin + hours] *= left
    missing = np.full(len(values), np.nan)
    return Series(signal, "country/NL", to_microseconds(BEGIN), values, missing)


def since(detection: Detection) -> dict[str, datetime]:
    found = alerts_since(detection)
    return {one.signal: found[one.id] for one in detection.outages if one.id in found}


def test_what_one_signal_shows_for_a_while_is_no_alert() -> None:
    detection = detect([series(ROUTES, 400, 4, 0.4)], {})
    assert len(detection.outages) == 1
    assert since(detection) == {}


def test_two_independent_signals_make_an_alert_when_both_have_been_found() -> None:
    detection = detect([series(ROUTES, 400, 5, 0.4), series(PACKETS, 402, 4, 0.4)], {})
    first, second = sorted(detection.outages, key=lambda one: one.alerted_at)
    assert first.alerted_at < second.alerted_at
    assert set(since(detection).values()) == {second.alerted_at}


def test_one_beyond_doubt_is_an_alert_once_it_has_lasted() -> None:
    detection = detect([series(ROUTES, 400, 20, 0.0)], {})
    (outage,) = detection.outages
    assert since(detection) == {ROUTES.name: BEGIN + timedelta(hours=406)}
    assert outage.alerted_at < BEGIN + timedelta(hours=406)


def test_a_finding_has_the_middles_of_onset_and_end() -> None:
    (outage,) = detect([series(ROUTES, 400, 20, 0.0)], {}).outages
    onset = (BEGIN, BEGIN + timedelta(hours=2))
    found = finding_of(msgspec.structs.replace(outage, onset=onset, end=None))
    assert found.begin == to_microseconds(BEGIN + timedelta(hours=1))
    assert found.end is None
    assert found.alerted == to_microseconds(outage.alerted_at)


def test_what_was_withdrawn_is_no_alert() -> None:
    detection = detect([series(ROUTES, 400, 20, 0.0)], {})
    events = tuple(msgspec.structs.replace(one, retracted=True) for one in detection.events)
    assert since(replace(detection, events=events)) == {}
