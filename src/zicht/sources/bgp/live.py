"""What a live stream yields: MRT records, and gaps: stretches that it did not see.

After a gap a peer's table is unknown until it has been told anew, for routes may have come and gone
unseen; a stream without tables (RIS Live) needs the archive's next table for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zicht.errors import InputError
from zicht.sources.bgp.decode import Decoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from zicht.sources.bgp.elements import Elements

MOST_COLLECTORS = 256
"""A decoder takes some 7 MB and each collector has one; RIS has 23 of them."""


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


def decode_batch(batch: Batch, decoders: dict[str, Decoder]) -> Iterator[tuple[str, Elements]]:
    """The elements of a batch, each with the name of its collector.

    ``decoders`` holds the decoders of the stream by the collector's name; new ones are added. Their
    ``peers`` are what the elements' ``peer`` is an index into, and their ``problems`` what was
    wrong. Elements hold until the next ones are asked for.

    Raises:
        InputError: there are more collectors than can be.
    """
    for name, data in batch.records.items():
        if name not in decoders and len(decoders) >= MOST_COLLECTORS:
            raise InputError(
                f"A live stream tells of more than {MOST_COLLECTORS} collectors.",
                "Listen to fewer routers, or pass on fewer views of them.",
            )
        if name not in decoders:
            decoders[name] = Decoder(collector=name)
        for elements in decoders[name].decode(data):
            yield name, elements
