"""The map of the world as a picture that stands alone: with title, key, sources and date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from zicht.publish.chart_words import simulated_words
from zicht.publish.inline.style import PLAIN
from zicht.publish.inline.svg import escaped, figure, hatches
from zicht.publish.inline.world import STATES, map_marks, state_words, world
from zicht.publish.letters import FONT, tame, wrap
from zicht.publish.palette import INK, PAPER, QUIET, SIMULATED
from zicht.publish.render import render_png
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zicht.publish.inline.world import Standing
    from zicht.publish.language import Language

_WIDE = 1000
_MARGIN = 12
_ROOM = _WIDE - 2 * _MARGIN
_NAMED = 4  # countries; more of them are counted
BORDERS = "Natural Earth"


@dataclass(frozen=True)
class WorldPicture:
    """The map, drawn.

    Attributes:
        title: what it shows, as one statement.
        standings: the countries shown.
        time: the time that it is the state of.
        svg: the picture.
        sources: where the data come from, with their licences.
        simulated: whether any of it is of the lab and no measurement.
    """

    title: str
    standings: tuple[Standing, ...]
    time: datetime
    svg: str
    sources: tuple[str, ...]
    simulated: bool

    def png(self) -> bytes:
        """The picture as PNG, at 2.5 times its size."""
        return render_png(self.svg)


def draw_world(
    words: Language,
    standings: Mapping[str, Standing],
    *,
    time: datetime,
    sources: Sequence[str] = (),
    simulated: bool = False,
) -> WorldPicture:
    """Draw the map with its title, key and sources.

    Args:
        words: the language.
        standings: how things stand, by country code.
        time: the time that it is the state of.
        sources: a sentence for each source, with its licence.
        simulated: whether any of it is of the lab and no measurement.
    """
    title = world_title(words, standings)
    shown = tuple(sorted(standings.values(), key=lambda one: (STATES.index(one.state), one.code)))
    key = f"w{sha256(repr((shown, time)).encode()).hexdigest()[:8]}"
    body, bottom = _body(words, standings, title, time, sources, key=key, simulated=simulated)
    grave = [one.label for one in shown if one.state in {"outage", "disturbed"}]
    named = escaped(" ".join([f"{one}." for one in grave[:50]]))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}"'
        f' height="{figure(bottom)}" viewBox="0 0 {_WIDE} {figure(bottom)}" role="img"'
        f' lang="{words.code}" aria-labelledby="{key}-t {key}-d" font-family="{FONT}">'
        f'<title id="{key}-t">{escaped(title)}</title><desc id="{key}-d">{named}</desc>'
        f'<style>{PLAIN}</style><g class="picture">{hatches(key)}</g>'
        f'<rect width="{_WIDE}" height="{figure(bottom)}" fill="{PAPER}"/>{body}</svg>\n'
    )
    return WorldPicture(title, shown, time, svg, tuple(sources), simulated)


def world_title(words: Language, standings: Mapping[str, Standing]) -> str:
    """What the map shows, as one statement."""
    counted = Counter(one.state for one in standings.values())
    cut = [words.country(one.code) for one in standings.values() if one.state == "outage"]
    if 0 < len(cut) <= _NAMED:
        return words.say("Outage in {places}", places=words.join(sorted(cut)))
    if counted["outage"]:
        return words.count(
            "{n} country is in an outage",
            "{n} countries are in an outage",
            counted["outage"],
        )
    if counted["disturbed"]:
        return words.count(
            "Connectivity is disturbed in {n} country",
            "Connectivity is disturbed in {n} countries",
            counted["disturbed"],
        )
    if counted["ordinary"]:
        return words.count(
            "No outage in {n} country that could be seen",
            "No outage in the {n} countries that could be seen",
            counted["ordinary"],
        )
    return words.say("Nothing can be seen")


def _body(
    words: Language,
    standings: Mapping[str, Standing],
    title: str,
    time: datetime,
    sources: Sequence[str],
    *,
    key: str,
    simulated: bool,
) -> tuple[str, float]:
    drawn, y = [], 0.0
    if simulated:
        drawn.append(f'<rect width="{_WIDE}" height="30" fill="{SIMULATED}"/>')
        drawn.append(_text(words, simulated_words(words), 20, 14, PAPER, bold=True))
        y = 30
    y += 34
    drawn.append(_text(words, title, y, 24, INK, bold=True))
    y += 22
    state = words.say("How things stood on {moment} UTC.", moment=words.moment(time))
    drawn.append(_text(words, state, y, 14, QUIET))
    y += 14
    scale = _WIDE / world().width
    marks = "".join(map_marks({code: _unlinked(one) for code, one in standings.items()}, key))
    drawn.append(
        f'<g class="picture world" transform="translate(0 {figure(y)}) scale({scale})">{marks}</g>'
    )
    y += world().height * scale + 24
    for row, y_row in _key_rows(words, key, y):
        drawn.append(row)
        y = y_row
    y += 26
    for line in _footer(words, sources):
        drawn.append(_text(words, line, y, 12, QUIET))
        y += 16
    return "".join(drawn), y


def _unlinked(one: Standing) -> Standing:
    return type(one)(one.code, one.state, one.label)


def _key_rows(words: Language, key: str, y: float) -> list[tuple[str, float]]:
    texts: list[tuple[str, str]] = [(state, state_words(words)[state]) for state in STATES]
    texts.append(("land", words.say("not measured")))
    rows = []
    for number, (state, text) in enumerate(texts):
        left = _MARGIN + (number % 2) * _WIDE / 2
        x = _WIDE - left - 28 if words.direction == "rtl" else left
        top = y + number // 2 * 24
        fill = {"disturbed": f"url(#{key}-below)", "unknown": f"url(#{key}-sick)"}.get(state)
        filled = f' fill="{fill}"' if fill else ""
        kind = "land" if state == "land" else f"country {state}"
        mark = (
            f'<path class="pointer" transform="translate({x + 14:g} {top:g}) scale(.5)"'
            ' d="M0 0l-11-20h22z"/>'
            if state == "outage"
            else ""
        )
        rows.append(
            (
                f'<g class="picture world"><rect class="{kind}"{filled} x="{x:g}"'
                f' y="{top - 12:g}" width="28" height="16"/>{mark}</g>'
                + _text(words, text, top + 1, 13, INK, left=left + 36),
                top,
            )
        )
    return rows


def _footer(words: Language, sources: Sequence[str]) -> list[str]:
    sentences = [
        *sources,
        words.say("Borders: {source}, public domain; they express no opinion.", source=BORDERS),
        words.say("Map: Zicht {version}.", version=__version__),
    ]
    return [line for one in sentences for line in wrap(tame(one, 400), _ROOM, 12, most=3)]


def _text(
    words: Language,
    text: str,
    y: float,
    size: int,
    colour: str,
    *,
    bold: bool = False,
    left: float = _MARGIN,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{left:g}"'
    if words.direction == "rtl":
        place = f'x="{_WIDE - left:g}" text-anchor="end"'
    return (
        f'<text {place} y="{figure(y)}" font-size="{size}"{weight} fill="{colour}">'
        f"{escaped(text)}</text>"
    )
