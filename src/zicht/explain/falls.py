"""The falls of an event: each time that connectivity went down, and when it came back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.model.outage import Event, Interval


_BIN = timedelta(minutes=30)


class Fall(NamedTuple):
    """One stretch without connectivity.

    Attributes:
        onset: when it began, as ``[earliest, latest]`` in UTC.
        end: when it ended, likewise, or ``None`` while it has not or that is not known.
    """

    onset: Interval
    end: Interval | None


def middle(interval: Interval) -> datetime:
    """The middle of an interval."""
    return interval[0] + (interval[1] - interval[0]) / 2


def width(interval: Interval) -> timedelta:
    """How far apart the ends of an interval are."""
    return interval[1] - interval[0]


def falls_of(event: Event, onsets: Sequence[Interval] = ()) -> list[Fall]:
    """The falls of an event in order of time: its windows of restoration lie between them.

    Args:
        event: the event.
        onsets: of its entity's outages. One near the end of a window dates the fall after it; else
            that is known to half an hour, for windows are told in bins.
    """
    falls: list[Fall] = []
    onset = event.onset
    for window in sorted(event.restorations, key=lambda one: (one.start, one.end)):
        if window.start <= onset[0]:
            continue
        falls.append(Fall(onset, _about(window.start)))
        onset = min(
            (one for one in onsets if abs(middle(one) - window.end) <= _BIN),
            key=lambda one: abs(middle(one) - window.end),
            default=_about(window.end),
        )
    return [*falls, Fall(onset, event.end)]


def _about(time: datetime) -> Interval:
    return time - _BIN / 2, time + _BIN / 2


def told_of(falls: Sequence[Fall]) -> Fall:
    """The stretch that an event is judged by after its end.

    Where it was down for at least half of the time, it is one stretch with windows in it; else it
    came again and again, and the newest fall stands for it, with those before as its past.
    """
    first, newest = falls[0], falls[-1]
    if newest.end is None or len(falls) == 1:
        return newest
    span = middle(newest.end) - middle(first.onset)
    down = sum(
        (middle(fall.end) - middle(fall.onset) for fall in falls if fall.end is not None),
        timedelta(),
    )
    return Fall(first.onset, newest.end) if down >= span / 2 else newest
