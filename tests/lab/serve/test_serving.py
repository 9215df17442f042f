"""The lab's server over real sockets, in its right mind and out of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import httpx2
import pytest

from zicht.errors import NotFoundError, SourceRefusesError, SourceUnreachableError
from zicht.http import get, open_client, receive
from zicht.lab.clock import LabClock
from zicht.lab.serve.faults import Answer, Fault, Faults, Kind
from zicht.lab.serve.http import Request, Service, conditional, serving

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
BEGIN = datetime(2022, 1, 5, 12, tzinfo=UTC)
BODY = b'{"data": [' + b"1, " * 50_000 + b"2]}"


def answer(request: Request, now: datetime) -> Answer:
    if request.path == "/there":
        return Answer(200, BODY, (("Content-Type", "application/json"),))
    if request.path == "/time":
        return Answer(200, now.isoformat().encode())
    if request.path == "/echo é":
        return Answer(200, f"{request.asked('a')} {request.asked('b')}".encode())
    return Answer(404, b"nothing")


def talk(work: Callable[[str], T], *faults: Fault, speed: float = 0) -> T:
    """Let a client in a thread of its own talk with the server."""

    async def run() -> T:
        clock = LabClock(BEGIN, speed)
        async with serving(Service("here", answer), clock, Faults(faults)) as address:
            return await asyncio.to_thread(work, address)

    return asyncio.run(run())


def patiently(address: str) -> bytes:
    return get(address, pause=lambda _: None)


def test_our_own_client_reads_it() -> None:
    assert talk(lambda at: patiently(f"{at}/there")) == BODY
    assert talk(lambda at: patiently(f"{at}/echo%20%C3%A9?a=1&b=x%20y")) == b"1 x y"
    assert talk(lambda at: patiently(f"{at}/time")) == BEGIN.isoformat().encode()
    with pytest.raises(NotFoundError):
        talk(lambda at: patiently(f"{at}/elsewhere"))


def test_one_connection_serves_many_requests() -> None:
    def work(at: str) -> list[int]:
        with httpx2.Client() as client:
            codes = [client.get(f"{at}/there").status_code for _ in range(3)]
            return [*codes, client.head(f"{at}/there").status_code, client.post(at).status_code]

    assert talk(work) == [200, 200, 200, 200, 405]


def test_what_did_not_change_is_not_sent_again() -> None:
    def work(at: str) -> tuple[int, bytes]:
        first = httpx2.get(f"{at}/there")
        again = httpx2.get(f"{at}/there", headers={"If-None-Match": first.headers["ETag"]})
        return again.status_code, again.content

    assert talk(work) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "code", "part"),
    [
        ("bytes=2-4", 206, b"cde"),
        ("bytes=7-", 206, b"hij"),
        ("bytes=8-99", 206, b"ij"),
        ("bytes=10-", 416, b""),
        ("bytes=-3", 200, b"abcdefghij"),
        ("lines=1-2", 200, b"abcdefghij"),
    ],
)
def test_a_part_may_be_asked_for(asked: str, code: int, part: bytes) -> None:
    request = Request("GET", "/", (), (("range", asked),))
    found = conditional(request, Answer(200, b"abcdefghij"))
    assert (found.code, found.body) == (code, part)


def test_a_part_of_something_else_by_now_is_the_whole() -> None:
    request = Request("GET", "/", (), (("range", "bytes=2-"), ("if-range", '"other"')))
    assert conditional(request, Answer(200, b"abc")).code == 200


@pytest.mark.parametrize("kind", ["error", "unavailable", "too-many", "cut", "reset"])
def test_a_passing_fault_is_waited_out_and_a_lasting_one_is_told(kind: Kind) -> None:
    assert talk(lambda at: patiently(f"{at}/there"), Fault(kind=kind, first=2)) == BODY
    with pytest.raises(SourceUnreachableError):
        talk(lambda at: patiently(f"{at}/there"), Fault(kind=kind))


def test_a_length_that_is_not_kept_breaks_the_answer() -> None:
    def work(at: str) -> None:
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(f"{at}/there")

    talk(work, Fault(kind="length", bytes=3))


def test_too_short_a_length_cuts_the_answer() -> None:
    got = talk(lambda at: httpx2.get(f"{at}/there").content, Fault(kind="length", bytes=-3))
    assert got == BODY[:-3]


def test_a_redirect_elsewhere_is_not_followed_by_our_client() -> None:
    with pytest.raises(SourceUnreachableError, match="sends elsewhere"):
        talk(lambda at: patiently(f"{at}/there"), Fault(kind="redirect"))


def test_a_redirect_on_the_same_host_is() -> None:
    fault = Fault(kind="redirect", path="/moved", location="/there", code=308)
    assert talk(lambda at: patiently(f"{at}/moved"), fault) == BODY


def test_a_page_or_nothing_comes_in_place_of_the_answer() -> None:
    assert b"<h1>" in talk(lambda at: patiently(f"{at}/there"), Fault(kind="html"))
    assert talk(lambda at: patiently(f"{at}/there"), Fault(kind="empty")) == b""


def test_a_malformed_body_arrives_whole() -> None:
    got = talk(lambda at: patiently(f"{at}/there"), Fault(kind="malformed"))
    assert (len(got), got == BODY) == (len(BODY), False)


def test_slow_answers_arrive_in_the_end() -> None:
    slow = Fault(kind="slow", seconds=0.05)
    trickle = Fault(kind="trickle", seconds=0.05)
    for fault in (slow, trickle):
        assert talk(lambda at: patiently(f"{at}/there"), fault) == BODY


def test_an_impatient_client_gives_up_on_a_slow_one() -> None:
    def work(at: str) -> None:
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(f"{at}/there", timeout=0.1)

    talk(work, Fault(kind="slow", seconds=60))


def test_a_stale_service_stands_still_while_the_world_goes_on() -> None:
    stale = Fault(kind="stale", begin=BEGIN)
    told = talk(lambda at: patiently(f"{at}/time"), stale, speed=1e6)
    assert told == BEGIN.isoformat().encode()


def test_nonsense_ends_the_connection() -> None:
    async def run() -> bytes:
        clock = LabClock(BEGIN, 0)
        async with serving(Service("here", answer), clock, Faults()) as address:
            port = int(address.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"nonsense\r\n\r\n")
            said = await reader.read()
            writer.close()
            return said

    assert asyncio.run(run()) == b""


def test_a_secret_that_is_said_back_in_a_refusal_is_not_shown() -> None:
    def echo(request: Request, now: datetime) -> Answer:
        del now
        return Answer(400, f"{'x' * 280} {request.header('authorization')} is wrong".encode())

    async def run() -> None:
        async with serving(Service("here", echo), LabClock(BEGIN, 0), Faults()) as address:
            with open_client() as client:
                headers = {"Authorization": "Bearer only-for-you"}
                await asyncio.to_thread(receive, client, f"{address}/there", headers)

    with pytest.raises(SourceRefusesError, match="Bearer") as error:
        asyncio.run(run())
    assert "only" not in str(error.value)
