"""A watch's screen in one file of the store, so that a restart need not read weeks.

It is written whole or not at all. One of other code, of another layout or one that is damaged
counts as none: the screen is then made anew from the store.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.detect.feeding import TRACK_SIZE
from zicht.detect.state import STATE_SIZE
from zicht.model.signal import Signal
from zicht.observe.watch_screen import Panel, Screen
from zicht.observe.watch_state import FOLDER
from zicht.observe.watch_suspects import Suspect
from zicht.store.faults import writing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "screen"

_MAGIC = b"zicht screen 1\n"
_CODE = (
    "belief.py",
    "constants.py",
    "expectation.py",
    "feeding.py",
    "filter.py",
    "state.py",
)


class _Panel(msgspec.Struct, frozen=True, kw_only=True):
    signal: Signal
    entities: list[str]
    begun: dict[str, int]
    seen: dict[int, tuple[int, int]]


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    version: int
    panels: list[_Panel]
    suspects: dict[str, Suspect]
    simulated: set[str]
    vanished: int | None = None


@cache
def code_version() -> str:
    """A hash of the code that makes states: another one makes others of the same values."""
    folder = resources.files("zicht.detect")
    digest = hashlib.sha256()
    for name in _CODE:
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()


def write_screen(
    store: Path, screen: Screen, suspects: dict[str, Suspect], vanished: int | None
) -> None:
    """Keep a screen and the suspects in place of what was kept before.

    Raises:
        StoreError: the disk is full or fails; what was kept before is still there.
    """
    header = _Header(
        code=code_version(),
        version=screen.version,
        panels=[
            _Panel(signal=one.signal, entities=one.entities, begun=one.begun, seen=one.seen)
            for one in screen.panels.values()
        ],
        suspects=suspects,
        simulated=screen.simulated,
        vanished=vanished,
    )
    packed = msgspec.msgpack.encode(header)
    folder = store / FOLDER
    with writing(folder):
        folder.mkdir(exist_ok=True)
        new = folder / f"{FILE}.new"
        with new.open("wb") as file:
            file.write(_MAGIC + len(packed).to_bytes(8, "little") + packed)
            for one in screen.panels.values():
                number = len(one.entities)
                file.write(np.ascontiguousarray(one.states[:number]).data)
                file.write(np.ascontiguousarray(one.tracks[:number]).data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / FILE)


def read_screen(store: Path) -> tuple[Screen, dict[str, Suspect], int | None] | None:
    """What was kept; ``None`` where there is nothing, it is of other code, or it is damaged."""
    try:
        with (store / FOLDER / FILE).open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
            size = int.from_bytes(file.read(8), "little")
            left = os.fstat(file.fileno()).st_size - file.tell()
            if size > left:
                return None
            header = msgspec.msgpack.decode(file.read(size), type=_Header)
            number = sum(len(one.entities) for one in header.panels)
            expected = size + number * (STATE_SIZE + TRACK_SIZE) * 8
            if header.code != code_version() or left != expected:
                return None
            screen = Screen(version=header.version, simulated=header.simulated)
            for one in header.panels:
                count = len(one.entities)
                states = np.fromfile(file, np.float64, count * STATE_SIZE)
                tracks = np.fromfile(file, np.float64, count * TRACK_SIZE)
                screen.panels[one.signal.name] = _panel(one, states, tracks)
            return screen, header.suspects, header.vanished
    except (OSError, msgspec.MsgspecError, ValueError):
        return None


def _panel(kept: _Panel, states: NDArray[np.float64], tracks: NDArray[np.float64]) -> Panel:
    count = len(kept.entities)
    return Panel(
        signal=kept.signal,
        entities=kept.entities,
        rows={entity: row for row, entity in enumerate(kept.entities)},
        states=states.reshape(count, STATE_SIZE),
        tracks=tracks.reshape(count, TRACK_SIZE),
        begun=kept.begun,
        seen=kept.seen,
    )
