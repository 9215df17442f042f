"""What befalls sources: gaps, blanks, zeros that are none, late and provisional values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import noise
from zicht.lab.timeline import MINUTE
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.facts import Assumption, Facts
    from zicht.model.signal import Signal

_HOUR = 60 * MINUTE
_DAY = 24 * _HOUR
_ROUNDED_TO = 1.0
_LOST_BINS_A_DAY = 0.35


def _none() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Column:
    """One signal of one entity while it is being made; all arrays have the same length.

    Attributes:
        signal: the signal's name.
        entity: the entity's text.
        times: begins of the bins, microseconds since 1970 UTC.
        values: float64; NaN is a row without a value.
        share: float64: what is really left, 1.0 being ordinary.
        arrives: when each row is published, microseconds since 1970 UTC.
    """

    signal: str
    entity: str
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    share: NDArray[np.float64]
    arrives: NDArray[np.int64] = field(default_factory=_none)


def befall(columns: list[Column], facts: Facts, signals: dict[str, Signal]) -> list[Column]:
    """Let everything happen to the sources that the table assumes, and a few lost bins besides."""
    done = []
    for well in columns:
        signal = signals[well.signal]
        ready = well.times + (signal.step + signal.lag) * MICROSECONDS
        column = _lose_some(replace(well, arrives=ready), facts.world.seed)
        for assumption in facts.assumptions:
            if assumption.signal == column.signal:
                column = _HAPPENINGS[assumption.kind](column, assumption)
        done.append(column)
    return done


def _within(column: Column, assumption: Assumption) -> NDArray[np.bool_]:
    begin, end = to_microseconds(assumption.begin), to_microseconds(assumption.end)
    return (column.times >= begin) & (column.times < end)


def _keep(column: Column, kept: NDArray[np.bool_]) -> Column:
    return replace(
        column,
        times=column.times[kept],
        values=column.values[kept],
        share=column.share[kept],
        arrives=column.arrives[kept],
    )


def _lose_some(column: Column, seed: int) -> Column:
    """Single rows are lost now and then, as everywhere."""
    random = noise.generator(seed, "lost", column.signal, column.entity)
    days = (column.times[-1] - column.times[0]) / _DAY
    lost = random.integers(0, len(column.times), random.poisson(_LOST_BINS_A_DAY * days))
    kept = np.ones(len(column.times), dtype=np.bool_)
    kept[lost] = False
    return _keep(column, kept)


def _sick(column: Column, assumption: Assumption) -> Column:
    return replace(column, values=np.where(_within(column, assumption), 0.0, column.values))


def _blank(column: Column, assumption: Assumption) -> Column:
    return replace(column, values=np.where(_within(column, assumption), np.nan, column.values))


def _gap(column: Column, assumption: Assumption) -> Column:
    return _keep(column, ~_within(column, assumption))


def _late(column: Column, assumption: Assumption) -> Column:
    delay = assumption.delay_minutes * MINUTE
    late = np.where(_within(column, assumption), column.arrives + delay, column.arrives)
    return replace(column, arrives=late)


def _provisional(column: Column, assumption: Assumption) -> Column:
    """The first hour of each day comes rounded, and once more later as it should be."""
    first_hour = _within(column, assumption) & (column.times % _DAY < _HOUR)
    rounded = _keep(column, first_hour)
    rounded = replace(rounded, values=np.rint(rounded.values / _ROUNDED_TO) * _ROUNDED_TO)
    corrected = _late(column, assumption)
    corrected = replace(corrected, arrives=np.where(first_hour, corrected.arrives, column.arrives))
    return Column(
        column.signal,
        column.entity,
        np.concatenate([rounded.times, corrected.times]),
        np.concatenate([rounded.values, corrected.values]),
        np.concatenate([rounded.share, corrected.share]),
        np.concatenate([rounded.arrives, corrected.arrives]),
    )


_HAPPENINGS = {
    "sick": _sick,
    "blank": _blank,
    "gap": _gap,
    "late": _late,
    "provisional": _provisional,
}
