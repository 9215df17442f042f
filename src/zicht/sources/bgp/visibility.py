"""Visibility: how much of every operator and country the routes reach, from the peers' tables.

``Visibility`` takes changes in and is read at the end of each bin. A reading is of the tables at
that instant; a peer whose session is lost, or of which data are missing, has no vote meanwhile, so
that its silence is no outage of the world. Where nobody votes there is no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from zicht.place.special import SPECIAL_PREFIXES
from zicht.sources.bgp.beacons import BEACONS
from zicht.sources.bgp.compaction import forget, is_mostly_dead, routed_nodes
from zicht.sources.bgp.counting import (
    MOST_ORIGINS,
    N_QUANTITIES,
    Counted,
    Totals,
    count_again,
)
from zicht.sources.bgp.hashing import fill_slots, slots_for
from zicht.sources.bgp.prefixes import IPV6, LONGEST_4, LONGEST_6, is_ipv6, key_of, keys_of
from zicht.sources.bgp.ribs import Ribs
from zicht.sources.bgp.ribs_rows import DIRTY, NODES
from zicht.sources.bgp.tree import INHERITED, SPECIAL, grow, no_tree
from zicht.sources.bgp.voters import count_carried, find_votes, voters_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from zicht.place.blocks import Blocks
    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.elements import Peer

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True)
class Reading:
    """What can be reached at an instant; columns are /24 blocks, IPv6 prefixes, /48 blocks.

    Attributes:
        time: microseconds since 1970 UTC.
        voters: how many ASes voted, of IPv4 and of IPv6. Where none did the figures are unknown.
        asns: uint32[n]: the AS of each row of ``by_asn_place``.
        places: int32[n]: its place, an index into the blocks' places, negative where unknown.
        by_asn_place: int64[n, 3]: of each AS in each place; each pair once.
        by_place: int64[places, 3]: of each place, each block once.
        shared: int64[3]: what several ASes originate (MOAS); it is counted for each of them.
    """

    time: int
    voters: tuple[int, int]
    asns: NDArray[np.uint32]
    places: NDArray[np.int32]
    by_asn_place: NDArray[np.int64]
    by_place: NDArray[np.int64]
    shared: NDArray[np.int64]


class Visibility:
    """The tables of all peers, and what they make visible.

    Args:
        blocks: where addresses are; without them there are operators and no countries.
    """

    def __init__(self, blocks: Blocks | None = None) -> None:
        self.ribs = Ribs()
        self.places: tuple[str, ...] = () if blocks is None else blocks.places
        self._blocks = _blocks_of(blocks)
        self._block_place = np.empty(0, dtype=np.int32)
        self._enter_blocks()
        self._totals = _new_totals(len(self.places))
        self._votes = self.ribs.columns.votes.copy()
        self._voters = (voters_of(self.ribs, self.ribs.columns.votes, 0),) * 2
        self._muted = np.empty(0, dtype=np.int64)

    def begin_dump(self) -> None:
        """What follows is another dump of tables: its peers' tables are read anew."""
        self.ribs.begin_dump()

    def take(self, ribs: Ribs, time: int) -> None:
        """Take the tables of a dump over; those of the same peers are replaced.

        Args:
            ribs: the tables, which are not to be used afterwards.
            time: when they were dumped, microseconds since 1970 UTC.
        """
        if self.ribs.peers:
            self.ribs.take(ribs, time)
        else:
            self.ribs = ribs
            self.ribs.end_dump(ribs.peers)
            self._enter_blocks()

    def apply(self, changes: Changes) -> None:
        """Take statements in, in their order."""
        self.ribs.apply(changes)

    def lose(self, peers: Iterable[Peer]) -> None:
        """Statements of these peers are missing: they have no vote until their table is new."""
        self.ribs.lose(peers)

    def trust(self) -> None:
        """Take every peer that has spoken for complete: for statements without a dump before."""
        self.ribs.trust()

    def mute(self, columns: NDArray[np.int64]) -> None:
        """These columns (int64[n]), and no others, have no vote though their tables stand."""
        self._muted = columns

    def compact(self) -> bool:
        """Forget prefixes, origins and paths that are gone, once they are more than half of all.

        Figures stay the same.

        Returns:
            whether there was anything to do.
        """
        ribs, used = self.ribs, int(self.ribs.used[NODES])
        self._block_place = _lengthen(self._block_place, used, INHERITED)
        needed = routed_nodes(ribs) | (self._block_place != INHERITED)
        if not is_mostly_dead(ribs, needed):
            return False
        forget(ribs, needed)
        self._block_place = self._block_place[needed]
        self._tree = no_tree()  # the next reading counts all anew
        self._counted = _nothing_counted()
        for sums in (self._totals.by_pair, self._totals.by_place, self._totals.shared):
            sums[:] = 0
        return True

    def read(self, time: int) -> Reading:
        """What can be reached now.

        Args:
            time: microseconds since 1970 UTC, the end of the bin whose statements were taken in.
        """
        votes = find_votes(self.ribs, time)
        votes[self._muted] = 0
        positions, ends = self._grow()
        columns = self.ribs.columns
        # A table that was cleared has lost its vote in the columns; it may have it back by now.
        if not (np.array_equal(votes, columns.votes) and np.array_equal(votes, self._votes)):
            self._votes = votes
            columns.votes[:] = votes
            self._voters = (voters_of(self.ribs, votes, 0), voters_of(self.ribs, votes, 1))
            positions = np.flatnonzero(self._tree.parent < 0)
            ends = self._tree.end[positions]
        self._count(positions, ends)
        return self._reading(time)

    @property
    def voters(self) -> tuple[int, int]:
        """How many ASes voted in the last reading, of IPv4 and of IPv6."""
        return self._voters[0].size, self._voters[1].size

    def carried(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """int64[n]: how many of those who voted in the last reading have a route to prefixes.

        Args:
            keys: uint64[n]: the keys of the prefixes, see ``prefixes``.
        """
        counts = np.zeros(len(keys), dtype=np.int64)
        nodes = self.ribs.nodes
        for family, voters in enumerate(self._voters):
            own = np.array([is_ipv6(key) == bool(family) for key in keys], dtype=np.bool_)
            counts[own] = count_carried(
                nodes.slots, nodes.key, nodes.bits, keys[own], voters.alone, voters.groups
            )
        return counts

    def _enter_blocks(self) -> None:
        """Put the blocks into the tree, before there is one."""
        keys, places = self._blocks
        rows = self.ribs.enter(keys)
        self._block_place = np.full(int(self.ribs.used[NODES]), INHERITED, dtype=np.int32)
        self._block_place[rows] = places
        self._tree = no_tree()
        self._counted = _nothing_counted()

    def _grow(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Take new prefixes into the tree; which stretches of it must be counted again."""
        ribs, before = self.ribs, len(self._tree.node)
        used = int(ribs.used[NODES])
        if used > before:
            self._block_place = _lengthen(self._block_place, used, INHERITED)
            self._tree = grow(self._tree, ribs.nodes.key[:used], self._block_place)
            self._counted = _lengthen_counted(self._counted, len(ribs.nodes.key))
        tree = self._tree
        dirty = tree.position[ribs.nodes.dirty[: ribs.used[DIRTY]]]
        ribs.nodes.is_dirty[:] = 0
        ribs.used[DIRTY] = 0
        around = tree.parent[tree.position[before:]]  # they have less of their own
        around = around[around >= 0]
        positions = np.concatenate([dirty, tree.position[before:], around]).astype(np.int64)
        ends = np.concatenate([tree.end[dirty], tree.end[tree.position[before:]], around + 1])
        order = np.lexsort((-ends, positions))
        return positions[order], ends[order]

    def _count(self, positions: NDArray[np.int64], ends: NDArray[np.int32]) -> None:
        begin = 0
        while True:
            begin = count_again(
                positions,
                ends,
                begin,
                self.ribs.nodes,
                self.ribs.exceptions,
                self._tree,
                self._voters,
                self._counted,
                self._totals,
            )
            if begin == len(positions):
                return
            self._totals = _more_room(self._totals)

    def _reading(self, time: int) -> Reading:
        totals = self._totals
        used = int(totals.used[0])
        key = totals.key[:used]
        return Reading(
            time,
            (self._voters[0].size, self._voters[1].size),
            (key >> np.uint64(32)).astype(np.uint32),
            (key & np.uint64(0xFFFFFFFF)).astype(np.int32) - 2,
            totals.by_pair[:used].copy(),
            totals.by_place[2:].copy(),
            totals.shared.copy(),
        )


def _blocks_of(blocks: Blocks | None) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The keys of the blocks that are in the tree from the start, and their places.

    Beacons are counted for nobody: they come and go by a timetable, and tell nothing of the world.
    """
    uncounted = [*SPECIAL_PREFIXES, *(ip_network(one.prefix) for one in BEACONS)]
    keys = np.unique(np.array([key_of(network) for network in uncounted], dtype=np.uint64))
    places = np.full(len(keys), SPECIAL, dtype=np.int32)
    if blocks is None:
        return keys, places
    known = blocks.length <= np.where(blocks.family == IPV6, LONGEST_6, LONGEST_4)
    theirs = keys_of(blocks.family[known], blocks.high[known], blocks.length[known])
    new = ~np.isin(theirs, keys)
    return (
        np.concatenate([keys, theirs[new]]),
        np.concatenate([places, blocks.place[known][new]]),
    )


def _nothing_counted() -> Counted:
    return Counted(
        np.empty((0, MOST_ORIGINS), dtype=np.int32),
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=np.uint8),
        np.empty(0, dtype=np.int32),
    )


def _lengthen_counted(old: Counted, length: int) -> Counted:
    return Counted(
        _lengthen(old.pairs, length, -1),
        _lengthen(old.blocks, length, 0),
        _lengthen(old.prefix, length, 0),
        _lengthen(old.place, length, 0),
    )


def _lengthen(old: NDArray[_T], length: int, fill: int) -> NDArray[_T]:
    new = np.full((length, *old.shape[1:]), fill, dtype=old.dtype)
    new[: len(old)] = old
    return new


def _new_totals(places: int, capacity: int = 1 << 12) -> Totals:
    return Totals(
        slots_for(capacity),
        np.zeros(capacity, dtype=np.uint64),
        np.zeros(1, dtype=np.int64),
        np.zeros((capacity, N_QUANTITIES), dtype=np.int64),
        np.zeros((places + 2, N_QUANTITIES), dtype=np.int64),
        np.zeros(N_QUANTITIES, dtype=np.int64),
    )


def _more_room(old: Totals) -> Totals:
    capacity = 2 * len(old.key)
    new = old._replace(
        slots=slots_for(capacity),
        key=_lengthen(old.key, capacity, 0),
        by_pair=_lengthen(old.by_pair, capacity, 0),
    )
    fill_slots(new.slots, new.key, int(new.used[0]))
    return new
