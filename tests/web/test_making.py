"""Making pages: once for all who ask, and nobody waits for long."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from web_world import END, KNOWN, ONSET, ORIGIN, RESTORED, make_store

from zicht.model.series import OBSERVATIONS
from zicht.web import making
from zicht.web.desk import Desk
from zicht.web.kept import Kept, KeptAnswers
from zicht.web.making import made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_GUARD = 60


def page(text: str, status: int = 200) -> Kept:
    return Kept(body=text.encode(), zipped=None, etag="", status=status, headers={})


def test_a_page_that_many_ask_for_is_made_once() -> None:
    answers, calls = KeptAnswers(10**6), []
    gate = threading.Event()

    def make() -> Kept:
        calls.append(1)
        gate.wait(_GUARD)
        return page("once")

    async def run() -> list[Kept]:
        tasks = [asyncio.create_task(made(answers, "p", 1, make)) for _ in range(50)]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks)

    assert {one.body for one in asyncio.run(run())} == {b"once"}
    assert len(calls) == 1
    assert asyncio.run(made(answers, "p", 1, lambda: page("again"))).body == b"once"


def slowly(gate: threading.Event, text: str) -> Callable[[], Kept]:
    def make() -> Kept:
        gate.wait(_GUARD)
        return page(text)

    return make


def test_who_is_out_of_patience_is_given_the_page_as_it_was_and_later_the_new_one() -> None:
    answers, gate = KeptAnswers(10**6), threading.Event()

    async def run() -> tuple[bytes, bytes]:
        await made(answers, "p", 1, lambda: page("old"))
        early = await made(answers, "p", 2, slowly(gate, "new"), patience=0.01)
        gate.set()
        late = await made(answers, "p", 2, slowly(gate, "new"))
        return early.body, late.body

    assert asyncio.run(run()) == (b"old", b"new")


@pytest.mark.parametrize("patience", [None, 0.01])
def test_a_page_that_never_was_is_waited_for(patience: float | None) -> None:
    answers, gate = KeptAnswers(10**6), threading.Event()
    threading.Timer(0.1, gate.set).start()
    found = asyncio.run(made(answers, "p", 1, slowly(gate, "new"), patience=patience))
    assert found.body == b"new"


def test_a_page_that_is_too_old_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "OLDEST", 0.0)
    answers, gate = KeptAnswers(10**6), threading.Event()

    async def run() -> bytes:
        await made(answers, "p", 1, lambda: page("old"))
        threading.Timer(0.1, gate.set).start()
        return (await made(answers, "p", 2, slowly(gate, "new"), patience=0.01)).body

    assert asyncio.run(run()) == b"new"


def test_faults_are_told_to_all_who_wait_and_not_kept() -> None:
    answers = KeptAnswers(10**6)

    def fail() -> Kept:
        raise ValueError("no")

    async def run() -> list[Kept | BaseException]:
        return await asyncio.gather(
            *(made(answers, "p", 1, fail) for _ in range(3)), return_exceptions=True
        )

    assert [type(one) for one in asyncio.run(run())] == [ValueError] * 3
    assert asyncio.run(made(answers, "p", 1, lambda: page("no", 404))).status == 404
    assert asyncio.run(made(answers, "p", 1, lambda: page("yes"))).body == b"yes"


def test_one_who_goes_away_does_not_end_it_for_the_others() -> None:
    answers, gate = KeptAnswers(10**6), threading.Event()

    async def run() -> bytes:
        first = asyncio.create_task(made(answers, "p", 1, slowly(gate, "new")))
        second = asyncio.create_task(made(answers, "p", 1, slowly(gate, "new")))
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
        return (await second).body

    assert asyncio.run(run()) == b"new"


def test_a_detection_of_the_past_is_kept_while_only_later_values_come(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store")
    desk = Desk(store, now=lambda: KNOWN)
    until = RESTORED + timedelta(hours=3)
    first = desk.detection("country/KZ", start=ONSET, until=until)
    now = desk.detection("country/KZ")
    later = {"signal": ["probe.up24"], "entity": ["country/KZ"], "time": [END + timedelta(hours=1)]}
    rows = pa.table(later | {"value": [9000.0], "samples": [None]}).cast(OBSERVATIONS)
    store.append(rows, signals=[], origin=ORIGIN, known_at=END + timedelta(hours=2))
    desk.refresh()
    assert desk.detection("country/KZ", start=ONSET, until=until) is first
    assert desk.detection("country/KZ") is not now
