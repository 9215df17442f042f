"""What the demo hears: files and answers of the lab, as far as they are out, read by sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from zicht.cli.demo_compiling import compile_reader
from zicht.cli.demo_routes import Routes
from zicht.cli.demo_services import Services
from zicht.cli.demo_sources import batches
from zicht.lab.world import World, open_scenario

CABLE = Path(__file__).parents[1] / "lab" / "cable_scenario.toml"
FIVE_MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)


@pytest.fixture(scope="module")
def world() -> World:
    return open_scenario(CABLE)


def times_of(table: pa.Table) -> list[datetime]:
    return sorted(time.astimezone(UTC) for time in pc.unique(table["time"]).to_pylist())


def entities(world: World) -> list[str]:
    return [f"country/{row.code}" for row in world.countries]


def test_routes_are_those_of_the_world_and_come_when_their_files_do(world: World) -> None:
    routes, country = Routes(world, entities(world)), entities(world)[0]
    now = world.begin + 6 * HOUR
    table = routes.heard(now)
    times = times_of(table)
    assert times[0] == world.begin
    assert now - HOUR < times[-1] < now - FIVE_MINUTES  # files have not told of the rest by then
    own = table.filter(pc.equal(table["entity"], country))["value"].to_numpy()
    prefixes = world.prefixes()
    rows = (prefixes.family == 4) & np.isin(prefixes.part, world.parts_of(country))
    assert abs(np.median(own) / prefixes.sizes24()[rows].sum() - 1) < 0.01
    later = routes.heard(now + HOUR)
    assert times_of(later)[0] == times[-1] + FIVE_MINUTES


def test_without_files_nothing_is_known_of_routes() -> None:
    world = open_scenario("kazakhstan-2022")
    begin, end = datetime(2022, 1, 6, 19, tzinfo=UTC), datetime(2022, 1, 6, 21, 20, tzinfo=UTC)
    table = Routes(world, ["country/KZ"]).heard(begin + timedelta(days=1))
    times = times_of(table)
    assert not [time for time in times if begin <= time < end]
    assert [time for time in times if begin - HOUR <= time < begin]
    assert [time for time in times if end + HOUR <= time < end + 2 * HOUR]


def test_services_tell_what_is_out_and_revise_it(world: World) -> None:
    services, now = Services(world, entities(world)[:1], []), world.live_from
    first = {one.name for told in services.heard(now) for one in told.signals}
    assert first >= {"atlas.connected", "google.youtube", "ioda.merit-nt", "ioda.ping-slash24"}
    assert "ioda.bgp" not in first, "routes are counted from the files themselves"
    again = services.heard(now + 4 * HOUR)
    (ioda,) = (
        one.observations for one in again if "ioda.ping-slash24" in str(one.observations["signal"])
    )
    times = times_of(ioda)
    assert times[0] < now - HOUR  # what may have changed is asked for again
    assert now < times[-1] < now + 4 * HOUR


def test_batches_bear_the_names_of_the_sources_and_say_that_they_are_made(world: World) -> None:
    (one,) = batches(world, [world.live_from])
    names = {signal.name for signal in one.signals}
    assert names >= {"bgp.visible24", "probe.up24", "ioda.merit-nt", "radar.traffic"}
    assert set(pc.unique(one.observations["signal"]).to_pylist()) == names
    assert not any(name.startswith("lab.") for name in names)
    assert one.origin.simulated
    assert all("made up" in signal.title for signal in one.signals)


def test_what_is_compiled_beside_reads_a_route() -> None:
    bins = compile_reader()
    assert bins == 2  # one of the table, one of the message
