"""Marks that are shown and carry no weight."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from event_worlds import NOON, event, operator

from zicht.explain.scope import KINDS, scope_of
from zicht.explain.unweighed import Occasion, unweighed_marks
from zicht.model.entity import EntityFact

if TYPE_CHECKING:
    from zicht.model.outage import Event, Mark

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def marks(one: Event, measured: set[str] | None = None) -> dict[str, Mark]:
    found = unweighed_marks(one, measured=measured or set(), occasions=[], zone=UTC)
    return {mark.name: mark for mark in found}


def test_operators_that_go_together_are_told_apart_from_those_that_do_not() -> None:
    together = [operator(n, "mixed", NOON + n * 3 * MINUTE) for n in range(4)]
    spread = [operator(n, "mixed", NOON + n * HOUR) for n in range(4)]
    found = marks(event(operators=together))["operators-onsets"]
    assert (found.level, found.figures) == ("together", {"n": "4", "minutes": "9"})
    assert found.ratio is None
    assert marks(event(operators=spread))["operators-onsets"].level == "spread"
    assert "operators-onsets" not in marks(event(operators=together[:2]))


def test_mobile_before_fixed_is_said() -> None:
    own = [operator(1, "mobile", NOON), operator(2, "fixed", NOON + 20 * HOUR)]
    found = marks(event(operators=own))["first-network"]
    assert (found.level, found.figures["minutes"]) == ("mobile", "1200")
    other = [operator(1, "fixed", NOON), operator(2, "mobile", NOON + HOUR)]
    assert marks(event(operators=other))["first-network"].level == "fixed"
    at_once = [operator(1, "fixed", NOON), operator(2, "mobile", NOON + MINUTE)]
    assert "first-network" not in marks(event(operators=at_once))


def test_routes_that_stay_up_are_said() -> None:
    assert "routes-up-packets-dead" in marks(event(event_class="routes-up-packets-dead"))
    assert "routes-up-packets-dead" not in marks(event())


def test_how_many_were_spared_is_said_and_never_who() -> None:
    own = [operator(1, "mobile", NOON)]
    found = marks(event(operators=own), {"asn/1", "asn/2", "asn/3"})["operators-spared"]
    assert found.figures == {"n": "2", "of": "3"}
    assert "operators-spared" not in marks(event(operators=own), {"asn/1"})


def test_a_slow_return_is_said_once_all_are_back() -> None:
    own = [operator(n, "fixed", NOON, NOON + (5 + n * 3) * HOUR) for n in range(3)]
    found = marks(event(end=NOON + 12 * HOUR, operators=own))["return"]
    assert (found.level, found.known) == ("gradual", "end")
    assert "return" not in marks(event(operators=own))


def test_the_user_s_calendar_is_mentioned() -> None:
    exam = Occasion(first=date(2030, 3, 1), last=date(2030, 3, 7), what="school exams")
    vote = Occasion(first=date(2030, 3, 8), last=date(2030, 3, 8), what="an election")
    found = list(unweighed_marks(event(), measured=(), occasions=[exam, vote], zone=UTC))
    assert [one.figures["what"] for one in found] == ["school exams"]


def test_the_scope_keeps_mobile_and_fixed_apart_and_says_what_shares_are_of() -> None:
    own = [operator(1, "mobile", NOON), operator(2, "academic", NOON)]
    facts = {"asn/3": EntityFact(entity="asn/3", name=None, country="KZ", kind="mobile")}
    told = scope_of(
        event(operators=own),
        [],
        facts=facts,
        measured=["asn/1", "asn/3", "region/KZ-75"],
        shares={"asn/1": 60.0},
        share_of="users",
    )
    kinds = {one.kind: one for one in told.kinds}
    assert tuple(kinds) == KINDS
    assert (kinds["mobile"].down, kinds["mobile"].measured) == (1, 2)
    assert kinds["mobile"].share_percent == 60.0
    assert (kinds["unknown"].down, kinds["unknown"].share_percent) == (1, None)
    assert kinds["fixed"].lowest_percent is None
    assert (told.regions_measured, told.share_of, told.national) == (1, "users", False)
    bare = scope_of(event(), [], facts={}, measured=[], shares={}, share_of="users")
    assert bare.share_of is None
