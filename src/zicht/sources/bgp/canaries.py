"""Canaries of routes: whether what is read shows RIS's beacons and anchors as it should.

Routes of the whole world cannot be checked, those of the beacons can: RIPE says when they are
announced. A feed that is stuck goes on showing beacons that were withdrawn; one that is cut off
lacks beacons and anchors that are announced. A prefix that was never seen says nothing: not every
one of them reaches every collector, and the list may age.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import from_microseconds
from zicht.sources.bgp.beacons import BEACONS, beacons_at, check, is_announced
from zicht.sources.bgp.prefixes import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zicht.sources.bgp.visibility import Visibility

FEWEST = 3
"""Of fewer prefixes that could tell, nothing is concluded."""


@dataclass(frozen=True)
class Canaries:
    """How many canaries are as they should be.

    Attributes:
        right: prefixes that are seen, or not, as the timetable says.
        wrong: prefixes that are not.
        undecided: those that may just be changing, or were never seen.
        faults: what is wrong with the routes of IPv4 and of IPv6, in words; empty where nothing is.
    """

    right: int
    wrong: int
    undecided: int
    faults: tuple[str, str]


class Watcher:
    """Looks at the beacons and anchors again and again."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._keys = {one.prefix: key_of(ip_network(one.prefix)) for one in BEACONS}

    def look(self, visibility: Visibility, time: int) -> Canaries:
        """How they look in tables as they are at a time (microseconds since 1970 UTC).

        A prefix is seen where at least half of the ASes that vote have a route to it.
        """
        names = [one.prefix for one in beacons_at(from_microseconds(time).date())]
        keys = np.array([self._keys[name] for name in names], dtype=np.uint64)
        carried, voters = visibility.carried(keys), visibility.voters
        visible = {
            name: 2 * count >= voters[":" in name]
            for name, count in zip(names, carried.tolist(), strict=True)
            if voters[":" in name]
        }
        self._seen |= {name for name, is_seen in visible.items() if is_seen}
        return judge({name: visible[name] for name in visible if name in self._seen}, time)


def judge(visible: Mapping[str, bool], time: int) -> Canaries:
    """Hold what is visible of prefixes that were seen before against the timetable.

    Routes are at fault where more than half of the prefixes that should be announced are not seen,
    or more than half of the beacons that should be withdrawn are. Half would not do: where RIPE
    gave up its beacons for good, their anchors would still be there.

    Args:
        visible: which prefixes are seen; those that are left out say nothing.
        time: microseconds since 1970 UTC.
    """
    at = from_microseconds(time)
    found = check(visible, at)
    beacons = {one.prefix: one for one in beacons_at(at.date())}
    should = {name: is_announced(beacons[name], at) for name in visible if name in beacons}
    faults = tuple(
        _fault({name: one for name, one in should.items() if (":" in name) == six}, visible)
        for six in (False, True)
    )
    return Canaries(
        len(found.right), len(found.wrong), len(found.undecided), (faults[0], faults[1])
    )


def _fault(should: Mapping[str, bool | None], visible: Mapping[str, bool]) -> str:
    for announced, text in (
        (True, "{} of {} beacons and anchors that are announced are not seen"),
        (False, "{} of {} beacons that are withdrawn are still seen"),
    ):
        asked = [name for name, one in should.items() if one is announced]
        wrong = sum(visible[name] != announced for name in asked)
        if len(asked) >= FEWEST and 2 * wrong > len(asked):
            return text.format(wrong, len(asked))
    return ""
