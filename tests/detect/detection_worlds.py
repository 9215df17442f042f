"""Small worlds for the tests of detection: a truth, a rhythm and some noise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.series import Series
from zicht.model.signal import Plane, Scale, Signal
from zicht.model.time import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEGIN = datetime(2024, 3, 4, tzinfo=UTC)  # a Monday


def signal(
    name: str = "lab.probing",
    *,
    step: int = 600,
    plane: Plane = "data",
    scale: Scale = "count",
    instant: bool = False,
) -> Signal:
    return Signal(
        name=name,
        source=name.partition(".")[0],
        title=name,
        unit="",
        step=step,
        plane=plane,
        scale=scale,
        lag=0,
        licence="CC0",
        citation="made for a test",
        instant=instant,
    )


def ordinary(
    spec: Signal, days: float, *, level: float = 10_000, swing: float = 0.1, noise: float = 0.01
) -> NDArray[np.float64]:
    """A daily rhythm with noise, the same for the same arguments: float64[bins]."""
    hours = np.arange(int(days * 86_400 / spec.step)) * spec.step / 3600
    random = np.random.default_rng(7)
    rhythm = 1 + swing * np.sin(2 * np.pi * hours / 24)
    return level * rhythm * np.exp(noise * random.standard_normal(len(hours)))


def series(
    spec: Signal, values: NDArray[np.float64], entity: str = "country/XK", begin: datetime = BEGIN
) -> Series:
    return Series(spec, entity, to_microseconds(begin), values, np.full(len(values), np.nan))


def bin_at(one: Series, time: datetime) -> int:
    return (to_microseconds(time) - one.start) // (one.signal.step * 1_000_000)


def end_of(one: Series) -> datetime:
    return from_microseconds(one.start) + timedelta(seconds=one.signal.step * len(one.values))
