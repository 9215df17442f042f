"""Who has a vote: full feeds whose tables are complete, one vote an AS.

A full feed carries at least half of the prefixes that two or more peer ASes carry. IODA asks for
more than 400,000 IPv4 or 10,000 IPv6 prefixes, figures that age as the table grows; a share does
not, and one peer that leaks many prefixes of its own moves it little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.model.time import MICROSECONDS
from zicht.sources.bgp.hashing import slot_of
from zicht.sources.bgp.prefixes import is_ipv6
from zicht.sources.bgp.ribs_rows import FILLING, NODES, UP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.bgp.ribs import Ribs

_FULL = 0.5
_FULL_STILL = 0.45  # so that a table at the edge does not come and go
_REFILLED = 0.9  # of the routes that a peer had before its session was lost
_LONGEST_FILLING = (
    3600 * MICROSECONDS
)  # a full table takes minutes; then what is there is its table


class Voters(NamedTuple):
    """The votes of one family.

    Attributes:
        alone: uint64[words]: the columns of ASes that have one voting peer.
        groups: uint64[ASes, words]: the columns of each AS that has several.
        size: how many ASes vote.
    """

    alone: NDArray[np.uint64]
    groups: NDArray[np.uint64]
    size: int


def find_votes(ribs: Ribs, now: int) -> NDArray[np.uint8]:
    """Which columns vote: uint8[columns, 2], of IPv4 and IPv6.

    Sessions whose tables are complete again are taken up on the way.

    Args:
        ribs: the tables of all peers.
        now: microseconds since 1970 UTC.
    """
    columns = ribs.columns
    filling = columns.state == FILLING
    refilled = (columns.routes >= _REFILLED * columns.before).all(axis=1)
    refilled &= (columns.before > 0).any(axis=1)
    complete = filling & (refilled | (now - columns.since >= _LONGEST_FILLING))
    columns.state[complete] = UP
    up = columns.state == UP
    votes = np.zeros_like(columns.votes)
    for family in range(2):
        here = up & (columns.routes[:, family] > 0)
        asked = _reference(ribs, here, family)
        share = np.where(columns.votes[:, family] > 0, _FULL_STILL, _FULL)
        votes[:, family] = here & (columns.routes[:, family] >= share * asked)
    return votes


def voters_of(ribs: Ribs, votes: NDArray[np.uint8], family: int) -> Voters:
    """The columns that vote in a family (0 is IPv4, 1 is IPv6), by their AS."""
    words = ribs.nodes.bits.shape[1]
    by_asn: dict[int, list[int]] = {}
    for column in np.flatnonzero(votes[:, family]).tolist():
        by_asn.setdefault(ribs.peers[column].asn, []).append(column)
    alone = [members[0] for members in by_asn.values() if len(members) == 1]
    several = [members for members in by_asn.values() if len(members) > 1]
    groups = np.array([_bits(members, words) for members in several], dtype=np.uint64)
    return Voters(_bits(alone, words), groups.reshape(-1, words), len(by_asn))


def _bits(members: list[int], words: int) -> NDArray[np.uint64]:
    bits = np.zeros(words, dtype=np.uint64)
    for column in members:
        bits[column >> 6] |= np.uint64(1 << (column & 63))
    return bits


def _reference(ribs: Ribs, up: NDArray[np.bool_], family: int) -> int:
    voters = voters_of(ribs, np.stack([up, up], axis=1).astype(np.uint8), family)
    used = int(ribs.used[NODES])
    shared = min(voters.size, 2)
    return _count_shared(
        ribs.nodes.key, ribs.nodes.bits, used, voters.alone, voters.groups, shared, family == 1
    )


@njit(cache=True, nogil=True)
def _count_shared(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    key: NDArray[np.uint64],
    bits: NDArray[np.uint64],
    used: int,
    alone: NDArray[np.uint64],
    groups: NDArray[np.uint64],
    shared: int,
    ipv6: bool,  # noqa: FBT001 - Numba binds no keyword-only arguments
) -> int:
    """How many prefixes of a family at least ``shared`` ASes carry."""
    total = 0
    for node in range(used):
        if is_ipv6(key[node]) == ipv6 and shared > 0:
            total += count_votes(bits[node], alone, groups) >= shared
    return total


@njit(cache=True, nogil=True)
def count_votes(
    bits: NDArray[np.uint64], alone: NDArray[np.uint64], groups: NDArray[np.uint64]
) -> int:
    """How many voting ASes are among these columns (uint64[words]); see ``Voters``."""
    count = 0
    for word in range(len(bits)):
        count += population(bits[word] & alone[word])
    for group in range(len(groups)):
        for word in range(len(bits)):
            if bits[word] & groups[group, word]:
                count += 1
                break
    return count


@njit(cache=True, nogil=True, inline="always")
def population(word: int) -> int:
    """The number of bits that are set (Warren, Hacker's Delight, section 5-1)."""
    word = np.uint64(word)
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def count_carried(
    slots: NDArray[np.int32],
    key: NDArray[np.uint64],
    bits: NDArray[np.uint64],
    wanted: NDArray[np.uint64],
    alone: NDArray[np.uint64],
    groups: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """int64[n]: how many voting ASes have a route to each of some prefixes (uint64[n] keys)."""
    counts = np.zeros(len(wanted), dtype=np.int64)
    for place in range(len(wanted)):
        row = slots[slot_of(slots, key, wanted[place])]
        if row >= 0:
            counts[place] = count_votes(bits[row], alone, groups)
    return counts
