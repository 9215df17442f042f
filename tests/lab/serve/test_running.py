"""Running several mouths together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zicht.errors import UsageError
from zicht.lab.clock import LabClock
from zicht.lab.serve.faults import Faults
from zicht.lab.serve.mouths import MOUTHS, Mouth, Stage
from zicht.lab.serve.running import chosen, run_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from zicht.lab.serve.mouths import Opened

CABLE = Path(__file__).parents[1] / "cable_scenario.toml"
STAGE = Stage(CABLE, None, 1.0, LabClock(datetime(2025, 3, 11, tzinfo=UTC), 0), Faults())


@asynccontextmanager
async def _refusing(stage: Stage, port: int) -> AsyncIterator[Opened]:
    del stage, port
    raise UsageError("There is no voice here.")
    yield  # a generator all the same


def run(*mouths: Mouth, needed: bool) -> tuple[list[str], list[str]]:
    """Who spoke, and what was told."""
    spoke: list[str] = []
    told: list[str] = []

    async def stop_at_once() -> None:
        stopped = asyncio.Event()

        def opened(speaking: dict[str, Opened]) -> None:
            spoke.extend(speaking)
            stopped.set()

        await run_world(
            STAGE, mouths, port=0, needed=needed, opened=opened, tell=told.append, stopped=stopped
        )

    asyncio.run(stop_at_once())
    return spoke, told


def test_who_cannot_speak_here_is_left_out_and_that_is_told() -> None:
    (tor,) = chosen(["tor"])
    mute = Mouth("mute", "nobody", _refusing)
    assert run(tor, mute, needed=False) == (["tor"], ["Left out: mute. There is no voice here."])


def test_who_was_asked_for_by_name_must_speak() -> None:
    with pytest.raises(UsageError, match="no voice"):
        run(Mouth("mute", "nobody", _refusing), needed=True)


def test_mouths_are_chosen_by_name_in_their_own_order() -> None:
    assert [mouth.name for mouth in chosen(["tor", "ioda"])] == ["ioda", "tor"]
    assert chosen([]) == MOUTHS
    with pytest.raises(UsageError, match="foghorn"):
        chosen(["foghorn"])
