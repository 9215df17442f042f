"""From facts to the share of ordinary that is left, minute by minute."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.lab.facts import Facts, Kind, State

MINUTE = 60 * MICROSECONDS
Clock = Literal["data", "user", "probes"]


class Timeline:
    """The states that a world goes through, and the shares that are left in them.

    Shares are float64[n], one a minute from the world's begin to its end, 1.0 being ordinary.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.begin = facts.world.begin
        self.minutes = int((facts.world.end - facts.world.begin) / timedelta(minutes=1))

    def states(self, clock: Clock) -> list[tuple[datetime, State]]:
        """The states in order, each with the time at which it begins by this clock."""
        facts = self.facts
        turns: list[tuple[datetime, State]] = [
            (fact.begin, "mobile-begins") for fact in facts.chosen("mobile-begins")
        ]
        turns += [(fact.begin, "mobile-deepens") for fact in facts.chosen("mobile-deepens")]
        turns += [
            (fact.begin, "blackout-begins") for fact in facts.chosen("blackout-begins", plane=clock)
        ]
        for fact in facts.chosen("window", "window-largely"):
            if fact.end is not None:
                state: State = "window" if fact.moment == "window" else "window-largely"
                turns += [(fact.begin, state), (fact.end, "blackout-begins")]
        turns += [(fact.begin, "blackout-ends") for fact in facts.chosen("blackout-ends")]
        return sorted(turns)

    def operator_share(
        self, kind: Kind, plane: Literal["data", "user"], stagger: float = 0.0
    ) -> NDArray[np.float64]:
        """What is left of such an operator, ``stagger`` minutes after the published times."""
        turns = [
            (time, getattr(self.facts.level(state), plane)[kind])
            for time, state in self.states(plane)
        ]
        return self._follow(turns, stagger)

    def probes_share(self) -> NDArray[np.float64]:
        """What is left of the connected measurement devices; those in data centres return early."""
        turns = [(time, self.facts.level(state).probes) for time, state in self.states("probes")]
        share = self._follow(turns, 0.0)
        for fact in self.facts.chosen("infrastructure-back"):
            floor = self.facts.level("infrastructure-back").probes / 100
            after = self._minute(fact.begin)
            share[after:] = np.maximum(share[after:], floor)
        return share

    def routes_share(self, stagger: float = 0.0) -> NDArray[np.float64]:
        """What is left of the routes: nearly all."""
        routes = self.facts.routes
        turns: list[tuple[datetime, float]] = []
        for fact in self.facts.chosen("blackout-begins", plane="data"):
            turns.append((fact.begin, routes.wobble_percent))
            calm = fact.begin + timedelta(minutes=routes.wobble_minutes)
            turns.append((calm, routes.after_percent))
        turns += [(fact.begin, 100.0) for fact in self.facts.chosen("blackout-ends")]
        return self._follow(sorted(turns), stagger)

    def _minute(self, time: datetime) -> int:
        return int((time - self.begin) / timedelta(minutes=1))

    def _follow(self, turns: list[tuple[datetime, float]], stagger: float) -> NDArray[np.float64]:
        """Go from level to level, each change taking the minutes of a cut or of a return."""
        pace = self.facts.pace
        at: list[float] = [0.0]
        level: list[float] = [1.0]
        for index, (time, percent) in enumerate(turns):
            begin = self._minute(time) + stagger
            lasts = pace.cut_minutes if percent / 100 < level[-1] else pace.return_minutes
            until = begin + lasts
            if index + 1 < len(turns):
                until = min(until, self._minute(turns[index + 1][0]) + stagger)
            at += [begin, until]
            level += [level[-1], percent / 100]
        return np.interp(np.arange(self.minutes), at, level)


def bin_means(minutes: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Averages over bins of ``step`` seconds, float64[n // (step / 60)]."""
    return np.asarray(minutes.reshape(-1, step // 60).mean(axis=1))


def bin_times(begin: datetime, count: int, step: int) -> NDArray[np.int64]:
    """The begins of bins, microseconds since 1970 UTC."""
    return to_microseconds(begin) + np.arange(count, dtype=np.int64) * (step * MICROSECONDS)
