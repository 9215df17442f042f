"""The table of facts is complete: every row has its source, every choice its reason."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from zicht.lab.scenario_file import load_scenario

if TYPE_CHECKING:
    from zicht.lab.facts import Fact
    from zicht.lab.scenario import Scenario


@pytest.fixture(scope="module")
def facts() -> Scenario:
    return load_scenario("kazakhstan-2022")


def test_every_row_names_a_publication_that_is_listed(facts: Scenario) -> None:
    known = {source.id for source in facts.sources}
    assert {fact.source for fact in facts.facts} <= known


def test_every_publication_says_who_what_and_where(facts: Scenario) -> None:
    assert len({source.id for source in facts.sources}) == len(facts.sources)
    for source in facts.sources:
        assert source.publisher
        assert source.title
        assert source.url.startswith(("https://", "http://"))
        assert source.note or source.access == "read"


def test_every_fact_has_a_statement_a_doubt_and_a_reason(facts: Scenario) -> None:
    assert len({fact.id for fact in facts.facts}) == len(facts.facts)
    for fact in facts.facts:
        assert fact.statement
        assert fact.why
        assert fact.doubt_minutes > 0
        assert fact.end is None or fact.begin < fact.end


def test_no_fact_rests_on_the_lab_itself(facts: Scenario) -> None:
    assert "lab" not in {fact.source for fact in facts.facts}


def test_times_carry_their_zone(facts: Scenario) -> None:
    for fact in facts.facts:
        assert fact.begin.tzinfo is not None


def test_the_disagreements_are_kept(facts: Scenario) -> None:
    begins = facts.published("blackout-begins")
    assert {fact.begin.strftime("%H:%M") for fact in begins} >= {"10:30", "10:45", "11:00", "11:15"}
    assert any(not fact.chosen for fact in facts.published("window"))


def test_each_plane_uses_the_time_of_the_source_that_watches_it(facts: Scenario) -> None:
    chosen: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.chosen("blackout-begins"):
        chosen[fact.plane].append(fact)
    assert {plane: len(rows) for plane, rows in chosen.items()} == {
        "user": 1,
        "data": 1,
        "probes": 1,
    }


def test_the_windows_that_are_used_do_not_overlap(facts: Scenario) -> None:
    windows = facts.chosen("window", "window-largely")
    assert len(windows) == 6
    for window, after in pairwise(windows):
        assert window.end is not None
        assert window.end < after.begin


def test_the_times_of_the_happenings_are_those_of_the_chosen_facts(facts: Scenario) -> None:
    happenings = {one.id: one for one in facts.happenings}
    blackout = happenings["blackout"]
    begins = {fact.plane: fact.begin for fact in facts.chosen("blackout-begins")}
    assert (blackout.begin, blackout.begins["traffic"]) == (begins["data"], begins["user"])
    assert blackout.end == facts.chosen("blackout-ends")[0].begin
    windows = facts.chosen("window", "window-largely")
    assert [(one.begin, one.end) for one in blackout.windows] == [
        (fact.begin, fact.end) for fact in windows
    ]
    for name in ("mobile-begins", "mobile-deepens"):
        assert happenings[name].begin == facts.chosen(name)[0].begin
    back = facts.chosen("infrastructure-back")[0].begin
    assert happenings["blackout-of-data-centres"].end == back
