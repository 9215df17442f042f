"""RIS's beacons and anchors in the lab: prefixes that come and go by a timetable, or stay.

RIPE NCC announces beacons at 00:00, 04:00, 08:00 and so on in UTC and withdraws them two hours
later; beside each is an anchor that is always announced (https://ris.ripe.net/docs/routing-beacons
and "Historical List of RIS Routing Beacons"). These IPv4 pairs were announced from 2016 on, by
single collectors and since 2024 by those of a region. They are written down here a second time, so
that what watches for beacons is not held against itself.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.lab.routes.columns import Networks, networks_of
from zicht.lab.routes.ground import Changes
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

RIS = 12654
"""RIPE NCC's Routing Information Service."""

_PAIRS = (  # beacon, anchor
    ("84.205.64.0/24", "84.205.80.0/24"),
    ("84.205.69.0/24", "84.205.85.0/24"),
    ("84.205.70.0/24", "84.205.86.0/24"),
    ("84.205.75.0/24", "84.205.91.0/24"),
    ("84.205.82.0/24", "84.205.88.0/24"),
    ("2001:7fb:fe00::/48", "2001:7fb:ff00::/48"),
    ("2001:7fb:fe01::/48", "2001:7fb:ff01::/48"),
    ("2001:7fb:fe03::/48", "2001:7fb:ff03::/48"),
    ("2001:7fb:fe04::/48", "2001:7fb:ff04::/48"),
)
_HALF = timedelta(hours=2)
_CYCLE = 4  # hours


class Beacons(NamedTuple):
    """Beacons and anchors of a stretch of time.

    Attributes:
        networks: their prefixes, n of them.
        begins: bool[n]: which are announced at the begin.
        changes: when they come and go; networks are counted from 0 on.
    """

    networks: Networks
    begins: NDArray[np.bool_]
    changes: Changes


def beacons_between(begin: datetime, end: datetime) -> Beacons:
    """The beacons and anchors from a time to a time, both aware of their zone."""
    beacons, anchors = zip(*_PAIRS, strict=True)
    networks = networks_of([ip_network(text) for text in (*beacons, *anchors)])
    is_up = begin.hour % _CYCLE < _CYCLE // 2
    begins = np.array([is_up] * len(beacons) + [True] * len(anchors), np.bool_)
    moment = begin.replace(hour=begin.hour // 2 * 2, minute=0, second=0, microsecond=0) + _HALF
    moments = []
    while moment < end:
        moments.append(moment)
        moment += _HALF
    count = len(moments)
    time = np.repeat(np.array([to_microseconds(one) for one in moments], np.int64), len(beacons))
    announced = np.array([one.hour % _CYCLE < _CYCLE // 2 for one in moments], np.bool_)
    return Beacons(
        networks,
        begins,
        Changes(
            time,
            np.tile(np.arange(len(beacons), dtype=np.int64), count),
            np.repeat(announced, len(beacons)),
            np.zeros(len(time), np.uint8),
        ),
    )
