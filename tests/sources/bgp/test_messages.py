from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from speaking import announce, announce6, as_path, attribute, bgp, bgp_open, nlri, update

from zicht.sources.bgp.capabilities import read_open
from zicht.sources.bgp.messages import (
    IPV4_UNICAST,
    LONGEST,
    OPEN,
    UPDATE,
    Part,
    fits_as_size,
    is_message,
    message_length,
    read_update,
    split_by,
    write_message,
    write_update,
)


def test_a_message_is_known_by_its_header() -> None:
    message = announce("192.0.2.0/24")
    assert is_message(message)
    assert is_message(message, UPDATE)
    assert not is_message(message, OPEN)
    assert not is_message(message + b"\0")
    assert not is_message(b"\0" + message[1:])
    assert message_length(message + b"more") == len(message)
    assert message_length(b"no BGP at all, whatever it may be") == 0


def test_what_is_written_is_what_a_speaker_would_write() -> None:
    parts = nlri("192.0.2.0/24"), attribute(1, b"\0"), nlri("198.51.100.0/24")
    assert write_update(*parts) == update(*parts)
    assert write_message(4, b"") == bgp(4, b"")
    with pytest.raises(ValueError, match="at most 65535"):
        write_message(2, bytes(LONGEST))


def test_an_update_is_read_into_its_parts() -> None:
    read = read_update(update(nlri("192.0.2.0/24"), as_path(1, 2), nlri("198.51.100.0/24")))
    assert read is not None
    assert (read.withdrawn, read.announced) == (nlri("192.0.2.0/24"), nlri("198.51.100.0/24"))
    assert [(one.kind, one.whole) for one in read.attributes] == [(2, as_path(1, 2))]


@given(st.binary(max_size=60))
def test_nothing_that_is_no_update_does_harm(body: bytes) -> None:
    message = bgp(2, body)
    read_update(message)
    fits_as_size(message, 4)
    assert sum(len(part.message) >= 19 for part in split_by(message, ())) >= 1


@given(st.lists(st.integers(1, 65535), min_size=1, max_size=20), st.sampled_from([2, 4]))
def test_the_size_of_as_numbers_shows_in_the_path(asns: list[int], size: int) -> None:
    message = announce("192.0.2.0/24", path=tuple(asns), size=size)
    assert fits_as_size(message, size)
    assert not fits_as_size(message, 6 - size) or len(asns) > 1  # two short may look like one long


def test_a_message_without_a_path_fits_both_sizes() -> None:
    assert fits_as_size(update(), 2)
    assert fits_as_size(update(), 4)


@pytest.mark.parametrize(
    "message", [update(), announce("192.0.2.0/24"), announce6("2001:db8::/32"), bgp(2, b"damaged")]
)
def test_a_message_of_one_family_is_left_as_it_is(message: bytes) -> None:
    assert list(split_by(message, ())) == [Part(message, add_path=False, is_as_agreed=True)]


PREFIXES = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 32)).map(
        lambda pair: str(IPv4Network(pair, strict=False))
    )
)


@given(st.lists(PREFIXES, min_size=1, max_size=8), st.integers(0, 2**24 - 1))
def test_prefixes_that_can_be_read_as_agreed_are(prefixes: list[str], path_id: int) -> None:
    plain = update(b"", b"", nlri(*prefixes))
    assert list(split_by(plain, ())) == [Part(plain, add_path=False, is_as_agreed=True)]
    with_ids = update(nlri(*prefixes, path_id=path_id))
    assert list(split_by(with_ids, {IPV4_UNICAST})) == [
        Part(with_ids, add_path=True, is_as_agreed=True)
    ]


@pytest.mark.parametrize("prefix", ["50.0.0.0/25", "50.0.0.128/25", "192.0.2.0/24", "10.0.0.0/8"])
def test_prefixes_that_can_only_be_read_otherwise_are(prefix: str) -> None:
    plain = update(b"", b"", nlri(prefix))
    assert list(split_by(plain, {IPV4_UNICAST})) == [
        Part(plain, add_path=False, is_as_agreed=False)
    ]
    with_ids = update(b"", b"", nlri(prefix, path_id=1))
    assert list(split_by(with_ids, ())) == [Part(with_ids, add_path=True, is_as_agreed=False)]


def test_a_message_of_two_families_of_which_one_has_path_identifiers_becomes_two() -> None:
    whole = read_update(announce6("2001:db8::/32"))
    assert whole is not None
    attributes = b"".join(one.whole for one in whole.attributes)
    old, new = nlri("192.0.2.0/24", path_id=1), nlri("198.51.100.0/24", path_id=2)
    mixed = update(old, attributes, new)
    parts = {part.add_path: part.message for part in split_by(mixed, {IPV4_UNICAST})}
    assert parts[False] == update(b"", attributes)
    with_ids = read_update(parts[True])
    assert with_ids is not None
    assert (with_ids.withdrawn, with_ids.announced) == (old, new)
    assert [one.kind for one in with_ids.attributes] == [1, 2]


def test_an_open_says_what_its_sender_can() -> None:
    families = {(1, 1): 1, (2, 1): 2, (1, 2): 3}
    read = read_open(bgp_open(4_200_000_000, add_path=families))
    assert read is not None
    assert (read.asn, read.as4) == (4_200_000_000, True)
    assert read.receives == {(1, 1), (1, 2)}
    assert read.sends == {(2, 1), (1, 2)}


def test_an_old_speaker_has_an_as_number_of_two_bytes_and_nothing_else() -> None:
    read = read_open(bgp_open(64500, as4=False))
    assert read is not None
    assert (read.asn, read.as4) == (64500, False)
    assert not read.sends | read.receives


def test_extended_optional_parameters_are_read() -> None:
    plain = bgp_open(4_200_000_000)
    capability = plain[-6:]
    parameter = b"\x02" + len(capability).to_bytes(2) + capability
    body = plain[19:28] + b"\xff\xff" + len(parameter).to_bytes(2) + parameter
    assert read_open(bgp(1, body)) == read_open(plain)


@given(st.binary(max_size=60))
def test_a_damaged_open_does_no_harm(body: bytes) -> None:
    read_open(bgp(1, body))
