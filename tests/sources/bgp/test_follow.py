"""Following streams: who votes when something was not seen, and what is said twice."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import SECOND, Said, figures

from zicht.lab import mrt
from zicht.sources.bgp.changes import changes_of
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind, Peer
from zicht.sources.bgp.follow import SKEW, Follower, Watch
from zicht.sources.bgp.live import Batch, Cause, Gap
from zicht.sources.bgp.ribs import Ribs
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Collection

    from zicht.sources.bgp.visibility import Reading

NAME, ROUTER = "rrc00", "bmp:10.0.0.1"
STEP = 60
ALL = range(3)


def prefix(number: int) -> str:
    return f"5.0.{number}.0/24"


def speaker(number: int) -> mrt.Speaker:
    return mrt.Speaker(IPv4Address(0x0B000000 + number), 100 + number, IPv4Address(number))


def says(
    time: int,
    *,
    announced: Collection[int] = (),
    withdrawn: Collection[int] = (),
    who: Collection[int] = ALL,
) -> bytes:
    """Peers announce and withdraw blocks by their number."""

    def prefixes(numbers: Collection[int]) -> bytes:
        return b"".join(mrt.prefix(ip_network(prefix(number))) for number in numbers)

    return b"".join(
        mrt.bgp4mp(
            time * SECOND,
            speaker(number),
            mrt.message(
                2,
                mrt.update_body(
                    withdrawn=prefixes(withdrawn),
                    path_attributes=mrt.attributes(
                        path=((2, (100 + number, 1)),), next_hop=IPv4Address("11.0.0.1")
                    )
                    if announced
                    else b"",
                    announced=prefixes(announced),
                ),
            ),
        )
        for number in who
    )


def state(time: int, old: int, new: int, who: Collection[int] = ALL) -> bytes:
    return b"".join(mrt.state_change(time * SECOND, speaker(number), old, new) for number in who)


def end_of_rib(time: int) -> bytes:
    return says(time)


def tables(blocks: Collection[int], name: str = NAME) -> Ribs:
    peers = [Peer(name, speaker(i).address, 100 + i) for i in ALL]
    said = Said(peers)
    for i in ALL:
        for number in blocks:
            said.say(Kind.ROUTE, i, prefix(number), 1)
    ribs = Ribs()
    ribs.apply(said.changes())
    return ribs


def gap(begin: int, end: int | None, peer: int | None = None, name: str = NAME) -> Gap:
    address = None if peer is None else speaker(peer).address
    return Gap(
        name, address, begin * SECOND, None if end is None else end * SECOND, Cause.DISCONNECTED
    )


def follower(**more: int) -> Follower:
    return Follower(Visibility(), 0, STEP, [NAME], **more)


def warm() -> Follower:
    one = follower()
    one.join(0)
    assert one.resync(NAME, tables(range(8)), 10 * SECOND)
    return one


def read(one: Follower, until: int) -> list[tuple[Reading, Watch]]:
    return list(one.until(until * SECOND))


def heard(one: Follower, records: bytes, now: int, *gaps: Gap, name: str = NAME) -> None:
    one.take(Batch({name: records} if records else {}, gaps), now * SECOND)


def test_before_its_tables_are_known_a_stream_tells_nothing() -> None:
    one = follower()
    assert one.wanted() == {}
    one.join(3 * SECOND)
    assert one.wanted() == {NAME: 3 * SECOND + SKEW}
    heard(one, says(10, announced=[1]), 10)
    [(reading, watch)] = read(one, 60)
    assert reading.voters == (0, 0)
    assert watch.waiting == 1


def test_what_came_while_the_archive_was_read_counts_on_top_of_it() -> None:
    one = follower()
    one.join(3 * SECOND)
    heard(one, says(10, withdrawn=[1]), 10)
    heard(one, says(20, withdrawn=[2, 3]) + says(21, announced=[3]), 21)
    assert one.resync(NAME, tables(range(8)), 10 * SECOND)
    assert one.wanted() == {}
    [(reading, watch)] = read(one, 60)
    assert (reading.voters, figures(reading)) == ((3, 0), {1: 6})
    assert watch == Watch((3, 0), (2, 0), 3, 0, 0, 0, 0)


def test_what_both_tell_counts_once() -> None:
    one = follower()
    one.join(0)
    heard(one, says(10, withdrawn=[1]), 10)
    assert one.resync(NAME, tables(range(2, 8)), 30 * SECOND)
    heard(one, says(10, withdrawn=[1]), 31)
    assert figures(read(one, 60)[0][0]) == {1: 6}


def test_a_gap_takes_all_votes_until_the_archive_has_told_of_it() -> None:
    one = warm()
    assert read(one, 60)[0][0].voters == (3, 0)
    heard(one, b"", 90, gap(70, None))
    assert one.wanted() == {}  # for who knows when it ends
    [(reading, watch)] = read(one, 120)
    assert (reading.voters, watch.stale, watch.needed) == ((0, 0), 3, (2, 0))
    heard(one, b"", 130, gap(70, 125))
    heard(one, says(131, announced=[0]), 131)
    assert one.wanted() == {NAME: 130 * SECOND + SKEW}
    assert read(one, 180)[0][0].voters == (0, 0)
    assert one.resync(NAME, tables(range(1, 5)), 140 * SECOND)
    [(reading, watch)] = read(one, 240)
    assert (reading.voters, figures(reading), watch.stale) == ((3, 0), {1: 5}, 0)


def test_a_gap_of_one_peer_takes_its_vote_alone() -> None:
    one = warm()
    heard(one, b"", 70, gap(50, 55, peer=1))
    assert [reading.voters for reading, _ in read(one, 120)] == [(2, 0), (2, 0)]
    assert one.resync(NAME, tables(range(8)), 200 * SECOND)
    assert read(one, 180)[0][0].voters == (3, 0)


def test_tables_of_before_a_new_gap_are_of_no_use() -> None:
    one = warm()
    heard(one, b"", 70, gap(50, 55))
    heard(one, b"", 100, gap(90, 95))
    assert not one.resync(NAME, tables(range(8)), 80 * SECOND)
    assert one.wanted() == {NAME: 100 * SECOND + SKEW}
    assert [reading.voters for reading, _ in read(one, 120)] == [(0, 0), (0, 0)]


def test_a_peer_that_has_a_gap_while_others_are_resynced_stays_without_a_vote() -> None:
    one = follower()
    one.join(0)
    heard(one, b"", 100, gap(90, 95, peer=2))
    assert one.resync(NAME, tables(range(8)), 50 * SECOND)
    assert one.wanted() == {NAME: 100 * SECOND + SKEW}
    assert read(one, 60)[0][0].voters == (2, 0)


def test_a_gap_of_everybody_is_one_of_each_collector_with_an_archive() -> None:
    one = warm()
    heard(one, b"", 70, gap(50, 55, name=""))
    assert one.wanted() == {NAME: 70 * SECOND + SKEW}


def test_where_too_much_comes_to_be_kept_the_archive_must_tell_more() -> None:
    one = follower(most_kept=6)
    one.join(0)
    heard(one, says(10, withdrawn=[1]), 10)
    heard(one, says(20, withdrawn=[2]), 20)
    assert one.wanted() == {NAME: SKEW}
    heard(one, says(30, withdrawn=[3]), 30)
    assert one.wanted() == {NAME: 10 * SECOND + SKEW}
    assert one.resync(NAME, tables([0, 2, 3]), 16 * SECOND)
    assert figures(read(one, 60)[0][0]) == {1: 1}


@pytest.mark.parametrize("in_one", [True, False])
def test_a_router_tells_its_tables_anew_in_each_session(*, in_one: bool) -> None:
    one = Follower(Visibility(), 0, STEP, [])
    began = state(1, 1, 6) + says(2, announced=range(8))
    heard(one, began, 2, name=ROUTER)
    assert read(one, 60)[0][0].voters == (0, 0)  # its table is on its way
    heard(one, end_of_rib(61), 61, name=ROUTER)
    [(reading, _)] = read(one, 120)
    assert (reading.voters, figures(reading)) == ((3, 0), {1: 8})
    first = says(122, withdrawn=[0])
    again = state(140, 1, 6) + says(141, announced=range(4)) + end_of_rib(142)
    lost, back = gap(123, None, name=ROUTER), gap(123, 139, name=ROUTER)
    if in_one:
        heard(one, first + again, 150, lost, back, name=ROUTER)
    else:
        heard(one, first, 122, name=ROUTER)
        heard(one, b"", 123, lost, name=ROUTER)
        heard(one, again, 150, back, name=ROUTER)
    [(reading, _)] = read(one, 180)
    assert (reading.voters, figures(reading)) == ((3, 0), {1: 4})
    heard(one, state(190, 1, 6) + says(191, announced=[1]) + end_of_rib(192), 195,
          gap(192, None, name=ROUTER), name=ROUTER)  # fmt: skip
    [(reading, watch)] = read(one, 240)
    assert (reading.voters, watch.stale) == ((0, 0), 3)


def test_a_peer_that_falls_silent_against_its_habit_has_no_vote_until_it_speaks() -> None:
    one = warm()
    for second in range(20, 320, 2):
        heard(one, says(second, announced=[0]), second)
    for second in range(320, 900, 2):
        heard(one, says(second, announced=[0], who=[0, 1]), second)
    bins = read(one, 900)
    assert [reading.voters[0] for reading, _ in bins][:8] == [3] * 8
    assert (bins[-1][0].voters, bins[-1][1].silent, bins[-1][1].peers) == ((2, 0), 1, 3)
    heard(one, says(901, announced=[0]), 901)
    [(reading, watch)] = read(one, 960)
    assert (reading.voters, watch.silent) == ((3, 0), 0)


def test_a_session_that_is_down_is_not_silent() -> None:
    one = warm()
    for second in range(20, 320, 2):
        heard(one, says(second, announced=[0]), second)
    heard(one, state(320, 6, 1, who=[2]), 320)
    for second in range(320, 900, 2):
        heard(one, says(second, announced=[0], who=[0, 1]), second)
    _, watch = read(one, 900)[-1]
    assert (watch.silent, watch.down, watch.voters) == (0, 1, (2, 0))


def test_what_is_needed_is_forgotten_over_days() -> None:
    one = warm()
    assert read(one, 60)[0][1].needed == (2, 0)
    heard(one, state(70, 6, 1), 70)
    watches = [watch for _, watch in read(one, 3 * 86_400)]
    assert watches[1].needed == (2, 0)
    assert watches[-1].needed == (1, 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["announce", "withdraw", "reset"]),
            st.integers(0, 2),
            st.integers(0, 7),
        ),
        max_size=30,
    ),
    st.integers(0, 30),
    st.integers(0, 30),
)
@settings(max_examples=100, deadline=None)
def test_wherever_stream_and_archive_overlap_the_figures_are_those_of_one_whole_stream(
    steps: list[tuple[str, int, int]], begin: int, overlap: int
) -> None:
    said = []
    for time, (what, who, number) in enumerate(steps, 10):
        match what:
            case "announce":
                said.append(says(time, announced=[number], who=[who]))
            case "withdraw":
                said.append(says(time, withdrawn=[number], who=[who]))
            case "reset":
                down, up = state(time, 6, 1, who=[who]), state(time, 1, 6, who=[who])
                table = says(time, announced=[*range(6), number], who=[who])
                said.append(down + up + table + says(time, who=[who]))
    whole = warm()
    heard(whole, b"".join(said), 50)
    archive = Visibility()
    archive.take(tables(range(8)), 0)
    decoder = Decoder(collector=NAME)
    for elements in decoder.decode(b"".join(said[: begin + overlap])):
        archive.apply(changes_of(elements, decoder.peers))
    one = follower()
    one.join(0)
    heard(one, b"".join(said[begin:]), 50)
    assert one.resync(NAME, archive.ribs, 50 * SECOND)
    (expected, _), (reading, _) = read(whole, 60)[0], read(one, 60)[0]
    assert figures(reading) == figures(expected)
    assert reading.voters == expected.voters
