from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import BadRowError
from zicht.sources.probe.exclusions import Exclusions, read_networks


def high(*addresses: str | int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([int(IPv4Address(a)) << 32 for a in addresses], dtype=np.uint64)


def high_6(*addresses: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([int(IPv6Address(a)) >> 64 for a in addresses], dtype=np.uint64)


def test_a_list_is_read_with_its_comments() -> None:
    text = "# who asked\n\n192.0.2.0/24  # by mail\n198.51.100.7\n2001:db8::/32\n"
    found = [str(network) for network in read_networks(text, "list")]
    assert found == ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"]


@pytest.mark.parametrize("line", ["192.0.2.1/24", "example.org", "300.1.1.1", "::/200"])
def test_of_a_list_with_a_bad_line_nothing_counts(line: str) -> None:
    with pytest.raises(BadRowError, match="list, line 2"):
        read_networks(f"192.0.2.0/24\n{line}\n", "list")


NETWORKS = st.builds(
    lambda address, length: ip_network((address, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(st.lists(NETWORKS, max_size=20), st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_what_is_listed_is_what_the_networks_hold(networks: list[str], others: list[int]) -> None:
    nets = [ip_network(network) for network in networks]
    edges = [int(n[i]) for n in nets for i in (0, -1)]
    addresses = others + edges + [max(edge - 1, 0) for edge in edges]
    listed = Exclusions(nets).listed(high(*addresses), ipv4=True)
    assert listed.tolist() == [any(IPv4Address(a) in n for n in nets) for a in addresses]


def test_private_and_reserved_space_is_refused() -> None:
    addresses = high("10.0.0.1", "127.0.0.1", "192.168.1.1", "100.64.0.1", "203.0.113.9", "1.1.1.1")
    assert Exclusions([]).private(addresses, ipv4=True).tolist() == [True] * 5 + [False]
    six = high_6("::1", "fe80::1", "fd00::1", "2001:db8::1", "2a00::1")
    assert Exclusions([]).private(six, ipv4=False).tolist() == [True] * 4 + [False]


def test_private_space_can_be_allowed_but_never_multicast_or_broadcast() -> None:
    exclusions = Exclusions([], allow_private=True)
    addresses = high("10.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.9")
    assert exclusions.private(addresses, ipv4=True).tolist() == [False, False, True, True, True]
    six = high_6("::1", "fd00::1", "ff02::1")
    assert exclusions.private(six, ipv4=False).tolist() == [False, False, True]


def test_one_address_of_ipv6_keeps_its_whole_64_from_being_probed() -> None:
    exclusions = Exclusions([ip_network("2a00:1::5/128")])
    listed = exclusions.listed(high_6("2a00:1::9", "2a00:1:0:1::5"), ipv4=False)
    assert listed.tolist() == [True, False]
