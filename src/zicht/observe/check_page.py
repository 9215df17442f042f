"""A checked report as a page, and to a file.

The text is somebody else's: every letter of it is escaped, and the page may load nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from zicht.errors import UsageError, ZichtError
from zicht.observe.pictures import chart_of
from zicht.publish.checked_text import card, card_picture, tamed
from zicht.publish.checked_words import (
    confirmed_words,
    in_words,
    published_words,
    simulated_sentence,
)
from zicht.publish.claim_words import about, type_word
from zicht.publish.files import write_whole
from zicht.publish.language import language
from zicht.publish.page import render_page
from zicht.publish.render import render_png
from zicht.publish.verdict_words import verdict_word
from zicht.reports.localities import is_local, measured_as

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.model.claim import CheckedReport, Claim, SubClaim
    from zicht.observe.checking import Checking
    from zicht.publish.language import Language

_MARGIN = timedelta(hours=18)  # of a chart, before and after the claim's time
_LONGEST = timedelta(days=40)


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
    type: str
    about: str
    verdict: str | None
    parts: list[tuple[SubClaim, str]]
    confirmed: str
    svg: Markup | None


def checked_page(checking: Checking, *, words: Language | None = None) -> str:
    """A page: the text with its claims marked, beside it what was measured, with charts.

    Args:
        checking: the checked report, with what it was held against.
        words: the language of the page; by default English.
    """
    words = words or language("en")
    return render_page("checked.html", words, **checked_parts(checking, words))


def checked_parts(checking: Checking, words: Language) -> dict[str, Any]:
    """What a template needs of a checked report, in a language: the page's own values."""
    checked = in_words(words, checking.checked)
    items = [
        Item(
            number,
            claim,
            tamed(claim.quote),
            type_word(words, claim.type),
            about(words, claim),
            verdict_word(words, claim.verdict) if claim.verdict else None,
            [(part, verdict_word(words, part.verdict)) for part in claim.subclaims],
            confirmed_words(words, claim.confirmed_by),
            _chart(checking, claim, words),
        )
        for number, claim in enumerate(checked.claims, 1)
    ]
    return {
        "checked": checked,
        "items": items,
        "pieces": pieces(checked),
        "published": published_words(words, checked),
        "simulated": simulated_sentence(words),
    }


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


def _chart(checking: Checking, claim: Claim, words: Language) -> Markup | None:
    """The chart of the claim's window; none where there is no series or no time."""
    start, until = claim.time.start, claim.time.until
    if checking.detection is None or claim.place.country is None or start is None or until is None:
        return None
    if until - start > _LONGEST:
        return None
    entity = _charted(checking.detection, claim)
    if entity is None:
        return None
    try:
        chart = chart_of(
            checking.detection,
            checking.facts,
            entity,
            words=words,
            start=start - _MARGIN,
            until=until + _MARGIN,
        )
    except ZichtError:  # nothing of that country is in the store, or not of that time
        return None
    return Markup(chart.svg)  # noqa: S704 - drawn by us; texts in it are escaped


def _charted(detection: Detection, claim: Claim) -> str | None:
    """The entity of which a chart stands beside a claim; of a region or town its own or none."""
    if not is_local(claim.place):
        return f"country/{claim.place.country}"
    return measured_as(claim.place, {one.series.entity for one in detection.assessments})


def checked_to_file(
    checking: Checking,
    path: Path,
    *,
    claim_id: str | None = None,
    code: str = "en",
    force: bool = False,
) -> str:
    """Write a page (``.html``) or a card of one claim (``.md``, ``.png``); gives the file's name.

    Raises:
        UsageError: the ending is another one, the claim is missing or simulated, or a file is there
            already and not ``force``.
        InputError: the file cannot be written.
    """
    ending, words = path.suffix.lower(), language(code)
    if ending == ".html":
        data = checked_page(checking, words=words).encode()
    elif ending in {".md", ".png"} and claim_id is None:
        raise UsageError(
            "A card is of one claim.", "Name it with --claim; `zicht check` shows ids."
        )
    elif ending == ".md":
        data = card(words, checking.checked, str(claim_id)).encode()
    elif ending == ".png":
        data = render_png(card_picture(words, checking.checked, str(claim_id)))
    else:
        raise UsageError(
            f"A checked report cannot be written as {path.name!r}.",
            "Name the file .html (a page), .md or .png (a card).",
        )
    write_whole(path, data, force=force)
    return str(path)
