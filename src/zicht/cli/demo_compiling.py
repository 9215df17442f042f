"""Compiling the source of routes in a process beside, while this one compiles the lab."""

from __future__ import annotations

from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from zicht.kernels import are_compiled
from zicht.lab import mrt
from zicht.observe.workers import open_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TIME = 1_640_995_200_000_000
_REGISTRY = b"""2|ripencc|20220101|1|19830705|20220101|+0000
ripencc|*|ipv4|*|1|summary
ripencc|KZ|ipv4|1.2.3.0|256|20100101|allocated|lab
"""
_SPEAKER = mrt.Speaker(IPv4Address("198.18.0.1"), 4_200_900_001, IPv4Address("198.18.0.1"))


@contextmanager
def compiling_beside() -> Iterator[Callable[[], object]]:
    """Compile what reads routes, unless it is; yields what waits until that is done."""
    if are_compiled("bgp"):
        yield lambda: None
        return
    with open_workers(1) as worker:
        yield worker.submit(compile_reader).result


def compile_reader() -> int:
    """Read a table and a message of one router as ``demo_routes`` does; how many bins it makes."""
    from zicht.cli.demo_routes import Reader

    attributes = mrt.attributes(path=((2, (_SPEAKER.asn,)),), next_hop=_SPEAKER.identifier)
    entries = [mrt.Entry(0, _TIME // 1_000_000, attributes)]
    networks = (IPv4Network("1.2.3.0/24"), IPv6Network("2001:db8::/32"))
    table = b"".join(mrt.rib(_TIME, one, entries) for one in networks)
    update = mrt.update_body(path_attributes=attributes, announced=mrt.prefix(networks[0]))
    told = mrt.bgp4mp(_TIME, _SPEAKER, mrt.message(2, update), extended=True)
    reader = Reader(_REGISTRY, _TIME, ["country/KZ"])
    reader.take("rrc00", mrt.index_table(_TIME, [_SPEAKER]) + table)
    reader.take("rrc00", told)
    return len(reader.bins(_TIME + 600_000_000))
