"""A census under way, written down so that a kill at any instant loses nothing but seconds."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import StoreError
from zicht.observe.private import write_private
from zicht.sources.probe.order import Order
from zicht.sources.probe.space import Listed, Ranges
from zicht.sources.probe.sweep import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.probe.token import Key

_COLUMNS = ("one", "other", "unsettled", "answered", "counts", "left_out")
_FORM = 1  # counted up when a state means something else


@dataclass
class CensusState:
    """All that is needed to go on with a census of one family.

    Attributes:
        space: what it goes through, as it was when it began.
        progress: where it stands.
        key: what its probes are known by.
        ended: when its last round was over, microseconds since 1970 UTC; 0 while it is not.
    """

    space: Ranges | Listed
    progress: Progress
    key: Key
    ended: int = 0


class _Said(msgspec.Struct):
    form: int
    ipv4: bool
    listed: bool
    rounds: int
    done: int
    order: Order
    step: int
    began: float
    told: dict[str, int]
    key: tuple[int, int]
    ended: int


def write_state(path: Path, state: CensusState) -> None:
    """Write a state; a reader sees the old one or the new one.

    Raises:
        StoreError: it cannot be written.
    """
    space, progress = state.space, state.progress
    said = _Said(
        form=_FORM,
        ipv4=space.ipv4,
        listed=isinstance(space, Listed),
        rounds=progress.rounds,
        done=progress.done,
        order=progress.order,
        step=progress.step,
        began=progress.began,
        told=dict(progress.told),
        key=state.key,
        ended=state.ended,
    )
    one, other = (space.high, space.low) if isinstance(space, Listed) else (space.first, space.last)
    file = io.BytesIO()
    np.savez(
        file,
        said=np.frombuffer(msgspec.json.encode(said), np.uint8),
        one=one,
        other=other,
        unsettled=progress.unsettled,
        answered=progress.answered,
        counts=progress.counts,
        left_out=progress.left_out,
    )
    write_private(path, file.getvalue())


def read_state(path: Path) -> CensusState | None:
    """The state that was written; ``None`` where there is none.

    Raises:
        StoreError: it is damaged, or of another version of Zicht.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            said = msgspec.json.decode(kept["said"].tobytes(), type=_Said)
            columns = {name: kept[name] for name in _COLUMNS}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError):
        said = None
    if said is None or said.form != _FORM:
        raise StoreError(
            f"{path}, a census under way, is damaged or of another version of Zicht.",
            "Begin the census anew with --restart.",
        )
    space: Ranges | Listed
    if said.listed:
        space = Listed(columns["one"], columns["other"], ipv4=said.ipv4)
    else:
        space = Ranges(columns["one"], columns["other"])
    progress = Progress(
        rounds=said.rounds,
        done=said.done,
        order=said.order,
        step=said.step,
        unsettled=columns["unsettled"],
        began=said.began,
        answered=columns["answered"],
        counts=columns["counts"],
        left_out=columns["left_out"],
        told=Counter(said.told),
    )
    return CensusState(space, progress, said.key, said.ended)
