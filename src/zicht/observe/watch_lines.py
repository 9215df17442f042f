"""What a watch tells people: a line where the state of an entity changes, or something happens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.model.time import format_time
from zicht.observe.standing import state_of
from zicht.observe.telling import Teller
from zicht.publish.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zicht.model.entity import EntityFact
    from zicht.model.status import Status
    from zicht.observe.replay import Happening


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed.

    Attributes:
        time: when it became known.
        entity: of whom, or ``None`` where it is of a source.
        what: ``ordinary``, ``outage``, ``unknown`` or ``warming up`` where the state changed; else
            what happened, as ``zicht.observe.replay.HappeningKind`` has it.
        connectivity_percent: what is left, in percent of ordinary, where it is known.
        signal: the signal that tells it.
        text: the same for people.
        simulated: the data are of the lab and no measurement.
    """

    time: datetime
    entity: str | None
    what: str
    connectivity_percent: float | None = None
    signal: str | None = None
    text: str = ""
    simulated: bool = False


def changed_states(before: Mapping[str, str], statuses: Iterable[Status]) -> list[Line]:
    """A line for each entity whose state is another one than before."""
    return [
        Line(
            time=one.time,
            entity=one.entity,
            what=state_of(one),
            connectivity_percent=one.connectivity_percent,
            signal=one.signal,
            text="" if one.health == "ok" else one.health,
            simulated=one.simulated,
        )
        for one in statuses
        if before.get(one.entity) != state_of(one)
    ]


def told(happenings: Iterable[Happening], facts: Mapping[str, EntityFact]) -> list[Line]:
    """A line for each thing that happened."""
    teller = Teller(language("en"), facts)
    return [
        Line(
            time=one.known_at,
            entity=None if one.event is None else one.event.entity,
            what=one.kind,
            connectivity_percent=None if one.event is None else one.event.depth_percent,
            signal=_signal(one),
            text=teller.sentence(one),
            simulated=one.event is not None and one.event.simulated,
        )
        for one in happenings
    ]


def _signal(happening: Happening) -> str | None:
    if happening.event is not None:
        return happening.event.depth_signal
    return None if happening.sickness is None else happening.sickness.signal


def in_words(line: Line) -> str:
    """A line for a screen."""
    left = "" if line.connectivity_percent is None else f"{line.connectivity_percent:.0f} %"
    head = f"{format_time(line.time)[:16]}Z  {line.entity or '-':<14} {line.what:<17} {left:>6}"
    return f"{head}  {line.text or line.signal or ''}".rstrip()
