"""Which routers tell a collector their routes, and whether all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import mrt_made as made
from mrt_made import NEXT_HOP, OLD_PATH, ORIGIN, PATH, message, prefix, update

from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.feeds import Feed, count_feeds
from zicht.sources.bgp.fetch.files import read_mrt

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES = ORIGIN + PATH + NEXT_HOP
CHANGED = datetime.fromtimestamp(1_500_000_000, UTC)  # as made


def feeds_of(data: bytes) -> list[Feed]:
    decoder = Decoder(collector="rrc00")
    return count_feeds(decoder.decode(data), decoder.peers)


def test_a_feed_is_full_with_half_of_what_two_ases_carry() -> None:
    peers = made.index_table(*((f"192.0.2.{n}", 65000 + n) for n in range(1, 5)))
    table = [
        made.rib(2, f"5.{k}.0.0/16", *((n, ATTRIBUTES) for n in range(3) if k % (1, 2, 6)[n] == 0))
        for k in range(12)
    ]
    feeds = feeds_of(peers + b"".join(table))
    assert [(feed.peer, feed.ipv4_prefixes, feed.full_ipv4) for feed in feeds] == [
        ("192.0.2.1", 12, True),
        ("192.0.2.2", 6, True),
        ("192.0.2.3", 2, False),
        ("192.0.2.4", 0, False),
    ]
    assert feeds[0] == Feed(
        collector="rrc00",
        peer="192.0.2.1",
        peer_asn=65001,
        ipv4_prefixes=12,
        ipv6_prefixes=0,
        full_ipv4=True,
        full_ipv6=None,
        elements=12,
        last_heard=CHANGED,
    )
    assert feeds[3].last_heard is None
    assert [feed.sick for feed in feeds] == [None, None, None, "no-routes"]


def test_a_prefix_with_several_paths_counts_once() -> None:
    peers = made.index_table(("192.0.2.1", 65001), ("192.0.2.2", 65002))
    entries = [(0, ATTRIBUTES), (1, ATTRIBUTES), (0, ATTRIBUTES)]
    feeds = feeds_of(
        peers
        + made.rib(8, "10.0.0.0/8", *entries, path_id=7)
        + made.rib(8, "11.0.0.0/8", *entries, path_id=7)
    )
    assert [(feed.ipv4_prefixes, feed.elements) for feed in feeds] == [(2, 4), (2, 2)]
    assert {feed.last_heard for feed in feeds} == {CHANGED}


def test_families_are_counted_each_and_multicast_not() -> None:
    peers = made.index_table(("192.0.2.1", 65001))
    feeds = feeds_of(
        peers
        + made.rib(2, "5.0.0.0/8", (0, ATTRIBUTES))
        + made.rib(4, "2a00::/32", (0, ATTRIBUTES))
        + made.rib(4, "2a01::/32", (0, ATTRIBUTES))
        + made.rib(3, "224.0.0.0/4", (0, ATTRIBUTES))
    )
    assert (feeds[0].ipv4_prefixes, feeds[0].ipv6_prefixes, feeds[0].elements) == (1, 2, 4)
    assert (feeds[0].full_ipv4, feeds[0].full_ipv6) == (True, True)


def test_old_tables_say_when_a_route_was_changed() -> None:
    old = ORIGIN + OLD_PATH + NEXT_HOP
    for text, peer in (("10.0.0.0/8", "192.0.2.1"), ("2001:db8::/32", "2001:db8::5")):
        (feed,) = feeds_of(made.old_table(text, peer, 65001, old))
        assert feed.last_heard == datetime.fromtimestamp(1_400_000_000, UTC)


def test_updates_hold_no_table() -> None:
    (feed,) = feeds_of(message(update(b"", ATTRIBUTES, prefix("10.0.0.0/8"))) + made.state(6, 1))
    assert feed.ipv4_prefixes is feed.full_ipv4 is feed.full_ipv6 is None
    assert (feed.elements, feed.last_heard) == (2, datetime.fromtimestamp(made.TIME, UTC))
    assert feed.sick == "session-down"
    (feed,) = feeds_of(made.state(6, 1) + made.state(3, 6))
    assert feed.sick is None


def test_nothing_has_no_feeds() -> None:
    assert feeds_of(b"") == []


def test_a_real_table_has_its_feeds(data_folder: Path) -> None:
    file = read_mrt(data_folder / "bgp/mrt/rib.20140523.0600_firstMB.bz2")
    feeds = count_feeds(file, file.peers)
    assert (
        sum(feed.ipv4_prefixes or 0 for feed in feeds)
        == sum(feed.elements for feed in feeds)
        == 270005
    )
    assert (feeds[0].peer, feeds[0].peer_asn, feeds[0].ipv4_prefixes) == (
        "85.114.0.217",
        8492,
        8944,
    )
    assert sum(feed.full_ipv4 is True for feed in feeds) > 25
