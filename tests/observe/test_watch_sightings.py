"""What others say they saw is told once, and again when it is another thing that they say."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from test_watch import NOW, fast

from zicht.model.sighting import Sighting
from zicht.observe.watch_lines import claimed, in_words, sighted
from zicht.observe.watch_log import open_log
from zicht.observe.watch_metrics import Metrics
from zicht.observe.watch_sightings import Sightings
from zicht.observe.watch_state import Canary, Feeds, SourceState
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.observe.watch_lines import Line

HOUR = timedelta(hours=1)
SEEN = Sighting(
    id="ioda/country/IS/1",
    source="ioda",
    entity="country/IS",
    start=NOW - HOUR,
    end=None,
    seen_in="bgp",
    description="score\n 12",
    licence="as is",
    citation="somebody",
    simulated=True,
)


def test_a_sighting_is_told_in_the_words_of_its_source() -> None:
    [line] = sighted({}, [SEEN], NOW)
    assert (line.entity, line.what, line.signal) == ("country/IS", "seen elsewhere", "ioda")
    assert line.simulated
    assert line.text == "ioda says: since 2025-03-12T05:00Z; bgp; score 12"
    assert "seen elsewhere" in in_words(line)


def test_what_was_told_is_told_again_only_when_its_times_or_its_cause_change() -> None:
    told = {SEEN.id: claimed(SEEN)}
    other = msgspec.structs.replace(SEEN, description="score 13", revision=2)
    assert sighted(told, [SEEN, other], NOW) == []
    ended = msgspec.structs.replace(SEEN, end=NOW, cause="CABLE_CUT")
    [line] = sighted(told, [ended], NOW)
    assert (
        line.text
        == "ioda says: since 2025-03-12T05:00Z until 2025-03-12T06:00Z; bgp; CABLE_CUT; score 12"
    )


def test_what_ended_days_ago_is_no_news() -> None:
    old = msgspec.structs.replace(SEEN, start=NOW - 90 * HOUR, end=NOW - 50 * HOUR)
    assert sighted({}, [old], NOW) == []


def test_what_the_store_holds_is_told_once(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    lines: list[Line] = []
    log = open_log(io.StringIO(), as_json=True)
    sightings = Sightings(store, fast(), log, lines.extend)
    sightings.tell()
    assert lines == []
    store.write_sightings([SEEN], known_at=NOW)
    sightings.tell()
    sightings.tell()
    assert [one.entity for one in lines] == ["country/IS"]


def test_metrics_tell_canaries_and_feeds() -> None:
    metrics = Metrics()
    state = SourceState(
        source="bgp",
        written_at=NOW,
        feeds=Feeds(collectors={"rrc00": "known", "rrc01": "lost"}, peers=40, silent=2),
        canary=Canary(what="beacons", right=17, wrong=1),
    )
    metrics.told(state, None)

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, labels)

    assert value("zicht_source_canaries", source="bgp", look="right") == 17
    assert value("zicht_source_canaries", source="bgp", look="wrong") == 1
    assert value("zicht_routes_collectors", state="lost") == 1
    assert value("zicht_routes_peers", state="peers") == 40
    assert value("zicht_routes_peers", state="silent") == 2
