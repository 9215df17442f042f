"""Whether the observatory sees: what a watch says of its sources, told by any process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.observe.watch_state import LOCAL, Canary, Feeds, SourceState, read_states

if TYPE_CHECKING:
    from zicht.store import Store

SourceHealthState = Literal[
    "ok", "late", "sick", "warming up", "fault", "needs token", "not running"
]

LATE = 3.0
"""A source is late when its newest bin is older than it settles and three rounds take ..."""

LEAST_LATE = timedelta(hours=1)
"""... and an hour: what a service publishes late by itself is no fault."""

LATE_HERE = timedelta(minutes=5)
"""What is measured here is not published late by anybody."""

_SETTLED_DAILY = timedelta(days=3)  # of signals by day, which are published a day or two later
_DAY = 86_400
_BEST_FIRST = ("ok", "late", "sick", "warming up", "fault", "needs token", "not running")


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a source fares.

    Attributes:
        source: its name.
        state: ``ok``; ``late``: it answers and its newest data are old; ``sick``: its canaries do
            not look as they must; ``warming up``: its first round is not whole; ``fault``: it
            cannot be asked; ``needs token``; ``not running``: no watch asks it any more.
        last: the begin of its newest bin, if there is any.
        lag_minutes: how long ago that bin ended.
        coverage_percent: of how many of the entities that it is asked of the last round told.
        faults: how many rounds in a row failed.
        fault: what was wrong with the last one.
        since: since when.
        sick: signals of it that could not see in the last day, by detection.
        feeds: of routes: the collectors and routers that tell them.
        canary: how what is known beforehand looks: beacons of routes, control blocks of probing.
        watch: the name of the watch that asks it.
    """

    source: str
    state: SourceHealthState
    last: datetime | None = None
    lag_minutes: float | None = None
    coverage_percent: float | None = None
    faults: int = 0
    fault: str | None = None
    since: datetime | None = None
    sick: tuple[str, ...] = ()
    feeds: Feeds | None = None
    canary: Canary | None = None
    watch: str = LOCAL


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the observatory sees.

    Attributes:
        time: the time that it is told of.
        sees: whether any source has told of late what is going on.
        verdict: the same in a sentence.
        sources: how each fares, by name.
    """

    time: datetime
    sees: bool
    verdict: str
    sources: tuple[SourceHealth, ...]


def health(store: Store, *, at: datetime) -> Health:
    """How the sources of a watch fare.

    Args:
        store: the store that the watch writes to.
        at: the time.

    Raises:
        StoreError: the store cannot be read.
    """
    steps: dict[str, int] = {}
    for signal in store.signals().values():
        steps[signal.source] = min(signal.step, steps.get(signal.source, signal.step))
    sources_of = {signal.name: signal.source for signal in store.signals().values()}
    sick: dict[str, set[str]] = {}
    for one in store.sicknesses():
        if one.end > at - timedelta(days=1):
            source = sources_of.get(one.signal, one.signal)
            sick.setdefault(source, set()).add(one.signal)
    sources = tuple(
        source_health(one, at, step=steps.get(one.source, 0), sick=sick.get(one.source, ()))
        for one in read_states(store.lake)
    )
    return Health(
        time=at,
        sees=any(one.state == "ok" for one in sources),
        verdict=verdict(sources),
        sources=sources,
    )


def source_health(
    state: SourceState, at: datetime, *, step: int, sick: set[str] | tuple[()] = ()
) -> SourceHealth:
    """How a source fares at a time.

    Args:
        state: what a watch wrote of it.
        at: the time.
        step: seconds of its shortest bins.
        sick: its signals that could not see of late.
    """
    round_ = timedelta(seconds=state.cadence * LATE)
    least = LATE_HERE if state.live else LEAST_LATE
    settled = timedelta(seconds=state.settling) + (_SETTLED_DAILY if step >= _DAY else least)
    ended = None if state.last is None else state.last + timedelta(seconds=step)
    word: SourceHealthState = state.state
    if word != "needs token" and at - state.written_at > round_ + least:
        word = "not running"
    elif word == "ok" and (ended is None or at - ended > settled + round_):
        word = "late"
    if word == "ok" and state.canary is not None and state.canary.fault:
        word = "sick"
    return SourceHealth(
        source=state.source,
        state=word,
        last=state.last,
        lag_minutes=None if ended is None else round((at - ended).total_seconds() / 60, 1),
        coverage_percent=_coverage(state),
        faults=state.faults,
        fault=state.canary.fault if state.canary is not None and word == "sick" else state.fault,
        since=state.fault_since,
        sick=tuple(sorted(sick)),
        feeds=state.feeds,
        canary=state.canary,
        watch=state.watch,
    )


def _coverage(state: SourceState) -> float | None:
    if state.until is None or not state.asked_of:
        return None
    return round(100 * state.seen / len(state.asked_of), 1)


def verdict(sources: tuple[SourceHealth, ...]) -> str:
    """What is worth saying first, in a sentence; of several watches of a source the best counts."""
    if not sources:
        return "No watch has written to this store."
    best: dict[str, SourceHealth] = {}
    for one in sorted(sources, key=lambda one: _BEST_FIRST.index(one.state)):
        best.setdefault(one.source, one)
    asked = [one for _, one in sorted(best.items()) if one.state != "needs token"]
    seeing = [one for one in asked if one.state == "ok"]
    if asked and all(one.state == "not running" for one in asked):
        return "Zicht cannot see: no watch is running on this store."
    sick = "".join(f" {one.source}: {one.fault}." for one in asked if one.state == "sick")
    if seeing:
        blind = [f"{one.source} ({one.state})" for one in asked if one.state != "ok"]
        if blind:
            named = ", ".join(blind)
            return f"Zicht sees by {len(seeing)} of {len(asked)} sources; not by {named}.{sick}"
        return f"Zicht sees by all {len(seeing)} sources that it asks."
    if any(one.state == "warming up" for one in asked):
        return "Zicht cannot see yet: it is warming up."
    return (
        "Zicht cannot see: none of its sources tells what is going on. Silence is no news now."
        + sick
    )
