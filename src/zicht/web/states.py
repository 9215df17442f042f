"""The state of each entity in a word, and in the order in which people want to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zicht.publish.letters import tame
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.outage import Event
    from zicht.model.status import Status
    from zicht.publish.language import Language
    from zicht.web.view import View

State = Literal["outage", "perhaps", "unknown", "ordinary"]

STATES: tuple[State, ...] = ("outage", "perhaps", "unknown", "ordinary")
"""In the order in which they are shown: what is sure and bad first, what is well last."""

SURE = 0.9
"""Belief of a plane from which an outage is said; detection's own (``detect.constants.ALERT``)."""

_PERHAPS = 0.5

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
    """The state in a word: an outage that goes on, perhaps one, ordinary, or unknown."""
    if event is not None:
        return "outage"
    if status is None:
        return "unknown"
    beliefs = [one.belief_outage for one in status.plane_beliefs.values()]
    if status.since is not None or max(beliefs, default=0.0) >= SURE:
        return "outage"
    if max(beliefs, default=0.0) >= _PERHAPS:
        return "perhaps"
    return "unknown" if status.connectivity_percent is None else "ordinary"


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


def state_word(words: Language, state: str) -> str:
    """A state, for people."""
    return {
        "outage": words.say("outage"),
        "perhaps": words.say("perhaps an outage"),
        "ordinary": words.say("ordinary"),
    }.get(state, words.say("unknown"))
