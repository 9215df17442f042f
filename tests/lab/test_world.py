from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.lab.blocks import ever_answers
from zicht.lab.chance import uniforms
from zicht.lab.route_changes import crossings
from zicht.lab.scenario_file import scenario_names
from zicht.lab.world import World, open_scenario
from zicht.place.special import SPECIAL_PREFIXES

if TYPE_CHECKING:
    from zicht.lab.plan import Prefixes

SMALL = [name for name in scenario_names() if name != "planet"]


@pytest.fixture(scope="module")
def world() -> World:
    return open_scenario("cable-cut")


@pytest.fixture(scope="module")
def planet() -> World:
    return open_scenario("planet", size=0.01)


def digest(world: World) -> str:
    """A hash over all that a world is made of."""
    seen = sha256()
    prefixes, blocks, changes = world.prefixes(), world.blocks(), world.route_changes()
    for made in (prefixes, blocks, changes):
        for name in made.__dataclass_fields__:
            seen.update(np.ascontiguousarray(getattr(made, name)).tobytes())
    for part in range(len(world.parts)):
        for plane in ("routes", "packets", "traffic"):
            seen.update(world.share(plane, part).tobytes())
        seen.update(world.rhythm(part).tobytes())
    return seen.hexdigest()


def test_the_same_file_gives_the_same_bytes_in_another_process(world: World) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/lab');"
        "from test_world import digest; from zicht.lab.world import open_scenario;"
        "print(digest(open_scenario('cable-cut')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(world)


def test_another_seed_moves_noise_and_leaves_what_happens(world: World) -> None:
    other = open_scenario("cable-cut", seed=1)
    assert digest(other) != digest(world)
    assert other.share("packets", 0).min() == world.share("packets", 0).min()


def test_what_a_cable_carries_falls_and_comes_back(world: World) -> None:
    share = world.place_share("packets", "country/IS")
    assert share[0] == share[-1] == 1.0
    assert share.min() == pytest.approx(0.27)
    assert (world.place_share("packets", "country/GB") == 1.0).all()


def within(prefixes: Prefixes) -> list[tuple[int, int]]:
    """First and last 128-bit addresses of prefixes, sorted; IPv4 left-aligned."""
    rows = []
    for place in range(len(prefixes)):
        network = prefixes.network(place)
        shift = 128 - network.max_prefixlen
        first = int(network.network_address) << shift
        rows.append((first, first + (network.num_addresses << shift) - 1))
    return sorted(rows)


@pytest.mark.parametrize("name", SMALL)
def test_no_prefix_overlaps_another_and_all_are_public(name: str) -> None:
    prefixes = open_scenario(name).prefixes()
    rows = within(prefixes)
    assert all(one[1] < other[0] for one, other in pairwise(rows))
    special = [network for network in SPECIAL_PREFIXES if network.version == 4]
    for place in np.flatnonzero(prefixes.family == 4)[:: max(len(prefixes) // 500, 1)]:
        network = prefixes.network(int(place))
        assert not any(isinstance(network, type(one)) and network.overlaps(one) for one in special)


@pytest.mark.parametrize("name", SMALL)
def test_each_part_announces_as_many_blocks_as_it_should(name: str) -> None:
    world = open_scenario(name)
    prefixes = world.prefixes()
    held = np.bincount(prefixes.part, weights=prefixes.sizes24(), minlength=len(world.parts))
    assert (held == world.weights("blocks")).all()
    six = np.bincount(prefixes.part[prefixes.family == 6], minlength=len(world.parts))
    assert (six == world.weights("prefixes6")).all()


@pytest.mark.parametrize("name", SMALL)
def test_blocks_that_answer_are_distinct_and_announced_by_their_part(name: str) -> None:
    world = open_scenario(name)
    blocks, prefixes = world.blocks(), world.prefixes()
    assert len(np.unique(blocks.address)) == len(blocks)
    assert (
        np.bincount(blocks.part, minlength=len(world.parts)) == world.weights("answering")
    ).all()
    four = np.flatnonzero(prefixes.family == 4)
    order = four[np.argsort(prefixes.high[four])]
    at = np.searchsorted(prefixes.high[order] >> np.uint64(32), blocks.address, side="right") - 1
    assert (prefixes.part[order[at]] == blocks.part).all()


def test_a_planet_has_all_countries_and_keeps_its_proportions(planet: World) -> None:
    assert len(planet.countries) > 240
    assert {part.country for part in planet.parts} == {row.code for row in planet.countries}
    blocks = np.sort(planet.weights("blocks"))[::-1]
    assert blocks[: len(blocks) // 10].sum() > 0.3 * blocks.sum()  # a heavy tail
    assert planet.place_share("packets", "country/AD").min() < 0.05
    assert (planet.place_share("packets", "country/NL") == 1.0).all()


def test_a_planet_of_no_size_is_refused() -> None:
    with pytest.raises(UsageError, match="no size of a planet"):
        open_scenario("planet", size=0.0)


@pytest.mark.parametrize("name", ["cable-cut", "kazakhstan-2022"])
def test_changes_of_parts_of_a_stretch_are_those_of_the_whole(name: str) -> None:
    world = open_scenario(name)
    begin, end = world.live_from, world.live_from + timedelta(days=2)
    middle = begin + timedelta(hours=29, minutes=13)
    whole = world.route_changes(begin, end)
    halves = [world.route_changes(begin, middle), world.route_changes(middle, end)]
    for field in ("time", "prefix", "announced", "path"):
        joined = np.concatenate([getattr(half, field) for half in halves])
        assert np.array_equal(joined, getattr(whole, field))


def test_what_is_announced_is_what_the_share_of_routes_says() -> None:
    world = open_scenario("cable-cut")
    prefixes, changes = world.prefixes(), world.route_changes()
    minute = 60_000_000
    at = int((datetime(2025, 3, 13, tzinfo=UTC) - world.begin) / timedelta(minutes=1))
    until = (changes.time - int(world.begin.timestamp() * 1e6)) // minute < at
    last = np.full(len(prefixes), -1)
    last[changes.prefix[until]] = np.flatnonzero(until)
    announced = (last < 0) | changes.announced[last]
    for part in world.touched():
        own = (prefixes.part == part) & (prefixes.family == 4)
        wanted = prefixes.rank[own] < world.share("routes", part)[at]
        assert (announced[own] == wanted).mean() > 0.98  # all but flaps of that moment


@given(depths=st.lists(st.floats(0, 1), min_size=2, max_size=40), seed=st.integers(0, 2**32))
def test_a_deeper_share_never_brings_a_prefix_back(depths: list[float], seed: int) -> None:
    rank = uniforms(seed, "rank", count=50)
    minutes, prefix, comes = crossings(np.array(depths), np.arange(50), rank)
    up = rank < depths[0]
    for minute, place, is_up in zip(minutes, prefix, comes, strict=True):
        assert up[place] != is_up
        assert is_up == (depths[minute] > depths[minute - 1])
        up[place] = is_up
    assert (up == (rank < depths[-1])).all()


def test_an_address_ever_answers_as_often_as_its_block_says() -> None:
    world = open_scenario("cable-cut")
    blocks = world.blocks()
    block = np.uint32(blocks.address[7])
    answers = ever_answers(blocks, np.arange(block, block + 256, dtype=np.uint32), world.seed)
    assert answers.sum() == blocks.ever[7]
    assert not answers[0]
    assert not answers[255]
    nowhere = np.array([0x0B000001], dtype=np.uint32)
    assert not ever_answers(blocks, nowhere, world.seed).any()


def test_the_ordinary_day_is_quiet_before_dawn_by_the_local_clock() -> None:
    world = open_scenario("kazakhstan-2022")
    rhythm = world.rhythm(0)
    hours = rhythm[: 24 * 60].reshape(24, 60).mean(axis=1)  # UTC; the clock there is 6 h ahead
    assert abs(rhythm.mean() - 1) < 1e-4
    assert int(hours.argmin()) in (21, 22, 23)
    assert int(hours.argmax()) in (14, 15)
