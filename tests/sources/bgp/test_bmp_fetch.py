"""The BMP listener on loopback, with speakers of every kind. Waits here are short so that tests
are; none of them is asserted."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, ClassVar

import pytest
from speaking import announce, bgp_open, bmp, initiation, monitoring, peer, peer_up, update

from zicht.sources.bgp.bmp_messages import VISIBLE, Policy, Rib, View
from zicht.sources.bgp.fetch.bmp import BmpListener, Limits
from zicht.sources.bgp.live import Batch, Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

HANG = 20.0  # seconds; a guard, nothing that is measured
UP = peer_up(peer(), bgp_open(64496), bgp_open(64500))
NAME = "bmp:127.0.0.1/core-1"


def routes(*numbers: int) -> bytes:
    return b"".join(monitoring(peer(), announce(f"10.0.{number}.0/24")) for number in numbers)


class Speaker:
    """A router, or what poses as one."""

    all: ClassVar[list[Speaker]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.all.append(self)

    @classmethod
    async def connect(cls, listener: BmpListener, *says: bytes) -> Speaker:
        speaker = cls(*await asyncio.open_connection("127.0.0.1", listener.port))
        await speaker.say(*says)
        return speaker

    async def say(self, *says: bytes) -> None:
        self.writer.write(b"".join(says))
        await self.writer.drain()

    async def is_closed(self) -> bool:
        """Waits until the listener has closed the connection."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    def leave(self) -> None:
        self.writer.transport.abort()

    @classmethod
    async def all_leave(cls) -> None:
        while cls.all:
            cls.all.pop().leave()
        await asyncio.sleep(0)


class Taker:
    """Takes a listener's batches for as long as the test lasts."""

    def __init__(self, listener: BmpListener) -> None:
        self.batches: list[Batch] = []
        self.changed = asyncio.Condition()
        self.task = asyncio.create_task(self._take(listener))

    async def _take(self, listener: BmpListener) -> None:
        async for batch in listener.batches():
            async with self.changed:
                self.batches.append(batch)
                self.changed.notify_all()

    async def until(self, is_enough: Callable[[], bool]) -> None:
        async with self.changed:
            await self.changed.wait_for(is_enough)

    def updates(self, collector: str = NAME) -> int:
        return sum(batch.records.get(collector, b"").count(b"\xff" * 16) for batch in self.batches)

    @property
    def gaps(self) -> list[tuple[str, bool]]:
        """Collector, and whether the gap has ended."""
        return [(gap.collector, gap.end is not None) for one in self.batches for gap in one.gaps]


def run(
    test: Callable[[BmpListener, Taker], Coroutine[None, None, None]],
    limits: Limits | None = None,
    views: tuple[View, ...] | None = (VISIBLE,),
) -> BmpListener:
    async def whole() -> BmpListener:
        listener = BmpListener(port=0, views=views, limits=limits or Limits())
        async with asyncio.timeout(HANG), listener:
            taker = Taker(listener)
            await test(listener, taker)
            taker.task.cancel()
        await Speaker.all_leave()
        return listener

    return asyncio.run(whole())


def test_what_a_router_tells_is_passed_on_under_its_name() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        speaker = await Speaker.connect(listener, initiation("core-1"), UP, routes(1, 2, 3))
        await taker.until(lambda: taker.updates() == 3)
        assert listener.sessions[NAME].peers_up == 1
        await speaker.say(routes(4))
        await taker.until(lambda: taker.updates() == 4)

    listener = run(test)
    assert listener.counts == {"begun": 1, "ended: the listener ends": 1}


def test_only_the_views_that_are_wanted_are_passed_on() -> None:
    post = monitoring(peer(flags=0x40), update())

    async def test(listener: BmpListener, taker: Taker) -> None:
        await Speaker.connect(listener, initiation("core-1"), UP, post, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        assert {name for batch in taker.batches for name in batch.records} == {NAME}

    assert run(test).counts["not used: adj-rib-in/post-policy"] == 2

    async def test_all(listener: BmpListener, taker: Taker) -> None:
        await Speaker.connect(listener, initiation("core-1"), UP, post, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        assert taker.updates(f"{NAME}/{View(Rib.ADJ_RIB_IN, Policy.POST)}") == 1

    run(test_all, views=None)


def test_a_lost_router_is_a_gap_until_it_comes_back() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        speaker = await Speaker.connect(listener, initiation("core-1"), UP, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        speaker.leave()
        await taker.until(lambda: taker.gaps == [(NAME, False)])
        await Speaker.connect(listener, initiation("core-1"), UP, routes(2))
        await taker.until(lambda: taker.updates() == 2)
        assert taker.gaps == [(NAME, False), (NAME, True)]
        lost, found = [gap for batch in taker.batches for gap in batch.gaps]
        assert lost.begin == found.begin
        assert found.cause is Cause.DISCONNECTED

    run(test)


def test_a_router_that_says_goodbye_is_known_to_have_done_so() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        speaker = await Speaker.connect(listener, initiation("core-1"), UP, routes(1))
        await speaker.say(bmp(5, struct.pack(">HHH", 1, 2, 0)))
        speaker.writer.write_eof()
        await taker.until(lambda: (NAME, False) in taker.gaps)
        assert await speaker.is_closed()

    assert run(test).counts["ended: said goodbye"] == 1


def test_a_router_that_comes_anew_takes_the_place_of_its_old_session() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        old = await Speaker.connect(listener, initiation("core-1"), UP, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        await Speaker.connect(listener, initiation("core-1"), UP, routes(2))
        assert await old.is_closed()
        await taker.until(lambda: taker.updates() == 2)
        assert taker.gaps == [(NAME, False), (NAME, True)]
        assert list(listener.sessions) == [NAME]

    assert run(test).counts["ended: the same router has come anew"] == 1


def test_a_routers_name_is_made_harmless() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        await Speaker.connect(listener, initiation("../etc/\n" + "x" * 200), UP, routes(1))
        name = "bmp:127.0.0.1/.._etc__" + "x" * 56
        await taker.until(lambda: taker.updates(name) == 1)

    run(test)


# Hostile speakers, beside which an honest one goes on

SHORT = Limits(first=0.1, whole=0.1, idle=0.2, per_address=100)
BAD = {
    "garbage": (b"GET / HTTP/1.1\r\nHost: example.net\r\n\r\n", "no BMP"),
    "a huge length": (struct.pack(">BIB", 3, 2**32 - 1, 0), "no BMP"),
    "a length of nothing": (struct.pack(">BIB", 3, 0, 0), "no BMP"),
    "garbage after the greeting": (initiation("x") + b"\xff" * 100, "no BMP"),
    "silence": (b"", "no whole message at first"),
    "half a greeting": (initiation("x")[:-1], "no whole message at first"),
    "half a message": (initiation("x") + UP[:-1], "a message did not come whole in time"),
    "silence after the greeting": (initiation("x"), "no message for too long"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_session_is_closed_with_a_reason_and_harms_no_other(kind: str) -> None:
    says, reason = BAD[kind]

    async def test(listener: BmpListener, taker: Taker) -> None:
        honest = await Speaker.connect(listener, initiation("core-1"), UP, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        bad = await Speaker.connect(listener, says)
        closed = asyncio.create_task(bad.is_closed())
        told = 1
        while not closed.done():
            told += 1
            await honest.say(routes(told % 200))
            await asyncio.sleep(0.02)
        assert closed.result()
        await taker.until(lambda: taker.updates() == told)
        assert NAME in listener.sessions

    assert run(test, SHORT).counts[f"ended: {reason}"] == 1


def test_a_speaker_that_drips_its_bytes_is_closed_in_time() -> None:
    async def test(listener: BmpListener, taker: Taker) -> None:
        drip = await Speaker.connect(listener, initiation("slow"))
        closed = asyncio.create_task(drip.is_closed())
        message = bmp(0, bytes(100_000))
        for at in range(len(message)):
            if closed.done():
                break
            await drip.say(message[at : at + 1])
            await asyncio.sleep(0.01)
        assert closed.done()
        assert taker.updates() == 0

    listener = run(test, SHORT)
    assert listener.counts["ended: a message did not come whole in time"] == 1


def test_a_message_may_begin_after_a_long_quiet() -> None:
    limits = Limits(first=5, whole=0.3, idle=5)

    async def test(listener: BmpListener, taker: Taker) -> None:
        speaker = await Speaker.connect(listener, initiation("core-1"), UP)
        await asyncio.sleep(0.5)
        await speaker.say(routes(1)[:20])
        await asyncio.sleep(0.05)
        await speaker.say(routes(1)[20:])
        await taker.until(lambda: taker.updates() == 1)

    run(test, limits)


def test_more_sessions_than_there_may_be_are_refused_and_the_others_go_on() -> None:
    limits = Limits(sessions=20, per_address=10)

    async def test(listener: BmpListener, taker: Taker) -> None:
        honest = await Speaker.connect(listener, initiation("core-1"), UP, routes(1))
        await taker.until(lambda: taker.updates() == 1)
        crowd = [await Speaker.connect(listener) for _ in range(50)]
        refused = [asyncio.create_task(one.is_closed()) for one in crowd[9:]]
        assert all(await asyncio.gather(*refused))
        await honest.say(routes(2))
        await taker.until(lambda: taker.updates() == 2)
        for one in crowd:
            one.leave()

    assert run(test, limits).counts["ended: too many sessions of this address"] == 41
    few = Limits(sessions=3)

    async def test_few(listener: BmpListener, taker: Taker) -> None:
        crowd = [await Speaker.connect(listener) for _ in range(5)]
        assert await crowd[3].is_closed()
        assert await crowd[4].is_closed()
        assert taker.updates() == 0

    assert run(test_few, few).counts["ended: too many sessions"] == 2


def test_where_batches_are_not_taken_routers_wait_and_nothing_is_lost() -> None:
    limits = Limits(waiting=100_000)
    flood = initiation("core-1") + UP + routes(*range(200)) * 200

    async def whole() -> None:
        async with asyncio.timeout(HANG), BmpListener(port=0, limits=limits) as listener:
            speaker = await Speaker.connect(listener)
            saying = asyncio.create_task(speaker.say(flood))
            await asyncio.sleep(0.5)
            assert sum(map(len, listener._records[NAME])) < 500_000  # noqa: SLF001
            taker = Taker(listener)
            await taker.until(lambda: taker.updates() == 200 * 200)
            await saying
            taker.task.cancel()
        await Speaker.all_leave()

    asyncio.run(whole())
