from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.order import LARGEST, Order, draw_order, positions

if TYPE_CHECKING:
    from collections.abc import Callable


def below(seed: int) -> Callable[[int], int]:
    return random.Random(seed).randrange  # noqa: S311 - the same each time


@given(st.integers(1, 5000), st.integers(), st.integers(1, 700))
def test_each_position_comes_exactly_once(size: int, seed: int, batch: int) -> None:
    order = draw_order(size, below(seed))
    found = [positions(order, step, batch) for step in range(0, order.steps, batch)]
    assert sorted(np.concatenate(found).tolist()) == list(range(size))


@given(st.integers(2, 3000), st.integers(), st.data())
def test_an_order_that_was_written_down_goes_on_where_it_stood(
    size: int, seed: int, data: st.DataObject
) -> None:
    order = draw_order(size, below(seed))
    stop = data.draw(st.integers(0, order.steps))
    kept = msgspec.json.decode(msgspec.json.encode(order), type=Order)
    whole = positions(order, 0, order.steps)
    parts = [positions(order, 0, stop), positions(kept, stop, order.steps)]
    assert np.concatenate(parts).tolist() == whole.tolist()


def test_the_whole_internet_can_be_ordered_without_overflow() -> None:
    order = draw_order(LARGEST, below(1))
    step = order.steps - 1000
    element = order.first * pow(order.generator, step, order.prime) % order.prime
    expected = []
    for _ in range(1000):
        if element <= order.size:
            expected.append(element - 1)
        element = element * order.generator % order.prime
    assert element == order.first  # the group closes
    assert positions(order, step, 5000).tolist() == expected
    assert len(positions(order, order.steps, 10)) == 0


def test_neighbours_lie_far_apart_in_the_order() -> None:
    order = draw_order(65_536, below(2))
    blocks = positions(order, 0, order.steps) >> np.uint64(8)
    first = blocks[:256]
    assert len(set(first.tolist())) > 128  # 162 are expected of 256 drawn from 256


def test_two_draws_differ() -> None:
    chance = below(3)
    one, other = (positions(draw_order(1000, chance), 0, 20).tolist() for _ in range(2))
    assert one != other


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_space_that_cannot_be_ordered_is_refused(size: int) -> None:
    with pytest.raises(UsageError, match="cannot be drawn"):
        draw_order(size, below(1))
