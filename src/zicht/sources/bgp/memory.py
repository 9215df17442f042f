"""The memory that the decoder's kernels fill: made once and used for every batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 1 << 14
"""A batch ends with the record that fills so many rows; small enough for a processor's cache."""

MOST_IN_RECORD = 1 << 16
"""More elements than one record can hold: a BGP message has at most 65,535 bytes (RFC 8654) and a
prefix at least one; an entry of a table is counted in two bytes (RFC 6396, section 4.3.4)."""

MOST_PEERS = 1 << 16
"""As many peers as one index table can hold (RFC 6396, section 4.3.1)."""

SLOTS = 1 << 18
NO_PEER = -1

MOST_NOTED = 32
"""So many faults are kept with their place; all are counted."""

N_FAULTS = 16

# Fields of ``Memory.status``.
ROWS, FULL, LAST_TIME, LOST, STRICT, FAULTS, PEERS, NEW_IDENTIFIERS, SIZE, N_STATUS = range(10)


class Memory(Protocol):
    """Columns of a batch (see ``Elements``), what is known of peers, and what was wrong.

    It is one NumPy record, which Numba passes as a single address; a tuple of as many arrays would
    cost more than the decoding.

    Attributes:
        table: int32[MOST_PEERS]: the peers of the last index table, ``NO_PEER`` beyond its end.
        slots: int32[SLOTS]: a hash table of peers.
        peer_high, peer_low, peer_family, peer_asn, peer_local, peer_identifier: the peers, row by
            row; an identifier that is not known is -1.
        counts: int64[N_FAULTS]: how often each kind of fault occurred.
        noted: int64[MOST_NOTED, 2]: the kind of the first faults, and their place in the data.
        status: int64[N_STATUS]: the fields that are named above.
    """

    time: NDArray[np.int64]
    prefix_high: NDArray[np.uint64]
    prefix_low: NDArray[np.uint64]
    path_id: NDArray[np.int64]
    record: NDArray[np.int64]
    attributes_begin: NDArray[np.int64]
    attributes_end: NDArray[np.int64]
    peer: NDArray[np.int32]
    origin: NDArray[np.uint32]
    path_length: NDArray[np.uint16]
    kind: NDArray[np.uint8]
    family: NDArray[np.uint8]
    safi: NDArray[np.uint8]
    length: NDArray[np.uint8]
    state: NDArray[np.uint8]
    as4: NDArray[np.uint8]
    table: NDArray[np.int32]
    slots: NDArray[np.int32]
    peer_high: NDArray[np.uint64]
    peer_low: NDArray[np.uint64]
    peer_asn: NDArray[np.int64]
    peer_identifier: NDArray[np.int64]
    peer_family: NDArray[np.uint8]
    peer_local: NDArray[np.uint8]
    counts: NDArray[np.int64]
    noted: NDArray[np.int64]
    status: NDArray[np.int64]


_ROWS = (BATCH + MOST_IN_RECORD + 72,)  # not a power of two: columns would share cache lines
_LAYOUT = np.dtype(
    [
        ("time", np.int64, _ROWS),
        ("prefix_high", np.uint64, _ROWS),
        ("prefix_low", np.uint64, _ROWS),
        ("path_id", np.int64, _ROWS),
        ("record", np.int64, _ROWS),
        ("attributes_begin", np.int64, _ROWS),
        ("attributes_end", np.int64, _ROWS),
        ("peer", np.int32, _ROWS),
        ("origin", np.uint32, _ROWS),
        ("path_length", np.uint16, _ROWS),
        ("kind", np.uint8, _ROWS),
        ("family", np.uint8, _ROWS),
        ("safi", np.uint8, _ROWS),
        ("length", np.uint8, _ROWS),
        ("state", np.uint8, _ROWS),
        ("as4", np.uint8, _ROWS),  # Numba nests no arrays of bool,
        ("table", np.int32, (MOST_PEERS,)),
        ("slots", np.int32, (SLOTS,)),
        ("peer_high", np.uint64, (MOST_PEERS,)),
        ("peer_low", np.uint64, (MOST_PEERS,)),
        ("peer_asn", np.int64, (MOST_PEERS,)),
        ("peer_identifier", np.int64, (MOST_PEERS,)),
        ("peer_family", np.uint8, (MOST_PEERS,)),
        ("peer_local", np.uint8, (MOST_PEERS,)),
        ("counts", np.int64, (N_FAULTS,)),
        ("noted", np.int64, (MOST_NOTED, 2)),
        ("status", np.int64, (N_STATUS,)),
    ],
    align=True,
)


COLUMNS = (_LAYOUT.names or ())[:16]
"""Those of ``Elements``."""


def new_memory() -> Memory:
    """Make the memory of one decoder: 9 MB, of which what is never used is never touched."""
    memory = cast("Memory", np.zeros(1, _LAYOUT).view(np.recarray)[0])
    memory.table[:] = NO_PEER
    memory.slots[:] = NO_PEER
    return memory
