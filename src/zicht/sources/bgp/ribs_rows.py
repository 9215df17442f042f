"""What the tables of all peers are kept in: rows of prefixes, exceptions, paths and peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What a peer's table is worth. It votes only while it is UP. FILLING is a new session, whose table
# is on its way; STALE is a table of which statements are missing, good again after another dump.
# PARTIAL is one that was not dumped and whose session began before anything was heard.
ABSENT, FILLING, UP, DOWN, STALE, PARTIAL = 0, 1, 2, 3, 4, 5

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
