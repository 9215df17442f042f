"""Who is probed when in a round: at random, and of every operator the same share at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spread(stratum: NDArray[np.int32], seed: int) -> NDArray[np.int32]:
    """int32[n]: all blocks in the order of their turns.

    Systematic sampling within strata (Cochran, "Sampling Techniques", chapters 5 and 8): the blocks
    of each stratum are shuffled and set evenly around the round, beginning at random. Any stretch
    of the order holds of each stratum its share of that stretch, but for one block.

    Args:
        stratum: int32[n]: the operator of each block, any numbers.
        seed: of the shuffle; the same gives the same order.
    """
    draw = np.random.default_rng(seed)
    shuffled = draw.permutation(len(stratum)).astype(np.int32)
    grouped = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    _, begins, sizes = np.unique(stratum[grouped], return_index=True, return_counts=True)
    rank = np.arange(len(grouped)) - np.repeat(begins, sizes)
    place = (rank + np.repeat(draw.random(len(sizes)), sizes)) / np.repeat(sizes, sizes)
    return grouped[np.argsort(place, kind="stable")]
