"""The lab speaks at many times the speed, a watch listens, and people are told what they should."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from alert_world import KEY
from receiving import receiver
from watching import Watched, clock_of, learn, settings_of, speaking, stage_at, watching

from zicht.publish.alerts.settings import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

    from zicht.model.alert import Alert
    from zicht.publish.alerts.settings import Channel

HOUR = timedelta(hours=1)
SPEED = 3600.0  # an hour of the world in a second


def watched_for(
    scenario: str,
    begin: datetime,
    hours: float,
    entities: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Watched:
    """Some hours of a world, by IODA, after three weeks of history."""
    with listening(scenario, begin, entities, folder, monkeypatch) as watched:
        watched.until(lambda: watched.clock.now() >= begin + hours * HOUR)
    return watched


@contextmanager
def listening(
    scenario: str | Path,
    begin: datetime,
    entities: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    speed: float = SPEED,
    more: Sequence[Channel] = (),
) -> Iterator[Watched]:
    """A watch of a world that goes on from a time, by IODA, after three weeks of history."""
    store = folder / "store"
    learn(store, scenario, begin, entities, ["ioda"], monkeypatch)
    stage = stage_at(scenario, begin, speed)
    settings = settings_of(["ioda"], store)
    settings = msgspec.structs.replace(settings, channel=(*settings.channel, *more))
    with (
        speaking(stage, ["ioda"], monkeypatch),
        watching(store, clock_of(stage), entities, ["ioda"], settings=settings) as watched,
    ):
        yield watched


def test_of_a_shutdown_people_are_told_once_and_of_its_end_though_a_channel_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2025, 6, 2, 4, 30, tzinfo=UTC)  # an hour before
    countries = ("country/MT", "country/CY")
    secret = "HOOK"  # noqa: S105 - the name of a variable
    monkeypatch.setenv(secret, KEY)

    def to(channel: str, watched: Watched) -> list[Alert]:
        own = [one for one in watched.store.alerts() if one.channel == channel]
        return [one for one in own if not one.kind.startswith("health")]

    with receiver(hanging=True) as taken:
        hook = Webhook(name="hook", address=taken.address, secret_variable=secret, simulated=True)
        with listening(
            "exam-week", begin, countries, tmp_path, monkeypatch, speed=SPEED / 2, more=[hook]
        ) as watched:
            watched.until(lambda: watched.clock.now() >= begin + 8.5 * HOUR)
            watched.until(
                lambda: (
                    [one.state for one in to("desk", watched) if one.kind == "end"] == ["delivered"]
                )
            )
        assert taken.requests
        assert "delivered" not in {one.state for one in to("hook", watched)}
    alerts = to("desk", watched)
    assert {one.entity for one in alerts} == {"country/MT"}
    kinds = [one.kind for one in alerts]
    assert (kinds[0], kinds.count("new"), kinds[-1], kinds.count("end")) == ("new", 1, "end", 1)
    assert set(kinds) <= {"new", "update", "end"}, "how many updates is a matter of pace"
    assert all(one.simulated for one in alerts)
    assert alerts[-1].state == "delivered"
    states = [one.what for one in watched.lines if one.entity == "country/MT"]
    assert states.index("outage") < len(states) - states[::-1].index("ordinary") - 1
    assert {"event found", "event ended"} <= set(states)


def test_on_quiet_days_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = datetime(2025, 3, 25, 22, tzinfo=UTC)  # with maintenance at night
    countries = ("country/NL", "country/BE", "country/DK")
    watched = watched_for("quiet-month", begin, 6, countries, tmp_path, monkeypatch)
    assert watched.store.alerts() == []
    assert watched.all_ended
    assert {one.what for one in watched.lines} <= {"ordinary", "unknown", "warming up"}


def test_a_source_that_cannot_see_is_told_as_that_and_as_no_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2025, 2, 11, 9, tzinfo=UTC)  # its telescope writes zeros from ten to twelve
    countries = ("country/NL", "country/BE", "country/DK")
    watched = watched_for("sick-day", begin, 5, countries, tmp_path, monkeypatch)
    assert [one.kind for one in watched.store.alerts()] in (["health"], ["health", "health-end"])
    assert "ioda.merit-nt" in {one.signal for one in watched.store.sicknesses()}
    assert "outage" not in {one.what for one in watched.lines}
    assert "source sick" in {one.what for one in watched.lines}


PLANET = ("KZ", "IR", "NL", "DE", "FR", "BE", "LU", "BR", "JP", "KE")
GARBLED = datetime(2025, 3, 11, 9, tzinfo=UTC)  # for two hours


def planet_scenario(folder: Path) -> Path:
    """Ten countries in peace, and a service that says of all of them what is not so."""
    text = f"""
[scenario]
id = "garbled"
title = "A service that garbles everything"
summary = "Nothing happens anywhere; for two hours a service says a tenth of what it should."
seed = 7
begin = {GARBLED - 14 * 24 * HOUR:%FT%TZ}
live_from = {GARBLED - 2 * HOUR:%FT%TZ}
end = {GARBLED + 24 * HOUR:%FT%TZ}
invented = "Everything but the names of countries."

[[collector]]
name = "rrc00"
project = "ris"
peers = 5

[[fault]]
source = "ioda"
kind = "half"
share = 10
begin = {GARBLED:%FT%TZ}
end = {GARBLED + 2 * HOUR:%FT%TZ}
statement = "A tenth of everything, everywhere."
"""
    for place, code in enumerate(PLANET):
        text += f"""
[[country]]
code = "{code}"

[[operator]]
asn = {4200001000 + place}
name = "Lab {code}"
kind = "mixed"
country = "{code}"
users = 3_000_000
blocks = 600
prefixes6 = 5
answering = 300
"""
    file = folder / "garbled.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_of_a_fault_of_the_whole_planet_people_are_told_once_and_of_no_country(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    countries = tuple(f"country/{code}" for code in PLANET)
    begin = GARBLED - HOUR
    with listening(planet_scenario(tmp_path), begin, countries, tmp_path, monkeypatch) as watched:
        watched.until(
            lambda: (
                "health-end" in {one.kind for one in watched.store.alerts()}
                and all(one.end is not None for one in watched.store.events())
            ),
            seconds=300,
        )
    events = {one.entity for one in watched.store.events(with_retracted=True)}
    assert len(events) >= 5, "it looked as if countries fell"
    went_out = [one for one in watched.store.alerts() if one.state in {"pending", "delivered"}]
    assert [one.kind for one in went_out] == ["health", "health-end"]
