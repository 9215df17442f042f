"""What the lab's registry says of addresses is what is so in the world."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from zicht.lab.registry import geofeed, registry_file
from zicht.lab.scenario_file import scenario_names
from zicht.lab.world import open_scenario
from zicht.place.blocks import build_blocks, place_of
from zicht.place.delegated import parse_delegated
from zicht.place.geofeed import parse_geofeed

DAY = date(2025, 1, 2)
SIZE = {"planet": 0.01}


@pytest.mark.parametrize("name", scenario_names())
def test_every_prefix_is_in_its_country(name: str) -> None:
    world = open_scenario(name, size=SIZE.get(name, 1.0))
    read = parse_delegated(registry_file(world, DAY), name="delegated-lab")
    blocks = build_blocks([read])
    prefixes = world.prefixes()
    for family in (4, 6):
        rows = np.flatnonzero(prefixes.family == family)
        found, _ = place_of(blocks, family, prefixes.high[rows])
        places = [f"country/{world.parts[part].country}" for part in prefixes.part[rows]]
        assert [blocks.places[one] for one in found] == places


def test_regions_are_told_by_a_geofeed() -> None:
    world = open_scenario("power-failure")
    feed = parse_geofeed(geofeed(world), name="geofeed-lab", as_of=DAY)
    assert len(feed) == sum(world.parts[part].region is not None for part in world.prefixes().part)
    assert "region/NZ-AUK" in feed.places
