"""Whom the engine asks next: what a plan of probing promises, and what it is told.

The engine takes addresses from a plan, sends, and tells the plan what came of each. Exclusions,
private space and the limit per block are the engine's and hold for every plan. Times are seconds on
the run's own clock, which begins at 0 and never goes back.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Words
    from zicht.sources.probe.replies import Judged


class Refusal(IntEnum):
    """Why an address was not probed, and will not be by this asking."""

    EXCLUDED = 0
    """It is on the list of those to be left alone."""
    PRIVATE = 1
    """It is private or reserved, and that is not allowed."""
    UNSENDABLE = 2
    """This machine cannot send there. It is no silence of the address."""


class Asked(NamedTuple):
    """Addresses to probe, one entry each.

    Attributes:
        high: uint64[n]: the first 64 bits; an IPv4 address stands left-aligned.
        low: uint64[n]: the last 64; 0 for IPv4.
    """

    high: Words
    low: Words

    def where(self, which: NDArray[np.bool_] | slice) -> Asked:
        """Some of them."""
        return Asked(self.high[which], self.low[which])


class Plan(Protocol):
    """What the engine asks of a plan of probing, of one family.

    Each address that ``take`` gives comes back exactly once: by ``note_sent``, ``note_refused`` or
    ``put_back``. Replies come by ``note_heard`` at any time after.
    """

    @property
    def ipv4(self) -> bool:
        """Whether its addresses are of IPv4, or of IPv6."""

    @property
    def done(self) -> bool:
        """Whether nothing will ever be asked for again."""

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""

    def take(self, count: int, now: float) -> Asked:
        """At most ``count`` addresses to probe now."""

    def note_sent(self, asked: Asked, now: float) -> None:
        """Probes went out to these."""

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These are not probed, which is never counted as their silence."""

    def put_back(self, asked: Asked, again: NDArray[np.float64]) -> None:
        """These were not sent: ask for each from its time ``again`` on."""

    def note_heard(self, judged: Judged, now: float) -> None:
        """These messages came."""

    def tick(self, now: float) -> None:
        """Time passed; called a few times a second. Silence is judged here."""
