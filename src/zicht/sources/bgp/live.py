"""What a live stream yields: MRT records, and gaps: stretches that it did not see.

After a gap a peer's table is unknown until it has been told anew, for routes may have come and gone
unseen; a stream without tables (RIS Live) needs the archive's next table for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


class Cause(StrEnum):
    """Why there is a gap."""

    DISCONNECTED = "the connection was lost"
    SILENT = "nothing came, though the connection stood"
    DROPPED = "messages came faster than they could be read"
    DAMAGED = "a message could not be understood"
    LATE = "a message came after younger ones of the same peer"


@dataclass(frozen=True)
class Gap:
    """A stretch in which statements of peers may be missing.

    Attributes:
        collector: the collector's name, empty for all that the stream tells of.
        peer: the peer's address, ``None`` for all peers of the collector.
        begin: microseconds since 1970 UTC: until then all is known to have come.
        end: microseconds since 1970 UTC: from then on messages come again; ``None`` as long as they
            do not: such a gap is told again once it has ended.
        cause: why.
    """

    collector: str
    peer: IPv4Address | IPv6Address | None
    begin: int
    end: int | None
    cause: Cause


@dataclass(frozen=True)
class Batch:
    """What came of a live stream since the batch before.

    Attributes:
        records: for each collector's name its MRT records, to be decoded by a decoder of its own.
        gaps: stretches that turned out to have gone unseen. They are about routes before and
            after: a batch's gaps are known when its records are.
    """

    records: dict[str, bytes]
    gaps: tuple[Gap, ...] = ()
