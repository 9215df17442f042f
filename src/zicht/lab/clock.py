"""The lab's clock: the time of a world, running at a speed of its own."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zicht.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


class LabClock:
    """What time it is in a world; it starts to run when it is made.

    Args:
        begin: the world's time at which it starts, in UTC.
        speed: the world's seconds that pass in one real second; 0 makes it stand still.
        real: gives real seconds that never go back.

    Raises:
        UsageError: the speed is negative or endless, or ``begin`` has no zone.
    """

    def __init__(
        self, begin: datetime, speed: float = 1.0, real: Callable[[], float] = time.monotonic
    ) -> None:
        if not 0 <= speed < float("inf"):
            raise UsageError(f"A world cannot run at {speed} times the speed.", "Say 1 or 60.")
        if begin.utcoffset() is None:
            raise UsageError(f"{begin.isoformat()} has no zone.", "Say 2022-01-05T10:45Z.")
        self.begin = begin
        self.speed = speed
        self._real = real
        self._started = real()

    def now(self) -> datetime:
        """The world's time."""
        return self.begin + timedelta(seconds=(self._real() - self._started) * self.speed)

    def real_seconds_until(self, instant: datetime) -> float:
        """Real seconds until the world reaches an instant: 0 if it has, endless if it stands."""
        left = (instant - self.now()).total_seconds()
        if left <= 0:
            return 0.0
        return left / self.speed if self.speed else float("inf")
