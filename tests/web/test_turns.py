"""Turns: how much is worked on at once, and who is sent away."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from zicht.web.api.answering import answered, packed
from zicht.web.api.problems import ProblemError
from zicht.web.turns import AGAIN, Turns

if TYPE_CHECKING:
    from zicht.web.desk import Desk
    from zicht.web.kept import Kept


def test_no_more_have_a_turn_than_may() -> None:
    async def run() -> tuple[int, int]:
        turns, present, most, served = Turns(at_once=3, waiting=50), 0, 0, 0

        async def work() -> None:
            nonlocal present, most, served
            async with turns.turn():
                present += 1
                most = max(most, present)
                await asyncio.sleep(0)
                present -= 1
                served += 1

        await asyncio.gather(*(work() for _ in range(40)))
        return most, served

    assert asyncio.run(run()) == (3, 40)
    assert asyncio.run(run()) == (3, 40), "another loop begins anew"


def test_who_would_wait_behind_too_many_is_sent_away() -> None:
    async def run() -> int:
        turns = Turns(at_once=1, waiting=2)
        freed = asyncio.Event()

        async def work() -> None:
            async with turns.turn():
                await freed.wait()

        tasks = [asyncio.create_task(work()) for _ in range(10)]
        for _ in range(20):
            await asyncio.sleep(0)
        freed.set()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [one for one in ended if isinstance(one, HTTPException)]
        assert {one.status_code for one in refused} == {503}
        assert refused[0].headers == {"Retry-After": AGAIN}
        async with turns.turn():
            return len(refused)

    assert asyncio.run(run()) == 7


def test_an_answer_that_many_ask_for_is_made_by_those_who_have_a_turn_alone(desk: Desk) -> None:
    made = []
    gate = threading.Barrier(2)

    def make() -> Kept:
        made.append(1)
        gate.wait(60)  # until both who may work at once do so
        return packed(b"once", "text/plain", {}, made_at=desk.now())

    async def run() -> list[Kept]:
        return await asyncio.gather(*(answered(desk, "turns", make, heavy=True) for _ in range(12)))

    assert {one.body for one in asyncio.run(run())} == {b"once"}
    assert len(made) == 2


def test_too_many_who_wait_for_an_answer_are_told_to_come_again(desk: Desk) -> None:
    gate = threading.Event()

    def make() -> Kept:
        gate.wait(60)
        return packed(b"", "text/plain", {}, made_at=desk.now())

    async def run() -> list[Kept | BaseException]:
        tasks = [
            asyncio.create_task(answered(desk, f"busy {number}", make, heavy=True))
            for number in range(25)
        ]
        for _ in range(50):
            await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(run())
    refused = [one for one in found if isinstance(one, ProblemError)]
    assert len(refused) == 25 - 18
    assert refused[0].problem.status == 503
    assert refused[0].headers["Retry-After"] == AGAIN
