"""What two BGP speakers agreed upon when their session opened.

RFC 5492 (capabilities), RFC 6793 (AS numbers of four bytes), RFC 7911 (add-path), RFC 9072
(extended optional parameters).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.sources.bgp.messages import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIXED = 10  # bytes of an OPEN between its header and its optional parameters
_EXTENDED = 255
_CAPABILITIES = 2
_AS4 = 65
_ADD_PATH = 69
_RECEIVE = 1
_SEND = 2


@dataclass(frozen=True)
class Capabilities:
    """What one OPEN message says of its sender.

    Attributes:
        asn: its AS number, the one of four bytes where it is given.
        as4: whether it speaks AS numbers of four bytes.
        sends: the families (AFI, SAFI) whose prefixes it would send with path identifiers.
        receives: the families that it would receive so.
    """

    asn: int
    as4: bool
    sends: frozenset[tuple[int, int]]
    receives: frozenset[tuple[int, int]]


def read_open(message: bytes) -> Capabilities | None:
    """What a whole OPEN message says, or ``None`` where it is damaged."""
    body = message[HEADER:]
    if len(body) < _FIXED:
        return None
    (asn,) = struct.unpack_from(">H", body, 1)
    as4 = False
    families: list[tuple[tuple[int, int], int]] = []
    try:
        for code, value in _capabilities(body):
            if code == _AS4:
                (asn,) = struct.unpack(">I", value)
                as4 = True
            elif code == _ADD_PATH:
                families += [((afi, safi), way) for afi, safi, way in _triples(value)]
    except (struct.error, IndexError):
        return None
    return Capabilities(
        asn=asn,
        as4=as4,
        sends=frozenset(family for family, way in families if way & _SEND),
        receives=frozenset(family for family, way in families if way & _RECEIVE),
    )


def _capabilities(body: bytes) -> Iterator[tuple[int, bytes]]:
    for kind, value in _parameters(body):
        if kind == _CAPABILITIES:
            yield from _blocks(value, ">BB")


def _parameters(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Optional parameters, in the extended form of RFC 9072, section 2, where that is announced."""
    extended = body[_FIXED - 1] == _EXTENDED and body[_FIXED : _FIXED + 1] == b"\xff"
    if extended:
        (length,) = struct.unpack_from(">H", body, _FIXED + 1)
        yield from _blocks(body[_FIXED + 3 : _FIXED + 3 + length], ">BH")
    else:
        yield from _blocks(body[_FIXED : _FIXED + body[_FIXED - 1]], ">BB")


def _blocks(data: bytes, form: str) -> Iterator[tuple[int, bytes]]:
    """Blocks of a type, a length and a value.

    Raises:
        IndexError: a value ends beyond the data.
    """
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from(form, data, at)
        begin = at + struct.calcsize(form)
        if begin + length > len(data):
            raise IndexError(begin + length)
        yield kind, data[begin : begin + length]
        at = begin + length


def _triples(value: bytes) -> Iterator[tuple[int, int, int]]:
    yield from struct.iter_unpack(">HBB", value)
