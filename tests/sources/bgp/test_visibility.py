"""Visibility against a plain reckoning over every /24 block and every peer."""

from __future__ import annotations

from collections import Counter, defaultdict
from ipaddress import ip_network

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import SECOND, Network, Said, blocks_of, figures, peer

from zicht.sources.bgp.elements import Kind, Peer
from zicht.sources.bgp.ribs_rows import NODES, PATHS
from zicht.sources.bgp.visibility import Visibility


def tables(routes: dict[int, dict[str, int]], visibility: Visibility, n: int = 4) -> None:
    said = Said([peer(i) for i in range(n)])
    for number, table in routes.items():
        for prefix, origin in table.items():
            said.say(Kind.ROUTE, number, prefix, origin)
    visibility.begin_dump()
    visibility.apply(said.changes())


def test_a_block_is_visible_when_more_than_half_of_the_peers_have_a_route() -> None:
    visibility = Visibility()
    everywhere = {f"5.{i}.0.0/24": 1 for i in range(8)}
    tables(
        {
            i: everywhere
            | ({"6.0.0.0/22": 2} if i < 3 else {})
            | ({"7.0.0.0/22": 3} if i < 2 else {})
            for i in range(4)
        },
        visibility,
    )
    reading = visibility.read(0)
    assert figures(reading) == {1: 8, 2: 4}
    assert reading.voters == (4, 0)


def test_a_shorter_prefix_keeps_a_block_visible_and_gives_it_to_its_own_origin() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/16": 1, "5.0.4.0/22": 2} for i in range(4)}, visibility)
    assert figures(visibility.read(0)) == {1: 252, 2: 4}
    said = Said([peer(i) for i in range(4)])
    for i in range(4):
        said.say(Kind.WITHDRAW, i, "5.0.4.0/22")
    visibility.apply(said.changes())
    assert figures(visibility.read(0)) == {1: 256}


def test_a_block_that_two_originate_counts_for_both_and_is_told() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/22": 1 + i % 2} for i in range(4)}, visibility)
    reading = visibility.read(0)
    assert figures(reading) == {1: 4, 2: 4}
    assert reading.shared.tolist() == [4, 0, 0]


def test_few_who_are_led_astray_do_not_move_a_block() -> None:
    visibility = Visibility()
    routes = {i: {"5.0.0.0/22": 1} for i in range(8)}
    routes[7] = {"5.0.0.0/22": 666}
    tables(routes, visibility, 8)
    assert figures(visibility.read(0)) == {1: 4}


def test_a_peer_whose_session_is_lost_takes_its_vote_with_it() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/22": 1, "6.0.0.0/24": 2} for i in range(4)}, visibility)
    visibility.read(0)
    said = Said([peer(i) for i in range(4)])
    for i in range(3):
        said.say(Kind.STATE, i, state=1)
    visibility.apply(said.changes())
    reading = visibility.read(300 * SECOND)
    assert figures(reading) == {1: 4, 2: 1}
    assert reading.voters == (1, 0)


def test_a_new_session_votes_when_its_table_is_back() -> None:
    visibility = Visibility()
    table = {f"5.{i}.0.0/24": 1 for i in range(20)}
    tables(dict.fromkeys(range(3), table), visibility, 3)
    visibility.read(0)
    peers = [peer(i) for i in range(3)]
    visibility.apply(Said(peers).say(Kind.STATE, 0, state=1).say(Kind.STATE, 0, state=6).changes())
    assert visibility.read(SECOND).voters == (2, 0)
    said = Said(peers)
    for prefix in list(table)[:10]:
        said.say(Kind.ANNOUNCE, 0, prefix, 1)
    visibility.apply(said.changes())
    assert visibility.read(2 * SECOND).voters == (2, 0)
    said = Said(peers)
    for prefix in list(table)[10:19]:
        said.say(Kind.ANNOUNCE, 0, prefix, 1)
    visibility.apply(said.changes())
    assert visibility.read(3 * SECOND).voters == (3, 0)


def test_the_end_of_a_table_is_believed() -> None:
    visibility = Visibility()
    table = {f"5.{i}.0.0/24": 1 for i in range(20)}
    tables(dict.fromkeys(range(3), table), visibility, 3)
    visibility.read(0)
    said = Said([peer(i) for i in range(3)]).say(Kind.STATE, 0, state=1).say(Kind.STATE, 0, state=6)
    for prefix in list(table)[:12]:
        said.say(Kind.ANNOUNCE, 0, prefix, 1)
    visibility.apply(said.say(Kind.END_OF_RIB, 0).changes())
    assert visibility.read(SECOND).voters == (3, 0)


def test_lost_statements_take_the_vote_until_another_dump() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/22": 1} for i in range(4)}, visibility)
    visibility.lose([peer(i) for i in range(4)])
    assert visibility.read(7200 * SECOND).voters == (0, 0)
    tables({i: {"5.0.0.0/22": 1} for i in range(4)}, visibility)
    assert visibility.read(7500 * SECOND).voters == (4, 0)


def test_another_dump_is_the_whole_table() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/22": 1, "6.0.0.0/22": 2} for i in range(4)}, visibility)
    visibility.read(0)
    tables({i: {"5.0.0.0/22": 1, "7.0.0.0/22": 2} for i in range(4)}, visibility)
    assert figures(visibility.read(SECOND)) == {1: 4, 2: 4}


def test_two_routers_of_one_as_have_one_vote() -> None:
    visibility = Visibility()
    said = Said([peer(0, 100), peer(1, 100), peer(2, 100), peer(3, 200), peer(4, 300)])
    for i in range(5):
        said.say(Kind.ROUTE, i, "5.0.0.0/16", 1)
        if i < 3:
            said.say(Kind.ROUTE, i, "6.0.0.0/24", 2)
    visibility.begin_dump()
    visibility.apply(said.changes())
    reading = visibility.read(0)
    assert reading.voters == (3, 0)
    assert figures(reading) == {1: 256}


def test_a_small_table_is_no_full_feed() -> None:
    visibility = Visibility()
    full = {f"5.{i}.0.0/24": 1 for i in range(20)}
    tables({0: full, 1: full, 2: {"6.0.0.0/24": 2}}, visibility, 3)
    reading = visibility.read(0)
    assert reading.voters == (2, 0)
    assert figures(reading) == {1: 20}


def test_an_add_path_peer_has_a_route_until_the_last_of_its_paths_goes() -> None:
    visibility = Visibility()
    said = Said([peer(0)]).say(Kind.ROUTE, 0, "5.0.0.0/16", 1)
    said.say(Kind.ROUTE, 0, "6.0.0.0/24", 2, path_id=1).say(
        Kind.ROUTE, 0, "6.0.0.0/24", 2, path_id=2
    )
    visibility.apply(said.changes())
    for path_id, left in ((1, {1: 256, 2: 1}), (9, {1: 256, 2: 1}), (2, {1: 256})):
        visibility.apply(
            Said([peer(0)]).say(Kind.WITHDRAW, 0, "6.0.0.0/24", path_id=path_id).changes()
        )
        assert figures(visibility.read(0)) == left


def test_a_prefix_over_several_countries_counts_in_each_of_them() -> None:
    visibility = Visibility(
        blocks_of({"5.0.0.0/17": "country/KZ", "5.0.128.0/17": "country/IR", "5.0.1.0/24": None})
    )
    tables({i: {"5.0.0.0/15": 1} for i in range(4)}, visibility)
    reading = visibility.read(0)
    assert reading.by_place[:, 0].tolist() == [128, 127]  # Iran and Kazakhstan
    assert figures(reading) == {1: 512}


def test_addresses_that_are_not_public_do_not_count() -> None:
    visibility = Visibility()
    tables({i: {"192.0.0.0/8": 1} for i in range(4)}, visibility)
    assert figures(visibility.read(0)) == {1: 65_536 - 3 - 256}


def test_ipv6_counts_prefixes_that_are_carried_and_blocks_that_are_covered() -> None:
    visibility = Visibility()
    tables({i: {"2a00::/32": 1, "2a00:0:1::/48": 1, "2a01::/16": 2} for i in range(4)}, visibility)
    reading = visibility.read(0)
    assert reading.voters == (0, 4)
    assert figures(reading, 1) == {1: 2, 2: 1}
    assert figures(reading, 2) == {1: 65_536, 2: 65_536}  # no prefix for more than a /32


def test_more_peers_than_a_word_has_bits() -> None:
    visibility = Visibility()
    tables(
        {i: {"5.0.0.0/22": 1} | ({"6.0.0.0/22": 2} if i % 3 else {}) for i in range(200)},
        visibility,
        200,
    )
    reading = visibility.read(0)
    assert reading.voters == (200, 0)
    assert figures(reading) == {1: 4, 2: 4}


PREFIXES = [
    ip_network(text)
    for text in (
        "5.0.0.0/20",
        "5.0.0.0/21",
        "5.0.8.0/21",
        "5.0.0.0/22",
        "5.0.4.0/22",
        "5.0.4.0/24",
        "5.0.5.0/24",
        "5.0.12.0/23",
        "5.0.16.0/24",
    )
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["announce", "withdraw", "read", "lose", "dump"]),
        st.integers(0, 4),
        st.sampled_from(PREFIXES),
        st.integers(1, 3),
    ),
    max_size=60,
)


def plain_reckoning(
    routes: dict[int, dict[Network, int]], up: set[int], voted: set[int]
) -> dict[int, int]:
    """Each /24 by itself, each peer by its longest prefix. ``voted`` is kept up to date."""
    total: Counter[int] = Counter()
    carried: Counter[Network] = Counter(p for i in up for p in routes[i])
    shared = sum(count >= min(2, len(up)) for count in carried.values())
    shares = {i: 0.45 if i in voted else 0.5 for i in up}
    voters = {i for i in up if routes[i] and len(routes[i]) >= shares[i] * shared}
    voted.clear()
    voted |= voters
    blocks = {
        block for i in voters for prefix in routes[i] for block in prefix.subnets(new_prefix=24)
    }
    for block in blocks:
        led: Counter[int] = Counter()
        for i in voters:
            holding = [p for p in routes[i] if block.subnet_of(p)]  # type: ignore[arg-type]
            if holding:
                led[routes[i][max(holding, key=lambda p: p.prefixlen)]] += 1
        if 2 * led.total() > len(voters):
            chosen = {asn for asn, votes in led.items() if 4 * votes >= len(voters)}
            for asn in chosen or {max(led, key=lambda asn: (led[asn], -asn))}:
                total[asn] += 1
    return dict(total)


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_the_figures_are_those_of_a_plain_reckoning(
    steps: list[tuple[str, int, Network, int]],
) -> None:
    visibility = Visibility()
    peers = [peer(i) for i in range(5)]
    routes: dict[int, dict[Network, int]] = defaultdict(dict)
    base = dict.fromkeys(PREFIXES[:3], 1)
    tables({i: {str(p): o for p, o in base.items()} for i in range(5)}, visibility, 5)
    for i in range(5):
        routes[i] = dict(base)
    up = set(range(5))
    voted: set[int] = set()
    for what, who, prefix, origin in steps:
        match what:
            case "announce":
                visibility.apply(Said(peers).say(Kind.ANNOUNCE, who, prefix, origin).changes())
                routes[who][prefix] = origin
            case "withdraw":
                visibility.apply(Said(peers).say(Kind.WITHDRAW, who, prefix).changes())
                routes[who].pop(prefix, None)
            case "lose":
                visibility.lose([peers[who]])
                up.discard(who)
            case "dump":
                visibility.begin_dump()
                said = Said(peers).say(Kind.ROUTE, who, prefix, origin)
                visibility.apply(said.changes())
                routes[who] = {prefix: origin}
                up.add(who)
                voted.discard(who)
            case "read":
                assert figures(visibility.read(0)) == plain_reckoning(routes, up, voted)
    assert figures(visibility.read(0)) == plain_reckoning(routes, up, voted)


@pytest.mark.parametrize("blocks", [None, {"5.0.0.0/8": "country/KZ"}])
def test_nobody_who_votes_is_no_figure(blocks: dict[str, str | None] | None) -> None:
    visibility = Visibility(None if blocks is None else blocks_of(blocks))
    assert visibility.read(0).voters == (0, 0)


NOISE = [str(block) for block in ip_network("5.0.0.0/17").subnets(new_prefix=24)]


def make_noise(visibility: Visibility, peers: list[Peer]) -> None:
    """Every peer announces many prefixes, several of them as its own, and withdraws them."""
    said = Said(peers)
    for kind in (Kind.ANNOUNCE, Kind.WITHDRAW):
        for number in range(len(peers)):
            for prefix in NOISE:
                said.say(kind, number, prefix, 7 + number)
    visibility.apply(said.changes())


def test_prefixes_that_nobody_has_a_route_to_are_forgotten_once_they_are_most() -> None:
    peers = [peer(i) for i in range(4)]
    visibility = Visibility(blocks_of({"5.0.0.0/20": "country/KZ"}))
    tables({i: {"5.0.0.0/16": 1, "5.0.4.0/22": 2 + i % 2} for i in range(4)}, visibility)
    before = figures(visibility.read(0)), visibility.read(0).by_place.tolist()
    assert not visibility.compact()
    make_noise(visibility, peers)
    crowded = int(visibility.ribs.used[NODES])
    assert visibility.compact()
    assert int(visibility.ribs.used[NODES]) == crowded - len(NOISE)
    assert not visibility.compact()
    assert (figures(visibility.read(1)), visibility.read(1).by_place.tolist()) == before
    visibility.apply(Said(peers).say(Kind.ANNOUNCE, 0, NOISE[0], 1).changes())
    assert figures(visibility.read(2)) == before[0]


def test_paths_that_are_gone_are_forgotten_and_those_that_are_there_still_count() -> None:
    visibility = Visibility()
    peers = [peer(0)]
    said = Said(peers).say(Kind.ROUTE, 0, "6.0.0.0/24", 2, path_id=1)
    said.say(Kind.ROUTE, 0, "6.0.0.0/24", 2, path_id=2)
    for path_id in range(100, 600):
        said.say(Kind.ROUTE, 0, "5.0.0.0/24", 3, path_id=path_id)
    for path_id in range(100, 600):
        said.say(Kind.WITHDRAW, 0, "5.0.0.0/24", path_id=path_id)
    visibility.apply(said.changes())
    assert visibility.compact()
    assert int(visibility.ribs.used[PATHS]) == 2
    for path_id, left in ((1, {2: 1}), (2, {})):
        visibility.apply(Said(peers).say(Kind.WITHDRAW, 0, "6.0.0.0/24", path_id=path_id).changes())
        assert figures(visibility.read(0)) == left


@given(STEPS, st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=100, deadline=None)
def test_whatever_is_said_forgetting_changes_no_figure(
    steps: list[tuple[str, int, Network, int]], forgetting: list[int]
) -> None:
    plain, compacted = Visibility(), Visibility()
    peers = [peer(i) for i in range(5)]
    for one in (plain, compacted):
        tables({i: {str(p): 1 for p in PREFIXES[:3]} for i in range(5)}, one, 5)
    for number, (what, who, prefix, origin) in enumerate(steps):
        if number in forgetting:
            make_noise(plain, peers)
            make_noise(compacted, peers)
            assert compacted.compact()
        for one in (plain, compacted):
            match what:
                case "announce":
                    one.apply(Said(peers).say(Kind.ANNOUNCE, who, prefix, origin).changes())
                case "withdraw":
                    one.apply(Said(peers).say(Kind.WITHDRAW, who, prefix).changes())
                case "lose":
                    one.lose([peers[who]])
                case "dump":
                    one.begin_dump()
                    one.apply(Said(peers).say(Kind.ROUTE, who, prefix, origin).changes())
        if what == "read":
            assert figures(compacted.read(0)) == figures(plain.read(0))
    assert figures(compacted.read(0)) == figures(plain.read(0))


def test_a_muted_peer_keeps_its_table_and_has_its_vote_again_afterwards() -> None:
    visibility = Visibility()
    tables({i: {"5.0.0.0/22": 1} for i in range(4)}, visibility)
    visibility.mute(np.array([0, 1]))
    assert visibility.read(0).voters == (2, 0)
    visibility.mute(np.array([], dtype=np.int64))
    reading = visibility.read(1)
    assert reading.voters == (4, 0)
    assert figures(reading) == {1: 4}


def test_a_place_within_addresses_that_are_not_public_does_not_make_them_so() -> None:
    visibility = Visibility(
        blocks_of({"192.0.0.0/8": "country/KZ", "192.168.4.0/22": "country/IR"})
    )
    tables({i: {"192.0.0.0/8": 1} for i in range(4)}, visibility)
    reading = visibility.read(0)
    assert figures(reading) == {1: 65_536 - 3 - 256}
    assert reading.by_place[:, 0].tolist() == [0, 65_536 - 3 - 256]


def test_the_end_of_one_familys_table_is_not_that_of_the_other() -> None:
    visibility = Visibility()
    table = {f"5.{i}.0.0/24": 1 for i in range(20)} | {f"2a0{i}::/32": 1 for i in range(8)}
    tables(dict.fromkeys(range(3), table), visibility, 3)
    assert visibility.read(0).voters == (3, 3)
    said = Said([peer(i) for i in range(3)]).say(Kind.STATE, 0, state=1).say(Kind.STATE, 0, state=6)
    for prefix in list(table)[12:28]:
        said.say(Kind.ANNOUNCE, 0, prefix, 1)
    said.rows.append((0, Kind.END_OF_RIB, 0, 6, 0, -1, 0))
    visibility.apply(said.changes())
    assert visibility.read(SECOND).voters == (2, 2)
    end = Said(said.peers)
    end.rows.append((0, Kind.END_OF_RIB, 0, 4, 0, -1, 0))
    visibility.apply(end.changes())
    assert visibility.read(2 * SECOND).voters == (2, 3)  # of IPv4 less than half is back
