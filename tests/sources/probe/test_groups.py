"""Blocks belong to operators by routes, and to countries and regions by where they are."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address

import numpy as np

from zicht.place.blocks import Blocks, build_blocks, high_bits
from zicht.place.geofeed import parse_geofeed
from zicht.place.origins import parse_origins
from zicht.sources.probe.groups import group_blocks

DAY = date(2026, 11, 22)
ORIGINS = parse_origins(
    b"5.0.0.0\t16\t9198\n5.1.0.0\t16\t29355\n6.0.0.0\t8\t9198\n2a00::\t32\t9198\n",
    name="pfx2as",
    as_of=DAY,
)


def places() -> Blocks:
    feed = b"5.0.0.0/16,KZ,KZ-75\n5.1.0.0/16,KZ\n6.0.0.0/8,KG\n7.0.0.0/8,KZ\n2a00::/32,KZ,KZ-75\n"
    return build_blocks([], [parse_geofeed(feed, name="feed", as_of=DAY)])


def texts(*addresses: str, blocks: bool = True, origins: bool = True) -> list[list[str]]:
    high = np.array([high_bits(ip_address(a)) for a in addresses], dtype=np.uint64)
    groups = group_blocks(
        high,
        ipv4="." in addresses[0],
        blocks=places() if blocks else None,
        origins=ORIGINS if origins else None,
    )
    assert len(set(groups.entities)) == len(groups.entities)
    return [[groups.entities[at] for at in row if at >= 0] for row in groups.of_block.tolist()]


def test_each_block_has_its_operator_its_country_and_its_region() -> None:
    assert texts("5.0.1.0", "5.1.1.0", "6.0.0.0", "7.0.0.0", "9.0.0.0") == [
        ["asn/9198", "asn/9198/KZ", "country/KZ", "region/KZ-75"],
        ["asn/29355", "asn/29355/KZ", "country/KZ"],
        ["asn/9198", "asn/9198/KG", "country/KG"],
        ["country/KZ"],
        [],
    ]


def test_blocks_of_ipv6_too() -> None:
    assert texts("2a00:0:5::")[0] == ["asn/9198", "asn/9198/KZ", "country/KZ", "region/KZ-75"]


def test_what_is_not_known_is_left_out() -> None:
    assert texts("5.0.1.0", blocks=False) == [["asn/9198"]]
    assert texts("5.0.1.0", origins=False) == [["country/KZ", "region/KZ-75"]]
    assert texts("5.0.1.0", blocks=False, origins=False) == [[]]
