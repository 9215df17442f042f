"""Series, labels and findings whose scores can be told by hand. Hours are the unit of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.model.finding import Finding
from zicht.model.label import Label, Quiet
from zicht.model.series import Series
from zicht.model.signal import Origin, Signal
from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import Interval

BEGIN = datetime(2022, 1, 3, tzinfo=UTC)
HOUR = 3600 * MICROSECONDS
WEEK = 168

SIGNAL = Signal(
    name="table.share",
    source="table",
    title="a share",
    unit="percent",
    step=3600,
    plane="data",
    scale="share",
    lag=0,
    licence="CC0",
    citation="made up",
)
LAB = Origin(
    id="lab", source="lab", name="lab", sha256="", licence="CC0", citation="lab", simulated=True
)


def series(
    hours: int = 2 * WEEK,
    *,
    entity: str = "country/NL",
    missing: Sequence[int] = (),
    level: float = 100.0,
    simulated: bool = False,
    shift: float = 0.0,
    **signal: Any,
) -> Series:
    values = np.full(hours, level)
    values[list(missing)] = np.nan
    spec = Signal(**{name: getattr(SIGNAL, name) for name in SIGNAL.__struct_fields__} | signal)
    return Series(
        signal=spec,
        entity=entity,
        start=micro(shift),
        values=values,
        samples=np.full(hours, np.nan),
        origins=(LAB,) if simulated else (),
    )


def at(hour: float) -> datetime:
    return BEGIN + timedelta(hours=hour)


def micro(hour: float) -> int:
    return to_microseconds(at(hour))


def around(hour: float | tuple[float, float]) -> Interval:
    first, last = hour if isinstance(hour, tuple) else (hour, hour)
    return at(first), at(last)


def label(
    begin: float | tuple[float, float],
    end: float | tuple[float, float] | None,
    *,
    event: str = "one",
    entity: str = "country/NL",
    **more: Any,
) -> Label:
    return Label(
        event=event,
        entity=entity,
        begin=around(begin),
        end=None if end is None else around(end),
        **more,
    )


def quiet(begin: float, end: float, entity: str = "country/NL") -> Quiet:
    return Quiet(entity=entity, signal=SIGNAL.name, begin=at(begin), end=at(end))


def finding(begin: float, end: float | None, alerted: float | None = None) -> Finding:
    return Finding(
        micro(begin),
        None if end is None else micro(end),
        micro(begin if alerted is None else alerted),
    )
