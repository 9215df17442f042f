"""What marks a probe as ours: a keyed hash of the address that it goes to.

Nothing is kept of a probe that is under way. As in zmap (Durumeric, Wustrow and Halderman, USENIX
Security 2013) a reply is checked by hashing anew what it brings back; whoever does not know the
key, which is drawn for each run, cannot write one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.probe.siphash import hash_four, hash_three, siphash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Key = tuple[int, int]
    Words = NDArray[np.uint64]

_MARK, _TOKEN, _FIELDS, _SYN, _STAMP = (np.uint64(purpose) for purpose in range(5))
_LOW_32 = np.uint64(0xFFFFFFFF)


def mark_of(key: Key) -> int:
    """32 bits that stand in every echo request of this key: other runs' replies are foreign."""
    return int(siphash(key, np.array([_MARK]))[0] & _LOW_32)


@njit(cache=True, nogil=True)
def token(key: Words, high: np.uint64, low: np.uint64, sent: np.uint64) -> int:
    """64 bits: the token of an echo request to an address, sent at a time (ns of the run)."""
    return hash_four(key, _TOKEN, high, low, sent)


@njit(cache=True, nogil=True)
def echo_fields(key: Words, high: np.uint64, low: np.uint64) -> int:
    """32 bits: identifier and sequence number of an echo request to an address.

    An ICMP error may quote no more of a probe than these (RFC 792: 64 bits of the datagram).
    """
    return hash_three(key, _FIELDS, high, low) & _LOW_32


@njit(cache=True, nogil=True)
def syn_fields(key: Words, high: np.uint64, low: np.uint64) -> int:
    """64 bits of an address: what the port and the sequence number of a SYN to it come from."""
    return hash_three(key, _SYN, high, low)


@njit(cache=True, nogil=True)
def stamp_base(key: Words, high: np.uint64, low: np.uint64) -> int:
    """32 bits of an address: what is added to the time in a SYN's timestamps option."""
    return hash_three(key, _STAMP, high, low) & _LOW_32
