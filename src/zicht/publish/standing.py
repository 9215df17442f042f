"""How things stand in a country, told from its status: in one word, one figure, one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.detect.constants import ALERT
from zicht.model.entity import parse_entity
from zicht.publish.inline.world import Standing
from zicht.publish.wording import plane_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zicht.model.status import PlaneStatus, Status
    from zicht.publish.inline.world import State
    from zicht.publish.language import Language

_LIKELY = 0.5
_HALF = 50.0  # percent of ordinary


def state_of(status: Status) -> State:
    """The state: that of the worst plane of which anything is known."""
    worst = worst_plane(status)
    if worst is None:
        return "unknown"
    _, shown, belief = worst
    if belief < _LIKELY:
        return "ordinary"
    percent = shown.connectivity_percent
    sure = belief >= ALERT and percent is not None and percent < _HALF
    return "outage" if sure else "disturbed"


def worst_plane(status: Status) -> tuple[str, PlaneStatus, float] | None:
    """The plane that an outage is believed of most: its name, the signal that speaks, the belief.

    The figure is of the plane's steadiest signal that has one. ``None`` is where nothing is known.
    """
    found = []
    for plane, signals in status.planes.items():
        shown = next((one for one in signals if one.connectivity_percent is not None), None)
        if shown is None:
            continue
        joint = status.plane_beliefs.get(plane)
        belief = joint.belief_outage if joint is not None else (shown.belief_outage or 0.0)
        found.append((plane, shown, belief))
    order = ("data", "user", "control")  # what tells best what can be reached
    return max(found, key=lambda one: (one[2], -order.index(one[0])), default=None)


def state_word(words: Language, state: State) -> str:
    """A state in one word."""
    return {
        "outage": words.say("outage"),
        "disturbed": words.say("disturbed"),
        "unknown": words.say("unknown"),
        "ordinary": words.say("ordinary"),
    }[state]


def standing_of(words: Language, status: Status, name: str, href: str = "") -> Standing:
    """How things stand in the country that a status is of."""
    code = parse_entity(status.entity).country or ""
    state = state_of(status)
    worst = worst_plane(status)
    if worst is None or worst[1].connectivity_percent is None:
        label = words.say("{place}: unknown", place=name)
    else:
        label = words.say(
            "{place}: {state}, {plane} at {percent} of ordinary",
            place=name,
            state=state_word(words, state),
            plane=plane_word(words, worst[0]),
            percent=words.percent(worst[1].connectivity_percent),
        )
    return Standing(code=code, state=state, label=label, href=href)


def standings(
    words: Language, statuses: Iterable[Status], link: Callable[[str], str] = lambda _: ""
) -> dict[str, Standing]:
    """How things stand in each country, by its code; other entities are left out."""
    found = {}
    for status in statuses:
        entity = parse_entity(status.entity)
        if entity.type == "country" and entity.country is not None:
            name = words.country(entity.country)
            found[entity.country] = standing_of(words, status, name, link(status.entity))
    return found
