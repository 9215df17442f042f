"""The table of facts is complete: every row has its source, every choice its reason."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from zicht.errors import FaultError
from zicht.lab.facts import Fact, Facts, load_facts
from zicht.model.entity import parse_entity


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


def test_every_row_names_a_publication_that_is_listed(facts: Facts) -> None:
    known = {source.id for source in facts.sources}
    rows: list[Any] = [
        *facts.facts,
        *facts.operators,
        *facts.neighbours,
        *facts.levels,
        *facts.assumptions,
        facts.others,
        facts.routes,
        facts.pace,
    ]
    assert {row.source for row in rows} <= known


def test_every_publication_says_who_what_and_where(facts: Facts) -> None:
    assert len({source.id for source in facts.sources}) == len(facts.sources)
    for source in facts.sources:
        assert source.publisher
        assert source.title
        assert source.url.startswith(("https://", "http://"))
        assert source.note or source.access == "read"


def test_every_fact_has_a_statement_a_doubt_and_a_reason(facts: Facts) -> None:
    assert len({fact.id for fact in facts.facts}) == len(facts.facts)
    for fact in facts.facts:
        assert fact.statement
        assert fact.why
        assert fact.doubt_minutes > 0
        assert fact.end is None or fact.begin < fact.end


def test_no_fact_rests_on_the_lab_itself(facts: Facts) -> None:
    assert "lab" not in {fact.source for fact in facts.facts}


def test_times_carry_their_zone(facts: Facts) -> None:
    for fact in facts.facts:
        assert fact.begin.tzinfo is not None


def test_the_disagreements_are_kept(facts: Facts) -> None:
    begins = facts.published("blackout-begins")
    assert {fact.begin.strftime("%H:%M") for fact in begins} >= {"10:30", "10:45", "11:00", "11:15"}
    assert any(not fact.chosen for fact in facts.published("window"))


def test_each_plane_uses_the_time_of_the_source_that_watches_it(facts: Facts) -> None:
    chosen: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.chosen("blackout-begins"):
        chosen[fact.plane].append(fact)
    assert {plane: len(rows) for plane, rows in chosen.items()} == {
        "user": 1,
        "data": 1,
        "probes": 1,
    }


def test_the_windows_that_are_used_do_not_overlap(facts: Facts) -> None:
    windows = facts.chosen("window", "window-largely")
    assert len(windows) == 6
    for window, after in pairwise(windows):
        assert window.end is not None
        assert window.end < after.begin


def test_operators_are_entities_and_their_traffic_adds_up(facts: Facts) -> None:
    for operator in facts.operators:
        assert str(parse_entity(operator.entity)) == operator.entity
        assert operator.answering <= operator.blocks
    shares = [operator.traffic for operator in facts.operators] + [facts.others.traffic]
    assert sum(shares) == pytest.approx(1.0)


def test_a_table_that_is_not_there_is_our_own_fault() -> None:
    with pytest.raises(FaultError, match="no_such_world"):
        load_facts("no_such_world")
