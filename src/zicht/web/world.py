"""The map of the world on pages, by the states that the tables beside it tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish.inline.world import Standing as Place
from zicht.publish.inline.world import map_key, world_map
from zicht.publish.wording import plane_word
from zicht.publish.world_picture import world_title
from zicht.web.addresses import entity_page
from zicht.web.states import state_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from zicht.publish.inline.world import State
    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.states import Standing

_HALF = 50.0  # percent of ordinary


@dataclass(frozen=True)
class WorldShown:
    """The map: what it says, the picture, and its key."""

    title: str
    svg: Markup
    key: Markup


def places_of(asked: Asked, standings: Iterable[Standing]) -> dict[str, Place]:
    """The countries that are told of, as the map draws them, by their codes."""
    found = {}
    for one in standings:
        code = one.entity.removeprefix("country/")
        label = _label(asked.words, one)
        found[code] = Place(code, _state(one), label, asked.link(entity_page(one.entity)))
    return found


def world_shown(asked: Asked, standings: Iterable[Standing]) -> WorldShown:
    """Draw the map of the countries that are told of."""
    words = asked.words
    places = places_of(asked, standings)
    title = world_title(words, places)
    return WorldShown(
        title, world_map(words, places, key="world", title=title), map_key(words, "world")
    )


def _state(one: Standing) -> State:
    match one.state:
        case "outage":
            known = [share.percent for share in one.shares.values() if share.percent is not None]
            return "outage" if known and min(known) < _HALF else "disturbed"
        case "perhaps":
            return "disturbed"
        case state:
            return state


def _label(words: Language, one: Standing) -> str:
    shares = [
        f"{plane_word(words, plane)} {words.percent(share.percent)}"
        for plane, share in one.shares.items()
        if share.percent is not None
    ]
    return f"{one.name}: {', '.join([state_word(words, one.state), *shares])}"
