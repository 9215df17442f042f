"""From happenings to the share of ordinary that is left, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import numpy as np

from zicht.lab import chance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.lab.scenario import Every, Happening, Left, Service
    from zicht.lab.scenario_places import Kind

Plane = Literal["routes", "packets", "traffic"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AT_ONCE = 1 / 60  # minutes
_STEPS = 6
_SLOWNESS = 4.0  # of a slow recovery three quarters come in the first third of its time


def left_in(left: Left, kind: Kind, plane: Plane, service: Service | None) -> float:
    """What is left of a plane, from 0 to 1; a service that is not named is as all traffic."""
    own = getattr(left, kind)
    layers = (left,) if own is None else (own, left)
    for planes in layers:
        if service is not None and service in planes.services:
            return float(planes.services[service]) / 100
    for planes in layers:
        if (percent := getattr(planes, plane)) is not None:
            return float(percent) / 100
    return 1.0


def occurrences(
    every: Every, zone: str, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Begins and ends of what comes again, in UTC, from ``begin`` until ``end``."""
    clock = ZoneInfo(zone)
    opens, closes = time.fromisoformat(every.from_), time.fromisoformat(every.until)
    day = begin.astimezone(clock).date() - timedelta(days=1)
    while (start := datetime.combine(day, opens, clock).astimezone(UTC)) < end:
        last = day if closes > opens else day + timedelta(days=1)
        stop = datetime.combine(last, closes, clock).astimezone(UTC)
        wanted = not every.weekdays or WEEKDAYS[day.weekday()] in every.weekdays
        wanted = wanted and (not every.dates or day in every.dates)
        if wanted and start >= begin:
            yield start, min(stop, end)
        day += timedelta(days=1)


def turns(
    happening: Happening,
    kind: Kind,
    plane: Plane,
    service: Service | None,
    zone: str,
    world_end: datetime,
) -> list[tuple[datetime, float]]:
    """When it becomes another share, and which, in order."""
    end = happening.end or world_end
    level = left_in(happening.left, kind, plane, service)
    if happening.every is not None:
        spans = occurrences(happening.every, zone, happening.begin, end)
        return [turn for begin, stop in spans for turn in ((begin, level), (stop, 1.0))]
    found = [(happening.begins.get(plane, happening.begin), level)]
    for window in happening.windows:
        found.append((window.begin, left_in(window.left, kind, plane, service)))
        found.append((window.end, level))
    return [*found, (end, 1.0)]


def follow(
    happening: Happening,
    points: list[tuple[datetime, float]],
    begin: datetime,
    minutes: int,
    chances: tuple[int, str],
) -> NDArray[np.float64]:
    """Go from share to share as fast as the happening says, float64[minutes].

    Args:
        happening: what happens.
        points: its turns, in order.
        begin: the world's begin.
        minutes: how many minutes the world has.
        chances: the seed, and who it is that is staggered.
    """
    seed, who = chances
    share = np.ones(minutes)
    now = 1.0
    starts = []
    for index, (moment, level) in enumerate(points):
        before = points[index - 1][1] if index else 1.0
        stagger = happening.stagger_minutes
        if level > before:
            stagger = happening.return_stagger_minutes
        luck = chance.uniform(seed, "stagger", happening.id, who, index)
        starts.append((moment - begin) / timedelta(minutes=1) + stagger * luck)
    starts = list(np.maximum.accumulate(starts)) if starts else []
    for index, (_, level) in enumerate(points):
        start = starts[index]
        until = starts[index + 1] if index + 1 < len(points) else float(minutes)
        first, last = (
            int(np.clip(np.ceil(start), 0, minutes)),
            int(np.clip(np.ceil(until), 0, minutes)),
        )
        times = np.append(np.arange(first, last, dtype=np.float64), until)
        moved = _moved(happening, times - start, up=level > now)
        values = now + (level - now) * moved
        share[first:last] = values[:-1]
        now = float(values[-1])
    return np.round(share, 6)


def _moved(happening: Happening, elapsed: NDArray[np.float64], *, up: bool) -> NDArray[np.float64]:
    """How much of a change is done after so many minutes, from 0 to 1."""
    lasts = happening.return_minutes if up else happening.cut_minutes
    done = np.ones(len(elapsed))
    if lasts > _AT_ONCE:
        done = np.clip(elapsed / lasts, 0.0, 1.0)
    if not up or happening.recovery == "linear":
        return done
    if happening.recovery == "steps":
        return np.asarray(np.ceil(done * _STEPS) / _STEPS)
    return np.asarray((1 - np.exp(-_SLOWNESS * done)) / (1 - np.exp(-_SLOWNESS)))
