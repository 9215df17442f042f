"""Open addressing with linear probing: from a key of 64 bits to its row, for kernels.

``slots`` (int32, a power of two, at most half full) holds rows of ``keys``, or -1. Rows are given
in order and never taken back, so nothing is ever deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# 2^64 divided by the golden ratio (Knuth, TAOCP vol. 3, section 6.4).
_FIBONACCI = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True, inline="always")
def slot_of(slots: NDArray[np.int32], keys: NDArray[np.uint64], key: int) -> int:
    """The slot that holds a key's row, or the empty one where it would stand."""
    mask = len(slots) - 1
    mixed = np.uint64(key) * _FIBONACCI
    slot = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))
    while slots[slot] >= 0 and keys[slots[slot]] != key:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, nogil=True)
def fill_slots(slots: NDArray[np.int32], keys: NDArray[np.uint64], n: int) -> None:
    """Enter the first ``n`` keys, all different, into ``slots``."""
    slots[:] = -1
    for row in range(n):
        slots[slot_of(slots, keys, keys[row])] = row


def slots_for(capacity: int) -> NDArray[np.int32]:
    """Empty slots for so many rows."""
    return np.full(1 << max(int(2 * capacity - 1).bit_length(), 4), -1, dtype=np.int32)
