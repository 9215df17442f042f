"""Changes: elements less what does not count, in the form that a peer's tables take in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.prefixes import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.sources.bgp.elements import Elements, Peer

_ROUTE, _ANNOUNCE, _WITHDRAW = int(Kind.ROUTE), int(Kind.ANNOUNCE), int(Kind.WITHDRAW)
_UNICAST = 1


@dataclass(frozen=True)
class Changes:
    """What peers said, n statements in the order of the input.

    Attributes:
        peers: who speaks; ``peer`` indexes it.
        time: int64[n]: microseconds since 1970 UTC.
        kind: uint8[n]: a ``Kind``.
        peer: int32[n].
        key: uint64[n]: the prefix; at the end of a table its family, 4 or 6, else 0.
        origin: uint32[n]: the AS that originates the route, 0 where unknown.
        path_id: int64[n]: of add-path, or -1.
        state: uint8[n]: the session's new state, or 0.
    """

    peers: Sequence[Peer]
    time: NDArray[np.int64]
    kind: NDArray[np.uint8]
    peer: NDArray[np.int32]
    key: NDArray[np.uint64]
    origin: NDArray[np.uint32]
    path_id: NDArray[np.int64]
    state: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time)

    def rows(self, rows: slice | NDArray[np.bool_]) -> Changes:
        """The statements of these rows."""
        return Changes(
            self.peers,
            self.time[rows],
            self.kind[rows],
            self.peer[rows],
            self.key[rows],
            self.origin[rows],
            self.path_id[rows],
            self.state[rows],
        )


def changes_of(elements: Elements, peers: Sequence[Peer]) -> Changes:
    """Drop what does not count.

    That is multicast, the prefixes that ``prefixes`` names, and what the collector itself said.

    The arrays are new, so they stay when the elements' memory is used again.
    """
    key = np.empty(len(elements), dtype=np.uint64)
    _pack_all(
        elements.kind,
        elements.safi,
        elements.family,
        elements.prefix_high,
        elements.length,
        key,
    )
    ends = elements.kind == Kind.END_OF_RIB
    key[ends] = elements.family[ends]
    kept = (key != 0) | (elements.kind > _WITHDRAW)
    if any(peer.local for peer in peers):
        kept &= ~np.array([peer.local for peer in peers])[elements.peer]
    return Changes(
        peers,
        elements.time[kept],
        elements.kind[kept],
        elements.peer[kept],
        key[kept],
        elements.origin[kept],
        elements.path_id[kept],
        elements.state[kept],
    )


def join(parts: Sequence[Changes]) -> Changes:
    """Statements of the same peers, one part behind the other."""
    return Changes(
        parts[-1].peers if parts else (),
        np.concatenate([np.empty(0, dtype=np.int64), *(part.time for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.uint8), *(part.kind for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int32), *(part.peer for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.uint64), *(part.key for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.uint32), *(part.origin for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(part.path_id for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.uint8), *(part.state for part in parts)]),
    )


@njit(cache=True, nogil=True)
def _pack_all(
    kind: NDArray[np.uint8],
    safi: NDArray[np.uint8],
    family: NDArray[np.uint8],
    high: NDArray[np.uint64],
    length: NDArray[np.uint8],
    key: NDArray[np.uint64],
) -> None:
    last_high, last_length, last_family = np.uint64(0), np.uint8(0), np.uint8(0)
    last = np.uint64(0)
    for row in range(len(key)):
        if kind[row] > _WITHDRAW or safi[row] != _UNICAST:
            key[row] = 0
            continue
        if high[row] != last_high or length[row] != last_length or family[row] != last_family:
            last_high, last_length, last_family = high[row], length[row], family[row]
            last = pack(last_family, last_high, last_length)
        key[row] = last
