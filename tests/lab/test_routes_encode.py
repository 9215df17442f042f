"""The fast encoder against the plain one, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.lab import mrt
from zicht.lab.routes.columns import (
    Attributes,
    Entries,
    Kind,
    Messages,
    Networks,
    Routers,
    networks_of,
    routers_of,
)
from zicht.lab.routes.encode import LONGEST_MESSAGE, encode_messages, encode_tables, encode_updates

if TYPE_CHECKING:
    from collections.abc import Sequence

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
asns = st.integers(0, 2**32 - 1)


@st.composite
def some_networks(draw: st.DrawFn) -> list[mrt.Network]:
    def network(family: int) -> mrt.Network:
        bits = 32 if family == 4 else 128
        length = draw(st.integers(0, bits))
        kept = draw(st.integers(0, 2**bits - 1)) >> (bits - length) << (bits - length)
        return IPv4Network((kept, length)) if family == 4 else IPv6Network((kept, length))

    return [network(family) for family in draw(st.lists(st.sampled_from([4, 6]), min_size=1))]


@dataclass
class Route:
    path: list[int]
    origin: int
    med: int | None
    communities: list[tuple[int, int]]

    def plain(self, speaker: mrt.Speaker, family: int, reach: bytes | None) -> bytes:
        return mrt.attributes(
            path=((2, tuple(self.path)),) if self.path else (),
            origin=self.origin,
            next_hop=next_hops(speaker)[0] if family == 4 else None,
            med=self.med,
            communities=self.communities,
            reach=reach,
        )


def next_hops(speaker: mrt.Speaker) -> tuple[IPv4Address, IPv6Address]:
    if isinstance(speaker.address, IPv6Address):
        return speaker.identifier, speaker.address
    return speaker.address, IPv6Address(0xFFFF_0000_0000 | int(speaker.address))


routes = st.builds(
    Route,
    st.one_of(st.lists(asns, max_size=6), st.lists(asns, min_size=60, max_size=255)),
    st.integers(0, 2),
    st.none() | st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), max_size=80),
)
speakers = st.lists(
    st.builds(mrt.Speaker, addresses, asns, st.ip_addresses(v=4)), min_size=1, max_size=4
)
times = st.integers(0, (2**32 - 1) * 1_000_000)


def firsts(lengths: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def attributes_of(chosen: Sequence[Route]) -> Attributes:
    communities = [high << 16 | low for one in chosen for high, low in one.communities]
    return Attributes(
        firsts([len(one.path) for one in chosen]),
        np.array([asn for one in chosen for asn in one.path], np.uint32),
        np.array([one.origin for one in chosen], np.uint8),
        np.array([-1 if one.med is None else one.med for one in chosen], np.int64),
        firsts([len(one.communities) for one in chosen]),
        np.array(communities, np.uint32),
    )


def columns_of(some: Sequence[mrt.Speaker]) -> Routers:
    return routers_of(
        [one.asn for one in some],
        [one.address for one in some],
        [one.identifier for one in some],
    )


@dataclass
class Said:
    time: int
    router: int
    kind: Kind
    family: int
    states: tuple[int, int]
    networks: list[int]
    route: Route

    def plain(
        self, known: Sequence[mrt.Speaker], networks: Sequence[mrt.Network], *, extended: bool
    ) -> bytes:
        speaker = known[self.router]
        if self.kind == Kind.STATE:
            return mrt.state_change(self.time, speaker, *self.states, extended=extended)
        told = b"".join(mrt.prefix(networks[one]) for one in self.networks)
        if self.kind != Kind.ANNOUNCE and self.family == 4:
            body = mrt.update_body(withdrawn=told)
        elif self.kind != Kind.ANNOUNCE:
            value = mrt.attribute(15, mrt.unreach_value(told))
            body = mrt.update_body(path_attributes=value)
        elif self.family == 4:
            value = self.route.plain(speaker, 4, None)
            body = mrt.update_body(path_attributes=value, announced=told)
        else:
            reach = mrt.reach_value(next_hops(speaker)[1], told)
            body = mrt.update_body(path_attributes=self.route.plain(speaker, 6, reach))
        return mrt.bgp4mp(self.time, speaker, mrt.message(mrt.UPDATE, body), extended=extended)


@st.composite
def some_said(draw: st.DrawFn) -> tuple[list[mrt.Speaker], list[mrt.Network], list[Said]]:
    known, networks = draw(speakers), draw(some_networks())
    said = []
    for _ in range(draw(st.integers(0, 6))):
        kind, family = draw(st.sampled_from(Kind)), draw(st.sampled_from([4, 6]))
        of_family = [i for i, one in enumerate(networks) if one.version == family]
        has_any = kind in {Kind.ANNOUNCE, Kind.WITHDRAW} and of_family
        said.append(
            Said(
                draw(times),
                draw(st.integers(0, len(known) - 1)),
                kind,
                family,
                draw(st.tuples(st.integers(1, 6), st.integers(1, 6))),
                draw(st.lists(st.sampled_from(of_family), max_size=50)) if has_any else [],
                draw(routes),
            )
        )
    return known, networks, said


def messages_of(said: Sequence[Said]) -> Messages:
    return Messages(
        np.array([one.time for one in said], np.int64),
        np.array([one.router for one in said], np.int32),
        np.array([one.kind for one in said], np.uint8),
        np.array([one.family for one in said], np.uint8),
        np.array([one.states for one in said], np.uint8).reshape(-1, 2),
        firsts([len(one.networks) for one in said]),
        np.array([which for one in said for which in one.networks], np.int32),
        attributes_of([one.route for one in said]),
    )


@given(some_said(), st.booleans())
def test_messages_are_those_of_the_plain_encoder(
    world: tuple[list[mrt.Speaker], list[mrt.Network], list[Said]],
    extended: bool,  # noqa: FBT001 - drawn
) -> None:
    known, networks, said = world
    plain = b"".join(one.plain(known, networks, extended=extended) for one in said)
    found = encode_messages(
        messages_of(said), columns_of(known), networks_of(networks), extended=extended
    )
    assert found.tobytes() == plain


@given(some_said())
def test_bare_messages_are_those_within_the_records(
    world: tuple[list[mrt.Speaker], list[mrt.Network], list[Said]],
) -> None:
    known, networks, said = world
    found = encode_updates(messages_of(said), columns_of(known), networks_of(networks))
    updates = [one for one in said if one.kind != Kind.STATE]
    assert len(found) == len(updates)
    for message, one in zip(found, updates, strict=True):
        assert one.plain(known, networks, extended=False).endswith(message)
        assert message.startswith(b"\xff" * 16)


@given(speakers, some_networks(), st.data())
def test_tables_are_those_of_the_plain_encoder(
    known: list[mrt.Speaker], networks: list[mrt.Network], data: st.DataObject
) -> None:
    time, sequence = data.draw(st.integers(0, 2**32 - 1)), data.draw(st.integers(0, 2**31))
    entry = st.tuples(st.integers(0, len(known) - 1), st.integers(0, 2**32 - 1), routes)
    rows = [(i, data.draw(st.lists(entry, max_size=4))) for i in range(min(len(networks), 4))]
    plain = b"".join(
        mrt.rib(
            time * 1_000_000,
            networks[i],
            [
                mrt.Entry(
                    peer,
                    since,
                    route.plain(
                        known[peer],
                        networks[i].version,
                        mrt.abbreviated_reach_value(next_hops(known[peer])[1])
                        if networks[i].version == 6
                        else None,
                    ),
                )
                for peer, since, route in of_one
            ],
            sequence=sequence + i,
        )
        for i, of_one in rows
    )
    every = [one for _, of_one in rows for one in of_one]
    entries = Entries(
        np.array([i for i, _ in rows], np.int32),
        firsts([len(of_one) for _, of_one in rows]),
        np.array([peer for peer, _, _ in every], np.uint16),
        np.array([since for _, since, _ in every], np.uint32),
        attributes_of([route for _, _, route in every]),
    )
    found = encode_tables(
        time, entries, columns_of(known), networks_of(networks), sequence=sequence
    )
    assert found.tobytes() == plain


def test_a_message_that_is_longer_than_bgp_allows_is_refused() -> None:
    networks = [IPv4Network((i << 8, 24)) for i in range(LONGEST_MESSAGE // 4)]
    speaker = mrt.Speaker(IPv4Address("10.0.0.1"), 64500, IPv4Address("10.0.0.1"))
    route = Route([64500], 0, None, [])
    said = Said(0, 0, Kind.ANNOUNCE, 4, (0, 0), list(range(len(networks))), route)
    with pytest.raises(ValueError, match="4096"):
        encode_messages(
            messages_of([said]), columns_of([speaker]), networks_of(networks), extended=True
        )


def test_columns_of_networks_have_their_addresses_from_the_first_byte_on() -> None:
    columns: Networks = networks_of([IPv4Network("10.1.0.0/16"), IPv6Network("2001:db8::/32")])
    assert columns.family.tolist() == [4, 6]
    assert columns.length.tolist() == [16, 32]
    assert columns.address[0, :4].tolist() == [10, 1, 0, 0]
    assert columns.address[1, :4].tolist() == [0x20, 0x01, 0x0D, 0xB8]
