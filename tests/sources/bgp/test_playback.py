"""Bins: what was said before their end counts in them, whoever said it."""

from __future__ import annotations

from io import BytesIO
from ipaddress import IPv4Address

import mrt_made as mrt
import numpy as np
import pyarrow as pa
from statements import SECOND, Said, blocks_of, figures

from zicht.model.series import OBSERVATIONS
from zicht.sources.bgp.digest import Digest, digest
from zicht.sources.bgp.elements import Kind, Peer
from zicht.sources.bgp.fetch.files import read_mrt
from zicht.sources.bgp.playback import Playback
from zicht.sources.bgp.problems import Problems
from zicht.sources.bgp.ribs import Ribs
from zicht.sources.bgp.series import Entities, observations
from zicht.sources.bgp.visibility import Visibility

STEP = 300


def peers(collector: str) -> list[Peer]:
    return [Peer(collector, IPv4Address(0x0B000000 + i), 100 + i) for i in range(2)]


def tables(collector: str, time: int, *prefixes: str) -> Digest:
    said = Said(peers(collector))
    for prefix in prefixes:
        for i in range(2):
            said.say(Kind.ROUTE, i, prefix, 1, time=time)
    ribs = Ribs()
    ribs.apply(said.changes())
    return Digest(collector, time * SECOND, time * SECOND, ribs, (), len(said.rows), Problems())


def updates(collector: str, *said: tuple[int, Kind, str]) -> Digest:
    statements = Said(peers(collector))
    for time, kind, prefix in said:
        for i in range(2):
            statements.say(kind, i, prefix, 1, time=time)
    times = [time * SECOND for time, _, _ in said]
    changes = (statements.changes(),)
    return Digest(collector, times[0], max(times), None, changes, len(said), Problems())


def play(*digests: Digest, until: int, step: int = STEP) -> list[dict[int, int]]:
    playback = Playback(Visibility(), 0, step)
    for one in digests:
        playback.take(one)
    return [figures(reading) for reading in playback.until(until * SECOND)]


def test_a_bin_is_read_at_its_end() -> None:
    withdrawn = updates("a", (299, Kind.WITHDRAW, "6.0.0.0/24"), (300, Kind.ANNOUNCE, "7.0.0.0/24"))
    assert play(tables("a", 0, "5.0.0.0/24", "6.0.0.0/24"), withdrawn, until=600) == [
        {1: 1},
        {1: 2},
    ]


def test_what_stands_a_little_out_of_order_is_not_left_behind() -> None:
    crossed = updates("a", (301, Kind.ANNOUNCE, "6.0.0.0/24"), (299, Kind.WITHDRAW, "5.0.0.0/24"))
    assert play(tables("a", 0, "5.0.0.0/24", "8.0.0.0/24"), crossed, until=600)[1] == {1: 2}


def test_collectors_are_played_side_by_side() -> None:
    bins = play(
        tables("a", 0, "5.0.0.0/24"),
        tables("b", 310, "5.0.0.0/24", "6.0.0.0/24", "7.0.0.0/24"),
        until=600,
    )
    assert bins[0] == {1: 1}
    assert bins[1][1] == 3  # both collectors hear the same two ASes, so each has one vote


def test_a_gap_is_unknown_until_the_next_dump() -> None:
    playback = Playback(Visibility(), 0, STEP)
    playback.take(tables("a", 0, "5.0.0.0/24"))
    playback.lose("a", 300 * SECOND)
    playback.take(updates("a", (700, Kind.ANNOUNCE, "6.0.0.0/24")))
    playback.take(tables("a", 900, "5.0.0.0/24", "6.0.0.0/24"))
    readings = list(playback.until(1200 * SECOND))
    assert [reading.voters for reading in readings] == [(2, 0), (0, 0), (0, 0), (2, 0)]
    assert figures(readings[3]) == {1: 2}


def test_what_was_seen_once_is_nought_afterwards_and_unknown_while_nobody_votes() -> None:
    playback = Playback(Visibility(blocks_of({"5.0.0.0/8": "country/KZ"})), 0, STEP)
    playback.take(tables("a", 0, "5.0.0.0/24", "11.0.0.0/24"))
    playback.take(updates("a", (300, Kind.WITHDRAW, "5.0.0.0/24")))
    playback.lose("a", 600 * SECOND)
    entities = Entities(("country/KZ",), STEP)
    bins = [entities.bin(reading) for reading in playback.until(900 * SECOND)]
    table = observations(bins, STEP)
    assert table.schema.equals(OBSERVATIONS)
    rows = table.sort_by([("entity", "ascending"), ("time", "ascending")])
    columns = rows.select(["signal", "entity", "value", "samples"]).to_pydict()
    assert list(zip(*columns.values(), strict=True)) == [
        ("bgp.visible24", "asn/1", 2, 2),
        ("bgp.visible24", "asn/1", 1, 2),
        ("bgp.visible24", "asn/1/KZ", 1, 2),
        ("bgp.visible24", "asn/1/KZ", 0, 2),
        ("bgp.visible24", "country/KZ", 1, 2),
        ("bgp.visible24", "country/KZ", 0, 2),
    ]


def test_an_entity_that_was_seen_before_has_a_nought_from_the_start() -> None:
    playback = Playback(Visibility(), 0, STEP)
    playback.take(tables("a", 0, "5.0.0.0/24"))
    entities = Entities((), STEP, only=["asn/7"], seen=["asn/7", "asn/8"])
    table = observations(map(entities.bin, playback.until(300 * SECOND)), STEP)
    assert table.select(["entity", "value"]).to_pylist() == [{"entity": "asn/7", "value": 0.0}]


def test_a_region_counts_in_its_country_too() -> None:
    blocks = {"5.0.0.0/24": "region/KZ-75", "5.0.1.0/24": "country/KZ"}
    visibility = Visibility(blocks_of(blocks))
    playback = Playback(visibility, 0, 60)
    playback.take(tables("a", 0, "5.0.0.0/23"))
    entities = Entities(visibility.places, 60)
    table = observations(map(entities.bin, playback.until(60 * SECOND)), 60)
    assert set(table["signal"].to_pylist()) == {"bgp.visible24.1m"}
    values = dict(zip(table["entity"].to_pylist(), table["value"].to_pylist(), strict=True))
    assert values == {"country/KZ": 2, "region/KZ-75": 1, "asn/1": 2, "asn/1/KZ": 2}


def test_no_bin_is_an_empty_table() -> None:
    assert observations([], STEP).equals(pa.Table.from_pylist([], schema=OBSERVATIONS))


def test_tables_of_several_collectors_are_joined_with_their_origins_and_paths() -> None:
    visibility = Visibility()
    for collector, origin in (("a", 1), ("b", 2)):
        who = [Peer(collector, IPv4Address(i), 10 * ord(collector) + i) for i in range(40)]
        said = Said(who)
        for i in range(40):
            said.say(Kind.ROUTE, i, "5.0.0.0/22", origin if i % 2 else 3)
            said.say(Kind.ROUTE, i, "6.0.0.0/24", 9, path_id=1).say(
                Kind.ROUTE, i, "6.0.0.0/24", 9, path_id=2
            )
        ribs = Ribs()
        ribs.apply(said.changes())
        visibility.take(ribs, 0)
    assert figures(visibility.read(0)) == {1: 4, 2: 4, 3: 4, 9: 1}
    for path_id, left in ((1, 1), (2, 0)):
        for collector in "ab":
            who = [Peer(collector, IPv4Address(i), 10 * ord(collector) + i) for i in range(40)]
            said = Said(who)
            for i in range(40):
                said.say(Kind.WITHDRAW, i, "6.0.0.0/24", path_id=path_id)
            visibility.apply(said.changes())
        assert figures(visibility.read(0)).get(9, 0) == left
    assert visibility.ribs.columns.routes[:80].tolist() == [[1, 0]] * 80
    assert np.all(visibility.ribs.columns.dump[:80] <= 0)


def with_silence(
    *digests: Digest, until: int, trusting: bool = False
) -> list[tuple[int, tuple[int, int]]]:
    """Begin of each bin and its voters, where an hour of silence is a gap."""
    playback = Playback(Visibility(), 0, STEP, trusting=trusting, silence=3600)
    for one in digests:
        playback.take(one)
    readings = playback.until(until * SECOND)
    return [(reading.time // SECOND - STEP, reading.voters) for reading in readings]


def test_a_collector_that_tells_nothing_for_an_hour_is_unknown_until_its_next_dump() -> None:
    others = [updates("b", (time, Kind.ANNOUNCE, "6.0.0.0/24")) for time in range(600, 14_400, 600)]
    digests = (
        tables("a", 0, "5.0.0.0/24"),
        *others,
        updates("a", (7200, Kind.ANNOUNCE, "5.0.0.0/24")),
        tables("a", 10_800, "5.0.0.0/24"),
    )
    voters = dict(with_silence(*digests, until=14_400))
    assert list(voters) == list(range(0, 14_400, STEP))
    assert {time for time, (four, _) in voters.items() if four == 0} == set(
        range(3600, 10_800, STEP)
    )


def test_bins_of_which_nobody_tells_are_left_out_however_many() -> None:
    far = 4_000_000_000
    digests = (
        updates("a", (0, Kind.ANNOUNCE, "5.0.0.0/24")),
        updates("a", (far, Kind.ANNOUNCE, "6.0.0.0/24")),
    )
    bins = with_silence(*digests, until=far + STEP, trusting=True)
    assert bins == [(time, (2, 0)) for time in [*range(0, 3600, STEP), far - far % STEP]]


def test_who_was_never_dumped_is_not_believed_however_long_it_speaks() -> None:
    said = updates("a", *((time, Kind.ANNOUNCE, "5.0.0.0/24") for time in range(0, 14_400, 60)))
    playback = Playback(Visibility(), 0, STEP)
    playback.take(said)
    assert {reading.voters for reading in playback.until(14_400 * SECOND)} == {(0, 0)}


def test_who_comes_after_the_dump_of_its_collector_is_believed_an_hour_later() -> None:
    playback = Playback(Visibility(), 0, STEP)
    dump = tables("a", 0, "5.0.0.0/24")
    assert dump.ribs is not None
    playback.take(dump)
    late = Said([Peer("a", IPv4Address("11.0.0.9"), 109)])
    late.say(Kind.ANNOUNCE, 0, "5.0.0.0/24", 1, time=600)
    playback.take(Digest("a", 0, 0, None, (late.changes(),), 1, Problems()))
    voters = [reading.voters[0] for reading in playback.until(5400 * SECOND)]
    assert voters == [2] * 13 + [3] * 5


def test_updates_of_nothing_that_counts_are_no_dump() -> None:
    path = (
        mrt.attribute(1, b"\0") + mrt.attribute(2, mrt.segment(1)) + mrt.attribute(3, b"\x0b\0\0\1")
    )
    default = mrt.message(mrt.update(attributes=path, prefixes=mrt.prefix("0.0.0.0/0")))
    one = digest("a", read_mrt(BytesIO(default)))
    assert (one.elements, one.ribs, one.changes) == (1, None, ())
