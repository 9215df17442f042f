"""A checked report as a page and as a picture to cite.

The text is somebody else's: every letter of it is escaped, and the page may load nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from markupsafe import Markup

from zicht.errors import UsageError, ZichtError
from zicht.observe.checked_text import (
    SIMULATED,
    about,
    card,
    card_claim,
    tamed,
)
from zicht.observe.pictures import chart_of
from zicht.publish.files import write_whole
from zicht.publish.language import language
from zicht.publish.letters import FONT, wrap
from zicht.publish.page import render_page
from zicht.publish.render import render_png
from zicht.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.model.claim import Claim
    from zicht.observe.checking import CheckedReport, Checking

_MARGIN = timedelta(hours=18)  # of a chart, before and after the claim's time
_LONGEST = timedelta(days=40)
_WIDTH, _PADDING, _LINE = 1000, 40, 30
_INK, _PAPER = "#1a1a1a", "#ffffff"


@dataclass(frozen=True)
class Piece:
    """A piece of the text; the number of the claim that it is, or 0; whether it is its quote."""

    text: str
    number: int
    quoted: bool = False


@dataclass(frozen=True)
class Item:
    """A claim on the page."""

    number: int
    claim: Claim
    quote: str
    about: str
    confirmed: str
    svg: Markup | None


def checked_page(checking: Checking) -> str:
    """A page: the text with its claims marked, beside it what was measured, with charts."""
    checked = checking.checked
    items = [
        Item(
            number,
            claim,
            tamed(claim.quote),
            about(claim),
            tamed(claim.confirmed_by),
            _chart(checking, claim),
        )
        for number, claim in enumerate(checked.claims, 1)
    ]
    return render_page(
        "checked.html",
        language("en"),
        checked=checked,
        items=items,
        pieces=pieces(checked),
        published=_published(checked),
        simulated=SIMULATED,
    )


def pieces(checked: CheckedReport) -> list[Piece]:
    """The text in pieces, each of one claim or of none; headings that say the same are its too."""
    spans = [(one.start, one.end, n, True) for n, one in enumerate(checked.claims, 1)]
    spans += [
        (also.start, also.end, n, False)
        for n, one in enumerate(checked.claims, 1)
        for also in one.also
    ]
    found, place = [], 0
    for start, end, number, quoted in sorted(spans):
        if start < place:
            continue
        found.append(Piece(checked.text[place:start], 0))
        found.append(Piece(checked.text[start:end], number, quoted))
        place = end
    return [one for one in (*found, Piece(checked.text[place:], 0)) if one.text]


def _published(checked: CheckedReport) -> str:
    stated = checked.published
    if stated is None:
        return "unknown"
    if stated.start == stated.until:
        return f"{stated.start:%Y-%m-%d %H:%MZ}"
    last = stated.until - timedelta(seconds=1)
    return f"{stated.start:%Y-%m-%d} to {last:%Y-%m-%d}"


def _chart(checking: Checking, claim: Claim) -> Markup | None:
    """The chart of the claim's window; none where there is no series or no time."""
    start, until = claim.time.start, claim.time.until
    if checking.detection is None or claim.place.country is None or start is None or until is None:
        return None
    if until - start > _LONGEST:
        return None
    try:
        chart = chart_of(
            checking.detection,
            checking.facts,
            f"country/{claim.place.country}",
            words=language("en"),
            start=start - _MARGIN,
            until=until + _MARGIN,
        )
    except ZichtError:  # nothing of that country is in the store, or not of that time
        return None
    return Markup(chart.svg)  # noqa: S704 - drawn by us; texts in it are escaped


def card_picture(checked: CheckedReport, claim_id: str) -> str:
    """One claim as a picture to cite, as SVG.

    Raises:
        UsageError: there is no such claim, it was not checked, or against simulated data.
    """
    claim = card_claim(checked, claim_id)
    room = _WIDTH - 2 * _PADDING
    lines = [(line, 24, True) for line in wrap(f"“{tamed(claim.quote)}”", room, 24, most=8)]
    lines += [("", 10, False), (str(claim.verdict), 34, True)]
    for part in claim.subclaims:
        text = f"{part.text}: {part.verdict}. {part.reason}"
        lines += [(line, 18, False) for line in wrap(text, room, 18, most=4)]
        for figure in part.figures[:2]:
            lines += [(line, 15, False) for line in wrap(figure, room, 15, most=2)]
    confirmed = (
        f"confirmed by {tamed(claim.confirmed_by)}"
        if claim.confirmed_by
        else ("confirmed by nobody")
    )
    foot = (
        f"{tamed(checked.report)} · read by a machine, {confirmed} · who did it, and why, is not"
        f" judged · Zicht {__version__}, text {checked.sha256[:12]}, claim {claim.id}"
    )
    lines += [("", 10, False), *((line, 14, False) for line in wrap(foot, room, 14, most=3))]
    return _svg(lines)


def _svg(lines: list[tuple[str, int, bool]]) -> str:
    height, drawn = _PADDING, []
    for text, size, bold in lines:
        height += round(size * 1.4)
        weight = ' font-weight="bold"' if bold else ""
        drawn.append(
            f'<text x="{_PADDING}" y="{height}" font-size="{size}"{weight}>{escape(text)}</text>'
        )
    height += _PADDING
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="{FONT}" fill="{_INK}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>{"".join(drawn)}</svg>'
    )


def checked_to_file(
    checking: Checking, path: Path, *, claim_id: str | None = None, force: bool = False
) -> str:
    """Write a page (``.html``) or a card of one claim (``.md``, ``.png``); gives the file's name.

    Raises:
        UsageError: the ending is another one, the claim is missing or simulated, or a file is there
            already and not ``force``.
        InputError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending == ".html":
        data = checked_page(checking).encode()
    elif ending in {".md", ".png"} and claim_id is None:
        raise UsageError(
            "A card is of one claim.", "Name it with --claim; `zicht check` shows ids."
        )
    elif ending == ".md":
        data = card(checking.checked, str(claim_id)).encode()
    elif ending == ".png":
        data = render_png(card_picture(checking.checked, str(claim_id)))
    else:
        raise UsageError(
            f"A checked report cannot be written as {path.name!r}.",
            "Name the file .html (a page), .md or .png (a card).",
        )
    write_whole(path, data, force=force)
    return str(path)
