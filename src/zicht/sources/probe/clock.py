"""The wall clock of a prober: each minute is told once, whatever is done to the clock."""

from __future__ import annotations

from zicht.sources.probe.signals import MINUTE

_STEP = 2.0
"""Seconds that the wall clock may part from the steady one before it counts as set; slewing takes
more than an hour for that."""
_REMEMBERED = 60  # minutes; nothing takes that long to be told


class Clock:
    """Two clocks: the wall's, which people and services set, and a steady one.

    Minutes are numbered since 1970 by the wall's clock as it was when last looked at, and go on
    steadily from there. A minute that was told is never told again, so that after a clock was set
    back nothing is told until it has caught up.

    Args:
        wall: seconds since 1970 now.
        steady: seconds now on a clock that is never set.
        last: the last minute that was told before, as by an earlier run.
    """

    def __init__(self, wall: float, steady: float, last: int | None = None) -> None:
        self.offset = wall - steady
        self._told = set() if last is None else {last}
        self._floor = last  # what is not later was told, or comes too late

    def minute(self, steady: float) -> int:
        """The number of the minute that it is."""
        return int((self.offset + steady) // MINUTE)

    def moved(self, wall: float, steady: float) -> float:
        """Seconds by which the wall's clock was set since, 0 where it was not."""
        moved = wall - steady - self.offset
        return moved if abs(moved) > _STEP else 0.0

    def set(self, wall: float, steady: float) -> range:
        """Go by the wall's clock as it is now.

        Returns:
            the minutes that are lost by it: those that the clock left out, or those that come again
            and were told already.
        """
        before = self.minute(steady)
        self.offset = wall - steady
        now = self.minute(steady)
        self._floor = max(self._told, default=None)
        return range(now, before) if now < before else range(before + 1, now)

    def tell(self, minute: int) -> bool:
        """Whether a minute is to be told: the first time that this is asked of it.

        A minute may come after a later one, as long as the clock is not set in between.
        """
        if minute in self._told or (self._floor is not None and minute <= self._floor):
            return False
        self._told = {one for one in self._told if one > minute - _REMEMBERED} | {minute}
        return True
