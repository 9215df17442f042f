"""Whom a watch looks at more closely, since when, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.model.time import MICROSECONDS, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from zicht.model.health import Sickness
    from zicht.observe.watch_screen import Taken

_HOUR = 3600 * MICROSECONDS
_DAY = 24 * _HOUR

SOON = 3 * _HOUR
"""So long after the last suspicious bin an entity is looked at each time; after that whenever twice
the time has passed, until ..."""

SETTLED = 3 * _DAY
"""... nothing later changes what was found: belief forgets within hours (``WOBBLE_RATE``), and over
a longer gap nothing is claimed (``LONGEST_GAP_HOURS``)."""

_BINS = 12  # of series with long bins so many take the place of both
_YOUNG = 2 * _DAY  # an outage that goes on is looked at each time so long, and after that hourly


class Suspect(msgspec.Struct, kw_only=True):
    """An entity that is looked at more closely; times are microseconds since 1970.

    Attributes:
        since: the first bin that is in doubt.
        last: the last suspicious or late one.
        looked: the end of the data when it was looked at last; 0 is never.
        moved: the end of the data when belief last went over a level that matters.
        step: seconds of the longest bins that were suspicious.
        late: whether bins came late since it was looked at.
        only_late: whether nothing else was ever noted of it.
        signals: names of the signals that were.
    """

    since: int
    last: int
    looked: int = 0
    moved: int = 0
    step: int = 0
    late: bool = False
    only_late: bool = True
    signals: set[str] = msgspec.field(default_factory=set)

    @property
    def settling(self) -> int:
        """How long after the last suspicious bin it is looked at each time."""
        return max(SOON, _BINS * self.step * MICROSECONDS)


def note(suspects: dict[str, Suspect], taken: Taken, since: int, as_of: int) -> None:
    """Take what the screen told.

    Args:
        suspects: changed.
        taken: what it told.
        since: what was before is left as it was found.
        as_of: the end of the data.
    """
    for (entity, signal), doubt in (*taken.suspicious.items(), *taken.late.items()):
        if doubt.last < since:
            continue
        first = max(doubt.first, since)
        one = suspects.setdefault(entity, Suspect(since=first, last=doubt.last))
        one.since = min(one.since, first)
        one.last = max(one.last, doubt.last)
        one.step = max(one.step, doubt.step)
        one.signals.add(signal)
        one.late |= (entity, signal) in taken.late
        one.only_late &= (entity, signal) not in taken.suspicious
    for entity in suspects.keys() & taken.unsettled.keys():
        suspects[entity].last = max(suspects[entity].last, taken.unsettled[entity])
    for entity in suspects.keys() & taken.moved:
        suspects[entity].moved = max(suspects[entity].moved, as_of)


def excuse(
    suspects: dict[str, Suspect], sicknesses: Iterable[Sickness], before: int, as_of: int
) -> None:
    """Forget those of which sick sources alone told.

    Args:
        suspects: changed.
        sicknesses: what is known of sources that could not see.
        before: the end of the data at the last look; what lasted until then is held to last on, and
            whoever is still suspicious when it is over is noted again.
        as_of: the end of the data.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for sickness in sicknesses:
        start, end = to_microseconds(sickness.start), to_microseconds(sickness.end)
        spans.setdefault(sickness.signal, []).append((start, as_of if end >= before else end))
    for entity, one in list(suspects.items()):
        if one.signals and all(
            any(start <= one.since and one.last < end for start, end in spans.get(name, ()))
            for name in one.signals
        ):
            del suspects[entity]


def due(
    suspects: dict[str, Suspect], ongoing: Collection[str], as_of: int, calm: Collection[str]
) -> list[str]:
    """Who is to be looked at, countries and what is newest first; who has settled is forgotten.

    Args:
        suspects: all.
        ongoing: entities of which an outage goes on.
        as_of: the end of the data.
        calm: of these, those that the screen does not hold to be in an outage any more.
    """
    for entity in [name for name, one in suspects.items() if _has_settled(one, as_of)]:
        if entity not in ongoing:
            del suspects[entity]
    found = [
        entity
        for entity, one in suspects.items()
        if _is_due(one, as_of, entity in ongoing, entity in calm)
    ]

    def order(entity: str) -> tuple[bool, int, str]:
        return not entity.startswith("country/"), -suspects[entity].last, entity

    return sorted(found, key=order)


def _has_settled(one: Suspect, as_of: int) -> bool:
    enough = max(SETTLED, one.settling)
    return one.looked - one.last >= enough and as_of - one.last >= enough


def _is_due(one: Suspect, as_of: int, ongoing: bool, calm: bool) -> bool:  # noqa: FBT001
    if one.late or one.looked <= one.last:
        return True
    if as_of <= one.looked:
        return False
    quiet = as_of - one.last
    again = 2 * (one.looked - one.last)
    if not ongoing:
        return quiet <= one.settling or quiet >= min(again, SETTLED)
    if calm or quiet > _YOUNG:  # it ends, or it is silent
        return quiet <= one.settling or quiet >= again
    lively = as_of <= max(one.since + _YOUNG, one.moved + one.settling)
    return lively or as_of - one.looked >= _HOUR
