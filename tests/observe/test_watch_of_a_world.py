"""The lab speaks at many times the speed, a watch listens, and people are told what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from watching import Watched, clock_of, learn, speaking, stage_at, watching

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HOUR = timedelta(hours=1)
SPEED = 3600.0  # an hour of the world in a second


def watched_for(
    scenario: str,
    begin: datetime,
    hours: float,
    entities: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    speed: float = SPEED,
) -> Watched:
    """Some hours of a world, by IODA, after three weeks of history."""
    store = folder / "store"
    learn(store, scenario, begin, entities, ["ioda"], monkeypatch)
    stage = stage_at(scenario, begin, speed)
    with (
        speaking(stage, ["ioda"], monkeypatch),
        watching(store, clock_of(stage), entities, ["ioda"]) as watched,
    ):
        end = begin + hours * HOUR
        watched.until(lambda: stage.clock.now() >= end)
    return watched


def test_of_a_shutdown_people_are_told_once_and_of_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2025, 6, 2, 4, 30, tzinfo=UTC)  # an hour before
    countries = ("country/MT", "country/CY")
    watched = watched_for(
        "exam-week", begin, 8.5, countries, tmp_path, monkeypatch, speed=SPEED / 2
    )
    alerts = [one for one in watched.store.alerts() if one.kind != "health"]
    assert {one.entity for one in alerts} == {"country/MT"}
    kinds = [one.kind for one in alerts]
    assert (kinds[0], kinds.count("new"), kinds[-1], kinds.count("end")) == ("new", 1, "end", 1)
    assert set(kinds) == {"new", "update", "end"}
    assert all(one.simulated for one in alerts)
    assert alerts[-1].state == "delivered"
    states = [one.what for one in watched.lines if one.entity == "country/MT"]
    assert states.index("outage") < len(states) - states[::-1].index("ordinary") - 1
    assert {"event found", "event ended"} <= set(states)
    assert watched.all_ended


def test_on_quiet_days_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = datetime(2025, 3, 25, 22, tzinfo=UTC)  # with maintenance at night
    countries = ("country/NL", "country/BE", "country/DK")
    watched = watched_for("quiet-month", begin, 6, countries, tmp_path, monkeypatch)
    assert watched.store.alerts() == []
    assert {one.what for one in watched.lines} <= {"ordinary", "unknown", "warming up"}


def test_a_source_that_cannot_see_is_told_as_that_and_as_no_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2025, 2, 11, 9, tzinfo=UTC)  # its telescope writes zeros from ten to twelve
    countries = ("country/NL", "country/BE", "country/DK")
    watched = watched_for("sick-day", begin, 5, countries, tmp_path, monkeypatch)
    assert {one.kind for one in watched.store.alerts()} == {"health"}
    assert "ioda.merit-nt" in {one.signal for one in watched.store.sicknesses()}
    assert "outage" not in {one.what for one in watched.lines}
    assert "source sick" in {one.what for one in watched.lines}
