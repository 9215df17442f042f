"""What routers may say, as hypothesis draws it: the record's bytes, and the elements in it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from zicht.lab import mrt
from zicht.sources.bgp.elements import Elements, Kind, Peer

if TYPE_CHECKING:
    from collections.abc import Callable


class Said(NamedTuple):
    """One element, in words."""

    time: int
    peer: tuple[mrt.Address, int, bool]
    kind: Kind
    family: int = 0
    safi: int = 0
    network: mrt.Network | None = None
    path_id: int = -1
    origin: int = 0
    path_length: int = 0
    state: int = 0
    attributes: bytes = b""


def in_words(elements: Elements, peers: list[Peer]) -> list[Said]:
    """The rows of a batch."""
    rows = []
    for row in range(len(elements)):
        kind, family = Kind(elements.kind[row]), int(elements.family[row])
        high, low = int(elements.prefix_high[row]), int(elements.prefix_low[row])
        length = int(elements.length[row])
        network: mrt.Network | None = None
        if kind in (Kind.ROUTE, Kind.ANNOUNCE, Kind.WITHDRAW):
            if family == 4:
                assert low == 0
                assert high & 0xFFFF_FFFF == 0
                network = IPv4Network((high >> 32, length))
            else:
                network = IPv6Network((high << 64 | low, length))
        else:
            assert high == low == length == 0
        peer = peers[elements.peer[row]]
        begin, end = int(elements.attributes_begin[row]), int(elements.attributes_end[row])
        rows.append(
            Said(
                int(elements.time[row]),
                (peer.address, peer.asn, peer.local),
                kind,
                family,
                int(elements.safi[row]),
                network,
                int(elements.path_id[row]),
                int(elements.origin[row]),
                int(elements.path_length[row]),
                int(elements.state[row]),
                elements.data[begin:end].tobytes(),
            )
        )
    return rows


def origin_of(path: mrt.Path | None, peer_asn: int) -> int:
    """The origin, told once more and otherwise than in the decoder."""
    if path is None:
        return 0
    if not path:
        return peer_asn
    kept = [asns if kind == 2 or len(asns) == 1 else (0,) for kind, asns in path if kind < 3]
    return kept[-1][-1] if kept else 0


def length_of(path: mrt.Path | None) -> int:
    """The path's length, likewise."""
    return sum({1: 1, 2: len(asns)}.get(kind, 0) for kind, asns in path or ())


times = st.integers(0, 2**32 - 1).map(lambda seconds: seconds * 1_000_000)
ipv4_addresses = st.integers(0, 2**32 - 1).map(IPv4Address)
ipv6_addresses = st.integers(0, 2**128 - 1).map(IPv6Address)
ipv4_networks = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
ipv6_networks = st.builds(
    lambda address, length: IPv6Network((address, length), strict=False),
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)


def paths(as_size: int) -> st.SearchStrategy[mrt.Path]:
    asns = st.integers(0, 2 ** (8 * as_size) - 1)
    segment = st.tuples(
        st.sampled_from((2, 2, 2, 1, 3, 4)), st.lists(asns, min_size=1, max_size=6).map(tuple)
    )
    return st.lists(segment, max_size=4).map(tuple)


def speakers(as_size: int = 4, *, only_ipv4: bool = False) -> st.SearchStrategy[mrt.Speaker]:
    return st.builds(
        mrt.Speaker,
        ipv4_addresses if only_ipv4 else ipv4_addresses | ipv6_addresses,
        st.integers(0, 2 ** (8 * as_size) - 1),
        ipv4_addresses,
    )


@st.composite
def attribute_fields(draw: st.DrawFn, as_size: int) -> dict[str, object]:
    """Arguments of ``mrt.attributes`` that say nothing of prefixes."""
    number, asn = st.integers(0, 2**32 - 1), st.integers(0, 2 ** (8 * as_size) - 1)
    half = st.integers(0, 2**16 - 1)
    return {
        "path": draw(paths(as_size)),
        "as_size": as_size,
        "origin": draw(st.integers(0, 2)),
        "next_hop": draw(st.none() | ipv4_addresses),
        "med": draw(st.none() | number),
        "local_pref": draw(st.none() | number),
        "aggregator": draw(st.none() | st.tuples(asn, ipv4_addresses)),
        "communities": draw(st.lists(st.tuples(half, half), max_size=3) | st.just([(1, 2)] * 70)),
        "extended_communities": draw(st.lists(st.binary(min_size=8, max_size=8), max_size=3)),
        "large_communities": draw(st.lists(st.tuples(number, number, number), max_size=3)),
    }


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """A table of TABLE_DUMP_V2: an index and the routes to some prefixes."""
    peers = draw(
        st.lists(speakers(), min_size=1, max_size=6, unique_by=lambda s: (s.address, s.asn))
    )
    time, view = draw(times), draw(st.binary(max_size=9))
    data, said = mrt.index_table(time, peers, view=view), []
    for _ in range(draw(st.integers(0, 3))):
        network = draw(ipv4_networks | ipv6_networks)
        safi, kind = (
            draw(st.sampled_from((1, 2))),
            draw(st.sampled_from(("plain", "path", "generic"))),
        )
        entries = []
        for _ in range(draw(st.integers(0, 5))):
            fields = draw(attribute_fields(4))
            peer = draw(st.integers(0, len(peers) - 1))
            reach = draw(st.none() | ipv6_addresses.map(mrt.abbreviated_reach_value))
            attributes = mrt.attributes(**fields, reach=reach)  # type: ignore[arg-type] # any of them
            path_id = draw(st.integers(0, 2**32 - 1))
            entries.append(mrt.Entry(peer, 0, attributes, path_id))
            path, speaker = fields["path"], peers[peer]
            said.append(
                Said(
                    time,
                    (speaker.address, speaker.asn, False),
                    Kind.ROUTE,
                    network.version,
                    safi,
                    network,
                    path_id if kind == "path" else -1,
                    origin_of(path, speaker.asn),  # type: ignore[arg-type] # as above
                    length_of(path),  # type: ignore[arg-type] # as above
                    0,
                    attributes,
                )
            )
        if kind == "generic":
            data += mrt.rib_generic(time, network, entries, safi=safi)
        else:
            data += mrt.rib(time, network, entries, safi=safi, add_path=kind == "path")
    return data, said


@st.composite
def old_tables(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """A record of TABLE_DUMP."""
    network = draw(ipv4_networks | ipv6_networks)
    address: mrt.Address = draw(ipv4_addresses) if network.version == 4 else draw(ipv6_addresses)
    speaker = mrt.Speaker(address, draw(st.integers(0, 2**16 - 1)), IPv4Address(0))
    fields, time = draw(attribute_fields(2)), draw(times)
    attributes = mrt.attributes(**fields)  # type: ignore[arg-type] # any of them
    path: mrt.Path = fields["path"]  # type: ignore[assignment] # as above
    said = Said(
        time,
        (address, speaker.asn, False),
        Kind.ROUTE,
        network.version,
        1,
        network,
        -1,
        origin_of(path, speaker.asn),
        length_of(path),
        0,
        attributes,
    )
    return mrt.table_dump(time, network, speaker, attributes), [said]


@st.composite
def updates(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """A record of an UPDATE, in BGP4MP, BGP4MP_ET or the old type BGP."""
    old = draw(st.integers(0, 4)) == 0
    as_size = 2 if old else draw(st.sampled_from((2, 4)))
    local, add_path = (False, False) if old else draw(st.tuples(st.booleans(), st.booleans()))
    speaker = draw(speakers(as_size, only_ipv4=old))
    extended = not old and draw(st.booleans())
    time = draw(times) + (draw(st.integers(0, 999_999)) if extended else 0)
    safi = draw(st.sampled_from((1, 2)))
    of4, of6 = (
        st.lists(_routes(ipv4_networks, add_path), max_size=4),
        st.lists(_routes(ipv6_networks, add_path), max_size=4),
    )
    gone4, come4, gone6, come6 = draw(of4), draw(of4), draw(of6), draw(of6)
    fields = draw(attribute_fields(as_size)) if come4 or come6 else {"origin": None}
    path: mrt.Path = fields.get("path", ())  # type: ignore[assignment] # any of them
    next_hop = draw(ipv6_addresses)
    attributes = mrt.attributes(
        **fields,
        reach=mrt.reach_value(next_hop, _join(come6), safi=safi) if come6 else None,
        unreach=mrt.unreach_value(_join(gone6), safi=safi) if gone6 else None,
    )
    body = mrt.update_body(
        withdrawn=_join(gone4), path_attributes=attributes, announced=_join(come4)
    )
    peer = (speaker.address, speaker.asn, local)
    said = []
    for routes, kind, of_safi in (
        (gone4, Kind.WITHDRAW, 1),
        (gone6, Kind.WITHDRAW, safi),
        (come4, Kind.ANNOUNCE, 1),
        (come6, Kind.ANNOUNCE, safi),
    ):
        is_route = kind is Kind.ANNOUNCE
        said += [
            Said(
                time,
                peer,
                kind,
                network.version,
                of_safi,
                network,
                -1 if path_id is None else path_id,
                origin_of(path, speaker.asn) if is_route else 0,
                length_of(path) if is_route else 0,
                0,
                attributes if is_route else b"",
            )
            for network, path_id in routes
        ]
    if not said:
        said = [Said(time, peer, Kind.END_OF_RIB, 4, 1)]
    if old:
        return mrt.old_update(time, speaker, body), said
    data = mrt.bgp4mp(
        time,
        speaker,
        mrt.message(mrt.UPDATE, body),
        as_size=as_size,
        local=local,
        add_path=add_path,
        extended=extended,
    )
    return data, said


@st.composite
def ends_of_rib(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """An UPDATE that says that a table of another family than IPv4 unicast is whole."""
    speaker, time = draw(speakers()), draw(times)
    family, safi = draw(st.sampled_from(((4, 2), (6, 1), (6, 2))))
    attributes = mrt.attributes(
        origin=None, unreach=mrt.unreach_value(b"", family=family, safi=safi)
    )
    message = mrt.message(mrt.UPDATE, mrt.update_body(path_attributes=attributes))
    said = Said(time, (speaker.address, speaker.asn, False), Kind.END_OF_RIB, family, safi)
    return mrt.bgp4mp(time, speaker, message), [said]


@st.composite
def states(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """A change of a session's state."""
    old, as_size = draw(st.booleans()), draw(st.sampled_from((2, 4)))
    speaker = draw(speakers(2 if old else as_size, only_ipv4=old))
    time, new = draw(times), draw(st.integers(0, 255))
    said = [Said(time, (speaker.address, speaker.asn, False), Kind.STATE, state=new)]
    if old:
        return mrt.old_state_change(time, speaker, 1, new), said
    return mrt.state_change(time, speaker, 1, new, as_size=as_size), said


@st.composite
def nothings(draw: st.DrawFn) -> tuple[bytes, list[Said]]:
    """Messages that are no UPDATE."""
    speaker, time = draw(speakers()), draw(times)
    return mrt.bgp4mp(time, speaker, mrt.message(mrt.KEEPALIVE, b"")), []


def _routes(
    networks: st.SearchStrategy[IPv4Network] | st.SearchStrategy[IPv6Network],
    add_path: bool,  # noqa: FBT001 - a yes or no of two
) -> st.SearchStrategy[tuple[mrt.Network, int | None]]:
    return st.tuples(networks, st.integers(0, 2**32 - 1) if add_path else st.none())


def _join(routes: list[tuple[mrt.Network, int | None]]) -> bytes:
    return b"".join(mrt.prefix(network, path_id) for network, path_id in routes)


_kinds: tuple[Callable[[], st.SearchStrategy[tuple[bytes, list[Said]]]], ...] = (
    tables,
    old_tables,
    updates,
    updates,
    ends_of_rib,
    states,
    nothings,
)
recordings = st.lists(st.one_of([kind() for kind in _kinds]), max_size=8).map(
    lambda parts: (
        b"".join(data for data, _ in parts),
        [said for _, saids in parts for said in saids],
    )
)
