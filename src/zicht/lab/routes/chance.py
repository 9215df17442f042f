"""The lab's chance for kernels: what ``zicht.lab.chance`` says, one number at a time.

A generator gives its numbers in a row; here the number of any network, router and moment is had
without those before it.
"""

from __future__ import annotations

import numpy as np

from zicht.lab import chance
from zicht.lab.routes.lean import lean

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_HALF = np.uint64(0xFFFF_FFFF)


def key_of(seed: int, *names: str | int) -> np.uint64:
    """The key of a seed and what it is used for, for ``draw``."""
    return np.uint64(chance.key(seed, *names))


@lean
def draw(key: int, number: int) -> int:
    """uint64: the hash of a number under a key (uint64); it can be the next key."""
    word = np.uint64(key) + np.uint64(number + 1) * _GOLDEN
    word = (word ^ (word >> _S30)) * _FIRST
    word = (word ^ (word >> _S27)) * _SECOND
    return word ^ (word >> _S31)


@lean
def below(word: int, limit: int) -> int:
    """int64: one of ``limit`` numbers from 0 on, at most 2**31, by the upper half of a word."""
    return np.int64(((word >> _S32) * np.uint64(limit)) >> _S32)


@lean
def below_too(word: int, limit: int) -> int:
    """Likewise, by the lower half: a word gives two numbers."""
    return np.int64(((word & _HALF) * np.uint64(limit)) >> _S32)
