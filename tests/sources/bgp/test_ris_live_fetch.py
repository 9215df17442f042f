"""The client of RIS Live against a service of our own that loses, repeats, disorders and falls
silent. Waits here are short so that tests are; none of them is asserted."""

from __future__ import annotations

import asyncio
import json
import time
from ipaddress import ip_address
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from ris_service import RisService, ris_message, sends
from speaking import announce, nlri, update

from zicht.errors import UsageError
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.fetch.ris_live import LAG, Limits, RisLive
from zicht.sources.bgp.live import Batch, Cause, Gap, decode_batch
from zicht.sources.bgp.ris_live import Subscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.server import ServerConnection

    from zicht.sources.bgp.decode import Decoder

QUICK = Limits(idle=0.1, answer=0.3, first_delay=0.01, longest_delay=0.05)
HANG = 20.0  # seconds; a guard, nothing that is measured


def route(number: int, time: float | None = None) -> str:
    prefix = f"10.{number // 250}.{number % 250}.0/24"
    return ris_message(
        1_000_000.0 + number if time is None else time,
        id=f"192.0.2.9-{number:x}",
        raw=announce(prefix).hex(),
    )


async def collect(client: RisLive, is_enough: Callable[[list[Batch]], bool]) -> list[Batch]:
    found: list[Batch] = []
    batches = client.batches(hold=1000)
    async with asyncio.timeout(HANG):
        async for batch in batches:
            found.append(batch)
            if is_enough(found):
                break
    await batches.aclose()
    return found


def records(batches: list[Batch], collector: str = "rrc00") -> int:
    return sum(batch.records.get(collector, b"").count(b"\xff" * 16) for batch in batches)


def test_who_listens_is_said_and_what_comes_is_passed_on() -> None:
    async def run() -> None:
        async with RisService([sends(*map(route, range(300)))]) as service:
            client = RisLive("noc@example.net", url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 300)
            assert client.counts["UPDATE"] == 300
            assert not any(batch.gaps for batch in found)
            assert "zicht/" in unquote(service.paths[0])
            assert "noc@example.net" in unquote(service.paths[0])
            assert "noc@example.net" in service.agents[0]
            assert [one["type"] for one in service.subscriptions] == ["UPDATE", "RIS_PEER_STATE"]
        assert service.farewells == [1000]

    asyncio.run(run())


def test_without_a_contact_nothing_is_asked() -> None:
    with pytest.raises(UsageError, match="no contact"):
        RisLive(" ")


def test_what_comes_twice_or_disordered_is_told_once_and_in_order() -> None:
    async def run() -> None:
        stream = [route(number) for number in (3, 1, 2, 1, 5, 4, 5, 2)]
        async with RisService([sends(*stream)]) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            batches = client.batches(hold=200_000)
            async with asyncio.timeout(HANG):
                batch = await anext(batches)
            await batches.aclose()
            whole = batch.records["rrc00"]
            at = [whole.index(announce(f"10.0.{number}.0/24")) for number in range(1, 6)]
            assert at == sorted(at)
            assert whole.count(b"\xff" * 16) == 5
            assert client.counts["came twice"] == 3

    asyncio.run(run())


@pytest.mark.parametrize("how", ["vanish", "close"])
def test_a_loss_is_a_gap_from_the_last_message_to_the_return(how: str) -> None:
    async def run() -> None:
        begin = time.time_ns() // 1000
        first = sends(route(1), then=how)
        async with RisService([first, sends(route(2))]) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 2)
            open_gap, gap = [gap for batch in found for gap in batch.gaps]
            assert (gap.collector, gap.peer, gap.cause) == ("", None, Cause.DISCONNECTED)
            assert (open_gap.begin, open_gap.end) == (gap.begin, None)
            assert gap.end is not None
            assert begin - LAG <= gap.begin < gap.end <= time.time_ns() // 1000
            assert client.connected
            assert len(service.paths) == 2

    asyncio.run(run())


def test_a_gap_names_the_collectors_that_were_asked_for() -> None:
    async def run() -> None:
        hosts = [Subscription(host="rrc00.ripe.net"), Subscription(host="rrc01")]
        async with RisService([sends(then="close"), sends(route(1))]) as service:
            client = RisLive("me", hosts, url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 1)
            gaps = [gap for batch in found for gap in batch.gaps if gap.end]
            assert [gap.collector for gap in gaps] == ["rrc00", "rrc01"]

    asyncio.run(run())


def test_a_quiet_service_that_answers_is_left_alone() -> None:
    async def run() -> None:
        async def script(service: RisService, socket: ServerConnection) -> None:
            await service.acknowledge(socket)
            waiting = asyncio.create_task(service.stay(socket))
            while service.pings < 3:  # noqa: ASYNC110  # the service tells nobody
                await asyncio.sleep(0.01)
            await socket.send(route(1))
            await waiting

        async with RisService([script]) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 1)
            assert not any(batch.gaps for batch in found)
            assert client.counts["pong"] >= 3

    asyncio.run(run())


def test_a_service_that_does_not_answer_is_left_and_the_silence_is_a_gap() -> None:
    async def run() -> None:
        async with RisService([sends(route(1)), sends(route(2))]) as service:
            service.answers = False
            client = RisLive("me", url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 2)
            gaps = [gap for batch in found for gap in batch.gaps]
            assert [gap.cause for gap in gaps] == [Cause.SILENT] * 2
            assert client.counts["lost: nothing came, though the connection stood"] == 1

    asyncio.run(run())


def test_where_nobody_listens_it_is_tried_again() -> None:
    async def run() -> None:
        async with RisService([sends(route(1))]) as service:
            url = service.url
        client = RisLive("me", url=url, limits=QUICK)
        task = asyncio.create_task(collect(client, lambda batches: records(batches) == 1))
        while not client.trouble:  # noqa: ASYNC110  # the client tells nobody
            await asyncio.sleep(0.01)
        assert not client.connected
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_refused_subscription_is_an_error_and_not_tried_for_ever() -> None:
    async def run() -> None:
        async def script(_: RisService, socket: ServerConnection) -> None:
            error = {"type": "ris_error", "data": {"message": "no such host"}}
            await socket.send(json.dumps(error))
            await socket.wait_closed()

        async with RisService([script]) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            with pytest.raises(UsageError, match="no such host"):
                await collect(client, lambda _: False)

    asyncio.run(run())


def test_what_does_not_fit_the_queue_is_dropped_counted_and_a_gap_of_its_peer() -> None:
    async def run() -> None:
        small = Limits(queue=3000, idle=5)
        async with RisService([sends(*map(route, range(500)))]) as service:
            client = RisLive("me", url=service.url, limits=small)
            batches = client.batches(hold=1000)
            found: list[Batch] = []
            async with asyncio.timeout(HANG):
                async for batch in batches:
                    found.append(batch)
                    if client.counts["dropped"] + records(found) == 500:
                        break
                    await asyncio.sleep(0.2)  # a reader that is slow
                if not found[-1].gaps:
                    found.append(await anext(batches))
            await batches.aclose()
            assert client.counts["dropped"] > 0
            gaps = [gap for batch in found for gap in batch.gaps]
            assert {(gap.collector, gap.peer, gap.cause) for gap in gaps} == {
                ("rrc00", ip_address("192.0.2.9"), Cause.DROPPED)
            }

    asyncio.run(run())


def test_what_cannot_be_understood_is_counted_and_a_gap_of_its_peer() -> None:
    async def run() -> None:
        bad = [ris_message(5, raw="zz"), "no JSON", ris_message(6, peer_asn="x", raw="")]
        async with RisService([sends(*bad, route(1))]) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            found = await collect(client, lambda batches: records(batches) == 1)
            assert client.counts["damaged"] == 3
            gaps = [gap for batch in found for gap in batch.gaps]
            assert {gap.cause for gap in gaps} == {Cause.DAMAGED}
            peer = ip_address("192.0.2.9")
            assert sorted((gap.collector, gap.peer) for gap in gaps) == [
                ("", None),
                ("rrc00", peer),
                ("rrc00", peer),
            ]

    asyncio.run(run())


def test_a_stream_with_every_fault_ends_in_the_right_table() -> None:
    """A thousand prefixes are announced, half of them withdrawn."""
    random = Random(3)  # noqa: S311  # the same disorder each time
    said = [route(number, 1_000_000.0 + number / 1000) for number in range(1000)]
    gone = [
        ris_message(
            1_000_100.0 + number / 1000,
            id=f"192.0.2.9-f{number:04x}",
            raw=update(nlri(f"10.{number // 250}.{number % 250}.0/24")).hex(),
        )
        for number in range(0, 1000, 2)
    ]

    def shuffled(messages: list[str]) -> list[str]:
        """Each up to ten places from its own, and every fifth twice."""
        order = sorted(range(len(messages)), key=lambda place: place + random.uniform(0, 10))
        out = [messages[place] for place in order]
        return [text for place, text in enumerate(out) for _ in range(1 + (place % 5 == 0))]

    async def run() -> None:
        parts = [shuffled(said[:400]), shuffled(said[400:]), shuffled(gone)]
        scripts = [
            sends(*parts[0], then="close"),
            sends(*parts[1], then="close"),
            sends(*parts[2]),
        ]
        async with RisService(scripts) as service:
            client = RisLive("me", url=service.url, limits=QUICK)
            table: set[int] = set()
            heard = 0
            gaps: list[Gap] = []
            decoders: dict[str, Decoder] = {}
            batches = client.batches(hold=300_000)
            async with asyncio.timeout(HANG):
                async for batch in batches:
                    gaps += batch.gaps
                    for _, elements in decode_batch(batch, decoders):
                        heard += len(elements)
                        for kind, prefix in zip(elements.kind, elements.prefix_high, strict=True):
                            if kind == Kind.ANNOUNCE:
                                table.add(int(prefix))
                            else:
                                table.remove(int(prefix))  # an error where order was lost
                    if heard == 1500:
                        break
            await batches.aclose()
            assert len(table) == 500
            assert client.counts["came twice"] == 80 + 120 + 100
            assert [gap.end is None for gap in gaps] == [True, False] * 2

    asyncio.run(run())
