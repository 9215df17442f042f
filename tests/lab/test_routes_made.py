"""Tables and messages of the lab's collectors: they agree, whichever instant is asked for."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.lab import chance
from zicht.lab.routes.chance import below, below_too, draw, key_of
from zicht.lab.routes.columns import Kind, networks_of
from zicht.lab.routes.ground import (
    DELAY,
    REFILL,
    SECOND,
    USUAL_CHANGES,
    Changes,
    Ground,
    Hijack,
    Post,
    Stretch,
    Trouble,
    make_ground,
    make_post,
)
from zicht.lab.routes.holding import NONE, PATHS, delays, routes_at
from zicht.lab.routes.paths import attributes_of
from zicht.lab.routes.tabling import order_of, table_at
from zicht.lab.routes.telling import messages_between

if TYPE_CHECKING:
    from zicht.lab.routes.columns import Attributes

BEGIN = 1_641_340_800 * SECOND
HOUR = 3600 * SECOND
ROUTERS = 9
NETWORKS: list[IPv4Network | IPv6Network] = [
    *(IPv4Network(((5 << 24) + (i << 10), 22)) for i in range(30)),
    *(IPv6Network(((0x2A00 << 112) + (i << 96), 32)) for i in range(10)),
]
GROUPS = np.array([i // 4 for i in range(len(NETWORKS))], np.int32)
ORDER = order_of(networks_of(NETWORKS))
Route = tuple[tuple[int, ...], int, int, tuple[int, ...]]


def ground(
    changes: list[tuple[int, int, bool, int]] | None = None,
    hijacks: list[Hijack] | None = None,
    pace: float = 1.0,
    seed: int = 1,
) -> Ground:
    times, networks, announced, path = zip(*changes, strict=True) if changes else ((),) * 4
    return make_ground(
        networks_of(NETWORKS).family,
        (9000 + GROUPS).astype(np.uint32),
        GROUPS,
        np.ones(len(NETWORKS), np.bool_),
        Changes(
            np.array(times, np.int64),
            np.array(networks, np.int64),
            np.array(announced, np.bool_),
            np.array(path, np.uint8),
        ),
        transit=np.array([174, 1299, 2914, 3356, 6939], np.uint32),
        provider=np.array([(64496 + one % 3, one % 2 * 3356) for one in range(10)], np.uint32),
        key=key_of(seed, "world"),
        hijacks=hijacks or [],
        pace=pace,
    )


def post(*stretches: Stretch) -> Post:
    asn = np.arange(100, 100 + ROUTERS, dtype=np.uint32)
    full = [i != ROUTERS - 1 for i in range(ROUTERS)]
    return make_post(asn, full, key=key_of(1, "rrc00"), stretches=stretches)


def route_of(attributes: Attributes, row: int) -> Route:
    path = attributes.path[attributes.path_first[row] : attributes.path_first[row + 1]]
    begin, end = attributes.community_first[row : row + 2]
    communities = tuple(attributes.community[begin:end].tolist())
    return tuple(path.tolist()), int(attributes.origin[row]), int(attributes.med[row]), communities


def table(a: Ground, b: Post, time: int) -> dict[tuple[int, int], Route]:
    entries = table_at(a, b, ORDER, time)
    return {
        (int(entries.router[row]), int(network)): route_of(entries.attributes, row)
        for i, network in enumerate(entries.network)
        for row in range(entries.first[i], entries.first[i + 1])
    }


def play(tables: dict[tuple[int, int], Route], a: Ground, b: Post, begin: int, end: int) -> None:
    """Do to tables what messages say; each must change something."""
    messages = messages_between(a, b, begin, end)
    assert (np.diff(messages.time) >= 0).all()
    assert ((messages.time >= begin) & (messages.time < end)).all()
    for row, kind in enumerate(messages.kind.tolist()):
        router = int(messages.router[row])
        told = messages.network[messages.network_first[row] : messages.network_first[row + 1]]
        assert (len(told) > 0) == (kind in {Kind.ANNOUNCE, Kind.WITHDRAW})
        if kind == Kind.STATE and messages.states[row, 1] != 6:
            for key in [key for key in tables if key[0] == router]:
                del tables[key]
        for network in told.tolist():
            assert NETWORKS[network].version == messages.family[row]
            if kind == Kind.WITHDRAW:
                del tables[router, network]
            else:
                tables[router, network] = route_of(messages.attributes, row)


spans = st.lists(
    st.builds(
        lambda router, trouble, begin, length, share: Stretch(
            router, trouble, BEGIN + begin, BEGIN + begin + length, share
        ),
        st.integers(0, ROUTERS - 1),
        st.sampled_from(Trouble),
        st.integers(0, 4 * HOUR),
        st.integers(0, HOUR),
        st.sampled_from([0.5, 1.0]),
    ),
    max_size=9,
)
changes = st.lists(
    st.tuples(
        st.integers(0, 4 * HOUR).map(lambda after: BEGIN + after),
        st.integers(0, len(NETWORKS) - 1),
        st.booleans(),
        st.integers(0, PATHS - 1),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(
    changes,
    spans,
    st.sampled_from([0.0, 1.0, 30.0, 2000.0]),
    st.integers(0, 4 * HOUR),
    st.integers(1, HOUR),
)
def test_a_table_and_what_is_told_since_make_the_next_table(
    some: list[tuple[int, int, bool, int]],
    stretches: list[Stretch],
    pace: float,
    after: int,
    length: int,
) -> None:
    a = ground(some, [Hijack(3, BEGIN + HOUR, BEGIN + 2 * HOUR, 666, 0.5)], pace)
    b = post(*stretches)
    begin = BEGIN + after
    tables = table(a, b, begin)
    play(tables, a, b, begin, begin + length)
    assert tables == table(a, b, begin + length)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**63 - 1))
def test_chance_is_that_of_the_lab(key: int, number: int) -> None:
    [expected] = chance.hashes(key, np.array([number], np.uint64)).tolist()
    start: Any = np.uint64(key)  # kernels take numbers of NumPy, which `int` does not tell
    word: Any = np.uint64(draw(start, number))
    assert int(word) == expected
    assert below(word, 1000) == (expected >> 32) * 1000 >> 32
    assert below_too(word, 1000) == (expected & 0xFFFF_FFFF) * 1000 >> 32
    assert key_of(7, "x") == np.uint64(chance.key(7, "x"))


def test_messages_of_a_stretch_are_those_of_its_parts() -> None:
    a, b = ground(pace=500.0), post(Stretch(2, Trouble.DOWN, BEGIN + HOUR // 2, BEGIN + HOUR))
    whole = messages_between(a, b, BEGIN, BEGIN + 2 * HOUR)
    parts = [
        messages_between(a, b, BEGIN + i * HOUR // 4, BEGIN + (i + 1) * HOUR // 4) for i in range(8)
    ]
    assert len(whole.time) > 1000
    for column in ("time", "router", "kind", "network"):
        joined = np.concatenate([getattr(one, column) for one in parts])
        assert getattr(whole, column).tolist() == joined.tolist()


def test_churn_is_as_much_as_it_says() -> None:
    """A network's paths change 1.4 times a day; of these, routers tell nearly half."""
    days, pace = 4, 20.0
    a, b = ground(pace=pace, seed=3), post()
    some = messages_between(a, b, BEGIN, BEGIN + days * 24 * HOUR)
    told = np.bincount(some.router, minlength=ROUTERS)[: ROUTERS - 1].mean()
    periods = np.array([16.0, 2.0, 0.5, 0.125, 1 / 72])
    assert (np.array([0.6, 0.25, 0.1, 0.04, 0.01]) / periods).sum() == pytest.approx(
        USUAL_CHANGES, abs=0.05
    )
    ratio = told / (days * pace * len(NETWORKS) * USUAL_CHANGES)
    assert 0.2 < ratio < 1.5  # of forty networks one noisy one is much


def test_flaps_take_no_network_from_most_routers() -> None:
    a, b = ground(pace=20.0), post()
    full = np.arange(ROUTERS - 1)
    networks = np.arange(len(NETWORKS), dtype=np.int32)
    least = ROUTERS
    for minute in range(300):
        routes = routes_at(a, b, networks, BEGIN + minute * 60 * SECOND)[:, full]
        least = min(least, int((routes != NONE).sum(axis=1).min()))
    # One of eight is, and another if it hears of the next event before the first hears of this.
    assert ROUTERS - 3 <= least < ROUTERS - 1


def test_every_router_has_its_haste_and_none_takes_longer_than_half_a_minute() -> None:
    found = delays(post(), 10)
    assert found.shape == (ROUTERS, 10)
    assert found.min() >= 0
    assert found.max() < DELAY
    assert len(set(found.mean(axis=1).round(-5).tolist())) > ROUTERS // 2


def test_a_withdrawal_reaches_the_collector_after_each_routers_delay() -> None:
    when = BEGIN + HOUR
    a, b = ground([(when, 7, False, 0)], pace=0.0), post()
    messages = messages_between(a, b, when, when + DELAY)
    spoken = delays(b, 10)[messages.router, GROUPS[7]] + when
    assert messages.time.tolist() == spoken.tolist()
    assert set(messages.kind.tolist()) == {Kind.WITHDRAW}
    assert set(messages.network.tolist()) == {7}
    assert len(messages.time) >= ROUTERS - 1


def test_a_session_that_ends_says_so_and_a_new_one_tells_its_table_and_where_it_ends() -> None:
    lost, back = BEGIN + HOUR, BEGIN + HOUR + 300 * SECOND
    a, b = ground(pace=0.0), post(Stretch(1, Trouble.DOWN, lost, back))
    messages = messages_between(a, b, lost, back + REFILL + 1)
    assert set(messages.router.tolist()) == {1}
    kinds = messages.kind.tolist()
    assert kinds[:2] == [Kind.STATE, Kind.STATE]
    assert messages.states[:2].tolist() == [[6, 1], [5, 6]]
    assert messages.time[:2].tolist() == [lost, back - 1]
    assert set(kinds[2:-2]) == {Kind.ANNOUNCE}
    assert sorted(messages.network.tolist()) == list(range(len(NETWORKS)))
    assert kinds[-2:] == [Kind.END_OF_TABLE] * 2
    assert messages.family[-2:].tolist() == [4, 6]
    assert len(messages.time) < len(NETWORKS)  # what goes together is in one message


def test_a_mute_session_stands_and_says_all_at_its_end() -> None:
    begin, end = BEGIN + HOUR, BEGIN + 2 * HOUR
    a = ground([(begin + HOUR // 2, 7, False, 0)], pace=0.0)
    b = post(Stretch(1, Trouble.MUTE, begin, end))
    messages = messages_between(a, b, begin, end + 1)
    own = messages.time[messages.router == 1]
    assert own.tolist() == [end]


def test_a_router_that_loses_half_of_its_routes_withdraws_half() -> None:
    a, b = ground(pace=0.0), post(Stretch(1, Trouble.BLIND, BEGIN, BEGIN + HOUR, 0.5))
    lost = messages_between(a, b, BEGIN, BEGIN + HOUR)
    assert set(lost.kind.tolist()) == {Kind.WITHDRAW}
    assert 0 < len(lost.network) < len(NETWORKS)
    back = messages_between(a, b, BEGIN + HOUR, BEGIN + 2 * HOUR)
    assert sorted(back.network.tolist()) == sorted(lost.network.tolist())


def test_a_hijack_has_another_origin_at_those_that_believe_it() -> None:
    a = ground(hijacks=[Hijack(3, BEGIN, BEGIN + HOUR, 666, 0.5)], pace=0.0)
    at = table(a, post(), BEGIN + HOUR // 2)
    origins = {router: route[0][-1] for (router, network), route in at.items() if network == 3}
    assert 0 < sum(asn == 666 for asn in origins.values()) < len(origins)
    after = table(a, post(), BEGIN + HOUR + DELAY)
    assert {route[0][-1] for (_, network), route in after.items() if network == 3} == {9000}


def test_paths_begin_with_the_router_and_end_with_the_origin_and_have_no_loops() -> None:
    a, b = ground(), post()
    count = len(NETWORKS) * PATHS
    networks = np.repeat(np.arange(len(NETWORKS), dtype=np.int32), PATHS)
    routes = np.tile(np.arange(PATHS, dtype=np.int8), len(NETWORKS))
    found = attributes_of(a, b, np.full(count, 2, np.int32), networks, routes)
    paths = [route_of(found, row)[0] for row in range(count)]
    for path, network in zip(paths, networks.tolist(), strict=True):
        origin = int(a.origin[network])
        assert (path[0], path[-1]) == (102, origin)
        without_prepends = path[: path.index(origin) + 1]
        assert len(set(without_prepends)) == len(without_prepends)
        assert set(path[path.index(origin) :]) == {origin}
    assert len(set(paths)) > len(NETWORKS) // 4
    assert any(path.count(path[-1]) > 1 for path in paths)


def test_a_router_without_a_full_table_has_a_part_of_it() -> None:
    at = table(ground(pace=0.0), post(), BEGIN)
    counts = np.bincount([router for router, _ in at], minlength=ROUTERS)
    assert counts[: ROUTERS - 1].tolist() == [len(NETWORKS)] * (ROUTERS - 1)
    assert counts[-1] < len(NETWORKS) // 2


def test_tables_are_in_the_order_of_their_addresses() -> None:
    order = order_of(networks_of(NETWORKS[::-1]))
    assert [NETWORKS[::-1][one] for one in order] == NETWORKS
