"""What befalls sources: gaps, blanks, zeros that are none, late and provisional values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab.chance import generator
from zicht.lab.signals import HEARD_FROM
from zicht.model.time import HOUR, MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.lab.scenario import FaultRow
    from zicht.model.signal import Signal

_MINUTE = 60 * MICROSECONDS
_DAY = 24 * HOUR
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


def befall(
    columns: list[Column], faults: Sequence[FaultRow], signals: dict[str, Signal], seed: int
) -> list[Column]:
    """Let everything happen to the sources, and a few lost bins besides.

    Of a single collector or session nothing is felt here: the others see what it does not.
    """
    done = []
    for well in columns:
        signal = signals[well.signal]
        ready = well.times + (signal.step + signal.lag) * MICROSECONDS
        column = _lose_some(replace(well, arrives=ready), seed)
        for fault in faults:
            if fault.source in HEARD_FROM[column.signal] and fault.kind in _HAPPENINGS:
                column = _HAPPENINGS[fault.kind](column, fault, seed)
        done.append(column)
    return done


def _within(column: Column, fault: FaultRow) -> NDArray[np.bool_]:
    begin, end = to_microseconds(fault.begin), to_microseconds(fault.end or fault.begin)
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
    random = generator(seed, "lost", column.signal, column.entity)
    days = (column.times[-1] - column.times[0]) / _DAY
    lost = random.integers(0, len(column.times), random.poisson(_LOST_BINS_A_DAY * days))
    kept = np.ones(len(column.times), dtype=np.bool_)
    kept[lost] = False
    return _keep(column, kept)


def _zeros(column: Column, fault: FaultRow, seed: int) -> Column:
    del seed
    return replace(column, values=np.where(_within(column, fault), 0.0, column.values))


def _half(column: Column, fault: FaultRow, seed: int) -> Column:
    """So much less of everything is seen."""
    del seed
    less = np.round(column.values * (1 - fault.share / 100), 2)
    return replace(column, values=np.where(_within(column, fault), less, column.values))


def _blank(column: Column, fault: FaultRow, seed: int) -> Column:
    del seed
    return replace(column, values=np.where(_within(column, fault), np.nan, column.values))


def _gap(column: Column, fault: FaultRow, seed: int) -> Column:
    del seed
    return _keep(column, ~_within(column, fault))


def _missing(column: Column, fault: FaultRow, seed: int) -> Column:
    """So many of the rows are lost, here and there."""
    random = generator(seed, "missing", column.signal, column.entity)
    lost = _within(column, fault) & (random.random(len(column.times)) < fault.share / 100)
    return _keep(column, ~lost)


def _late(column: Column, fault: FaultRow, seed: int) -> Column:
    del seed
    late = np.where(_within(column, fault), fault.delay_minutes * _MINUTE, 0)
    return replace(column, arrives=column.arrives + late)


def _provisional(column: Column, fault: FaultRow, seed: int) -> Column:
    """The first hour of each day comes rounded, and once more later as it should be."""
    first_hour = _within(column, fault) & (column.times % _DAY < HOUR)
    rounded = _keep(column, first_hour)
    rounded = replace(rounded, values=np.rint(rounded.values / _ROUNDED_TO) * _ROUNDED_TO)
    corrected = _late(column, fault, seed)
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
    "silent": _gap,
    "dies": _gap,
    "zeros": _zeros,
    "half": _half,
    "missing": _missing,
    "blank": _blank,
    "late": _late,
    "provisional": _provisional,
}
