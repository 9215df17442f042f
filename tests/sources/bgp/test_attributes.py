"""Path attributes of one element are read in full when they are asked for."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import attribute_fields, ipv6_addresses

from zicht.lab import mrt
from zicht.sources.bgp.attributes import (
    Attributes,
    Segment,
    iterate_attributes,
    read_attributes,
    read_segments,
)

ROUTER = IPv4Address("10.0.0.1")


@given(st.sampled_from((2, 4)).flatmap(attribute_fields), st.none() | ipv6_addresses, st.booleans())
def test_what_is_encoded_is_read_again(
    fields: dict[str, Any],
    mp_next_hop: IPv6Address | None,
    abbreviated: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    reach = None
    if mp_next_hop is not None:
        reach = mrt.reach_value(mp_next_hop, b"")
        if abbreviated:
            reach = mrt.abbreviated_reach_value(mp_next_hop)
    data = mrt.attributes(**fields, reach=reach)
    read = read_attributes(data, as4=fields["as_size"] == 4)
    assert read == Attributes(
        origin=("IGP", "EGP", "INCOMPLETE")[fields["origin"]],
        path=tuple(Segment(kind, asns) for kind, asns in fields["path"]),
        next_hop=fields["next_hop"],
        mp_next_hop=mp_next_hop,
        med=fields["med"],
        local_pref=fields["local_pref"],
        aggregator=fields["aggregator"],
        communities=tuple(fields["communities"]),
        extended_communities=tuple(fields["extended_communities"]),
        large_communities=tuple(fields["large_communities"]),
    )


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_survived(
    data: bytes,
    as4: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    read = read_attributes(data, as4=as4)
    assert sum(len(value) for _, value in iterate_attributes(data)) <= len(data)
    assert isinstance(read.path_text, str)


def test_a_path_is_written_as_it_is_usually() -> None:
    path = ((3, (64512, 64513)), (4, (64514, 64515)), (2, (1, 2)), (1, (3, 4)))
    read = read_attributes(mrt.attributes(path=path), as4=True)
    assert read.path_text == "(64512 64513) [64514,64515] 1 2 {3,4}"


def test_of_two_next_hops_the_global_one_counts() -> None:
    both = IPv6Address("2001:db8::1").packed + IPv6Address("fe80::1").packed
    whole = b"\0\2\1\x20" + both + b"\0"
    for value in (whole, b"\x20" + both):
        read = read_attributes(mrt.attributes(reach=value), as4=True)
        assert read.mp_next_hop == IPv6Address("2001:db8::1")


def test_an_atomic_aggregate_is_told() -> None:
    assert read_attributes(mrt.attribute(6, b""), as4=True).atomic_aggregate


@pytest.mark.parametrize(
    ("path", "as4_path", "text"),
    [
        (((2, (1, 23456, 23456)),), ((2, (70_000, 70_001)),), "1 70000 70001"),
        (((2, (1, 23456)), (1, (5, 6))), ((2, (70_000,)), (1, (5, 70_006))), "1 70000 {5,70006}"),
        (((3, (64512,)), (2, (1, 23456))), ((2, (70_000,)),), "(64512) 1 70000"),
        (((2, (23456,)),), ((2, (1, 70_000)),), "23456"),
        (((2, (1, 23456)),), ((3, (70_000,)),), "1 23456"),
        (((2, (1, 2)),), ((2, (70_001, 70_002)),), "70001 70002"),
    ],
)
def test_the_path_of_four_bytes_is_merged_into_that_of_two(
    path: mrt.Path, as4_path: mrt.Path, text: str
) -> None:
    data = mrt.attributes(path=path, as_size=2, as4_path=as4_path)
    assert read_attributes(data, as4=False).path_text == text


def test_a_later_aggregator_makes_those_of_four_bytes_void() -> None:
    def read(asn: int) -> Attributes:
        data = mrt.attributes(
            path=((2, (1, 23456)),),
            as_size=2,
            aggregator=(asn, ROUTER),
            as4_path=((2, (70_000,)),),
            as4_aggregator=(70_000, ROUTER),
        )
        return read_attributes(data, as4=False)

    assert (read(5).path_text, read(5).aggregator) == ("1 23456", (5, ROUTER))
    assert (read(23456).path_text, read(23456).aggregator) == ("1 70000", (70_000, ROUTER))


@pytest.mark.parametrize("path", [b"\2", b"\2\0", b"\7\1\0\0\0\1", b"\2\2\0\0\0\1"])
def test_a_malformed_path_is_as_if_absent(path: bytes) -> None:
    assert read_segments(path, 4) is None
    assert read_attributes(mrt.attribute(2, path), as4=True).path == ()
