"""Outages that belong together, their classes, and ids that stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from detection_worlds import BEGIN, ordinary, series, signal

from zicht.detect.detection import Detection, detect
from zicht.detect.phases import classify
from zicht.model.entity import EntityFact

if TYPE_CHECKING:
    from zicht.model.outage import Event
    from zicht.model.series import Series

FACTS = {
    f"asn/{number}": EntityFact(entity=f"asn/{number}", country="XK", kind=kind)
    for number, kind in ((1, "mobile"), (2, "fixed"), (3, "unknown"))
}
BGP = signal("lab.bgp", plane="control")
PROBING = signal("lab.probing")
TRAFFIC = signal("lab.traffic", step=1800, plane="user", scale="index")


def fallen(
    spec: object, *stretches: tuple[float, float, float], entity: str = "country/XK"
) -> Series:
    """Ten days; each stretch is (first day, last day, share left)."""
    assert isinstance(spec, type(BGP))
    values = ordinary(spec, 10)
    per_day = 86_400 / spec.step
    for first, last, share in stretches:
        values[int(first * per_day) : int(last * per_day)] *= share
    return series(spec, values, entity)


def only_event(found: Detection) -> Event:
    (event,) = found.events
    return event


def test_a_country_and_its_operators_are_one_event() -> None:
    found = detect(
        [
            fallen(PROBING, (7, 8, 0.05)),
            fallen(PROBING, (7.05, 8.1, 0.0), entity="asn/1"),
            fallen(PROBING, (7.02, 7.9, 0.1), entity="asn/2"),
            fallen(PROBING, entity="asn/3"),
        ],
        FACTS,
    )
    event = only_event(found)
    assert event.entity == "country/XK"
    assert event.id == "XK-20240311"
    assert [(one.entity, one.kind) for one in event.operators] == [
        ("asn/2", "fixed"),
        ("asn/1", "mobile"),
    ]
    assert len(event.outages) == 3
    assert event.depth_percent == pytest.approx(5, abs=1)
    assert event.ongoing is False


def test_an_operator_alone_is_an_event_of_its_own() -> None:
    found = detect([fallen(PROBING), fallen(PROBING, (7, 8, 0), entity="asn/1")], FACTS)
    assert only_event(found).entity == "asn/1"
    assert only_event(found).id == "AS1-20240311"


def test_without_a_national_signal_the_operators_speak_together() -> None:
    found = detect(
        [fallen(PROBING, (7, 8, 0.0), entity=f"asn/{number}") for number in (1, 2, 3)], FACTS
    )
    event = only_event(found)
    assert event.entity == "country/XK"
    assert event.depth_signal == "lab.probing.operators"
    assert len(event.operators) == 3


def test_routes_up_with_packets_dead_is_a_class_of_its_own() -> None:
    event = only_event(detect([fallen(BGP), fallen(PROBING, (7, 8, 0.05))], {}))
    assert event.event_class == "routes-up-packets-dead"
    (phase,) = event.phases
    assert phase.planes["control"].connectivity_percent == pytest.approx(100, abs=3)
    assert phase.planes["data"].connectivity_percent == pytest.approx(5, abs=1)


def test_a_user_service_that_is_back_first_makes_a_phase_and_no_end() -> None:
    event = only_event(
        detect([fallen(BGP), fallen(PROBING, (6, 9, 0.05)), fallen(TRAFFIC, (6, 7.5, 0.02))], {})
    )
    assert [phase.event_class for phase in event.phases] == [
        "routes-up-packets-dead",
        "filtered-access",
    ]
    assert event.event_class == "routes-up-packets-dead"
    assert event.end is not None
    assert event.end[0] > BEGIN + timedelta(days=8.9)


def test_a_days_count_says_nothing_of_the_hours_in_which_packets_were_dead() -> None:
    tests = signal("lab.tests", step=86_400, plane="user")
    world = [fallen(BGP), fallen(PROBING, (7.2, 7.4, 0.05)), fallen(tests)]
    (phase,) = only_event(detect(world, {})).phases
    assert phase.event_class == "routes-up-packets-dead"
    assert phase.planes["user"].connectivity_percent is None


def test_a_service_that_may_have_lost_most_is_not_called_up() -> None:
    world = [fallen(BGP), fallen(PROBING, (7, 8, 0.05))]
    half = only_event(detect([*world, fallen(TRAFFIC, (7, 8, 0.51))], {}))
    assert half.event_class == "routes-up-packets-dead"
    most = only_event(detect([*world, fallen(TRAFFIC, (7, 8, 0.7))], {}))
    assert most.event_class == "filtered-access"


def test_outages_within_a_day_are_one_event_with_restoration_windows() -> None:
    event = only_event(detect([fallen(PROBING, (7, 7.3, 0.05), (7.6, 8, 0.05), (8.2, 9, 0.1))], {}))
    assert event.recurrences == 2
    assert len(event.restorations) == 2
    first = event.restorations[0]
    assert first.start == pytest.approx(BEGIN + timedelta(days=7.3), abs=timedelta(hours=1))
    assert first.end == pytest.approx(BEGIN + timedelta(days=7.6), abs=timedelta(hours=1))
    assert first.connectivity_percent == pytest.approx(100, abs=5)


def test_outages_days_apart_are_two_events() -> None:
    assert len(detect([fallen(PROBING, (5, 5.5, 0.05), (8, 8.5, 0.05))], {}).events) == 2


@pytest.mark.parametrize(
    ("control", "data", "user", "expected"),
    [
        ((100, False), (5, True), None, "routes-up-packets-dead"),
        ((100, False), (5, True), (3, True), "routes-up-packets-dead"),
        ((100, False), (5, True), (95, False), "filtered-access"),
        ((10, True), (5, True), (3, True), "total"),
        (None, (5, True), None, "data-plane"),
        ((100, False), (70, True), None, "data-plane"),
        ((40, True), (95, False), None, "control-plane"),
        ((40, True), None, None, "control-plane"),
        ((100, False), (100, False), (30, True), "traffic-drop"),
        ((100, False), (100, False), (100, False), None),
        (None, None, None, "unknown"),
    ],
)
def test_the_planes_make_the_class(
    control: tuple[float, bool] | None,
    data: tuple[float, bool] | None,
    user: tuple[float, bool] | None,
    expected: str | None,
) -> None:
    assert classify(control, data, user) == expected


def test_ids_survive_a_moved_onset_and_revisions_count_what_changed() -> None:
    world = [fallen(PROBING, (7, 8, 0.05))]
    first = detect(world, {})
    again = detect(world, {}, known_outages=first.outages, known_events=first.events)
    assert again.events == first.events
    assert again.outages == first.outages

    earlier = [fallen(PROBING, (6.9, 8.5, 0.05))]
    moved = detect(earlier, {}, known_outages=first.outages, known_events=first.events)
    assert only_event(moved).id == only_event(first).id
    assert moved.outages[0].id == first.outages[0].id
    assert only_event(moved).revision == 2
    assert only_event(moved).onset[0] < only_event(first).onset[0]


def test_what_is_not_found_again_is_retracted_and_kept() -> None:
    first = detect([fallen(PROBING, (7, 8, 0.05))], {})
    none = detect([fallen(PROBING)], {}, known_outages=first.outages, known_events=first.events)
    assert only_event(none) == msgspec.structs.replace(
        only_event(first), retracted=True, revision=2
    )
    still = detect([fallen(PROBING)], {}, known_outages=none.outages, known_events=none.events)
    assert still.events == ()
    back = detect(
        [fallen(PROBING, (7, 8, 0.05))], {}, known_outages=none.outages, known_events=none.events
    )
    assert only_event(back).id == only_event(first).id
    assert only_event(back).retracted is False
    assert only_event(back).revision == 3
