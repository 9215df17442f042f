"""How probes are sent: how fast, how often to one block, and what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zicht.errors import UsageError

_LEAST_RATE, _MOST_RATE = 1e-9, 1e9  # a second; what whole ns that fit into 64 bits can tell
_LONGEST_TIMEOUT = 3600.0  # seconds; the times in SYNs come round in 4,295


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How probes are sent.

    Attributes:
        rate: probes a second, of all together.
        per_minute: probes a minute to one /24 (IPv6: /48).
        timeout: seconds after which an answer is late, and for which the last ones are waited for.
        text: what ``naming`` gives; a SYN has no room for it.
        port: to which a SYN goes.

    Raises:
        UsageError: a number is none, or one that no clock can keep.
    """

    rate: float
    per_minute: float
    timeout: float
    text: bytes
    port: int = 443

    def __post_init__(self) -> None:
        for number, least, most, what in (
            (self.rate, _LEAST_RATE, _MOST_RATE, "probes a second"),
            (self.per_minute, 0, math.inf, "probes a minute to one block"),
            (self.timeout, 0, _LONGEST_TIMEOUT, "seconds until an answer is late"),
        ):
            if not (0 < number < math.inf and least <= number <= most):
                until = f" and {most:g} at most" if most < math.inf else ""
                raise UsageError(
                    f"{number:g} {what}: that cannot be done.",
                    f"Take a number above {least:g}{until}.",
                )
