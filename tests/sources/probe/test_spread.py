from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.spread import spread


@given(st.lists(st.integers(0, 6), max_size=300), st.integers(0, 99))
def test_every_block_has_one_place(strata: list[int], seed: int) -> None:
    order = spread(np.array(strata, dtype=np.int32), seed)
    assert sorted(order.tolist()) == list(range(len(strata)))


@given(st.integers(0, 99), st.lists(st.integers(10, 300), min_size=1, max_size=5))
def test_any_stretch_holds_its_share_of_every_operator(seed: int, sizes: list[int]) -> None:
    stratum = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    order = stratum[spread(stratum, seed)]
    length = len(order) // 5
    for begin in range(0, len(order) - length, 7):
        held = np.bincount(order[begin : begin + length], minlength=len(sizes))
        share = np.array(sizes) * length / len(order)
        assert (np.abs(held - share) <= 2 + 0.1 * share + len(sizes)).all()


def test_the_order_is_random_and_the_same_for_the_same_seed() -> None:
    stratum = np.zeros(1000, dtype=np.int32)
    assert spread(stratum, 1).tolist() == spread(stratum, 1).tolist()
    assert spread(stratum, 1).tolist() != spread(stratum, 2).tolist()
    assert abs(np.corrcoef(spread(stratum, 1), np.arange(1000))[0, 1]) < 0.15
