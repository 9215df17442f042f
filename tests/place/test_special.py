from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from zicht.place.special import SPECIAL_4, SPECIAL_6, SPECIAL_PREFIXES, bounds


@pytest.mark.parametrize(
    "address", ["10.9.8.7", "192.168.0.1", "240.0.0.1", "::1", "fe80::1", "2001:db8::1"]
)
def test_private_and_reserved_addresses_are_special(address: str) -> None:
    assert any(ip_address(address) in prefix for prefix in SPECIAL_PREFIXES)


@pytest.mark.parametrize("address", ["8.8.8.8", "100.128.0.1", "2a00::1", "2620:fe::9"])
def test_public_addresses_are_not(address: str) -> None:
    assert not any(ip_address(address) in prefix for prefix in SPECIAL_PREFIXES)


def test_bounds_are_left_aligned_and_no_finer_than_64() -> None:
    found = bounds([ip_network("10.0.0.0/8"), ip_network("2a00::5/128")]).tolist()
    assert found == [
        [0x0A000000 << 32, (0x0B000000 << 32) - 1],
        [0x2A00000000000000, 0x2A00000000000000],
    ]
    assert len(SPECIAL_4) + len(SPECIAL_6) == len(SPECIAL_PREFIXES)
