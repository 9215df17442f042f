"""The noise that counts have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def persistent(
    random: np.random.Generator, count: int, spread: float, memory: float
) -> NDArray[np.float64]:
    """Noise that remembers: a first-order autoregression, float64[count].

    Args:
        random: the source of randomness.
        count: how many bins.
        spread: its standard deviation in the long run.
        memory: how much of one bin is left in the next, from 0 to below 1.
    """
    steps = random.normal(0.0, spread * np.sqrt(1 - memory**2), count)
    noise = np.empty(count)
    last = random.normal(0.0, spread)
    for index in range(count):
        last = memory * last + steps[index]
        noise[index] = last
    return noise


def overdispersed(
    random: np.random.Generator, mean: NDArray[np.float64], shape: float
) -> NDArray[np.float64]:
    """Counts that vary more than Poisson's: the mean itself varies as a gamma of this shape."""
    return random.poisson(mean * random.gamma(shape, 1 / shape, len(mean))).astype(np.float64)


def bursts(
    random: np.random.Generator,
    count: int,
    every: float,
    lasts: tuple[int, int],
    height: tuple[float, float],
) -> NDArray[np.float64]:
    """Stretches that stand out, float64[count]; 0 elsewhere.

    Args:
        random: the source of randomness.
        count: how many bins.
        every: in how many bins there is one, on average.
        lasts: for how many bins, at least and at most.
        height: by how much, at least and at most; where they overlap they add up.
    """
    made = np.zeros(count)
    for begin in random.integers(0, count, random.poisson(count / every)):
        made[begin : begin + int(random.integers(*lasts))] += random.uniform(*height)
    return made
