"""SipHash-2-4 over many messages at once (Aumasson and Bernstein, INDOCRYPT 2012).

A keyed hash of short messages that nobody without the key can foresee. Messages are whole words
of 64 bits, so the last block holds their length alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_INITIAL = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_FINAL = np.uint64(0xFF)


def siphash(key: tuple[int, int], *words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """uint64[n]: the hash of each message.

    Args:
        key: two words of 64 bits, little-endian.
        words: uint64[n] each: the first word of every message, the second, and so on.
    """
    n = len(words[0])
    k = (np.uint64(key[0]), np.uint64(key[1]))
    v0, v1, v2, v3 = (np.full(n, np.uint64(_INITIAL[i]) ^ k[i % 2]) for i in range(4))
    length = np.full(n, (8 * len(words) % 256) << 56, dtype=np.uint64)
    for word in (*words, length):
        v3 ^= word
        _round(v0, v1, v2, v3)
        _round(v0, v1, v2, v3)
        v0 ^= word
    v2 ^= _FINAL
    for _ in range(4):
        _round(v0, v1, v2, v3)
    result: NDArray[np.uint64] = v0 ^ v1 ^ v2 ^ v3
    return result


def _round(v0: Words, v1: Words, v2: Words, v3: Words) -> None:
    v0 += v1
    _rotate(v1, 13)
    v1 ^= v0
    _rotate(v0, 32)
    v2 += v3
    _rotate(v3, 16)
    v3 ^= v2
    v0 += v3
    _rotate(v3, 21)
    v3 ^= v0
    v2 += v1
    _rotate(v1, 17)
    v1 ^= v2
    _rotate(v2, 32)


def _rotate(v: Words, bits: int) -> None:
    """Rotate to the left, in place."""
    low = v >> np.uint64(64 - bits)
    v <<= np.uint64(bits)
    v |= low
