"""What was found is laid beside what was published, and a miss is said to be one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from zicht.lab.comparison import Comparison, compare_with_facts
from zicht.lab.scenario_file import load_scenario
from zicht.lab.signals import TELESCOPE
from zicht.model.health import Sickness
from zicht.model.outage import Event, Outage, Restoration

if TYPE_CHECKING:
    from zicht.lab.scenario import Scenario
    from zicht.model.signal import Plane

BLOCKS = "lab.probe.up24"


@pytest.fixture(scope="module")
def facts() -> Scenario:
    return load_scenario("kazakhstan-2022")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2022-01-{text}").replace(tzinfo=UTC)


def outage(
    id_: str,
    entity: str,
    onset: str,
    end: str,
    *,
    signal: str = BLOCKS,
    plane: Plane = "data",
) -> Outage:
    begin, over = at(onset), at(end)
    return Outage(
        id=id_,
        signal=signal,
        plane=plane,
        entity=entity,
        onset=(begin, begin + timedelta(minutes=10)),
        end=(over, over),
        ongoing=False,
        depth_percent=3.0,
        depth_interval=(0, 5),
        belief=1,
        alerted_at=begin + timedelta(minutes=20),
        samples=9,
    )


def event(outages: list[Outage], restorations: list[tuple[str, str]]) -> Event:
    return Event(
        id="e",
        entity="country/KZ",
        event_class="routes-up-packets-dead",
        onset=outages[0].onset,
        end=outages[-1].end,
        ongoing=False,
        depth_percent=3.0,
        depth_signal=BLOCKS,
        phases=(),
        outages=tuple(one.id for one in outages),
        operators=(),
        restorations=tuple(
            Restoration(start=at(start), end=at(end), signal=BLOCKS, connectivity_percent=90)
            for start, end in restorations
        ),
        recurrences=len(restorations),
        shutdown_likelihood=None,
        sources=(),
        as_of=at("13T00:00"),
    )


def by_what(rows: list[Comparison], what: str) -> list[Comparison]:
    return [row for row in rows if row.what == what]


def test_nothing_found_agrees_with_nothing(facts: Scenario) -> None:
    rows = compare_with_facts(facts, None, [], [])
    assert not any(row.agrees for row in rows)
    assert all(row.found is None for row in rows)
    assert all(row.published for row in rows)


def test_times_within_the_published_doubts_agree(facts: Scenario) -> None:
    outages = [
        outage("m", "asn/29355", "04T14:30", "11T02:30", plane="user"),
        outage("n", "country/KZ", "05T10:50", "11T02:30"),
    ]
    found = event(outages, [("05T17:50", "05T22:20")])
    rows = compare_with_facts(facts, found, outages, [])
    for what in ("mobile begins", "blackout begins", "depth", "blackout ends"):
        assert by_what(rows, what)[0].agrees, what
    assert [row.agrees for row in by_what(rows, "window")] == [True] + 5 * [False]


def test_a_wrong_time_does_not_agree(facts: Scenario) -> None:
    outages = [outage("n", "country/KZ", "05T19:00", "12T02:30")]
    rows = compare_with_facts(facts, event(outages, []), outages, [])
    assert not by_what(rows, "blackout begins")[0].agrees
    assert not by_what(rows, "blackout ends")[0].agrees


def test_a_sick_source_agrees_only_when_no_neighbour_is_called_down(facts: Scenario) -> None:
    sick = [row for row in facts.faults if row.kind == "zeros"]
    said = [
        Sickness(signal=TELESCOPE, start=row.begin, end=row.end or row.begin, reason="zeros")
        for row in sick
    ]
    assert len(said) == 2
    quiet = by_what(compare_with_facts(facts, None, [], said), "sick source")
    assert [row.agrees for row in quiet] == [True, True]
    false = [outage("k", "country/KG", "08T03:30", "08T09:00", signal=TELESCOPE)]
    loud = by_what(compare_with_facts(facts, None, false, said), "sick source")
    assert [row.agrees for row in loud] == [True, False]
