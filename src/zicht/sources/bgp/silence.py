"""Silence: peers that say nothing for longer than is their habit.

A session can stand and yet tell nothing any more, and then its routes only seem to live on. Some
peers speak every second, others once an hour; so each is held against its own habit.

The habit is the distribution of the gaps between its messages, those of one second being one. It is
kept as a histogram over powers of the square root of two, in which the past counts half after three
days. The limit is the gap that this distribution would exceed once in thirty days. It lies beyond
what was seen, so the tail is drawn on as a power law from two quantiles: one that ten gaps exceed
(at most the 99.9th percentile), and one that five times as many do. Less than ten outliers move
neither; where tails are thinner than a power law, false alarms are rarer than once in thirty days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHORTEST_LIMIT = 180.0
"""Seconds: the usual hold time of BGP sessions, within which BGP itself notices a dead peer (RFC
4271, section 4.2, has the peers agree on it; 180 is what most routers propose)."""
LONGEST_LIMIT = 86_400.0
"""Seconds: who has spoken often enough to be known has not been silent for a day by habit."""
FEWEST_GAPS = 100
"""A habit needs so many gaps; with fewer, ten of them would be no tail."""

_BEYOND = 10  # gaps beyond the upper quantile
_HIGHEST = 0.001  # share of gaps beyond it at least
_FACTOR = 5  # times as many gaps are beyond the lower quantile
_HALF_LIFE = 3 * 86_400.0  # seconds
_BINS = 44  # up to 2**22 seconds, 48 days
_BETWEEN = 30 * 86_400.0  # seconds between two false alarms of one peer
_LEAST_STRETCH = 2**0.5  # from the lower to the upper quantile: no peer is a clock
_SECOND = 1_000_000
_CENTRES = 2.0 ** ((np.arange(_BINS) + 0.5) / 2)


@dataclass
class Habits:
    """The habits of peers, by their index.

    Attributes:
        heard: int64[n]: when each peer was last heard, in microseconds since 1970 UTC; 0 where its
            silence does not count: never yet, or its session is down or unseen.
        gaps: float64[n, bins]: the histograms, in weighted counts.
    """

    heard: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    gaps: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, _BINS)))
    _aged: int = 0

    def hear(self, time: NDArray[np.int64], peer: NDArray[np.int32]) -> None:
        """Learn from messages: int64[m] microseconds, not decreasing for a peer; int32[m] index."""
        if not len(time):
            return
        self._grow(int(peer.max()) + 1)
        self._age(int(time.max()))
        order = np.lexsort((time, peer))
        peer, time = peer[order], time[order]
        is_first = np.r_[True, peer[1:] != peer[:-1]]
        before = np.where(is_first, self.heard[peer], np.r_[0, time[:-1]])
        gap = time // _SECOND - before // _SECOND
        counts = (before > 0) & (gap > 0)
        place = np.clip(np.log2(np.maximum(gap[counts], 1)) * 2, 0, _BINS - 1).astype(np.int64)
        np.add.at(self.gaps, (peer[counts], place), 1.0)
        np.maximum.at(self.heard, peer, time)

    def pause(self, peers: NDArray[np.int32] | None = None) -> None:
        """Let silence not count until these peers (all of them) are heard anew.

        For sessions that went down, and for gaps of the stream: what is not seen is no silence.
        """
        if peers is None:
            self.heard[:] = 0
        else:
            self.heard[peers[peers < len(self.heard)]] = 0

    def limits(self) -> NDArray[np.float64]:
        """float64[n]: the silence in seconds beyond which a peer is sick; NaN: not yet known."""
        total = self.gaps.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = np.maximum(_BEYOND / total, _HIGHEST)
            upper, lower = self._quantile(1 - beyond), self._quantile(1 - _FACTOR * beyond)
            stretch = np.maximum(upper / lower, _LEAST_STRETCH)
            mean = self.gaps @ _CENTRES / total
            # Of the gaps between two false alarms one alone may be longer than the limit.
            steps = np.log(beyond * _BETWEEN / mean) / np.log(_FACTOR)
            limit = upper * stretch ** np.maximum(steps, 0)
        limit = np.clip(limit, SHORTEST_LIMIT, LONGEST_LIMIT)
        limit[~(total >= FEWEST_GAPS)] = np.nan
        return np.asarray(limit, dtype=np.float64)

    def silence(self, now: int) -> NDArray[np.float64]:
        """float64[n]: seconds since each peer was heard; NaN where silence does not count."""
        passed = (now - self.heard) / _SECOND
        return np.asarray(np.where(self.heard > 0, passed, np.nan), dtype=np.float64)

    def silent(self, now: int) -> NDArray[np.bool_]:
        """bool[n]: the peers that are silent beyond their habit at ``now`` (microseconds)."""
        # Comparisons with NaN are false: who is not known is not accused.
        return np.asarray(self.silence(now) > self.limits(), dtype=np.bool_)

    def _quantile(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The gap that this share of each peer's gaps does not exceed, within its bin by logs."""
        below = np.cumsum(self.gaps, axis=1)
        wanted = np.maximum(share, 0) * below[:, -1]
        place = np.minimum((below < wanted[:, None]).sum(axis=1), _BINS - 1)
        row = np.arange(len(place))
        here = self.gaps[row, place]
        into = (wanted - (below[row, place] - here)) / here
        return np.asarray(2.0 ** ((place + np.clip(into, 0, 1)) / 2), dtype=np.float64)

    def _grow(self, count: int) -> None:
        missing = count - len(self.heard)
        if missing > 0:
            self.heard = np.r_[self.heard, np.zeros(missing, np.int64)]
            self.gaps = np.r_[self.gaps, np.zeros((missing, _BINS))]

    def _age(self, now: int) -> None:
        """Let the past count less; hourly, for it is slow compared to a batch."""
        passed = (now - self._aged) / _SECOND
        if not self._aged or passed > 3600:  # noqa: PLR2004
            self.gaps *= 0.5 ** (passed / _HALF_LIFE) if self._aged else 1.0
            self._aged = now
