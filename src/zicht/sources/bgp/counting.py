"""Counting what can be reached, node by node, and only where something changed.

A /24 block is visible when more than half of the voting ASes have a route to it by any prefix. It
belongs to the ASes that they are led to by the longest of these prefixes: to each AS that at least
a quarter of the voters are led to, which is half of the majority that makes a block visible (so
both of two that announce it, but nobody who is believed by few), else to the one most are led to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.bgp.hashing import slot_of
from zicht.sources.bgp.prefixes import is_ipv6
from zicht.sources.bgp.tree import SPECIAL
from zicht.sources.bgp.voters import count_votes, population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.bgp.ribs_rows import Exceptions, Nodes
    from zicht.sources.bgp.tree import Tree
    from zicht.sources.bgp.voters import Voters

BLOCKS_4, PREFIXES_6, BLOCKS_6 = 0, 1, 2
N_QUANTITIES = 3
MOST_ORIGINS = 4  # of one block that are counted: a quarter each
LARGEST_6 = 1 << 16  # /48s: one prefix counts for no more than a /32, the usual allocation


class Counted(NamedTuple):
    """What each node adds to the totals, so that it can be taken back.

    Attributes:
        pairs: int32[nodes, MOST_ORIGINS]: rows of the totals by AS and place, or -1.
        blocks: int64[nodes]: own blocks that are visible.
        prefix: uint8[nodes]: 1 for an IPv6 prefix that more than half carry.
        place: int32[nodes]: where the totals by place have it.
    """

    pairs: NDArray[np.int32]
    blocks: NDArray[np.int64]
    prefix: NDArray[np.uint8]
    place: NDArray[np.int32]


class Totals(NamedTuple):
    """Sums over nodes.

    Attributes:
        slots: int32: where each key stands (``hashing``).
        key: uint64[capacity]: an AS times 2^32, plus the place's index and 2.
        used: int64[1]: rows that are taken.
        by_pair: int64[capacity, N_QUANTITIES]: by AS and place.
        by_place: int64[places + 2, N_QUANTITIES]: by the place's index and 2.
        shared: int64[N_QUANTITIES]: what several ASes originate (MOAS).
    """

    slots: NDArray[np.int32]
    key: NDArray[np.uint64]
    used: NDArray[np.int64]
    by_pair: NDArray[np.int64]
    by_place: NDArray[np.int64]
    shared: NDArray[np.int64]


@njit(cache=True, nogil=True)
def count_again(  # noqa: C901, PLR0912, PLR0915, PLR0913, PLR0917 - one pass, for speed
    positions: NDArray[np.int64],
    ends: NDArray[np.int32],
    begin: int,
    nodes: Nodes,
    exceptions: Exceptions,
    tree: Tree,
    voters: tuple[Voters, Voters],
    counted: Counted,
    totals: Totals,
) -> int:
    """Count stretches of the tree anew.

    Stops before a node for whose ASes there might be no room in the totals.

    Args:
        positions: int64[n]: where each stretch begins, in order.
        ends: int32[n]: where each ends, the longest first where several begin at one position.
        begin: the first stretch that is wanted.
        nodes: the prefixes and who has a route to them.
        exceptions: whose routes lead elsewhere.
        tree: which node lies within which.
        voters: of IPv4 and IPv6.
        counted: what each node added before.
        totals: the sums, brought up to date.

    Returns:
        the stretch to go on with.
    """
    # Arrays by themselves: Numba counts references each time that one is taken out of a tuple.
    keys, bits, origins, differing = nodes.key, nodes.bits, nodes.origin, nodes.exceptions
    exception_slots, exception_keys = exceptions.slots, exceptions.key
    exception_origins = exceptions.origin
    node_at, parent, own, place = tree.node, tree.parent, tree.own, tree.place
    pairs, blocks, prefix, counted_place = counted
    slots, pair_keys, used, by_pair, by_place, shared = totals
    alone_4, groups_4, size_4 = voters[0]
    alone_6, groups_6, size_6 = voters[1]
    words = bits.shape[1]
    left = np.zeros(words, dtype=np.uint64)
    part = np.zeros(words, dtype=np.uint64)
    asns = np.zeros(64 * words, dtype=np.int64)  # a peer is led to one AS, so there is room
    votes = np.zeros(64 * words, dtype=np.int64)
    voices = np.zeros(64 * words, dtype=np.int64)
    done = 0
    for index in range(begin, len(positions)):
        end = ends[index]
        for position in range(max(positions[index], done), end):
            if used[0] + MOST_ORIGINS > len(pair_keys):
                return index
            node = node_at[position]
            ipv6 = is_ipv6(keys[node])
            quantity = BLOCKS_6 if ipv6 else BLOCKS_4
            if blocks[node] != 0 or prefix[node] != 0:
                _sum_up(
                    pairs, blocks, prefix, counted_place, node, quantity, -1,
                    by_pair, by_place, shared,
                )  # fmt: skip
                blocks[node] = 0
                prefix[node] = 0
            alone = alone_6 if ipv6 else alone_4
            groups = groups_6 if ipv6 else groups_4
            size = size_6 if ipv6 else size_4
            if place[position] == SPECIAL or size == 0:
                continue
            # Where does the longest prefix of each voter lead to? First those that are alone in
            # their AS, then one AS after the other, so that each has one voice for whom it names.
            heard, routed = 0, 0
            for group in range(-1, len(groups)):
                for word in range(words):
                    left[word] = alone[word] if group < 0 else groups[group, word]
                reached = 0
                here = position
                while here >= 0:
                    around = node_at[here]
                    any_left, count = np.uint64(0), 0
                    for word in range(words):
                        part[word] = left[word] & bits[around, word]
                        left[word] ^= part[word]
                        any_left |= left[word]
                        count += population(part[word])
                    reached += count
                    if count > 0:
                        if differing[around] == 0:
                            heard = _name(
                                np.int64(origins[around]), count, group, asns, votes, voices, heard
                            )
                        else:
                            heard = _ask_each(
                                around, origins, exception_slots, exception_keys,
                                exception_origins, part, group, asns, votes, voices, heard,
                            )  # fmt: skip
                    if not any_left:
                        break
                    here = parent[here]
                routed += reached if group < 0 else min(reached, 1)
            if 2 * routed <= size:
                continue
            blocks[node] = min(own[position], LARGEST_6) if ipv6 else own[position]
            if ipv6:
                for word in range(words):
                    part[word] = bits[node, word]
                prefix[node] = 2 * count_votes(part, alone, groups) > size
            counted_place[node] = place[position] + 2
            for which in range(MOST_ORIGINS):
                pairs[node, which] = -1
            most = _most(asns, votes, heard)
            chosen = 0
            for which in range(heard):
                if (4 * votes[which] >= size or which == most) and chosen < MOST_ORIGINS:
                    pairs[node, chosen] = _pair(
                        asns[which], counted_place[node], slots, pair_keys, used
                    )
                    chosen += 1
            _sum_up(
                pairs, blocks, prefix, counted_place, node, quantity, 1,
                by_pair, by_place, shared,
            )  # fmt: skip
        done = max(done, end)
    return len(positions)


@njit(cache=True, nogil=True, inline="always")
def _sum_up(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    pairs: NDArray[np.int32],
    blocks: NDArray[np.int64],
    prefix: NDArray[np.uint8],
    place: NDArray[np.int32],
    node: int,
    quantity: int,
    sign: int,
    by_pair: NDArray[np.int64],
    by_place: NDArray[np.int64],
    shared: NDArray[np.int64],
) -> None:
    more_blocks = sign * blocks[node]
    more_prefixes = sign * np.int64(prefix[node])
    by_place[place[node], quantity] += more_blocks
    by_place[place[node], PREFIXES_6] += more_prefixes
    for which in range(MOST_ORIGINS):
        pair = pairs[node, which]
        if pair >= 0:
            by_pair[pair, quantity] += more_blocks
            by_pair[pair, PREFIXES_6] += more_prefixes
    if pairs[node, 1] >= 0:
        shared[quantity] += more_blocks
        shared[PREFIXES_6] += more_prefixes


@njit(cache=True, nogil=True)
def _ask_each(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    node: int,
    origins: NDArray[np.uint32],
    exception_slots: NDArray[np.int32],
    exception_keys: NDArray[np.uint64],
    exception_origins: NDArray[np.int64],
    part: NDArray[np.uint64],
    group: int,
    asns: NDArray[np.int64],
    votes: NDArray[np.int64],
    voices: NDArray[np.int64],
    heard: int,
) -> int:
    for word in range(len(part)):
        rest = part[word]
        bit = 0
        while rest != 0:
            if rest & np.uint64(1):
                key = np.uint64(node << 16 | word * 64 + bit)
                row = exception_slots[slot_of(exception_slots, exception_keys, key)]
                asn = np.int64(origins[node])
                if row >= 0 and exception_origins[row] >= 0:
                    asn = exception_origins[row]
                heard = _name(asn, 1, group, asns, votes, voices, heard)
            rest >>= np.uint64(1)
            bit += 1
    return heard


@njit(cache=True, nogil=True, inline="always")
def _name(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    asn: int,
    count: int,
    group: int,
    asns: NDArray[np.int64],
    votes: NDArray[np.int64],
    voices: NDArray[np.int64],
    heard: int,
) -> int:
    """Note that voters are led to an AS; the peers of one AS (``group`` >= 0) say so once."""
    which = 0
    while which < heard and asns[which] != asn:
        which += 1
    if which == heard:
        asns[which] = asn
        votes[which] = 0
        voices[which] = -1
        heard += 1
    if group < 0:
        votes[which] += count
    elif voices[which] != group:
        votes[which] += 1
        voices[which] = group
    return heard


@njit(cache=True, nogil=True, inline="always")
def _most(asns: NDArray[np.int64], votes: NDArray[np.int64], heard: int) -> int:
    """Which AS most are led to; of several the one with the lowest number."""
    most = 0
    for which in range(1, heard):
        if votes[which] > votes[most] or (votes[which] == votes[most] and asns[which] < asns[most]):
            most = which
    return most


@njit(cache=True, nogil=True, inline="always")
def _pair(
    asn: int,
    place: int,
    slots: NDArray[np.int32],
    keys: NDArray[np.uint64],
    used: NDArray[np.int64],
) -> int:
    key = np.uint64(asn) << np.uint64(32) | np.uint64(place)
    slot = slot_of(slots, keys, key)
    row = slots[slot]
    if row < 0:
        row = used[0]
        slots[slot] = row
        keys[row] = key
        used[0] += 1
    return row
