"""Stretches in which a source could not see, as people are told of them: joined, begun and over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zicht.publish.alerts.rules import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zicht.model.alert import Alert
    from zicht.model.health import Sickness
    from zicht.model.outage import Event
    from zicht.model.signal import Signal

SETTLED = timedelta(hours=2)
"""A source that saw again for so long sees; less is one stretch with what comes after."""


@dataclass(frozen=True)
class Trouble:
    """A stretch in which a source could not see.

    Attributes:
        source: the source.
        since: its begin.
        until: its end as far as is known, or ``None`` while countries are down by it alone.
        sicknesses: what detection found of it.
        countries: how many countries seemed to fall at once by it alone.
    """

    source: str
    since: datetime
    until: datetime | None
    sicknesses: tuple[Sickness, ...] = ()
    countries: int = 0


def find_troubles(
    sicknesses: Iterable[Sickness],
    storms: Mapping[str, Sequence[Event]],
    signals: Mapping[str, Signal],
) -> list[Trouble]:
    """What befell sources, what is less than two hours apart as one, by source and begin.

    Args:
        sicknesses: what detection found.
        storms: events of countries that fell at once, by the source that they rest on alone.
        signals: the specs of signals, by name.
    """
    found = [
        Trouble(_source(one.signal, signals), one.start, one.end, (one,)) for one in sicknesses
    ]
    for source, events in _distinct(storms).items():
        ends = [one.end[1] for one in events if one.end is not None]
        until = max(ends) if len(ends) == len(events) else None
        countries = sum(one.entity.startswith("country/") for one in events)
        since = min(one.onset[0] for one in events)
        found.append(Trouble(source, since, until, (), countries))
    joined: list[Trouble] = []
    for one in sorted(found, key=lambda trouble: (trouble.source, trouble.since)):
        last = joined[-1] if joined else None
        if last is not None and last.source == one.source and _follows(one, last):
            joined[-1] = _joined(last, one)
        else:
            joined.append(one)
    return joined


def _source(signal: str, signals: Mapping[str, Signal]) -> str:
    return signals[signal].source if signal in signals else source_of(signal)


def _distinct(storms: Mapping[str, Sequence[Event]]) -> dict[str, Sequence[Event]]:
    """Without those whose events all stand under another source that shares its inputs."""
    kept: dict[str, Sequence[Event]] = {}
    for source, events in sorted(storms.items(), key=lambda item: (-len(item[1]), item[0])):
        own = {one.id for one in events}
        if not any(own <= {one.id for one in other} for other in kept.values()):
            kept[source] = events
    return kept


def _follows(one: Trouble, before: Trouble) -> bool:
    return before.until is None or one.since <= before.until + SETTLED


def _joined(one: Trouble, other: Trouble) -> Trouble:
    ends = (one.until, other.until)
    until = None if None in ends else max(end for end in ends if end is not None)
    return replace(
        one,
        until=until,
        sicknesses=(*one.sicknesses, *other.sicknesses),
        countries=max(one.countries, other.countries),
    )


def told_of(trouble: Trouble, last_of: Iterable[Alert]) -> Alert | None:
    """The message in which people were told of a stretch, or of one that goes over into it.

    Args:
        trouble: the stretch.
        last_of: the last message of each stretch that was told of the source.
    """
    for told in last_of:
        since = told.since or told.made_at
        until = told.until or max(since, told.made_at)
        ends_before = trouble.until is not None and trouble.until + SETTLED < since
        if not ends_before and trouble.since <= until + SETTLED:
            return told
    return None
