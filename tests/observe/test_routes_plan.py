from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from archive_server import Archive, serving
from route_world import START, publish

from zicht.http import open_client
from zicht.observe.routes_plan import BIN, Plan, make_plan, whole_bins
from zicht.sources.bgp.archives import Gap
from zicht.sources.bgp.collectors import PROJECTS, find_collectors

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving() as there:
        yield there


def plan(archive: Archive, names: str, end: datetime, now: datetime = LATER) -> Plan:
    with open_client() as client:
        return make_plan(
            client,
            find_collectors(names.split(",")),
            START + HOUR,
            end,
            addresses=dict.fromkeys(PROJECTS, archive.address),
            now=now,
        )


def test_turns_are_in_the_order_of_time_and_each_collector_begins_with_its_rib(
    archive: Archive,
) -> None:
    publish(archive, "rrc00", 6)
    publish(archive, "route-views2", 6, rib_every=1)
    turns = plan(archive, "rrc00,route-views2", START + 3 * HOUR).turns
    assert [turn.time for turn in turns] == sorted(turn.time for turn in turns)
    files = [turn.step for turn in turns if not isinstance(turn.step, Gap)]
    assert len(files) == len(turns)
    for name, rib in (("rrc00", START), ("route-views2", START + HOUR)):
        own = [file for file in files if file.collector == name]
        assert (own[0].kind, own[0].time) == ("rib", rib), "the newest at or before the start"
        assert {file.kind for file in own[1:]} == {"updates"}


def test_while_collectors_publish_the_slowest_of_them_says_how_far_it_goes(
    archive: Archive,
) -> None:
    publish(archive, "rrc00", 3)
    publish(archive, "route-views2", 2.75, rib_every=1)
    publish(archive, "rrc01", 0.5)
    names, end = "rrc00,route-views2,rrc01", START + 5 * HOUR
    soon = plan(archive, names, end, now=START + 3.1 * HOUR)
    assert soon.until == START + 2.75 * HOUR, "RouteViews is about to publish more"
    assert [gap.collector for gap in soon.gaps] == ["rrc01"], "which went silent long before"
    late = plan(archive, names, end)
    assert late.until == START + 3 * HOUR, "nobody is about to publish more"
    assert {gap.collector for gap in late.gaps} == {"rrc01", "route-views2"}


def test_where_nothing_is_published_yet_there_is_nothing_to_go_through(archive: Archive) -> None:
    publish(archive, "rrc00", 1)
    assert plan(archive, "rrc00", START + 2 * HOUR) == Plan((), START + HOUR)


def test_bins_are_of_five_minutes() -> None:
    assert whole_bins(START + BIN - timedelta(microseconds=1)) == START
    assert whole_bins(START + BIN) == START + BIN
