"""Rates: how often one client may ask, as a bucket of tokens for each."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

MOST_CLIENTS = 20_000
"""Clients that are remembered; of more, those who asked longest ago are forgotten."""


@dataclass(kw_only=True)
class Rates:
    """Buckets of tokens: each request takes one, and they come back with time.

    Attributes:
        per_second: tokens that come back in a second; 0 sets no limit.
        burst: tokens in a full bucket.
    """

    per_second: float
    burst: float
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, client: str, now: float) -> float:
        """Take a token of a client: 0.0, or the seconds until there is one, and none is taken.

        ``now`` is in seconds of a clock that only goes forward.
        """
        if self.per_second <= 0:
            return 0.0
        tokens, before = self._buckets.get(client, (self.burst, now))
        tokens = min(self.burst, tokens + (now - before) * self.per_second)
        wait = max(0.0, (1 - tokens) / self.per_second)
        self._buckets[client] = (tokens - 1 if wait == 0 else tokens, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait
