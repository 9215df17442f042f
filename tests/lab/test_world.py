from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest

from zicht.lab.world import World, open_scenario


@pytest.fixture(scope="module")
def world() -> World:
    return open_scenario("cable-cut")


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
    share = world.place_share("packets", "country/SO")
    assert share[0] == share[-1] == 1.0
    assert share.min() == pytest.approx(0.27)
    assert (world.place_share("packets", "country/KE") == 1.0).all()
