"""What marks a probe as ours: a keyed hash of the address that it goes to.

Nothing is kept of a probe that is under way. As in zmap (Durumeric, Wustrow and Halderman, USENIX
Security 2013) a reply is checked by hashing anew what it brings back; whoever does not know the
key, which is drawn for each run, cannot write one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.siphash import siphash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Key = tuple[int, int]
    Words = NDArray[np.uint64]

_MARK, _TOKEN, _FIELDS = (np.uint64(purpose) for purpose in range(3))
_LOW_32 = np.uint64(0xFFFFFFFF)


def mark_of(key: Key) -> int:
    """32 bits that stand in every probe of this key, so that other runs' replies are foreign."""
    return int(siphash(key, np.array([_MARK]))[0] & _LOW_32)


def tokens(key: Key, high: Words, low: Words, sent: Words) -> Words:
    """uint64[n]: the token of probes to these addresses, sent at these times (ns since 1970)."""
    return siphash(key, np.full(len(high), _TOKEN), high, low, sent)


def echo_fields(key: Key, high: Words, low: Words) -> tuple[Words, Words]:
    """The identifier and sequence number, 16 bits each, of echo requests to these addresses.

    An ICMP error may quote no more of a probe than these (RFC 792: 64 bits of the datagram).
    """
    hashed = siphash(key, np.full(len(high), _FIELDS), high, low)
    sixteen = np.uint64(16)
    return (hashed >> sixteen) & np.uint64(0xFFFF), hashed & np.uint64(0xFFFF)
