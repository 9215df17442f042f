"""A small world of routes as real MRT: two collectors, two countries, and what happens to them."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from zicht.lab import mrt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive_server import Archive

BEGIN = datetime(2024, 10, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
PEERS = 6
KZ, NL = 9198, 1136
NETWORKS = {
    **{IPv4Network((0x05000000 + (i << 10), 22)): KZ for i in range(40)},
    **{IPv4Network((0x06000000 + (i << 10), 22)): NL for i in range(60)},
}
COUNTRIES = {"KZ": IPv4Network("5.0.0.0/16"), "NL": IPv4Network("6.0.0.0/16")}


def speakers(collector: str) -> list[mrt.Speaker]:
    """Routers of a collector, each of an AS of its own."""
    number = sum(collector.encode()) % 100
    return [
        mrt.Speaker(
            IPv4Address(0x0B000000 + number * 256 + i), 1000 + number * 10 + i, IPv4Address(i)
        )
        for i in range(PEERS)
    ]


def attributes(speaker: mrt.Speaker, asn: int) -> bytes:
    path = ((2, (speaker.asn, 3356, asn)),)  # an AS_SEQUENCE (RFC 4271, section 4.3)
    return mrt.attributes(path=path, next_hop=IPv4Address("11.0.0.1"))


def dump(collector: str, time: datetime, networks: Mapping[IPv4Network, int] = NETWORKS) -> bytes:
    """The tables of all routers of a collector."""
    at = int(time.timestamp()) * 1_000_000
    routers = speakers(collector)
    records = [mrt.index_table(at, routers)]
    for network, asn in networks.items():
        entries = [
            mrt.Entry(row, at // 1_000_000, attributes(router, asn))
            for row, router in enumerate(routers)
        ]
        records.append(mrt.rib(at, network, entries))
    return b"".join(records)


def withdrawals(collector: str, time: datetime, networks: Iterable[IPv4Network]) -> bytes:
    """All routers withdraw these."""
    body = mrt.update_body(withdrawn=b"".join(map(mrt.prefix, networks)))
    return _updates(collector, time, body)


def announcements(collector: str, time: datetime, networks: Iterable[IPv4Network]) -> bytes:
    """All routers announce these, which are Kazakhstan's."""
    at = int(time.timestamp()) * 1_000_000
    prefixes = b"".join(map(mrt.prefix, networks))
    return b"".join(
        mrt.bgp4mp(
            at,
            router,
            mrt.message(
                2, mrt.update_body(path_attributes=attributes(router, KZ), announced=prefixes)
            ),
        )
        for router in speakers(collector)
    )


def _updates(collector: str, time: datetime, body: bytes) -> bytes:
    at = int(time.timestamp()) * 1_000_000
    return b"".join(mrt.bgp4mp(at, router, mrt.message(2, body)) for router in speakers(collector))


def delegated(day: date) -> bytes:
    """A registry's file that knows both countries."""
    rows = [
        f"ripencc|{country}|ipv4|{network.network_address}|{network.num_addresses}|20100101|allocated|x"
        for country, network in COUNTRIES.items()
    ]
    head = [f"2|ripencc|{day:%Y%m%d}|{len(rows)}|19830705|{day:%Y%m%d}|+0200"]
    summary = [f"ripencc|*|ipv4|*|{len(rows)}|summary"]
    return "\n".join([*head, *summary, *rows, ""]).encode()


def publish(
    archive: Archive,
    collector: str,
    minutes: int,
    said: Mapping[int, bytes],
    *,
    begin: datetime = BEGIN,
    networks: Mapping[IPv4Network, int] = NETWORKS,
) -> None:
    """A dump at ``begin`` and updates every five minutes; ``said`` is by minutes from there."""
    folder = f"/{collector}/{begin:%Y.%m}"
    tables = gzip.compress(dump(collector, begin, networks))
    archive.hold(f"{folder}/bview.{begin:%Y%m%d.%H%M}.gz", tables)
    for first in range(0, minutes, 5):
        time = begin + timedelta(minutes=first)
        body = b"".join(said.get(first + minute, b"") for minute in range(5))
        archive.hold(f"{folder}/updates.{time:%Y%m%d.%H%M}.gz", gzip.compress(body))
