"""Which prefixes count, and the one number that each of them is known by.

Dropped are default routes and whatever is shorter than /8; prefixes longer than /24 (IPv6: /48),
which are filtered by so many networks that their visibility says little (Streibelt et al., 2018;
RIPE Labs, "Visibility of IPv4 and IPv6 prefix lengths", 2019); and addresses that are not for the
public internet (``place.special``). What is left can be packed into 63 bits: family, 48 bits of
address, 6 of length.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.place.special import SPECIAL_4, SPECIAL_6

if TYPE_CHECKING:
    from numpy.typing import NDArray

IPV4, IPV6 = 4, 6
SHORTEST = 8
LONGEST_4, LONGEST_6 = 24, 48
NO_KEY = np.uint64(0)
"""The key of what does not count; no prefix has it."""

_IPV6_BIT = 62
_ADDRESS_SHIFT = 6  # six bits of length lie below the address
_LENGTH_MASK = 0x3F


@njit(cache=True, nogil=True)
def pack(family: int, high: int, length: int) -> int:
    """The key of a prefix, or ``NO_KEY`` where it does not count.

    Keys order as their addresses do, a shorter prefix before those within it, IPv4 before IPv6.

    Args:
        family: 4 or 6.
        high: uint64: the first 64 bits of the address.
        length: in bits.
    """
    if length < SHORTEST:
        return np.uint64(0)
    if family == IPV4:
        if length > LONGEST_4 or _is_special(high, SPECIAL_4):
            return np.uint64(0)
        bit = np.uint64(0)
    else:
        if length > LONGEST_6 or _is_special(high, SPECIAL_6):
            return np.uint64(0)
        bit = np.uint64(1) << np.uint64(_IPV6_BIT)
    address = (np.uint64(high) >> np.uint64(16)) << np.uint64(_ADDRESS_SHIFT)
    return bit | address | np.uint64(length)


@njit(cache=True, nogil=True)
def _is_special(high: int, special: NDArray[np.uint64]) -> bool:
    for row in range(len(special)):
        if special[row, 0] <= high <= special[row, 1]:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def length_of(key: int) -> int:
    """The length of a key's prefix in bits."""
    return np.int64(key & np.uint64(_LENGTH_MASK))


@njit(cache=True, nogil=True, inline="always")
def is_ipv6(key: int) -> bool:
    """Whether a key is of an IPv6 prefix."""
    return (key >> np.uint64(_IPV6_BIT)) & np.uint64(1) == np.uint64(1)


@njit(cache=True, nogil=True, inline="always")
def size_of(key: int) -> int:
    """How many /24 blocks (IPv6: /48) a key's prefix holds."""
    longest = LONGEST_6 if is_ipv6(key) else LONGEST_4
    return np.int64(1) << np.int64(longest - length_of(key))


@njit(cache=True, nogil=True, inline="always")
def contains(outer: int, inner: int) -> bool:
    """Whether the prefix of one key holds that of another, or is the same."""
    length = length_of(outer)
    if length > length_of(inner) or is_ipv6(outer) != is_ipv6(inner):
        return False
    # 48 bits of address stand above six of length.
    shift = np.uint64(_ADDRESS_SHIFT + 48 - length)
    return (outer >> shift) == (inner >> shift)


def key_of(prefix: IPv4Network | IPv6Network) -> int:
    """The key of a prefix, whether it counts or not; IPv6 beyond /48 has none."""
    address = int(prefix.network_address)
    high = address << 32 if isinstance(prefix, IPv4Network) else address >> 64
    family, one = np.array([prefix.version], dtype=np.uint8), np.array([prefix.prefixlen])
    return int(keys_of(family, np.array([high], dtype=np.uint64), one)[0])


def keys_of(
    family: NDArray[np.uint8], high: NDArray[np.uint64], length: NDArray[np.integer]
) -> NDArray[np.uint64]:
    """The keys of prefixes (n each), whether they count or not; IPv6 beyond /48 has none."""
    bit = (family == IPV6).astype(np.uint64) << np.uint64(_IPV6_BIT)
    address = (high >> np.uint64(16)) << np.uint64(_ADDRESS_SHIFT)
    return bit | address | length.astype(np.uint64)


def unpack(key: int) -> IPv4Network | IPv6Network:
    """The prefix of a key."""
    length = key & _LENGTH_MASK
    address = (key >> _ADDRESS_SHIFT) & ((1 << 48) - 1)
    if (key >> _IPV6_BIT) & 1:
        return IPv6Network((address << 80, length))
    return IPv4Network((address >> 16, length))
