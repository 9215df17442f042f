"""UPDATE messages built anew from what was said of them, where they themselves are not at hand.

They hold what visibility needs: prefixes, AS path, origin and next hop. Other attributes are lost.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from itertools import groupby
from typing import TYPE_CHECKING

from zicht.sources.bgp.messages import AS_PATH, MP_REACH, MP_UNREACH, write_update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from ipaddress import IPv4Network

_ORIGIN = 1
_NEXT_HOP = 3
_ORIGINS = {"IGP": 0, "EGP": 1, "INCOMPLETE": 2}
_AS_SET = 1
_AS_SEQUENCE = 2
_LONGEST_SEGMENT = 255
_ROOM = 3000
"""Bytes of prefixes in one message: a usual path fits beside them within the 4,096 of RFC 4271,
section 4.1, and the longest within the 65,535 of RFC 8654."""

_IPV6_UNICAST = struct.pack(">HB", 2, 1)


def rebuild(
    announced: Iterable[tuple[str, str]],
    withdrawn: Iterable[str],
    *,
    path: Sequence[int | Sequence[int]],
    origin: str = "",
) -> list[bytes]:
    """UPDATE messages that announce and withdraw these prefixes, with AS numbers of four bytes.

    ``announced`` holds pairs of next hop and prefix; of several next hops, separated by commas, the
    first counts. In ``path`` a sequence stands for an AS_SET.

    Raises:
        ValueError: a prefix, an address or an AS number cannot be.
    """
    gone = [_parse(prefix) for prefix in withdrawn]
    common = _attribute(_ORIGIN, bytes([_ORIGINS.get(origin.upper(), 2)]))
    common += _attribute(AS_PATH, b"".join(_segments(path)))
    messages = [
        write_update(withdrawn=part)
        for part in _pack(one for one in gone if not isinstance(one, IPv6Network))
    ]
    messages += [
        write_update(attributes=_attribute(MP_UNREACH, _IPV6_UNICAST + part))
        for part in _pack(one for one in gone if isinstance(one, IPv6Network))
    ]
    for hop, group in groupby(announced, key=lambda pair: pair[0].split(",")[0]):
        prefixes = [_parse(prefix) for _, prefix in group]
        messages += _announce(hop, prefixes, common)
    return messages


def _announce(
    hop: str, prefixes: list[IPv4Network | IPv6Network], common: bytes
) -> Iterator[bytes]:
    packed = ip_address(hop).packed if hop else IPv4Address(0).packed
    for part in _pack(one for one in prefixes if not isinstance(one, IPv6Network)):
        next_hop = _attribute(_NEXT_HOP, packed[-4:])
        yield write_update(attributes=common + next_hop, announced=part)
    for part in _pack(one for one in prefixes if isinstance(one, IPv6Network)):
        reach = _IPV6_UNICAST + bytes([16]) + packed.rjust(16, b"\0") + b"\0" + part
        yield write_update(attributes=common + _attribute(MP_REACH, reach))


def _parse(prefix: str) -> IPv4Network | IPv6Network:
    return ip_network(prefix, strict=False)


def _pack(networks: Iterable[IPv4Network | IPv6Network]) -> Iterator[bytes]:
    """Prefixes as in an UPDATE (RFC 4271, section 4.3), in pieces that fit a message."""
    piece = bytearray()
    for network in networks:
        length = network.prefixlen
        piece += bytes([length]) + network.network_address.packed[: (length + 7) // 8]
        if len(piece) >= _ROOM:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _segments(path: Sequence[int | Sequence[int]]) -> Iterator[bytes]:
    """An AS_PATH's segments (RFC 4271, section 4.3), of at most 255 ASes each."""
    for is_single, group in groupby(path, key=lambda one: isinstance(one, int)):
        if not is_single:
            sets = (one for one in group if not isinstance(one, int))
            yield from (_segment(_AS_SET, one) for one in sets)
            continue
        asns = [one for one in group if isinstance(one, int)]
        for at in range(0, len(asns), _LONGEST_SEGMENT):
            yield _segment(_AS_SEQUENCE, asns[at : at + _LONGEST_SEGMENT])


def _segment(kind: int, asns: Sequence[int]) -> bytes:
    try:
        return struct.pack(f">BB{len(asns)}I", kind, len(asns), *asns)
    except struct.error:
        raise ValueError(f"{asns} are no AS numbers of one segment") from None


def _attribute(kind: int, value: bytes) -> bytes:
    optional = 0x80 if kind in {MP_REACH, MP_UNREACH} else 0x40
    return struct.pack(">BBH", optional | 0x10, kind, len(value)) + value
