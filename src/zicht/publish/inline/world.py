"""The world, country by country: ordinary, disturbed, in an outage, or not to be seen.

What a country's state is says its fill, a pattern and a mark; small countries are dots as well, so
that they can be seen and pointed at. The shapes (``world.json``) are Natural Earth's, which are in
the public domain; ``scripts/world_map.py`` makes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

from markupsafe import Markup

from zicht.publish.inline.svg import escaped, picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zicht.publish.language import Language

State = Literal["ordinary", "disturbed", "outage", "unknown"]

STATES: tuple[State, ...] = ("outage", "disturbed", "unknown", "ordinary")
"""The states, the gravest first."""

_DOT = 7
_MARK = "l-11-20h22z"  # a triangle that points down, from its point


@dataclass(frozen=True)
class Standing:
    """How things stand in a country.

    Attributes:
        code: its ISO 3166-1 alpha-2 code.
        state: *disturbed* is an outage that leaves more than half, or perhaps one; *unknown* is
            what cannot be seen now.
        label: what is read aloud and shown where a pointer rests.
        href: where its page is, or empty.
    """

    code: str
    state: State
    label: str
    href: str = ""


class Shape(NamedTuple):
    """A country on the map: its middle, whether it is small, and its path, which may be empty."""

    x: int
    y: int
    small: bool
    path: str


class World(NamedTuple):
    """All shapes by their codes, in units of a picture that is ``width`` by ``height``."""

    width: int
    height: int
    countries: Mapping[str, Shape]


@cache
def world() -> World:
    """The shapes of the world."""
    held = json.loads((files("zicht.publish.inline") / "world.json").read_text("utf-8"))
    shapes = {
        code: Shape(x, y, bool(small), path)
        for code, (x, y, small, path) in held["countries"].items()
    }
    return World(held["width"], held["height"], shapes)


def world_map(
    words: Language,
    standings: Mapping[str, Standing],
    *,
    key: str,
    title: str,
    description: Sequence[str] = (),
) -> Markup:
    """The map as wide as its place; countries without a standing are drawn as not measured.

    Links of countries in an ordinary state are left out of the keyboard's order, since a table says
    the same: whoever goes by keys would go through two hundred of them.
    """
    return picture(
        words,
        key,
        map_marks(standings, key),
        title=title,
        description=description,
        height=world().height,
        wide=world().width,
        role="group",
        kind="world",
    )


def map_marks(standings: Mapping[str, Standing], key: str) -> Iterable[str]:
    """What the map is made of: land that nobody measures, countries, then dots and marks on top."""
    shapes = world().countries
    unmeasured = "".join(shape.path for code, shape in shapes.items() if code not in standings)
    yield f'<path class="land" d="{unmeasured}"/>'
    dots = (one for code, one in shapes.items() if one.small and code not in standings)
    yield f'<path class="landdots" d="{"".join(f"M{one.x} {one.y}h0" for one in dots)}"/>'
    drawn = [one for one in standings.values() if one.code in shapes]
    drawn.sort(key=lambda one: -STATES.index(one.state))
    for one in drawn:
        yield _linked(one, _country(one, shapes[one.code], key))
    for one in drawn:
        yield from _mark(one, shapes[one.code])


def _country(one: Standing, shape: Shape, key: str) -> str:
    fill = {
        "disturbed": f' fill="url(#{key}-below)"',
        "unknown": f' fill="url(#{key}-sick)"',
    }.get(one.state, "")
    path = f'<path class="country {one.state}"{fill} d="{shape.path}"/>' if shape.path else ""
    if not shape.small:
        return path
    return f'{path}<circle class="dot {one.state}"{fill} cx="{shape.x}" cy="{shape.y}" r="{_DOT}"/>'


def _linked(one: Standing, drawn: str) -> str:
    title = f"<title>{escaped(one.label)}</title>"
    if not one.href:
        return f"<g>{title}{drawn}</g>"
    reached = ' tabindex="-1"' if one.state == "ordinary" else ""
    where = f'href="{escaped(one.href)}" aria-label="{escaped(one.label)}"'
    return f"<a {where}{reached}>{title}{drawn}</a>"


def _mark(one: Standing, shape: Shape) -> Iterable[str]:
    if one.state == "outage":
        point = shape.y - _DOT - 2 if shape.small else shape.y + 8
        yield f'<path class="pointer" d="M{shape.x} {point}{_MARK}"/>'


def map_key(words: Language, key: str, states: Iterable[State] = STATES) -> Markup:
    """What fills and marks mean, as a list; it stands beside the map with the same ``key``."""
    texts = state_words(words)
    rows = [
        f"<li>{_swatch(state, key)}<span>{escaped(texts[state])}</span></li>" for state in states
    ]
    rows.append(
        '<li><svg class="swatch" aria-hidden="true" width="28" height="18">'
        '<rect class="land" width="28" height="18"/></svg>'
        f"<span>{escaped(words.say('not measured'))}</span></li>"
    )
    return Markup(f'<ul class="key">{"".join(rows)}</ul>')  # noqa: S704 - our own words, escaped


def _swatch(state: State, key: str) -> str:
    fill = {
        "disturbed": f' fill="url(#{key}-below)"',
        "unknown": f' fill="url(#{key}-sick)"',
    }.get(state, "")
    mark = '<path class="pointer" d="M14 14l-5-9h10z"/>' if state == "outage" else ""
    return (
        '<svg class="swatch" aria-hidden="true" width="28" height="18">'
        f'<rect class="country {state}"{fill} width="28" height="18"/>{mark}</svg>'
    )


def state_words(words: Language) -> dict[State, str]:
    """What each state is called."""
    return {
        "outage": words.say("outage: less than half can be reached"),
        "disturbed": words.say("disturbed: perhaps an outage, or one that leaves more than half"),
        "unknown": words.say("unknown: cannot be seen now"),
        "ordinary": words.say("ordinary"),
    }
