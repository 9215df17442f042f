"""The tables of all peers: which of them has a route to which prefix, and to whom it leads.

A prefix is a node with one bit for each peer, so that a table of a million prefixes and a hundred
peers takes 16 MB. Almost every prefix has one origin; where peers disagree (MOAS), those that
differ from the first are kept apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import InputError
from zicht.sources.bgp.hashing import fill_slots, slots_for
from zicht.sources.bgp.ribs_kernel import apply_changes, clear_columns, enter_keys
from zicht.sources.bgp.ribs_merge import merge_exceptions, merge_paths, merge_tables
from zicht.sources.bgp.ribs_rows import (
    ABSENT,
    DOWN,
    EXCEPTIONS,
    FILLING,
    HOLDERS,
    N_USED,
    NODES,
    PARTIAL,
    PATHS,
    STALE,
    UP,
    Columns,
    Exceptions,
    Nodes,
    Paths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.elements import Peer

_MOST_PEERS = 1 << 16  # a column must fit into 16 bits beside its node
_MOST_NODES = 1 << 26  # 16.7 M /24 blocks in 17 lengths would be 33 M; memory ends before
_FIRST_CAPACITY = 1 << 12


class Ribs:
    """The tables of all peers.

    Attributes:
        peers: the peers, in the order of their columns.
        nodes, exceptions, paths, columns: see ``ribs_rows``.
        used: int64: how many rows of each are taken.
    """

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self._column_of: dict[tuple[object, ...], int] = {}
        self.used = np.zeros(N_USED, dtype=np.int64)
        self.nodes = new_nodes(_FIRST_CAPACITY, 1)
        self.exceptions = new_exceptions(_FIRST_CAPACITY)
        self.paths = new_paths(_FIRST_CAPACITY)
        self.columns = _new_columns(64)
        self._dump = 0
        self._dumped: set[str] = set()

    def begin_dump(self) -> None:
        """What follows is another dump: its peers' tables are read anew, not added to."""
        self._dump += 1

    def apply(self, changes: Changes) -> None:
        """Take statements in, in their order.

        Raises:
            InputError: there are more peers or prefixes than the internet can have.
        """
        column_of = self.columns_of(changes.peers)
        row = 0
        while row < len(changes):
            row = apply_changes(
                self.nodes,
                self.exceptions,
                self.paths,
                self.columns,
                self.used,
                self._dump,
                column_of,
                changes.time,
                changes.kind,
                changes.peer,
                changes.key,
                changes.origin,
                changes.path_id,
                changes.state,
                row,
                len(changes),
            )
            self._make_room()

    def enter(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The node of each prefix (int32[n]); new ones get one, to which nobody has a route."""
        while len(self.nodes.key) < self.used[NODES] + len(keys) + 1:
            self._grow_nodes()
        rows = np.empty(len(keys), dtype=np.int32)
        enter_keys(self.nodes.slots, self.nodes.key, self.used, keys, rows)
        return rows

    def take(self, other: Ribs, time: int) -> None:
        """Take whole tables over, with the states of their sessions; they replace the same peers'.

        Args:
            other: the tables of a dump, or what became of them.
            time: when that was, microseconds since 1970 UTC.
        """
        column_of = self.columns_of(other.peers)
        columns, theirs = self.columns, other.columns
        with_routes = theirs.routes[: len(other.peers)].any(axis=1)
        replaced = np.zeros(len(columns.state), dtype=np.uint8)
        replaced[column_of[with_routes]] = 1
        clear_columns(self.nodes, self.exceptions, self.paths, columns, self.used, replaced)
        for there in np.flatnonzero(with_routes).tolist():
            column = int(column_of[there])
            columns.state[column] = theirs.state[there]
            columns.since[column] = time if theirs.state[there] == UP else theirs.since[there]
            columns.before[column] = theirs.before[there]
            columns.heard[column] = max(columns.heard[column], time)
        node, end = 0, int(other.used[NODES])
        while node < end:
            node = merge_tables(
                self.nodes,
                self.exceptions,
                self.columns,
                self.used,
                column_of,
                other.nodes,
                node,
                end,
            )
            self._make_room(len(column_of))
        row, end = 0, int(other.used[EXCEPTIONS])
        while row < end:
            row = merge_exceptions(
                self.nodes,
                self.exceptions,
                self.used,
                column_of,
                other.nodes,
                other.exceptions,
                row,
                end,
            )
            self._make_room()
        row, end = 0, int(other.used[PATHS])
        while row < end:
            row = merge_paths(
                self.nodes, self.paths, self.used, column_of, other.nodes, other.paths, row, end
            )
            self._make_room()
        self.end_dump(other.peers)

    def end_dump(self, peers: Iterable[Peer]) -> None:
        """These peers' collectors were dumped: whoever else they hear from has a new session."""
        self._dumped |= {peer.collector for peer in peers}
        for column, peer in enumerate(self.peers):
            if self.columns.state[column] == ABSENT and peer.collector in self._dumped:
                self.columns.state[column] = DOWN

    def columns_of(self, peers: Sequence[Peer]) -> NDArray[np.int32]:
        """int32[peers]: the column of each peer; new ones get one."""
        return np.array([self._column(peer) for peer in peers], dtype=np.int32)

    def lose(self, peers: Iterable[Peer]) -> None:
        """Statements of theirs are missing: they vote again after a dump or in a new session."""
        lost = [*peers]
        self._dumped -= {peer.collector for peer in lost}
        for column in self.columns_of(lost).tolist():
            if self.columns.state[column] != ABSENT:
                self.columns.state[column] = STALE

    def trust(self) -> None:
        """Take every peer that has spoken for complete: for input that has no dump."""
        state = self.columns.state[: len(self.peers)]
        state[(state == FILLING) | (state == PARTIAL)] = UP

    def _column(self, peer: Peer) -> int:
        identity = (peer.collector, peer.address, peer.asn)  # not all data tell the router's id
        column = self._column_of.get(identity)
        if column is None:
            column = len(self.peers)
            if column == _MOST_PEERS:
                raise InputError(f"The input names more than {_MOST_PEERS} peers.")
            if column == len(self.columns.state):
                self._grow_columns()
            if peer.collector in self._dumped:
                self.columns.state[column] = DOWN
            self._column_of[identity] = column
            self.peers.append(peer)
        return column

    def _make_room(self, exceptions: int = 1) -> None:
        if self.used[NODES] == len(self.nodes.key):
            self._grow_nodes()
        if self.used[EXCEPTIONS] + exceptions > len(self.exceptions.key):
            old = self.exceptions
            self.exceptions = new_exceptions(2 * len(old.key) + exceptions)
            _copy((old.key, old.origin), (self.exceptions.key, self.exceptions.origin))
            fill_slots(self.exceptions.slots, self.exceptions.key, int(self.used[EXCEPTIONS]))
        if self.used[PATHS] == len(self.paths.key):
            before = self.paths
            self.paths = after = new_paths(2 * len(before.key))
            _copy(_without_slots(before), _without_slots(after))
            fill_slots(after.slots, after.key, int(self.used[PATHS]))
            fill_slots(after.holder_slots, after.holder, int(self.used[HOLDERS]))

    def _grow_nodes(self) -> None:
        capacity = 2 * len(self.nodes.key)
        if capacity > _MOST_NODES:
            raise InputError(f"The input names more than {_MOST_NODES} prefixes.")
        old = self.nodes
        self.nodes = new_nodes(capacity, old.bits.shape[1])
        _copy(old[1:], self.nodes[1:])
        fill_slots(self.nodes.slots, self.nodes.key, int(self.used[NODES]))

    def _grow_columns(self) -> None:
        old, columns = self.nodes, self.columns
        count = 2 * len(columns.state)
        bits = np.zeros((len(old.key), count // 64), dtype=np.uint64)
        bits[:, : old.bits.shape[1]] = old.bits
        self.nodes = old._replace(bits=bits)
        self.columns = _new_columns(count)
        _copy(columns, self.columns)


def _copy(old: Iterable[NDArray[np.generic]], new: Iterable[NDArray[np.generic]]) -> None:
    for source, target in zip(old, new, strict=True):
        target[: len(source)] = source


def _without_slots(paths: Paths) -> list[NDArray[np.generic]]:
    return [column for name, column in paths._asdict().items() if not name.endswith("slots")]


def new_nodes(capacity: int, words: int) -> Nodes:
    """Room for so many prefixes, with so many words of 64 columns."""
    return Nodes(
        slots_for(capacity),
        np.zeros(capacity, dtype=np.uint64),
        np.zeros((capacity, words), dtype=np.uint64),
        np.zeros(capacity, dtype=np.uint32),
        np.zeros(capacity, dtype=np.int32),
        np.zeros(capacity, dtype=np.uint8),
        np.zeros(capacity, dtype=np.int32),
    )


def new_exceptions(capacity: int) -> Exceptions:
    """Room for so many exceptions."""
    return Exceptions(
        slots_for(capacity),
        np.zeros(capacity, dtype=np.uint64),
        np.zeros(capacity, dtype=np.int64),
    )


def new_paths(capacity: int) -> Paths:
    """Room for so many paths, and as many holders."""
    return Paths(
        slots_for(capacity),
        np.zeros(capacity, dtype=np.uint64),
        np.zeros(capacity, dtype=np.uint8),
        np.zeros(capacity, dtype=np.uint32),
        np.full(capacity, -1, dtype=np.int32),
        slots_for(capacity),
        np.zeros(capacity, dtype=np.uint64),
        np.zeros(capacity, dtype=np.int32),
        np.full(capacity, -1, dtype=np.int32),
        np.full(capacity, -1, dtype=np.int32),
    )


def _new_columns(count: int) -> Columns:
    return Columns(
        np.full(count, ABSENT, dtype=np.uint8),
        np.zeros((count, 2), dtype=np.int64),
        np.zeros((count, 2), dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros((count, 2), dtype=np.uint8),
        np.full(count, -1, dtype=np.int64),
        np.zeros((count, 2), dtype=np.uint8),
    )
