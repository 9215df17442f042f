"""Taking changes into the tables of all peers, statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.hashing import slot_of
from zicht.sources.bgp.prefixes import IPV6, is_ipv6
from zicht.sources.bgp.ribs_rows import (
    ABSENT,
    DIRTY,
    DOWN,
    EXCEPTIONS,
    FILLING,
    HOLDERS,
    NODES,
    PARTIAL,
    PATHS,
    UP,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.bgp.ribs_rows import Columns, Exceptions, Nodes, Paths

_ROUTE, _WITHDRAW = int(Kind.ROUTE), int(Kind.WITHDRAW)
_STATE, _END_OF_RIB = int(Kind.STATE), int(Kind.END_OF_RIB)
_ESTABLISHED = 6  # RFC 6396, section 4.4.1


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
            holder = note_path(paths, used, node, column, path_id[row], leads, not goes)
            if held and paths.routes[holder] > 0:  # there is still another, or a better one
                goes = False
            if paths.routes[holder] > 0:
                leads = paths.origin[paths.lowest[holder]]
        changed = False
        if goes:
            if not held:
                continue
            if differing[node] != 0:
                set_origin(nodes, exceptions, used, node, column, node_origin[node])
            bits[node, word] ^= bit
            routes[column, family] -= 1
            changed = True
        else:
            if not held:
                if not is_held(bits, node, words):
                    node_origin[node] = leads
                bits[node, word] |= bit
                routes[column, family] += 1
                changed = True
            if (leads != node_origin[node] or differing[node] != 0) and set_origin(
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
def is_held(bits: NDArray[np.uint64], node: int, words: int) -> bool:
    """Whether anybody has a route to a node; ``words`` are those of a row of ``bits``."""
    held = np.uint64(0)
    for word in range(words):
        held |= bits[node, word]
    return held != 0


@njit(cache=True, nogil=True)
def set_origin(
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
def note_path(  # noqa: PLR0917 - Numba binds no keyword-only arguments
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
    chosen = np.zeros(len(columns.state), dtype=np.uint8)
    chosen[column] = 1
    clear_columns(nodes, exceptions, paths, columns, used, chosen)


@njit(cache=True, nogil=True)
def clear_columns(
    nodes: Nodes,
    exceptions: Exceptions,
    paths: Paths,
    columns: Columns,
    used: NDArray[np.int64],
    chosen: NDArray[np.uint8],
) -> None:
    """Forget the whole tables of the chosen columns, in one pass over what there is of each kind.

    They vote no longer, so no node is marked.
    """
    mask = np.zeros(nodes.bits.shape[1], dtype=np.uint64)
    held = 0
    for column in range(len(chosen)):
        if chosen[column]:
            columns.votes[column] = 0
            held += columns.routes[column, 0] + columns.routes[column, 1]
            mask[column >> 6] |= np.uint64(1) << np.uint64(column & 63)
            columns.routes[column, 0] = 0
            columns.routes[column, 1] = 0
    if held == 0:
        return
    for node in range(used[NODES]):
        for word in range(len(mask)):
            nodes.bits[node, word] &= ~mask[word]
    for row in range(used[EXCEPTIONS]):
        if exceptions.origin[row] >= 0 and chosen[exceptions.key[row] & np.uint64(0xFFFF)]:
            exceptions.origin[row] = -1
            nodes.exceptions[np.int64(exceptions.key[row] >> np.uint64(16))] -= 1
    for row in range(used[PATHS]):
        holder = np.int64(paths.key[row] >> np.uint64(32))
        if paths.is_there[row] and chosen[paths.holder[holder] & np.uint64(0xFFFF)]:
            paths.is_there[row] = 0
            paths.routes[holder] = 0
