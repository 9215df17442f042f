"""The decoder of MRT: bytes in, elements out."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import InputError
from zicht.sources.bgp.elements import Elements, Peer
from zicht.sources.bgp.memory import (
    COLUMNS,
    FAULTS,
    FULL,
    LOST,
    MOST_NOTED,
    NEW_IDENTIFIERS,
    PEERS,
    ROWS,
    STRICT,
    new_memory,
)
from zicht.sources.bgp.problems import Fault, Problem, Problems
from zicht.sources.bgp.records import (
    ASSIGNED,
    BGP,
    HEADER_SIZE,
    LONGEST_RECORD,
    read_records,
)
from zicht.sources.bgp.wire import IPV4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SIZE_PLACE = 8  # of a record, in its header


class Decoder:
    """Decodes the MRT records of one collector, however they are cut into pieces.

    It reads TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET and BGP (RFC 6396; add-path: RFC 8050);
    everything else is counted and passed over. What is damaged is counted with its place, and
    decoding goes on at the next record; ``updates.read_update`` and ``tables.read_rib`` say what
    becomes of the routes in it. Memory is bounded: 12 MB, and of the input at most one record
    (16 MiB) beside what is given.

    Attributes:
        peers: all routers seen so far; ``Elements.peer`` is an index into it.
        problems: what was wrong so far.
    """

    def __init__(self, *, collector: str = "", strict: bool = False) -> None:
        """Begin anew.

        Args:
            collector: the name that the peers get as their collector.
            strict: whether to stop at the first damage.
        """
        self.peers: list[Peer] = []
        self.problems = Problems()
        self._collector = collector
        self._strict = strict
        self._memory = new_memory()
        self._columns = {name: getattr(self._memory, name) for name in COLUMNS}
        self._memory.status[STRICT] = strict
        self._pending = bytearray()
        self._offset = 0  # in the input, where the pending bytes begin

    def decode(self, data: bytes | memoryview | NDArray[np.uint8]) -> Iterator[Elements]:
        """Decode the next bytes of the input; the iterator must be used up before the next call.

        An unfinished record at the end is kept for the next call.

        Args:
            data: uint8[n] or bytes, from the middle of a record or not.

        Yields:
            batches, each as large as fits a processor's cache; they hold until the next one.

        Raises:
            InputError: something is damaged and the decoder is strict; what came before was
                yielded.
        """
        array = _read_only(
            data.view() if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
        )
        if self._memory.status[LOST]:
            array = np.frombuffer(bytes(self._pending) + array.tobytes(), np.uint8)
            self._pending.clear()
        begin = 0
        while self._pending and begin < len(array):
            missing = self._missing()
            self._pending += array[begin : begin + missing].tobytes()
            begin = min(begin + missing, len(array))
            if self._missing() == 0:
                whole, self._pending = self._pending, bytearray()
                yield from self._decode(_read_only(np.frombuffer(whole, np.uint8)))
        if not self._pending:
            yield from self._decode(array[begin:])

    def close(self) -> None:
        """Say that the input has ended; a record that it cuts off is noted.

        Raises:
            InputError: there is one and the decoder is strict.
        """
        if self._pending and not self._memory.status[LOST]:
            problem = Problem(Fault.CUT, self._offset)
            self.problems.note(problem.kind, problem.offset)
            if self._strict:
                raise _stop(problem)
        self._pending.clear()

    def _missing(self) -> int:
        """Bytes that the pending record lacks; where its header does, those of the header."""
        if len(self._pending) < HEADER_SIZE:
            return HEADER_SIZE - len(self._pending)
        size = int.from_bytes(self._pending[_SIZE_PLACE:HEADER_SIZE], "big")
        if size > LONGEST_RECORD:
            return 0
        return HEADER_SIZE + size - len(self._pending)

    def _decode(self, data: NDArray[np.uint8]) -> Iterator[Elements]:
        memory, begin = self._memory, self._offset
        at, more = 0, True
        while more:
            at = read_records(data, at, memory)
            more = bool(memory.status[FULL])
            self._meet_peers()
            damage = self._take_faults(begin)
            if memory.status[ROWS]:
                yield self._elements(data, begin)
            if self._strict and damage is not None:
                raise _stop(damage)
        self._pending += data[at:].tobytes()
        self._offset = begin + at

    def _meet_peers(self) -> None:
        """Make peers of those that the kernel saw first, or whose identifier it learned."""
        status = self._memory.status
        if status[NEW_IDENTIFIERS]:
            status[NEW_IDENTIFIERS] = 0
            self.peers[:] = [self._peer(row) for row in range(len(self.peers))]
        self.peers += [self._peer(row) for row in range(len(self.peers), status[PEERS])]

    def _peer(self, row: int) -> Peer:
        memory = self._memory
        high, low = int(memory.peer_high[row]), int(memory.peer_low[row])
        identifier = int(memory.peer_identifier[row])
        return Peer(
            collector=self._collector,
            address=IPv4Address(high >> 32)
            if memory.peer_family[row] == IPV4
            else IPv6Address(high << 64 | low),
            asn=int(memory.peer_asn[row]),
            router_id=None if identifier < 0 else IPv4Address(identifier),
            local=bool(memory.peer_local[row]),
        )

    def _take_faults(self, begin: int) -> Problem | None:
        """Take what the kernel noted over into ``problems``; give the first damage of it."""
        memory = self._memory
        found = int(memory.status[FAULTS])
        if not found:
            return None
        counts = self.problems.counts
        for kind in np.flatnonzero(memory.counts).tolist():
            counts[Fault(kind)] = counts.get(Fault(kind), 0) + int(memory.counts[kind])
        memory.counts[:] = 0
        noted = memory.noted[: min(found, MOST_NOTED)].tolist()
        problems = [Problem(Fault(kind), begin + place) for kind, place in noted]
        self.problems.first += problems[: MOST_NOTED - len(self.problems.first)]
        return next((problem for problem in problems if problem.kind.is_damage), None)

    def _elements(self, data: NDArray[np.uint8], begin: int) -> Elements:
        end = int(self._memory.status[ROWS])
        columns = {name: column[:end] for name, column in self._columns.items()}
        columns["as4"] = columns["as4"].view(np.bool_)
        return Elements(data=data, offset=begin, **columns)


def _read_only(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    array.flags.writeable = False  # one type of array for the kernel, which is compiled once
    return array


def begins_like_mrt(head: bytes) -> bool:
    """Tell whether bytes begin like a record of MRT: a type and length that are possible.

    Args:
        head: the first ``HEADER_SIZE`` bytes or more.
    """
    kind, size = int.from_bytes(head[4:6], "big"), int.from_bytes(head[8:12], "big")
    return BGP <= kind < ASSIGNED and size <= LONGEST_RECORD


def _stop(problem: Problem) -> InputError:
    return InputError(
        f"The MRT data are damaged {problem}.",
        "Without --strict it is counted, and reading goes on behind it.",
    )
