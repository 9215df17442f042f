"""Who asks, and by which name they call us."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_LOCAL = "localhost"
_NETWORK6 = 64  # bits: what one subscriber is usually given


def host_of(header: str) -> str | None:
    """The name in a ``Host`` header, in lower case and without its port; ``None`` for nonsense."""
    match = _HOST.fullmatch(header)
    return None if match is None else match[1].lower().rstrip(".")


def is_ours(host: str, names: Collection[str]) -> bool:
    """Whether we go by that name: one of ``names``, ``localhost``, or an address.

    A name of somebody else that points to this machine is not ours: a page of theirs would then
    read here with the rights of the reader's browser (DNS rebinding). An address cannot be made to
    point elsewhere, so that any will do.
    """
    return host in {_LOCAL, *names} or is_address(host)


def is_address(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which no other can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == _LOCAL


def client_of(peer: str, forwarded: Sequence[str], proxies: Collection[str]) -> str:
    """Who asks: one address of IPv4, one network of IPv6.

    Args:
        peer: the address at the other end of the connection.
        forwarded: the values of ``X-Forwarded-For``; what a client writes there itself is not
            believed.
        proxies: addresses of those whose ``X-Forwarded-For`` is believed.
    """
    client = peer
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    while client in proxies and hops:
        client = hops.pop()
    return _network(client) or _network(peer) or "unknown"


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _NETWORK6), strict=False))
    return str(address)
