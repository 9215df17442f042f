"""What was wrong with routing data, or passed over: counted by kind, the first few with place.

What is damaged is told apart from what is sound and not ours to read, such as routes of VPNs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from numba import njit

from zicht.sources.bgp.memory import FAULTS, MOST_NOTED

if TYPE_CHECKING:
    from zicht.sources.bgp.memory import Memory


class Fault(IntEnum):
    """A kind of problem. The numbers below ``SKIPPED_TYPE`` are damage."""

    HEADER = 0
    RECORD = 1
    PEER = 2
    MESSAGE = 3
    UPDATE = 4
    PREFIX = 5
    ATTRIBUTE = 6
    PATH = 7
    REPEATED = 8
    PATHLESS = 9
    CUT = 10
    ARCHIVE = 11
    ARCHIVE_CUT = 12
    SKIPPED_TYPE = 13
    SKIPPED_SUBTYPE = 14
    SKIPPED_FAMILY = 15

    @property
    def is_damage(self) -> bool:
        """Whether the data are damaged, not merely of no interest here."""
        return self < Fault.SKIPPED_TYPE

    @property
    def text(self) -> str:
        """What was wrong, in words."""
        return _TEXTS[self]


_TEXTS = {
    Fault.HEADER: "no MRT header where a record should begin; went on at the next",
    Fault.RECORD: "the record is shorter than what it should hold",
    Fault.PEER: "a peer that no index table names, or more peers than can be kept",
    Fault.MESSAGE: "a BGP message whose marker or length is wrong",
    Fault.UPDATE: "an UPDATE whose lengths do not fit its message",
    Fault.PREFIX: "a prefix that is too long or runs beyond its field",
    Fault.ATTRIBUTE: "a path attribute that runs beyond its field",
    Fault.PATH: "a malformed AS path",
    Fault.REPEATED: "a path attribute that occurs twice; the first counts",
    Fault.PATHLESS: "an announcement without an AS path",
    Fault.CUT: "the input ends within a record",
    Fault.ARCHIVE: "the archive is damaged; nothing behind can be unpacked",
    Fault.ARCHIVE_CUT: "the archive is cut off",
    Fault.SKIPPED_TYPE: "records of a type that holds no routes we read",
    Fault.SKIPPED_SUBTYPE: "records of a subtype that holds no routes we read",
    Fault.SKIPPED_FAMILY: "routes of an address family other than IPv4 and IPv6",
}


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        kind: what kind it is.
        offset: where in the decompressed input the damaged thing begins.
    """

    kind: Fault
    offset: int

    def __str__(self) -> str:
        return f"at byte {self.offset:,}: {self.kind.text}"


@dataclass
class Problems:
    """All problems of an input.

    Attributes:
        counts: how often each kind occurred; kinds that did not are absent.
        first: the first few, in the order in which they were found.
    """

    counts: dict[Fault, int] = field(default_factory=dict)
    first: list[Problem] = field(default_factory=list)

    @property
    def damaged(self) -> int:
        """How many times something was damaged."""
        return sum(count for kind, count in self.counts.items() if kind.is_damage)

    @property
    def is_cut(self) -> bool:
        """Whether the input ended within a record or an archive."""
        return Fault.CUT in self.counts or Fault.ARCHIVE_CUT in self.counts

    def note(self, kind: Fault, offset: int) -> None:
        """Count one more problem, and keep it if it is among the first."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.first) < MOST_NOTED:
            self.first.append(Problem(kind, offset))


@njit(nogil=True)
def note(memory: Memory, kind: int, at: int) -> None:
    """Count a fault, and keep its place in the data if it is among the first of this batch."""
    count = memory.status[FAULTS]
    if count < MOST_NOTED:
        memory.noted[count, 0] = kind
        memory.noted[count, 1] = at
    memory.status[FAULTS] = count + 1
    memory.counts[kind] += 1
