"""Which prefix lies within which, and to which place the addresses belong that are in no other.

Blocks of addresses of known places stand in the tree beside the prefixes that are announced. So
every node has addresses of its own, in one place: those that no longer prefix and no block within
it holds. What is true of a node is true of all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.sources.bgp.prefixes import contains, size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNKNOWN_PLACE, SPECIAL, INHERITED = -1, -2, -3


class Tree(NamedTuple):
    """The nodes in the order of their keys: whoever holds others stands before them.

    Attributes:
        node: int32[n]: the node at each position.
        parent: int32[n]: the position of the longest prefix around it, or -1.
        end: int32[n]: the position behind the last node within it.
        own: int64[n]: how many /24 blocks (IPv6: /48) it holds of its own.
        place: int32[n]: the place of those: an index, UNKNOWN_PLACE or SPECIAL.
        position: int32[n]: where each node stands.
    """

    node: NDArray[np.int32]
    parent: NDArray[np.int32]
    end: NDArray[np.int32]
    own: NDArray[np.int64]
    place: NDArray[np.int32]
    position: NDArray[np.int32]


def no_tree() -> Tree:
    """A tree without nodes."""
    none = np.empty(0, dtype=np.int32)
    return Tree(none, none, none, np.empty(0, dtype=np.int64), none, none)


def grow(tree: Tree, keys: NDArray[np.uint64], block_place: NDArray[np.int32]) -> Tree:
    """The tree with the nodes that came since it was made.

    Args:
        tree: as it was.
        keys: uint64[nodes]: the key of every node; those of the tree come first.
        block_place: int32[nodes]: the place of a block's node, INHERITED for prefixes.
    """
    old = tree.node
    new = np.arange(len(old), len(keys), dtype=np.int32)
    new = new[np.argsort(keys[new], kind="stable")]
    node = np.insert(old, np.searchsorted(keys[old], keys[new]), new)
    parent, end, place = (np.empty(len(node), dtype=np.int32) for _ in range(3))
    own = np.empty(len(node), dtype=np.int64)
    position = np.empty(len(node), dtype=np.int32)
    _link(node, keys, block_place, parent, end, own, place, position)
    return Tree(node, parent, end, own, place, position)


@njit(cache=True, nogil=True)
def _link(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    node: NDArray[np.int32],
    keys: NDArray[np.uint64],
    block_place: NDArray[np.int32],
    parent: NDArray[np.int32],
    end: NDArray[np.int32],
    own: NDArray[np.int64],
    place: NDArray[np.int32],
    position: NDArray[np.int32],
) -> None:
    around = -1
    for here in range(len(node)):
        key = keys[node[here]]
        while around >= 0 and not contains(keys[node[around]], key):
            end[around] = here
            around = parent[around]
        parent[here] = around
        size = size_of(key)
        own[here] = size
        place[here] = block_place[node[here]]
        if around >= 0:
            own[around] -= size
            if place[here] == INHERITED or place[around] == SPECIAL:
                place[here] = place[around]
        elif place[here] == INHERITED:
            place[here] = UNKNOWN_PLACE
        position[node[here]] = here
        around = here
    while around >= 0:
        end[around] = len(node)
        around = parent[around]
