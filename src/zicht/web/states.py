"""The state of each entity in a word, and in the order in which people want to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish import standing as of_status
from zicht.publish.inline.world import STATES, State
from zicht.publish.letters import tame
from zicht.publish.standing import state_word
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.outage import Event
    from zicht.model.status import Status
    from zicht.publish.language import Language
    from zicht.web.view import View

__all__ = ["PLANES", "STATES", "State", "state_word"]

_HALF = 50.0  # percent of ordinary

PLANES = ("control", "data", "user")


@dataclass(frozen=True)
class Share:
    """What one plane shows: percent of ordinary, or why nothing can be said.

    Attributes:
        percent: by the signal of the plane that tells best; ``None`` is unknown.
        signal: that signal's name, or ``None`` where the plane is not measured.
        health: ``ok``, or why nothing can be said.
        belief: probability that the plane is below ordinary, or ``None``.
    """

    percent: float | None
    signal: str | None
    health: str
    belief: float | None


@dataclass(frozen=True)
class Standing:
    """How an entity fares.

    Attributes:
        entity: its text.
        name: what the language calls it.
        state: in a word.
        event: the event that goes on, or may, where there is one.
        since: when the outage began at the latest, where one goes on.
        shares: of each plane what it shows.
        last: the newest data of all its signals.
    """

    entity: str
    name: str
    state: State
    event: Event | None
    since: datetime | None
    shares: dict[str, Share]
    last: datetime | None

    @property
    def lowest(self) -> float | None:
        """The percent of ordinary of the plane that has least, or ``None`` where none is known."""
        known = [one.percent for one in self.shares.values() if one.percent is not None]
        return min(known, default=None)


def standing(words: Language, view: View, entity: str) -> Standing:
    """How an entity fares, by its events and the states of its signals."""
    event = next((one for one in view.events_of(entity) if one.ongoing), None)
    status = (view.statuses or {}).get(entity)
    seen = [one for own in status.planes.values() for one in own] if status else []
    return Standing(
        entity=entity,
        name=entity_name(words, entity, view.facts),
        state=state_of(status, event),
        event=event,
        since=event.onset[1] if event else status.since if status else None,
        shares={plane: _share(status, plane) for plane in PLANES},
        last=max((one.last for one in seen if one.last is not None), default=None),
    )


def state_of(status: Status | None, event: Event | None) -> State:
    """The state in a word, by the signals and by the event that goes on, where there is one.

    While an event goes on in which connectivity is back for a while, it is *disturbed*.
    """
    by_signals = "unknown" if status is None else of_status.state_of(status)
    if event is None or by_signals == "outage":
        return by_signals
    return "outage" if by_signals == "unknown" and event.depth_percent < _HALF else "disturbed"


def _share(status: Status | None, plane: str) -> Share:
    own = status.planes.get(plane, []) if status else []
    belief = status.plane_beliefs.get(plane) if status else None
    told = next((one for one in own if one.connectivity_percent is not None), None)
    shown = told or (own[0] if own else None)
    return Share(
        percent=told.connectivity_percent if told else None,
        signal=shown.signal if shown else None,
        health=tame(shown.health, 200) if shown else "",
        belief=belief.belief_outage if belief else None,
    )


def by_state(words: Language, view: View, kind: str = "country/") -> dict[State, list[Standing]]:
    """The entities of a kind, by their state; within one by what is left, then by name."""
    found = [standing(words, view, one) for one in view.entities if one.startswith(kind)]
    order = words.sorting
    return {
        state: sorted((one for one in found if one.state == state), key=lambda one: order(one.name))
        for state in STATES
    }
