from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.sources.probe.targets import Targets, address_text, block_text

SMALL_4 = st.builds(
    lambda a, n: ip_network((a, n), strict=False), st.integers(0, 2**32 - 1), st.integers(24, 32)
)
SMALL_6 = st.builds(
    lambda a, n: ip_network((a, n), strict=False), st.integers(0, 2**128 - 1), st.integers(120, 128)
)


@given(st.lists(SMALL_4, min_size=1, max_size=6) | st.lists(SMALL_6, min_size=1, max_size=6))
def test_positions_are_the_addresses_each_once(networks: list[IPv4Network | IPv6Network]) -> None:
    ipv4 = networks[0].version == 4
    targets = Targets(networks, ipv4=ipv4)
    all_positions = np.arange(targets.size, dtype=np.uint64)
    high, low = targets.addresses(all_positions)
    pairs = zip(high.tolist(), low.tolist(), strict=True)
    found = [address_text(h, lo, ipv4=ipv4) for h, lo in pairs]
    assert set(found) == {str(address) for network in networks for address in network}
    assert len(set(found)) == len(found) == targets.size
    assert targets.positions(high, low).tolist() == all_positions.tolist()


@given(st.integers(1, 2**32 - 300), st.integers(2, 2**128 - 300))
def test_what_is_beside_the_targets_has_no_position(four: int, six: int) -> None:
    net = ip_network((four, 24), strict=False)
    beside = [int(net[0]) - 1, int(net[-1]) + 1]
    beside = [address for address in beside if 0 <= address < 2**32]
    high = np.array([address << 32 for address in beside], dtype=np.uint64)
    assert (Targets([net], ipv4=True).positions(high, np.zeros_like(high)) == -1).all()
    net6 = ip_network((six, 128))
    near = [(six - 1) % 2**128, (six + 1) % 2**128, six ^ (1 << 64)]
    high6 = np.array([address >> 64 for address in near], dtype=np.uint64)
    low6 = np.array([address & (2**64 - 1) for address in near], dtype=np.uint64)
    assert (Targets([net6], ipv4=False).positions(high6, low6) == -1).all()


def test_nobody_can_try_all_addresses_of_a_64() -> None:
    with pytest.raises(UsageError, match="not probed in one go"):
        Targets([ip_network("2001:db8::/64")], ipv4=False)
    with pytest.raises(UsageError, match="0 addresses"):
        Targets([], ipv4=True)


def test_addresses_and_blocks_are_written_as_usual() -> None:
    assert address_text(0x0A000102 << 32, 0, ipv4=True) == "10.0.1.2"
    assert block_text(0x0A000102 << 32, ipv4=True) == "10.0.1.0/24"
    assert address_text(0x20010DB800010002, 5, ipv4=False) == "2001:db8:1:2::5"
    assert block_text(0x20010DB800010002, ipv4=False) == "2001:db8:1::/48"


@given(st.lists(SMALL_4, min_size=1, max_size=6) | st.lists(SMALL_6, min_size=1, max_size=6))
def test_blocks_are_numbered_in_order_and_none_twice(
    networks: list[IPv4Network | IPv6Network],
) -> None:
    ipv4 = networks[0].version == 4
    targets = Targets(networks, ipv4=ipv4)
    high, low = targets.addresses(np.arange(targets.size, dtype=np.uint64))
    texts = [block_text(first, ipv4=ipv4) for first in targets.block_highs().tolist()]
    numbers = targets.block_of(high, low)
    assert len(texts) == len(set(texts)) == targets.blocks
    assert [texts[number] for number in numbers.tolist()] == [
        block_text(address, ipv4=ipv4) for address in high.tolist()
    ]
    assert targets.block_sizes().tolist() == np.bincount(numbers).tolist()


def test_the_whole_of_ipv4_is_one_space() -> None:
    targets = Targets([ip_network("1.0.0.0/8"), ip_network("64.0.0.0/2")], ipv4=True)
    assert targets.blocks == (2**24 + 2**30) // 256
    assert targets.block_sizes().sum() == targets.size
    last = np.array([0x7FFFFFFF << 32], dtype=np.uint64)
    assert targets.block_of(last, np.zeros_like(last)) == targets.blocks - 1
