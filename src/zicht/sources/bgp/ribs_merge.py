"""Taking whole tables of other peers over, and what comes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.hashing import slot_of
from zicht.sources.bgp.prefixes import is_ipv6
from zicht.sources.bgp.ribs_kernel import is_held, note_path, set_origin
from zicht.sources.bgp.ribs_rows import EXCEPTIONS, NODES, PATHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.bgp.ribs_rows import Columns, Exceptions, Nodes, Paths


@njit(cache=True, nogil=True)
def merge_tables(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    exceptions: Exceptions,
    columns: Columns,
    used: NDArray[np.int64],
    column_of: NDArray[np.int32],
    theirs: Nodes,
    begin: int,
    end: int,
) -> int:
    """Take other tables into columns that are empty, node by node from ``begin`` to ``end``.

    Stops before a node for which there might be no room. Each route leads to whom most of theirs
    do, until ``merge_exceptions`` says otherwise.

    Args:
        nodes: the prefixes.
        exceptions: whose routes lead elsewhere.
        columns: the peers.
        used: how many rows of each are taken.
        column_of: int32[their columns]: the column of each of theirs.
        theirs: the prefixes of the other tables.
        begin: the first of their nodes that is wanted.
        end: how many they have.

    Returns:
        the node to go on with; ``end`` when all are taken in.
    """
    slots, keys, bits, origins = nodes.slots, nodes.key, nodes.bits, nodes.origin
    their_keys, their_bits, their_origins = theirs.key, theirs.bits, theirs.origin
    words = bits.shape[1]
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
        if not is_held(bits, node, words):
            origins[node] = their_origins[row]
        family = 1 if is_ipv6(their_keys[row]) else 0
        for their_column in range(len(column_of)):
            word, bit = their_column >> 6, np.uint64(1) << np.uint64(their_column & 63)
            if their_bits[row, word] & bit == 0:
                continue
            column = column_of[their_column]
            bits[node, column >> 6] |= np.uint64(1) << np.uint64(column & 63)
            columns.routes[column, family] += 1
            if their_origins[row] != origins[node]:
                set_origin(nodes, exceptions, used, node, column, their_origins[row])
    return end


@njit(cache=True, nogil=True)
def merge_exceptions(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    nodes: Nodes,
    exceptions: Exceptions,
    used: NDArray[np.int64],
    column_of: NDArray[np.int32],
    theirs: Nodes,
    their_exceptions: Exceptions,
    begin: int,
    end: int,
) -> int:
    """Take over whose routes lead elsewhere, row by row, after the tables; see there."""
    for row in range(begin, end):
        if used[EXCEPTIONS] == len(exceptions.key):
            return row
        if their_exceptions.origin[row] < 0:
            continue
        key = theirs.key[np.int64(their_exceptions.key[row] >> np.uint64(16))]
        node = nodes.slots[slot_of(nodes.slots, nodes.key, key)]
        column = column_of[np.int64(their_exceptions.key[row] & np.uint64(0xFFFF))]
        set_origin(nodes, exceptions, used, node, column, their_exceptions.origin[row])
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
        note_path(paths, used, node, column, path_id, origin, True)  # noqa: FBT003 - of a kernel
    return end
