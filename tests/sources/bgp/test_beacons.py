from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from ipaddress import ip_network

from zicht.sources.bgp.beacons import BEACONS, SETTLING, beacons_at, check, is_announced

NOW = date(2026, 11, 22)


def names(day: date, version: int, kind: str = "beacon") -> set[str]:
    return {
        one.prefix
        for one in beacons_at(day)
        if ip_network(one.prefix).version == version and one.kind == kind
    }


def test_on_no_day_a_prefix_is_there_twice() -> None:
    for day in (date(2006, 1, 1), date(2020, 1, 1), NOW):
        counts = Counter(one.prefix for one in beacons_at(day))
        assert set(counts.values()) == {1}


def test_the_ipv4_beacons_of_single_collectors_ended_in_2024() -> None:
    assert "84.205.68.0/24" in names(date(2024, 1, 1), 4)
    assert "84.205.68.0/24" not in names(date(2024, 1, 2), 4)
    assert names(date(2024, 1, 15), 4) == set()
    assert len(names(date(2024, 1, 1), 4)) == 18
    assert len(names(NOW, 4)) == 9
    assert {"84.205.65.0/24", "84.205.69.0/24", "93.175.153.0/24"} <= names(NOW, 4)


def test_each_collector_has_an_ipv6_beacon_and_an_anchor() -> None:
    assert len(names(NOW, 6)) == 23 + 6
    assert len(names(NOW, 6, "anchor")) == 23 + 6
    rrc26 = [one.prefix for one in BEACONS if one.collectors == ("rrc26",)]
    assert rrc26 == ["2001:7fb:fe19::/48", "2001:7fb:ff19::/48"]


def test_a_beacon_is_announced_for_two_hours_and_withdrawn_for_two() -> None:
    beacon = next(one for one in beacons_at(NOW) if one.kind == "beacon")
    day = datetime(2026, 11, 22, tzinfo=UTC)
    states = [is_announced(beacon, day + timedelta(hours=hour)) for hour in range(0, 24, 2)]
    assert states == [None] * 12  # just changing
    settled = [
        is_announced(beacon, day + timedelta(hours=hour) + SETTLING) for hour in range(0, 24, 2)
    ]
    assert settled == [True, False] * 6
    assert is_announced(beacon, day + timedelta(hours=1, minutes=59, seconds=59)) is True
    local = (day + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert is_announced(beacon, local) is True


def test_an_anchor_is_always_announced() -> None:
    anchor = next(one for one in beacons_at(NOW) if one.kind == "anchor")
    assert is_announced(anchor, datetime(2026, 11, 22, 2, tzinfo=UTC)) is True


def test_what_is_seen_is_held_against_the_timetable() -> None:
    time = datetime(2026, 11, 22, 3, tzinfo=UTC)  # beacons are withdrawn
    found = check({"84.205.65.0/24": False, "84.205.67.0/24": True, "84.205.81.0/24": True}, time)
    assert found.right == ("84.205.65.0/24", "84.205.81.0/24")
    assert found.wrong == ("84.205.67.0/24",)
    assert len(found.undecided) == len(beacons_at(NOW)) - 3
    blind = check(dict.fromkeys((one.prefix for one in beacons_at(NOW)), False), time)
    assert {one.prefix for one in beacons_at(NOW) if one.kind == "anchor"} == set(blind.wrong)
    changing = check({"84.205.65.0/24": True}, time.replace(hour=4))
    assert "84.205.65.0/24" in changing.undecided
