"""How fast probes may go out: at a fixed rate without bursts, and seldom to one block.

Times are seconds on any clock that never goes back.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_BURST = 0.002
"""Seconds: what was not sent in time is made up for by this much at once, and no more."""

_SLOTS = 1 << 24  # one for each /24 of IPv4; those of IPv6 share them by a hash
_TO_SLOT = np.uint64(40)
_FIBONACCI = np.uint64(0x9E3779B97F4A7C15)  # Knuth, TAOCP vol. 3, section 6.4


class Pace:
    """A fixed rate: one probe each ``1 / rate`` seconds, whatever the system does.

    What could not be sent for longer than ``LONGEST_BURST`` is never made up for, so that a pause
    of this machine is no flood on the line afterwards.

    Args:
        rate: probes a second.
        now: the time of the first.

    Raises:
        UsageError: the rate is not above zero.
    """

    def __init__(self, rate: float, now: float) -> None:
        if not rate > 0:
            raise UsageError(f"A rate of {rate:g} probes a second sends nothing; take one above 0.")
        self._rate = rate
        self._next = now

    def due(self, now: float) -> int:
        """How many may go out now."""
        self._next = max(self._next, now - LONGEST_BURST)
        return max(0, floor((now - self._next) * self._rate + 1))

    def take(self, count: int) -> None:
        """Note that so many went out."""
        self._next += count / self._rate

    def wait(self, now: float) -> float:
        """Seconds until the next may go out."""
        return max(0.0, self._next - now)


class BlockLimit:
    """No more than so many probes in any minute to one /24 (IPv6: /48).

    Probes to one block are ``60 / per_minute`` seconds apart, which bounds every minute and leaves
    no bursts. Blocks of IPv6 share 2^24 places: two that meet in one are probed more seldom.

    Args:
        per_minute: probes to one block in any minute.

    Raises:
        UsageError: it is not above zero.
    """

    def __init__(self, per_minute: float) -> None:
        if not per_minute > 0:
            raise UsageError(f"{per_minute:g} probes a minute to a block sends nothing.")
        self._apart = 60 / per_minute
        self._free: NDArray[np.float64] = np.zeros(_SLOTS)  # from when on a place is free again
        self._promised = np.zeros(_SLOTS)  # from when on nobody was told to ask again

    def admit(
        self, high: NDArray[np.uint64], *, ipv4: bool, now: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which of these addresses may be probed now, and when it is worth asking again.

        Args:
            high: uint64[n]: the first 64 bits of each address.
            ipv4: whether they are of IPv4.
            now: the time, zero or later.

        Returns:
            bool[n], those admitted, which count as probed now; float64[n], the time at which to ask
            again, each of one block at its own.
        """
        blocks = high >> _TO_SLOT
        if not ipv4:
            blocks = ((high >> np.uint64(16)) * _FIBONACCI) >> _TO_SLOT
        order = np.argsort(blocks, kind="stable")
        begins = np.ones(len(blocks), dtype=np.bool_)
        begins[1:] = blocks[order][1:] != blocks[order][:-1]
        starts = np.flatnonzero(begins)
        rank = np.empty(len(blocks), dtype=np.int64)
        rank[order] = np.arange(len(blocks)) - starts[np.cumsum(begins) - 1]
        free = self._free[blocks]
        open_ = free <= now
        admitted = open_ & (rank == 0)
        self._free[blocks[admitted]] = now + self._apart
        again = np.maximum(self._free[blocks], self._promised[blocks])
        again += (rank - open_) * self._apart
        missed = ~open_ & (rank == 0) & (free < now + self._apart / 2)  # came a bit too early
        again[missed] = free[missed]
        later = ~admitted & ~missed
        np.maximum.at(self._promised, blocks[later], again[later] + self._apart)
        return admitted, again
