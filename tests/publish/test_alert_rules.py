"""Who is told of which event, and when; what waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import blackout

from zicht.model.alert import Alert
from zicht.model.entity import EntityFact
from zicht.model.outage import Event, Source
from zicht.model.signal import Signal
from zicht.publish.alerts.rules import (
    STORM_COUNTRIES,
    matching_rule,
    needs_confirmation,
    news_of,
    quiet_until,
    rests_on_one,
    storms,
)
from zicht.publish.alerts.settings import Messenger, QuietHours, Rule

NOW = datetime(2030, 3, 8, 12, tzinfo=UTC)
EVENT = msgspec.structs.replace(
    blackout(simulated=False).event, end=None, ongoing=True, as_of=NOW, level="alert"
)
DESK = Messenger(name="desk", address_variable="DESK")
FACTS: dict[str, EntityFact] = {
    "asn/64500": EntityFact(entity="asn/64500", country="NL", kind="fixed")
}


def event(**changes: Any) -> Event:
    return msgspec.structs.replace(EVENT, **changes)


def told(of: Event = EVENT, *, kind: str = "new", ago: float = 120, **changes: Any) -> Alert:
    made = NOW - timedelta(minutes=ago)
    fields: dict[str, Any] = {
        "id": "desk x 1",
        "channel": "desk",
        "subject": of.id,
        "number": 1,
        "kind": kind,
        "entity": of.entity,
        "title": "",
        "text": "",
        "event": of,
        "simulated": False,
        "made_at": made,
        "state": "delivered",
        "not_before": made,
    }
    return Alert(**(fields | changes))


@pytest.mark.parametrize(
    ("rule", "meets"),
    [
        (Rule(), True),
        (Rule(entities=("KZ",)), True),
        (Rule(entities=("IR",)), False),
        (Rule(entities=("asn/64501",)), True),
        (Rule(below_percent=50), True),
        (Rule(below_percent=1), False),
        (Rule(lasting_minutes=60), True),
        (Rule(lasting_minutes=60 * 24 * 30), False),
        (Rule(operator_kinds=("mobile",)), True),
        (Rule(operator_kinds=("academic",)), False),
    ],
)
def test_all_that_a_rule_states_must_hold(rule: Rule, *, meets: bool) -> None:
    assert (matching_rule((rule,), EVENT, FACTS, NOW) is rule) is meets


def test_a_notice_is_told_to_who_asked_for_notices() -> None:
    notice = event(level="notice")
    assert matching_rule((Rule(),), notice, FACTS, NOW) is None
    assert matching_rule((Rule(), Rule(level="notice")), notice, FACTS, NOW) is not None


def test_a_country_brings_its_operators() -> None:
    alone = event(entity="asn/64500", operators=())
    assert matching_rule((Rule(entities=("NL",)),), alone, FACTS, NOW)
    assert not matching_rule((Rule(entities=("KZ",)),), alone, FACTS, NOW)
    assert matching_rule((Rule(operator_kinds=("fixed",)),), alone, FACTS, NOW)


def test_an_event_is_told_once() -> None:
    assert news_of(EVENT, None, DESK, NOW) == "new"
    assert news_of(EVENT, told(), DESK, NOW) is None


def test_what_is_long_over_when_first_seen_is_no_news() -> None:
    def ended(ago: timedelta) -> Event:
        return event(end=(NOW - ago, NOW - ago), ongoing=False)

    assert news_of(ended(timedelta(hours=1)), None, DESK, NOW) == "new"
    assert news_of(ended(timedelta(hours=25)), None, DESK, NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"depth_percent": EVENT.depth_percent + 10},
        {"event_class": "total"},
        {"recurrences": EVENT.recurrences + 1},
        {"operators": EVENT.operators[:1]},
        {"ongoing": None},
    ],
)
def test_what_matters_is_an_update_but_not_too_soon(changes: dict[str, Any]) -> None:
    changed = event(**changes)
    assert news_of(changed, told(ago=61), DESK, NOW) == "update"
    assert news_of(changed, told(ago=59), DESK, NOW) is None


def test_what_hardly_changed_is_no_update() -> None:
    assert (
        news_of(event(depth_percent=EVENT.depth_percent + 9, revision=9), told(), DESK, NOW) is None
    )


def test_an_end_and_a_retraction_are_told_at_once_and_once() -> None:
    over = event(end=(NOW, NOW), ongoing=False)
    assert news_of(over, told(ago=1), DESK, NOW) == "end"
    assert news_of(over, told(over, kind="end", ago=1), DESK, NOW) is None
    gone = event(retracted=True)
    assert news_of(gone, told(ago=1), DESK, NOW) == "retracted"
    assert news_of(gone, told(gone, kind="retracted"), DESK, NOW) is None
    assert news_of(gone, None, DESK, NOW) is None


def test_an_event_that_goes_on_after_its_end_was_told_is_an_update() -> None:
    over = event(end=(NOW, NOW), ongoing=False)
    assert news_of(EVENT, told(over, kind="end"), DESK, NOW) == "update"


def test_simulated_events_are_told_to_who_asked_for_them() -> None:
    simulated = event(simulated=True)
    assert news_of(simulated, None, DESK, NOW) is None
    lab = msgspec.structs.replace(DESK, simulated=True)
    assert news_of(simulated, None, lab, NOW) == "new"


def test_public_messages_wait_for_a_person_and_those_on_operators_always() -> None:
    operator = event(entity="asn/64500")
    public = msgspec.structs.replace(DESK, public=True)
    freed = msgspec.structs.replace(public, embargo=False)
    region, county = event(entity="region/KZ-75"), event(entity="region/IR/a-county")
    finer = (operator, event(entity="asn/64500/KZ"), county)
    assert not any(needs_confirmation(one, DESK) for one in (EVENT, region, *finer))
    assert all(needs_confirmation(one, public) for one in (EVENT, region, *finer))
    assert not any(needs_confirmation(one, freed) for one in (EVENT, region))
    assert all(needs_confirmation(one, freed) for one in finer)


def many(count: int, *, apart: timedelta, sources: tuple[str, ...] = ("bgp.x",)) -> list[Event]:
    codes = [f"{chr(65 + place // 26)}{chr(65 + place % 26)}" for place in range(count)]
    return [
        event(
            entity=f"country/{code}",
            onset=(NOW + place * apart, NOW + place * apart),
            sources=tuple(Source(signal=one, licence="", citation="") for one in sources),
        )
        for place, code in enumerate(codes)
    ]


def spec(name: str, *inputs: str) -> Signal:
    return Signal(
        name=name,
        source=name.split(".", maxsplit=1)[0],
        title=name,
        unit="",
        step=300,
        plane="control",
        scale="share",
        lag=0,
        licence="",
        citation="",
        inputs=inputs,
    )


SPECS = {
    one.name: one
    for one in (spec("bgp.x", "ris"), spec("ioda.bgp", "ris"), spec("probe.y"), spec("bgp.z"))
}


def test_many_countries_at_once_by_one_source_are_a_storm() -> None:
    minute = timedelta(minutes=1)

    def stormy(events: list[Event]) -> dict[str, int]:
        return {source: len(own) for source, own in storms(events, SPECS).items()}

    assert stormy(many(STORM_COUNTRIES, apart=minute)) == {"bgp": STORM_COUNTRIES}
    assert stormy(many(STORM_COUNTRIES - 1, apart=minute)) == {}
    assert stormy(many(STORM_COUNTRIES, apart=timedelta(hours=1))) == {}
    assert stormy(many(9, apart=minute, sources=("bgp.x", "probe.y"))) == {}


def test_two_sources_that_read_the_same_collectors_are_one() -> None:
    both = many(STORM_COUNTRIES, apart=timedelta(0), sources=("bgp.x", "ioda.bgp"))
    assert set(storms(both, SPECS)) == {"bgp", "ioda"}
    assert rests_on_one(both[0], "ioda", SPECS)
    assert not rests_on_one(both[0], "probe", SPECS)


def test_operators_that_fall_in_a_storm_belong_to_it_and_others_do_not() -> None:
    storm = many(STORM_COUNTRIES, apart=timedelta(0))
    operator = msgspec.structs.replace(storm[0], entity="asn/64500", id="a")
    later = msgspec.structs.replace(operator, id="b", onset=(NOW + timedelta(hours=2),) * 2)
    (own,) = storms([*storm, operator, later], SPECS).values()
    assert {one.id for one in own} == {storm[0].id, "a"}
    assert storms([operator] * STORM_COUNTRIES, SPECS) == {}


@given(
    st.times().map(lambda one: one.replace(tzinfo=None)),
    st.times().map(lambda one: one.replace(tzinfo=None)),
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - made UTC below
    st.sampled_from(["UTC", "Europe/Amsterdam", "Asia/Tehran", "Pacific/Chatham"]),
)
def test_after_the_quiet_hours_it_is_not_quiet(
    begin: time, end: time, moment: datetime, zone: str
) -> None:
    quiet = QuietHours(begin=begin, end=end, zone=zone)
    now = moment.replace(tzinfo=UTC)
    until = quiet_until(quiet, now)
    assert now <= until <= now + timedelta(hours=26)  # a day, and clocks that are set back
    if until > now + timedelta(hours=2):
        assert quiet_until(quiet, until - timedelta(hours=1)) >= until - timedelta(hours=1)


def test_quiet_hours_reach_over_midnight_by_the_local_clock() -> None:
    quiet = QuietHours(begin=time(22), end=time(7), zone="Europe/Amsterdam")
    night = datetime(2030, 1, 10, 23, tzinfo=UTC)  # midnight there
    assert quiet_until(quiet, night) == datetime(2030, 1, 11, 6, tzinfo=UTC)
    day = datetime(2030, 1, 10, 12, tzinfo=UTC)
    assert quiet_until(quiet, day) == day
    assert quiet_until(None, night) == night
