"""Who answers pings in a world, against what the world says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ping_packets import asked, echo

from zicht.lab.answering import answering
from zicht.lab.blocks import ever_answers
from zicht.lab.world import World, open_scenario

if TYPE_CHECKING:
    from zicht.lab.pings import Instant

CABLE = Path(__file__).with_name("cable_scenario.toml")
CUT = timedelta(days=23, hours=12)  # from the world's begin: hours after the cable broke


@pytest.fixture(scope="module")
def world() -> World:
    return open_scenario(CABLE)


def up(instant: Instant, world: World, country: str) -> float:
    """The share of a country's IPv4 blocks of which somebody is there."""
    blocks = world.blocks()
    order = np.argsort(blocks.address, kind="stable")
    mine = np.array([world.parts[part].country == country for part in blocks.part[order]])
    return float((instant.four.there[mine] > 0).mean())


def test_blocks_go_as_the_share_of_packets_does(world: World) -> None:
    at = answering(world)
    before, during = at(world.begin), at(world.begin + CUT)
    minute = int(CUT.total_seconds()) // 60
    assert (up(before, world, "IS"), up(before, world, "GB")) == (1.0, 1.0)
    assert up(during, world, "GB") == 1.0
    left = world.place_share("packets", "country/IS", "answering")[minute]
    assert up(during, world, "IS") == pytest.approx(left, abs=0.06)
    assert 0.0 < (during.six.there == 0).mean() < 0.5


def test_the_very_addresses_answer_that_the_world_knows(world: World) -> None:
    blocks = world.blocks()
    instant = answering(world)(world.begin)
    chosen = np.argsort(blocks.ever)[-20:]
    for block in chosen.tolist():
        first = int(blocks.address[block])
        addresses = np.arange(first, first + 256, dtype=np.uint32)
        known = set(addresses[ever_answers(blocks, addresses, world.seed)].tolist())
        texts = [".".join(str(byte) for byte in int(one).to_bytes(4, "big")) for one in addresses]
        replies = asked(*(echo(one) for one in texts), instant=instant)
        heard = {int.from_bytes(one[12:16], "big") for one in replies}
        assert heard <= known
        assert len(heard) / len(known) == pytest.approx(instant_share(instant, first), abs=0.2)


def instant_share(instant: Instant, address: int) -> float:
    row = int(np.searchsorted(instant.four.key, np.uint64(address << 32)))
    return float(instant.four.there[row])


def test_some_blocks_sleep_at_night(world: World) -> None:
    at = answering(world)
    noon, night = (at(world.begin + timedelta(hours=hour)) for hour in (13, 1))  # 16 and 4 local
    falls = night.four.there / noon.four.there
    assert falls.min() < 0.5
    assert 0.7 < (falls == 1.0).mean() < 0.95


def test_before_and_after_the_world_it_stands_still(world: World) -> None:
    at = answering(world)
    early = at(world.begin - timedelta(days=1))
    assert (early.four.there == at(world.begin).four.there).all()
    late = at(world.end + timedelta(days=1))
    assert (late.four.there == at(world.end - timedelta(minutes=1)).four.there).all()


def test_the_same_world_answers_the_same(world: World) -> None:
    again = open_scenario(CABLE)
    one, other = (answering(each)(each.begin + CUT) for each in (world, again))
    for mine, its in zip(one.four, other.four, strict=True):
        assert (mine == its).all()
