"""SVG markup: numbers, texts, and the picture around them.

Nothing here carries a ``style`` attribute, which a strict policy of a page would refuse.

Source: SVG 2 (https://www.w3.org/TR/SVG2/), WAI-ARIA Graphics Module 1.0.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.publish.language import Language

Anchor = Literal["start", "middle", "end"]

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_KEY = re.compile(r"[^A-Za-z0-9-]+")


def escaped(text: str) -> str:
    """A text as it may stand in markup, within quotes too; what XML does not allow is left out."""
    return escape(_FORBIDDEN.sub("", text))


def figure(value: float) -> str:
    """A number in few letters: one decimal at most."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def across(share: float) -> str:
    """A place across, from 0 (left) to 1 (right), as a percentage of the width there is."""
    return f"{figure(round(share * 1000) / 10)}%"


def own_key(*parts: str) -> str:
    """A key for the ids of a picture, of letters, digits and hyphens."""
    return "-".join(filter(None, (_KEY.sub("-", part).strip("-").lower() for part in parts)))


def picture(  # noqa: PLR0913 - each is said by its name
    words: Language,
    key: str,
    body: Iterable[str],
    *,
    title: str,
    description: Sequence[str] = (),
    height: float,
    wide: float | None = None,
    patterns: bool = True,
    kind: str = "",
    role: Literal["img", "group"] = "img",
) -> Markup:
    """A picture as wide as its place, with its title and its description.

    Args:
        words: the language.
        key: makes the ids in it its own; see ``own_key``.
        body: the markup in it, escaped already.
        title: what it is, read aloud in its place.
        description: the picture in sentences.
        height: its height in points.
        wide: its width in units of its own, where it is scaled as a whole; else places across are
            percentages of the width there is, and the height stays.
        patterns: whether it needs the patterns of ``hatches``.
        kind: a class of its own.
        role: ``group`` where there are links in it, which a reader of an ``img`` cannot reach.
    """
    named = f"{key}-t"
    described = f"{key}-d" if description else ""
    desc = f'<desc id="{described}">{escaped(" ".join(description))}</desc>' if description else ""
    by = f' aria-describedby="{described}"' if description else ""
    size = f'height="{figure(height)}"'
    if wide is not None:
        size = f'viewBox="0 0 {figure(wide)} {figure(height)}"'
    return Markup(  # noqa: S704 - every text in it went through escaped()
        f'<svg class="picture{f" {kind}" if kind else ""}" role="{role}" width="100%" {size}'
        f' lang="{words.code}" aria-labelledby="{named}"{by}>'
        f'<title id="{named}">{escaped(title)}</title>{desc}'
        f"{hatches(key) if patterns else ''}{''.join(body)}</svg>"
    )


def hatches(key: str) -> str:
    """Patterns: lines for *no data*, crosses for *source sick*, and lines for *below ordinary*."""
    return (
        f'<defs><pattern id="{key}-gap" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect class="paper" width="6" height="6"/>'
        '<path class="hatch" d="M-1 7L7-1M-1 1L1-1M5 7L7 5"/></pattern>'
        f'<pattern id="{key}-sick" width="7" height="7" patternUnits="userSpaceOnUse">'
        '<rect class="paper" width="7" height="7"/>'
        '<path class="cross" d="M1.5 1.5L5.5 5.5M5.5 1.5L1.5 5.5"/></pattern>'
        f'<pattern id="{key}-below" width="8" height="8" patternUnits="userSpaceOnUse">'
        '<rect class="pale" width="8" height="8"/>'
        '<path class="stripe" d="M-2 2L2-2M0 8L8 0M6 10L10 6"/></pattern></defs>'
    )


def label(
    words: Language,
    share: float,
    y: float,
    text: str,
    *,
    kind: str = "",
    anchor: Anchor = "start",
    shift: float = 0.0,
) -> str:
    """A line of text on its base line ``y``; it keeps its own direction.

    ``anchor`` tells which end of the text stands at ``share``, seen from the left; ``shift`` moves
    it by so many points to the right.
    """
    if words.direction == "rtl" and anchor != "middle":
        anchor = "end" if anchor == "start" else "start"
    ends = "" if anchor == "start" else f' text-anchor="{anchor}"'
    moved = f' dx="{figure(shift)}"' if shift else ""
    named = f' class="{kind}"' if kind else ""
    return (
        f'<text{named} x="{across(share)}" y="{figure(y)}"{moved}{ends}'
        f' direction="{words.direction}">{escaped(text)}</text>'
    )


def box(
    left: float,
    right: float,
    y: float,
    height: float,
    kind: str,
    *,
    fill: str = "",
    tip: str = "",
) -> str:
    """A rectangle between two shares of the width; ``tip`` is told where a pointer rests on it."""
    filled = f' fill="url(#{fill})"' if fill else ""
    inside = f"><title>{escaped(tip)}</title></rect>" if tip else "/>"
    named = f' class="{kind}"' if kind else ""
    return (
        f'<rect{named} x="{across(left)}" y="{figure(y)}" width="{across(right - left)}"'
        f' height="{figure(height)}"{filled}{inside}'
    )


def rule(y: float, kind: str) -> str:
    """A line across the whole width."""
    return f'<line class="{kind}" x1="0" x2="100%" y1="{figure(y)}" y2="{figure(y)}"/>'


def upright(share: float, top: float, bottom: float, kind: str) -> str:
    """A line from top to bottom at a share of the width."""
    x = across(share)
    return f'<line class="{kind}" x1="{x}" x2="{x}" y1="{figure(top)}" y2="{figure(bottom)}"/>'


STRETCH = 1000
"""How many units a stretched part is wide; see ``stretched``."""


def stretched(y: float, height: float, body: Iterable[str]) -> str:
    """Marks in units of their own across, ``STRETCH`` of them; their lines keep their strength."""
    return (
        f'<svg class="plot" y="{figure(y)}" width="100%" height="{figure(height)}"'
        f' viewBox="0 0 {STRETCH} {figure(height)}" preserveAspectRatio="none">'
        f"{''.join(body)}</svg>"
    )
