"""The kernel that knows peers again: by address, AS, direction and BGP identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.memory import MOST_PEERS, NEW_IDENTIFIERS, NO_PEER, PEERS, SLOTS

if TYPE_CHECKING:
    from zicht.sources.bgp.memory import Memory

_MOST_PROBES = 64  # the table is at most a quarter full: more means that somebody aims at it
_SHIFT = np.uint64(29)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)  # the multipliers of splitmix64 (Steele et al. 2014)
_SECOND = np.uint64(0x94D049BB133111EB)


@njit(nogil=True)
def find_peer(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    memory: Memory,
    family: int,
    high: np.uint64,
    low: np.uint64,
    asn: int,
    local: int,
    identifier: int,
) -> int:
    """Find a peer's row, or give it one.

    Two peers of one address and AS are told apart by their BGP identifiers; where one does not
    say its own (``identifier`` is -1), it is the first that fits.

    Returns:
        the row, or ``NO_PEER`` where there is no more room.
    """
    key = (high ^ (high >> _SHIFT)) * _FIRST
    key = (key ^ low ^ (low >> _SHIFT) ^ np.uint64(asn)) * _SECOND
    slot = np.int64((key ^ (key >> _SHIFT)) & np.uint64(SLOTS - 1))
    for _ in range(_MOST_PROBES):
        row = int(memory.slots[slot])
        if row == NO_PEER:
            row = int(memory.status[PEERS])
            if row >= MOST_PEERS:
                return NO_PEER
            memory.slots[slot] = row
            memory.peer_high[row] = high
            memory.peer_low[row] = low
            memory.peer_family[row] = family
            memory.peer_asn[row] = asn
            memory.peer_local[row] = local
            memory.peer_identifier[row] = identifier
            memory.status[PEERS] = row + 1
            return row
        if (
            memory.peer_high[row] == high
            and memory.peer_low[row] == low
            and memory.peer_asn[row] == asn
            and memory.peer_family[row] == family
            and memory.peer_local[row] == local
        ):
            known = memory.peer_identifier[row]
            if identifier < 0 or known == identifier:
                return row
            if known < 0:
                memory.peer_identifier[row] = identifier
                memory.status[NEW_IDENTIFIERS] = 1
                return row
        slot = (slot + 1) & (SLOTS - 1)
    return NO_PEER
