"""The clock that a watch goes by: this machine's, or that of a world of the lab."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.model.time import parse_time

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

CLOCK = "ZICHT_CLOCK"
"""The environment's variable with the lab's clock: a time of the world, its speed, and the seconds
since 1970 at which it was that time, with commas between. ``zicht lab run --env`` writes it."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Tells the time and waits.

    Attributes:
        begin: a time by this clock, or ``None`` for this machine's own time.
        at: the seconds since 1970, by this machine, at which it was ``begin``.
        speed: seconds by this clock that pass in a real one.
    """

    begin: datetime | None = None
    at: float = 0.0
    speed: float = field(default=1.0)

    @property
    def made_up(self) -> bool:
        """Whether it is the clock of a world of the lab."""
        return self.begin is not None

    def now(self) -> datetime:
        """The time, in UTC."""
        if self.begin is None:
            return datetime.now(UTC)
        return self.begin + timedelta(seconds=(time.time() - self.at) * self.speed)

    def wait(self, seconds: float, stopped: threading.Event) -> bool:
        """Wait for so many seconds by this clock, or until ``stopped`` is set; whether it is."""
        return stopped.wait(max(0.0, seconds) / self.speed)


def clock_of(environment: Mapping[str, str]) -> Clock:
    """The lab's clock where the environment names one, else this machine's.

    Raises:
        UsageError: what it says is no clock.
    """
    text = environment.get(CLOCK, "").strip()
    if not text:
        return Clock()
    try:
        begin, speed, at = text.split(",")
        clock = Clock(begin=parse_time(begin), at=float(at), speed=float(speed))
    except ValueError:
        clock = Clock(speed=0)
    if not 0 < clock.speed < float("inf"):
        raise UsageError(
            f"{CLOCK} holds {text[:80]!r}, which is no clock that runs.",
            "`zicht lab run --env FILE` writes one; without it this machine's clock is taken.",
        )
    return clock
