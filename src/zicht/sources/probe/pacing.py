"""How fast probes may go out: at a fixed rate without bursts, and seldom to one block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_BURST = 0.002
"""Seconds: what was not sent in time is made up for by this much at once, and no more."""
FASTER = 1.05
"""While more than that is to be made up for, probes go out at so many times the rate."""
LONGEST_DEBT = 1.0
"""Seconds: a pause that was longer is not made up for."""

_SLOTS = 1 << 24  # one for each /24 of IPv4; those of IPv6 share them by a hash
_TO_SLOT = np.uint64(40)
_FIBONACCI = np.uint64(0x9E3779B97F4A7C15)  # Knuth, TAOCP vol. 3, section 6.4
_NANO = 1e9
_SOON = 0.001  # seconds; where blocks get a probe more often than that, none waits for less
_NEXT, _BUCKET = 0, 1


class Rhythm(NamedTuple):
    """A fixed rate, one probe each ``interval``; all in ns. Kernels take it as it is.

    Attributes:
        interval: between probes.
        catch_up: between probes while a pause is made up for.
        burst: what may be made up for at once.
        debt: what may be made up for at all.
    """

    interval: float
    catch_up: float
    burst: float
    debt: float


def rhythm(rate: float) -> Rhythm:
    """The rhythm of so many probes a second.

    Raises:
        UsageError: the rate is not above zero.
    """
    if not rate > 0:
        raise UsageError(f"A rate of {rate:g} probes a second sends nothing; take one above 0.")
    interval = _NANO / rate
    return Rhythm(interval, interval / FASTER, LONGEST_BURST * _NANO, LONGEST_DEBT * _NANO)


@njit(cache=True, nogil=True)
def due(rhythm: Rhythm, pace: NDArray[np.float64], now: int) -> int:
    """How many probes may go out now.

    ``pace`` is float64[2], zeros at first: when the next one's turn is by the rate, and where a
    bucket stands that fills a little faster than the rate and holds no more than a burst, so that
    a pause of this machine is no flood on the line afterwards. Times are ns.
    """
    pace[_NEXT] = max(pace[_NEXT], now - rhythm.debt)
    pace[_BUCKET] = max(pace[_BUCKET], now - rhythm.burst)
    if now < pace[_NEXT] or now < pace[_BUCKET]:
        return 0
    by_rate = np.int64((now - pace[_NEXT]) / rhythm.interval + 1)
    by_bucket = np.int64((now - pace[_BUCKET]) / rhythm.catch_up + 1)
    return min(by_rate, by_bucket)


@njit(cache=True, nogil=True)
def spend(rhythm: Rhythm, pace: NDArray[np.float64], count: int) -> None:
    """Note that so many went out."""
    pace[_NEXT] += count * rhythm.interval
    pace[_BUCKET] += count * rhythm.catch_up


@njit(cache=True, nogil=True)
def turn(pace: NDArray[np.float64]) -> int:
    """When the next probe may go out, ns."""
    return np.int64(max(pace[_NEXT], pace[_BUCKET]))


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
        blocks = _blocks(high, ipv4=ipv4)
        admitted = np.empty(len(high), dtype=np.bool_)
        again = np.empty(len(high))
        _admit(blocks, self._free, self._promised, self._apart, now, admitted, again)
        return admitted, again

    def sent(self, high: NDArray[np.uint64], *, ipv4: bool, now: float) -> None:
        """Probes that were admitted went out by now, which may be a little later."""
        blocks = _blocks(high, ipv4=ipv4)
        self._free[blocks] = np.maximum(self._free[blocks], now + self._apart)


def _blocks(high: NDArray[np.uint64], *, ipv4: bool) -> NDArray[np.uint64]:
    return high >> _TO_SLOT if ipv4 else ((high >> np.uint64(16)) * _FIBONACCI) >> _TO_SLOT


@njit(cache=True, nogil=True)
def _admit(
    blocks: NDArray[np.uint64],
    free: NDArray[np.float64],
    promised: NDArray[np.float64],
    apart: float,
    now: float,
    admitted: NDArray[np.bool_],
    again: NDArray[np.float64],
) -> None:
    soon = now + (_SOON if apart < _SOON else 0.0)
    for row, block in enumerate(blocks):
        begin = free[block]
        admitted[row] = begin <= soon
        again[row] = begin
        if admitted[row]:
            free[block] = max(begin, now) + apart
        elif begin > now + apart / 2:  # it did not just come a bit too early
            again[row] = max(begin, promised[block])
            promised[block] = again[row] + apart
