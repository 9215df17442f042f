from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.bgp.recording import AS_TRANS, Session, State, record_message, record_state

ADDRESSES = st.ip_addresses()
ASNS = st.integers(0, 2**32 - 1)
TIMES = st.integers(0, (2**32 - 1) * 1_000_000)


@given(
    peer=ADDRESSES,
    peer_asn=ASNS,
    local=ADDRESSES,
    local_asn=ASNS,
    time=TIMES,
    message=st.binary(max_size=100),
    add_path=st.booleans(),
)
def test_a_recorded_message_holds_all_that_it_was_made_of(
    *,
    peer: IPv4Address | IPv6Address,
    peer_asn: int,
    local: IPv4Address | IPv6Address,
    local_asn: int,
    time: int,
    message: bytes,
    add_path: bool,
) -> None:
    session = Session(peer, peer_asn, local, local_asn)
    record = record_message(session, time, message, add_path=add_path)
    seconds, kind, subtype, length, micros = struct.unpack_from(">IHHII", record)
    assert (seconds * 1_000_000 + micros, kind) == (time, 17)
    assert subtype == (9 if add_path else 4)
    assert length == len(record) - 12
    asns = struct.unpack_from(">II", record, 16)
    assert asns == (peer_asn, local_asn)
    afi = int.from_bytes(record[26:28])
    size = {1: 4, 2: 16}[afi]
    assert ip_address(record[28 : 28 + size]) == peer
    there = ip_address(record[28 + size : 28 + 2 * size])
    assert there == local if local.version == peer.version else not any(there.packed)
    assert record[28 + 2 * size :] == message


@pytest.mark.parametrize(("add_path", "subtype"), [(False, 1), (True, 8)])
def test_an_as_number_that_does_not_fit_two_bytes_is_as_trans(
    *, add_path: bool, subtype: int
) -> None:
    session = Session(ip_address("192.0.2.1"), 4_200_000_000, None, 64500)
    record = record_message(session, 0, b"", as4=False, add_path=add_path)
    assert struct.unpack_from(">H", record, 6) == (subtype,)
    assert struct.unpack_from(">HHHH", record, 16) == (AS_TRANS, 64500, 0, 1)
    assert record[24:] == bytes([192, 0, 2, 1, 0, 0, 0, 0])


def test_a_change_of_state_names_the_old_and_the_new() -> None:
    session = Session(ip_address("2001:db8::1"), 4_200_000_000)
    record = record_state(session, 1_500_000, old=State.ESTABLISHED, new=State.IDLE)
    assert struct.unpack_from(">IHHII", record) == (1, 17, 5, len(record) - 12, 500_000)
    assert struct.unpack(">HH", record[-4:]) == (6, 1)
