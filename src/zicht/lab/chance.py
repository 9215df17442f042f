"""Randomness that is the same on every machine: uniforms hashed from a seed and names.

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014)
over a counter: whole-number arithmetic alone, so no version of a library can change it, and any
element can be had without those before it.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def key(seed: int, *names: str | int) -> int:
    """A number of 64 bits that stands for a seed and what it is used for."""
    text = "\0".join([str(seed), *map(str, names)])
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def hashes(start: int, index: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each index under a key, uint64[n]."""
    with np.errstate(over="ignore"):
        mixed = np.uint64(start) + (index + np.uint64(1)) * _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def uniforms(seed: int, *names: str | int, count: int) -> NDArray[np.float64]:
    """Numbers from 0 to below 1, float64[count], always the same for one seed and these names."""
    return uniforms_at(key(seed, *names), np.arange(count, dtype=np.uint64))


def uniforms_at(start: int, index: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The uniform of each index under a key, float64[n] from 0 to below 1."""
    return np.asarray((hashes(start, index) >> np.uint64(11)) * _TO_UNIT)


def uniform(seed: int, *names: str | int) -> float:
    """One number from 0 to below 1."""
    return float(uniforms(seed, *names, count=1)[0])


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of NumPy's PCG64 for what the names say, for noise that no hash makes."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key(seed, *names))))
