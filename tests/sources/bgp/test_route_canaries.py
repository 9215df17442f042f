"""Beacons as canaries: a feed that is stuck or cut off is told, whatever else it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from statements import Said, figures, peer

from zicht.model.time import to_microseconds
from zicht.sources.bgp.beacons import beacons_at, is_announced
from zicht.sources.bgp.canaries import Watcher, judge
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.visibility import Visibility

UP = datetime(2026, 11, 22, 1, tzinfo=UTC)  # beacons are announced
GONE = UP + timedelta(hours=2)
WORLD = {f"5.{i}.0.0/24": 9198 for i in range(40)}


def as_they_should_be(at: datetime, version: int | None = None) -> dict[str, bool]:
    return {
        one.prefix: is_announced(one, at) is True
        for one in beacons_at(at.date())
        if version is None or (":" in one.prefix) == (version == 6)
    }


def test_canaries_that_look_as_they_should_are_no_fault() -> None:
    for at in (UP, GONE):
        found = judge(as_they_should_be(at), to_microseconds(at))
        assert (found.wrong, found.undecided, found.faults) == (0, 0, ("", ""))
        assert found.right == len(beacons_at(at.date()))


def test_a_stuck_feed_goes_on_showing_beacons_that_were_withdrawn() -> None:
    found = judge(as_they_should_be(UP), to_microseconds(GONE))
    assert found.wrong == len(beacons_at(UP.date())) // 2
    assert found.faults[0] == "9 of 9 beacons that are withdrawn are still seen"
    assert "29 of 29" in found.faults[1]


def test_a_feed_that_is_cut_off_lacks_what_is_announced() -> None:
    blind = dict.fromkeys(as_they_should_be(UP, 4), False)
    assert judge(blind, to_microseconds(UP)).faults == (
        "18 of 18 beacons and anchors that are announced are not seen",
        "",
    )
    assert "9 of 9 beacons and anchors" in judge(blind, to_microseconds(GONE)).faults[0]


def test_beacons_that_were_given_up_make_no_feed_sick() -> None:
    for at in (UP, GONE):
        assert judge(as_they_should_be(GONE), to_microseconds(at)).faults == ("", "")


def test_of_too_few_canaries_nothing_is_concluded() -> None:
    few = dict(list(as_they_should_be(UP, 6).items())[:2])
    assert judge(few, to_microseconds(GONE)).faults == ("", "")


def test_while_a_change_spreads_nothing_is_wrong() -> None:
    at = GONE.replace(hour=2, minute=5)
    found = judge(as_they_should_be(UP), to_microseconds(at))
    anchors = [one for one in beacons_at(at.date()) if one.kind == "anchor"]
    assert (found.right, found.wrong, found.faults) == (len(anchors), 0, ("", ""))


def tables(routes: dict[str, int], peers: int = 4) -> Said:
    said = Said([peer(i) for i in range(peers)])
    for number in range(peers):
        for prefix, origin in routes.items():
            said.say(Kind.ROUTE, number, prefix, origin)
    return said


def test_what_was_never_seen_says_nothing_and_what_was_seen_is_missed() -> None:
    visibility, watcher = Visibility(), Watcher()
    beacons = [one.prefix for one in beacons_at(UP.date()) if ":" not in one.prefix][:8]
    visibility.begin_dump()
    visibility.apply(tables(WORLD | dict.fromkeys(beacons, 12654)).changes())
    visibility.read(to_microseconds(UP))
    first = watcher.look(visibility, to_microseconds(UP))
    assert (first.right, first.wrong, first.faults) == (8, 0, ("", ""))
    gone = Said([peer(i) for i in range(4)])
    for number in range(3):
        for prefix in beacons:
            gone.say(Kind.WITHDRAW, number, prefix)
    visibility.apply(gone.changes())
    visibility.read(to_microseconds(UP) + 1)
    then = watcher.look(visibility, to_microseconds(UP) + 1)
    assert (then.right, then.wrong) == (0, 8)
    assert then.faults == ("8 of 8 beacons and anchors that are announced are not seen", "")


def test_beacons_are_counted_for_nobody() -> None:
    visibility = Visibility()
    visibility.begin_dump()
    visibility.apply(tables(WORLD | {"84.205.64.0/24": 12654}).changes())
    assert figures(visibility.read(0)) == {9198: 40}


def test_without_voters_nothing_is_looked_at() -> None:
    visibility = Visibility()
    visibility.read(to_microseconds(UP))
    found = Watcher().look(visibility, to_microseconds(UP))
    assert (found.right, found.wrong, found.faults) == (0, 0, ("", ""))
