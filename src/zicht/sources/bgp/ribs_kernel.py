"""Taking changes into the tables of all peers, statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.hashing import slot_of
from zicht.sources.bgp.prefixes import IPV6, is_ipv6

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a peer's table is worth. It votes only while it is UP. FILLING is a new session, whose table
# is on its way; STALE is a table of which statements are missing, good again after another dump.
# PARTIAL is one that was not dumped and whose session began before anything was heard.
ABSENT, FILLING, UP, DOWN, STALE, PARTIAL = 0, 1, 2, 3, 4, 5

_ROUTE, _WITHDRAW = int(Kind.ROUTE), int(Kind.WITHDRAW)
_STATE, _END_OF_RIB = int(Kind.STATE), int(Kind.END_OF_RIB)
_ESTABLISHED = 6  # RFC 6396, section 4.4.1

# Places in ``used``.
NODES, EXCEPTIONS, PATHS, HOLDERS, DIRTY = 0, 1, 2, 3, 4
N_USED = 5


class Nodes(NamedTuple):
    """Prefixes, in the order in which they were first seen.

    Attributes:
        slots: int32: where each key stands (``hashing``).
        key: uint64[capacity].
        bits: uint64[capacity, words]: bit ``c`` is set where column ``c`` has a route.
        origin: uint32[capacity]: the AS that the route of every column leads to...
        exceptions: int32[capacity]: ... but for so many columns.
        is_dirty: uint8[capacity]: whether a route of a voter changed since the last reading.
        dirty: int32[capacity]: the nodes for which that is so.
    """

    slots: NDArray[np.int32]
    key: NDArray[np.uint64]
    bits: NDArray[np.uint64]
    origin: NDArray[np.uint32]
    exceptions: NDArray[np.int32]
    is_dirty: NDArray[np.uint8]
    dirty: NDArray[np.int32]


class Exceptions(NamedTuple):
    """Origins of single columns that differ from their node's.

    Attributes:
        slots: int32: where each key stands.
        key: uint64[capacity]: the node's row times 65,536 plus the column.
        origin: int64[capacity]: the AS, or -1 where it is no longer an exception.
    """

    slots: NDArray[np.int32]
    key: NDArray[np.uint64]
    origin: NDArray[np.int64]


class Paths(NamedTuple):
    """Routes of add-path peers: several to one prefix, told apart by their path identifiers.

    Attributes:
        slots: int32: where each key stands.
        key: uint64[capacity]: the row in ``holder`` times 2^32 plus the path identifier.
        is_there: uint8[capacity].
        origin: uint32[capacity]: the AS that the route leads to.
        other: int32[capacity]: another row of the same holder, or -1; so they form a chain.
        holder_slots: int32: where each holder stands.
        holder: uint64[capacity]: the node's row times 65,536 plus the column.
        routes: int32[capacity]: how many routes a holder has.
        chain: int32[capacity]: the row that a holder's chain begins with.
        lowest: int32[capacity]: the row of a holder's route with the lowest identifier.
    """

    slots: NDArray[np.int32]
    key: NDArray[np.uint64]
    is_there: NDArray[np.uint8]
    origin: NDArray[np.uint32]
    other: NDArray[np.int32]
    holder_slots: NDArray[np.int32]
    holder: NDArray[np.uint64]
    routes: NDArray[np.int32]
    chain: NDArray[np.int32]
    lowest: NDArray[np.int32]


class Columns(NamedTuple):
    """The peers, one column each.

    Attributes:
        state: uint8[columns]: ABSENT, FILLING, UP, DOWN, STALE or PARTIAL.
        routes: int64[columns, 2]: prefixes in the table, of IPv4 and IPv6.
        before: int64[columns, 2]: the same when the session was lost.
        since: int64[columns]: when the state began, microseconds since 1970 UTC.
        heard: int64[columns]: when the peer was last heard, or 0.
        ended: uint8[columns, 2]: whether the new session's table of a family is told to its end.
        dump: int64[columns]: number of the dump that the table was last read of.
        votes: uint8[columns, 2]: whether the peer counts in a family; set by the reader.
    """

    state: NDArray[np.uint8]
    routes: NDArray[np.int64]
    before: NDArray[np.int64]
    since: NDArray[np.int64]
    heard: NDArray[np.int64]
    ended: NDArray[np.uint8]
    dump: NDArray[np.int64]
    votes: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def apply_changes(  # noqa: C901, PLR0912, PLR0915, PLR0913, PLR0917 - one pass, for speed
    nodes: Nodes,
    exceptions: Exceptions,
    paths: Paths,
    columns: Columns,
    used: NDArray[np.int64],
    dump: int,
    column_of: NDArray[np.int32],
    time: NDArray[np.int64],
    kind: NDArray[np.uint8],
    peer: NDArray[np.int32],
    key: NDArray[np.uint64],
    origin: NDArray[np.uint32],
    path_id: NDArray[np.int64],
    state: NDArray[np.uint8],
    begin: int,
    end: int,
) -> int:
    """Take in the statements of rows ``begin`` to ``end``.

    Stops before a row for which there might be no room, so that the caller can make some.

    Returns:
        the row to go on with; ``end`` when all are taken in.
    """
    # Arrays by themselves: Numba counts references each time that one is taken out of a tuple.
    slots, keys, bits = nodes.slots, nodes.key, nodes.bits
    node_origin, differing = nodes.origin, nodes.exceptions
    is_dirty, dirty = nodes.is_dirty, nodes.dirty
    states, routes, votes = columns.state, columns.routes, columns.votes
    dumps, heard, since = columns.dump, columns.heard, columns.since
    most_nodes, most_exceptions = len(keys), len(exceptions.key)
    most_paths, words = len(paths.key), bits.shape[1]
    node = -1
    node_key = np.uint64(0)
    for row in range(begin, end):
        if (
            used[NODES] == most_nodes
            or used[EXCEPTIONS] == most_exceptions
            or used[PATHS] == most_paths
        ):
            return row
        column = column_of[peer[row]]
        heard[column] = max(heard[column], time[row])
        what = kind[row]
        if what == _STATE:
            _change_session(nodes, exceptions, paths, columns, used, column, state[row], time[row])
            continue
        if what == _END_OF_RIB:
            columns.ended[column, 1 if key[row] == IPV6 else 0] = 1
            if states[column] == FILLING and _are_ended(columns, column):
                states[column] = UP
                since[column] = time[row]
            continue
        if what == _ROUTE:
            if dumps[column] != dump:
                clear_column(nodes, exceptions, paths, columns, used, column)
                dumps[column] = dump
                states[column] = UP
                since[column] = time[row]
        elif states[column] == DOWN:
            _establish(nodes, exceptions, paths, columns, used, column, time[row])
        elif states[column] == ABSENT:
            states[column] = PARTIAL
            since[column] = time[row]
        if key[row] != node_key or node < 0:
            node_key = key[row]
            slot = slot_of(slots, keys, node_key)
            node = slots[slot]
            if node < 0:
                if what == _WITHDRAW:
                    continue
                node = used[NODES]
                slots[slot] = node
                keys[node] = node_key
                used[NODES] += 1
        family = 1 if is_ipv6(node_key) else 0
        word, bit = column >> 6, np.uint64(1) << np.uint64(column & 63)
        held = bits[node, word] & bit != 0
        leads, goes = origin[row], what == _WITHDRAW
        if path_id[row] >= 0:
            holder = _note_path(paths, used, node, column, path_id[row], leads, not goes)
            if held and paths.routes[holder] > 0:  # there is still another, or a better one
                goes = False
            if paths.routes[holder] > 0:
                leads = paths.origin[paths.lowest[holder]]
        changed = False
        if goes:
            if not held:
                continue
            if differing[node] != 0:
                _set_origin(nodes, exceptions, used, node, column, node_origin[node])
            bits[node, word] ^= bit
            routes[column, family] -= 1
            changed = True
        else:
            if not held:
                if not _is_held(bits, node, words):
                    node_origin[node] = leads
                bits[node, word] |= bit
                routes[column, family] += 1
                changed = True
            if (leads != node_origin[node] or differing[node] != 0) and _set_origin(
                nodes, exceptions, used, node, column, leads
            ):
                changed = True
        if changed and votes[column, family] and not is_dirty[node]:
            is_dirty[node] = 1
            dirty[used[DIRTY]] = node
            used[DIRTY] += 1
    return end


@njit(cache=True, nogil=True)
def _are_ended(columns: Columns, column: int) -> bool:
    """Whether both tables are there, as far as the peer has or had any routes in them."""
    for family in range(2):
        is_wanted = columns.before[column, family] > 0 or columns.routes[column, family] > 0
        if is_wanted and not columns.ended[column, family]:
            return False
    return True


@njit(cache=True, nogil=True, inline="always")
def _is_held(bits: NDArray[np.uint64], node: int, words: int) -> bool:
    held = np.uint64(0)
    for word in range(words):
        held |= bits[node, word]
    return held != 0


@njit(cache=True, nogil=True)
def _set_origin(
    nodes: Nodes,
    exceptions: Exceptions,
    used: NDArray[np.int64],
    node: int,
    column: int,
    origin: int,
) -> bool:
    """Say to whom a column's route leads; whether that is new."""
    usual = origin == nodes.origin[node]
    if usual and nodes.exceptions[node] == 0:
        return False
    key = np.uint64(node << 16 | column)
    slot = slot_of(exceptions.slots, exceptions.key, key)
    row = exceptions.slots[slot]
    if row < 0:
        if usual:
            return False
        row = used[EXCEPTIONS]
        exceptions.slots[slot] = row
        exceptions.key[row] = key
        exceptions.origin[row] = -1
        used[EXCEPTIONS] += 1
    old = exceptions.origin[row]
    exceptions.origin[row] = -1 if usual else np.int64(origin)
    nodes.exceptions[node] += (0 if usual else 1) - (0 if old < 0 else 1)
    return old != exceptions.origin[row]


@njit(cache=True, nogil=True)
def _note_path(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    paths: Paths,
    used: NDArray[np.int64],
    node: int,
    column: int,
    path_id: int,
    origin: int,
    is_there: bool,  # noqa: FBT001 - likewise
) -> int:
    """Note that one of several routes came or went.

    Which of them the peer uses it does not say. The one with the lowest identifier stands for all:
    so what a table says does not depend on the order in which it was told.

    Returns:
        the row of their holder.
    """
    holder_key = np.uint64(node << 16 | column)
    slot = slot_of(paths.holder_slots, paths.holder, holder_key)
    holder = np.int64(paths.holder_slots[slot])
    if holder < 0:
        holder = used[HOLDERS]
        used[HOLDERS] += 1
        paths.holder_slots[slot] = holder
        paths.holder[holder] = holder_key
    key = np.uint64(holder) << np.uint64(32) | np.uint64(path_id)
    slot = slot_of(paths.slots, paths.key, key)
    row = np.int64(paths.slots[slot])
    if row < 0:
        row = used[PATHS]
        paths.slots[slot] = row
        paths.key[row] = key
        paths.other[row] = paths.chain[holder]
        paths.chain[holder] = row
        used[PATHS] += 1
    paths.routes[holder] += (1 if is_there else 0) - paths.is_there[row]
    paths.is_there[row] = 1 if is_there else 0
    lowest = paths.lowest[holder]
    if is_there:
        paths.origin[row] = origin
        if lowest < 0 or not paths.is_there[lowest] or key < paths.key[lowest]:
            paths.lowest[holder] = row
    elif lowest == row:
        paths.lowest[holder] = _lowest(paths, holder)
    return holder


@njit(cache=True, nogil=True)
def _lowest(paths: Paths, holder: int) -> int:
    lowest = -1
    row = np.int64(paths.chain[holder])
    while row >= 0:
        if paths.is_there[row] and (lowest < 0 or paths.key[row] < paths.key[lowest]):
            lowest = row
        row = np.int64(paths.other[row])
    return lowest


@njit(cache=True, nogil=True)
def merge_tables(  # noqa: PLR0913, PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    exceptions: Exceptions,
    columns: Columns,
    used: NDArray[np.int64],
    column_of: NDArray[np.int32],
    theirs: Nodes,
    their_exceptions: Exceptions,
    begin: int,
    end: int,
) -> int:
    """Take other tables into columns that are empty, node by node from ``begin`` to ``end``.

    Stops before a node for which there might be no room.

    Args:
        nodes: the prefixes.
        exceptions: whose routes lead elsewhere.
        columns: the peers.
        used: how many rows of each are taken.
        column_of: int32[their columns]: the column of each of theirs.
        theirs: the prefixes of the other tables.
        their_exceptions: likewise.
        begin: the first of their nodes that is wanted.
        end: how many they have.

    Returns:
        the node to go on with; ``end`` when all are taken in.
    """
    slots, keys, bits, origins = nodes.slots, nodes.key, nodes.bits, nodes.origin
    their_keys, their_bits, their_origins = theirs.key, theirs.bits, theirs.origin
    differing, words = theirs.exceptions, bits.shape[1]
    exception_slots, exception_keys = their_exceptions.slots, their_exceptions.key
    exception_origins = their_exceptions.origin
    for row in range(begin, end):
        most_added = len(column_of)
        if used[NODES] == len(keys) or used[EXCEPTIONS] + most_added > len(exceptions.key):
            return row
        slot = slot_of(slots, keys, their_keys[row])
        node = slots[slot]
        if node < 0:
            node = used[NODES]
            slots[slot] = node
            keys[node] = their_keys[row]
            used[NODES] += 1
        if not _is_held(bits, node, words):
            origins[node] = their_origins[row]
        family = 1 if is_ipv6(their_keys[row]) else 0
        for their_column in range(len(column_of)):
            word, bit = their_column >> 6, np.uint64(1) << np.uint64(their_column & 63)
            if their_bits[row, word] & bit == 0:
                continue
            column = column_of[their_column]
            bits[node, column >> 6] |= np.uint64(1) << np.uint64(column & 63)
            columns.routes[column, family] += 1
            origin = np.int64(their_origins[row])
            if differing[row] != 0:
                key = np.uint64(row << 16 | their_column)
                place = exception_slots[slot_of(exception_slots, exception_keys, key)]
                if place >= 0 and exception_origins[place] >= 0:
                    origin = exception_origins[place]
            if origin != origins[node] or nodes.exceptions[node] != 0:
                _set_origin(nodes, exceptions, used, node, column, origin)
    return end


@njit(cache=True, nogil=True)
def merge_paths(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    paths: Paths,
    used: NDArray[np.int64],
    column_of: NDArray[np.int32],
    theirs: Nodes,
    their_paths: Paths,
    begin: int,
    end: int,
) -> int:
    """Take the paths of add-path peers over, row by row, after the tables; see there."""
    for row in range(begin, end):
        if used[PATHS] == len(paths.key):
            return row
        if not their_paths.is_there[row]:
            continue
        holder = their_paths.holder[np.int64(their_paths.key[row] >> np.uint64(32))]
        key = theirs.key[np.int64(holder >> np.uint64(16))]
        node = nodes.slots[slot_of(nodes.slots, nodes.key, key)]
        column = column_of[np.int64(holder & np.uint64(0xFFFF))]
        path_id = np.int64(their_paths.key[row] & np.uint64(0xFFFFFFFF))
        origin = their_paths.origin[row]
        _note_path(paths, used, node, column, path_id, origin, True)  # noqa: FBT003 - of a kernel
    return end


@njit(cache=True, nogil=True)
def enter_keys(
    slots: NDArray[np.int32],
    keys: NDArray[np.uint64],
    used: NDArray[np.int64],
    new: NDArray[np.uint64],
    rows: NDArray[np.int32],
) -> None:
    """Find the node of each of the ``new`` keys, or give it one; there must be room for all."""
    for place in range(len(new)):
        slot = slot_of(slots, keys, new[place])
        if slots[slot] < 0:
            slots[slot] = used[NODES]
            keys[used[NODES]] = new[place]
            used[NODES] += 1
        rows[place] = slots[slot]


@njit(cache=True, nogil=True)
def _change_session(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    exceptions: Exceptions,
    paths: Paths,
    columns: Columns,
    used: NDArray[np.int64],
    column: int,
    state: int,
    time: int,
) -> None:
    """A session that is lost takes its routes out of the vote; a new one begins without any."""
    if state == _ESTABLISHED:
        _establish(nodes, exceptions, paths, columns, used, column, time)
    elif columns.state[column] != DOWN:
        if columns.state[column] == UP:
            columns.before[column] = columns.routes[column]
        columns.state[column] = DOWN
        columns.since[column] = time


@njit(cache=True, nogil=True)
def _establish(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    exceptions: Exceptions,
    paths: Paths,
    columns: Columns,
    used: NDArray[np.int64],
    column: int,
    time: int,
) -> None:
    if columns.state[column] == UP:  # the loss was not told
        columns.before[column] = columns.routes[column]
    clear_column(nodes, exceptions, paths, columns, used, column)
    columns.state[column] = FILLING
    columns.ended[column] = 0
    columns.since[column] = time


@njit(cache=True, nogil=True)
def clear_column(
    nodes: Nodes,
    exceptions: Exceptions,
    paths: Paths,
    columns: Columns,
    used: NDArray[np.int64],
    column: int,
) -> None:
    """Forget a peer's whole table. It votes no longer, so no node is marked."""
    columns.votes[column] = 0
    if columns.routes[column, 0] == 0 and columns.routes[column, 1] == 0:
        return
    word, bit = column >> 6, np.uint64(1) << np.uint64(column & 63)
    for node in range(used[NODES]):
        if nodes.bits[node, word] & bit:
            nodes.bits[node, word] ^= bit
            if nodes.exceptions[node] != 0:
                _set_origin(nodes, exceptions, used, node, column, nodes.origin[node])
    for row in range(used[PATHS]):
        holder = np.int64(paths.key[row] >> np.uint64(32))
        if paths.is_there[row] and np.int64(paths.holder[holder] & np.uint64(0xFFFF)) == column:
            paths.is_there[row] = 0
            paths.routes[holder] = 0
    columns.routes[column, 0] = 0
    columns.routes[column, 1] = 0
