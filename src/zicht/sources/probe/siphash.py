"""SipHash-2-4 over many messages at once (Aumasson and Bernstein, INDOCRYPT 2012).

A keyed hash of short messages that nobody without the key can foresee. Messages are whole words
of 64 bits, so the last block holds their length alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INITIAL = np.array(
    [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573],
    dtype=np.uint64,
)
_FINAL = np.uint64(0xFF)


def siphash(key: tuple[int, int], *words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """uint64[n]: the hash of each message.

    Args:
        key: two words of 64 bits, little-endian.
        words: uint64[n] each: the first word of every message, the second, and so on.
    """
    hashes = np.empty(len(words[0]), dtype=np.uint64)
    _hash_rows(np.array(key, dtype=np.uint64), np.stack(words, axis=1), hashes)
    return hashes


@njit(cache=True, nogil=True)
def _hash_rows(
    key: NDArray[np.uint64], rows: NDArray[np.uint64], hashes: NDArray[np.uint64]
) -> None:
    length = np.uint64(8 * rows.shape[1] % 256) << np.uint64(56)
    for row in range(rows.shape[0]):
        state = _begun(key[0], key[1])
        for column in range(rows.shape[1]):
            state = _absorbed(state, rows[row, column])
        hashes[row] = _ended(_absorbed(state, length))


@njit(cache=True, nogil=True)
def hash_three(key: NDArray[np.uint64], first: int, second: int, third: int) -> int:
    """The hash of one message of three words; ``key`` is uint64[2]."""
    state = _absorbed(_begun(key[0], key[1]), first)
    state = _absorbed(_absorbed(state, second), third)
    return _ended(_absorbed(state, np.uint64(24 << 56)))


@njit(cache=True, nogil=True)
def hash_four(key: NDArray[np.uint64], first: int, second: int, third: int, fourth: int) -> int:
    """The hash of one message of four words; ``key`` is uint64[2]."""
    state = _absorbed(_absorbed(_begun(key[0], key[1]), first), second)
    state = _absorbed(_absorbed(state, third), fourth)
    return _ended(_absorbed(state, np.uint64(32 << 56)))


@njit(cache=True, nogil=True)
def _begun(first: int, second: int) -> tuple[int, int, int, int]:
    return (
        _INITIAL[0] ^ first,
        _INITIAL[1] ^ second,
        _INITIAL[2] ^ first,
        _INITIAL[3] ^ second,
    )


@njit(cache=True, nogil=True)
def _absorbed(state: tuple[int, int, int, int], word: int) -> tuple[int, int, int, int]:
    v0, v1, v2, v3 = state
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    return v0, v1, v2, v3


@njit(cache=True, nogil=True)
def _ended(state: tuple[int, int, int, int]) -> int:
    v0, v1, v2, v3 = state
    v2 ^= _FINAL
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@njit(cache=True, nogil=True)
def _round(v0: int, v1: int, v2: int, v3: int) -> tuple[int, int, int, int]:
    v0 += v1
    v1 = _rotate(v1, 13) ^ v0
    v0 = _rotate(v0, 32)
    v2 += v3
    v3 = _rotate(v3, 16) ^ v2
    v0 += v3
    v3 = _rotate(v3, 21) ^ v0
    v2 += v1
    v1 = _rotate(v1, 17) ^ v2
    v2 = _rotate(v2, 32)
    return v0, v1, v2, v3


@njit(cache=True, nogil=True)
def _rotate(v: int, bits: int) -> int:
    """Rotate to the left."""
    return (v << np.uint64(bits)) | (v >> np.uint64(64 - bits))
