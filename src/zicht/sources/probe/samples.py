"""What a minute of rounds told of the blocks whose turn it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.sources.probe.belief import belief_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.blocks import Blocks


class Sample(NamedTuple):
    """The turns of blocks that began in one minute, one entry each, at most one a block.

    A block of which no probe went out is not in it.

    Attributes:
        time: when the minute begins, seconds since 1970.
        block: int32[k]: rows of the history.
        began: float64[k]: when the turn began, seconds since 1970.
        up: float32[k]: belief that the block is up, after the turn.
        was_up: float32[k]: the belief before it.
        probes: uint8[k]: probes, of which the end is known.
        answers: uint8[k]: answers.
        silence: float32[k]: the logarithm of how much likelier no answer was were the block up than
            were it down; 0 or below. Where it is near 0 the silence says nothing.
        steady_probes: uint8[k]: probes to addresses that had answered lately.
        steady_answers: uint8[k]: answers of these.
        rtt: float32[k]: round trip of the last answer, seconds; NaN without one.
    """

    time: int
    block: NDArray[np.int32]
    began: NDArray[np.float64]
    up: NDArray[np.float32]
    was_up: NDArray[np.float32]
    probes: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    silence: NDArray[np.float32]
    steady_probes: NDArray[np.uint8]
    steady_answers: NDArray[np.uint8]
    rtt: NDArray[np.float32]


MINUTE = 60


class Minutes:
    """Collects turns by the minute in which they began.

    Args:
        utc: seconds since 1970 at the time 0 of the run's clock.
        blocks: the state of all blocks. Turns that are over are read from it within a minute, long
            before a block's next turn overwrites them.
    """

    def __init__(self, utc: float, blocks: Blocks) -> None:
        self._utc = utc
        self._blocks = blocks
        self._open: dict[int, int] = {}
        self._ended: dict[int, list[Sample]] = {}
        self._over: list[NDArray[np.int32]] = []
        self._current = -1

    def go_to(self, now: float) -> None:
        """Turns are about to begin: read those of the last minute before they are overwritten."""
        minute = int((self._utc + now) // MINUTE)
        if minute != self._current:
            self._collect()
            self._current = minute

    def begun(self, count: int, now: float) -> None:
        """So many turns begin now."""
        minute = int((self._utc + now) // MINUTE)
        self._open[minute] = self._open.get(minute, 0) + count

    def over(self, rows: NDArray[np.int32]) -> None:
        """The turns of these blocks are over."""
        if len(rows):
            self._over.append(rows)

    def finished(self, now: float) -> list[Sample]:
        """The minutes that are past and whose turns are all over, the oldest first; each once."""
        self._collect()
        current = int((self._utc + now) // MINUTE)
        done = sorted(m for m, left in self._open.items() if m < current and not left)
        for minute in done:
            del self._open[minute]
        return [_joined(self._ended.pop(m)) for m in done if m in self._ended]

    def _collect(self) -> None:
        if not self._over:
            return
        rows, s = np.concatenate(self._over), self._blocks
        self._over.clear()
        minutes = ((self._utc + s.began[rows]) // MINUTE).astype(np.int64)
        for minute in np.unique(minutes).tolist():
            of_minute = rows[minutes == minute]
            self._open[minute] -= len(of_minute)
            told = of_minute[s.probes[of_minute] > 0]
            sample = _sample(minute * MINUTE, told, s, self._utc)
            self._ended.setdefault(minute, []).append(sample)


def _sample(time: int, rows: NDArray[np.int32], s: Blocks, utc: float) -> Sample:
    return Sample(
        time,
        rows,
        s.began[rows] + utc,
        belief_of(s.odds[rows]),
        belief_of(s.before[rows]),
        *(getattr(s, name)[rows] for name in Sample._fields[5:]),
    )


def _joined(parts: list[Sample]) -> Sample:
    columns = (np.concatenate(column) for column in list(zip(*parts, strict=True))[1:])
    return Sample(parts[0].time, *columns)
