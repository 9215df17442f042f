"""A checked report as a page: the text with its claims marked, beside it what was measured.

The text is somebody else's: every letter of it is escaped, and the page may load nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from zicht.errors import UsageError, ZichtError
from zicht.observe.pictures import coarseness, shown_of
from zicht.publish.chart_data import Window
from zicht.publish.chart_words import description, source_sentences
from zicht.publish.checked_text import card, card_picture, nothing_found, source_lines, tamed
from zicht.publish.checked_words import (
    confirmed_words,
    in_words,
    published_words,
    simulated_sentence,
)
from zicht.publish.claim_words import about, type_word
from zicht.publish.files import write_whole
from zicht.publish.inline.percent import percent_chart
from zicht.publish.inline.scene import Scene, top_of
from zicht.publish.inline.style import STYLE
from zicht.publish.inline.svg import own_key
from zicht.publish.language import language
from zicht.publish.page import checked_style, render_page
from zicht.publish.render import render_png
from zicht.publish.verdict_words import verdict_word
from zicht.publish.wording import entity_name, signal_title
from zicht.reports.corrections import skeleton
from zicht.reports.localities import is_local, measured_as

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from zicht.model.claim import CheckedReport, Claim
    from zicht.observe.checking import Checking
    from zicht.publish.chart_data import Panel
    from zicht.publish.language import Language

MOST_DRAWN = 30
"""So many stretches of time are drawn on one page; what is claimed of more is told in words."""

_OPTION = re.compile(r"\s?\(--[a-z-]+\)")
_MARGIN = timedelta(hours=18)  # of a chart, before and after the claim's time
_LONGEST = timedelta(days=40)
_HEIGHT = 110.0  # points of a chart
_PLANES = ("data", "user", "control")

_KINDS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "insufficient data": "insufficient",
    "not measurable": "unmeasurable",
    "simulated": "lab",
}
"""What the style sheet calls a verdict."""


@dataclass(frozen=True)
class Piece:
    """A piece of the text.

    Attributes:
        text: the letters.
        number: of the claim that it is, or 0.
        quoted: whether it is the claim's quote, and no heading that says the same.
        kind: what the style sheet calls the claim's verdict.
    """

    text: str
    number: int
    quoted: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Drawn:
    """A chart beside a claim: the picture, what it is of, and where it is found alone."""

    head: str
    measures: str
    svg: Markup
    page: str


@dataclass(frozen=True)
class Part:
    """A part of a claim, in words."""

    text: str
    verdict: str
    kind: str
    reason: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A claim on the page, in words."""

    number: int
    id: str
    type: str
    quote: str
    about: str
    confirmed: str
    verdict: str
    kind: str
    citable: bool
    also: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    charts: tuple[Drawn, ...] = ()
    drawn_at: int = 0


@dataclass
class _Charts:
    """Charts of a page: each stretch of time of a place is drawn once.

    Attributes:
        checking: what is drawn of.
        words: the language.
        address: where the charts of a place and a time are found alone; ``None``: nowhere.
        drawn: the number of the claim beside which a stretch is drawn already.
        sources: whose data were drawn, in sentences.
    """

    checking: Checking
    words: Language
    address: Callable[[str, datetime, datetime], str] | None
    drawn: dict[tuple[str, datetime, datetime], int] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def beside(self, number: int, claim: Claim) -> tuple[tuple[Drawn, ...], int]:
        """The charts beside a claim, or the number of the claim that has them."""
        wanted = self._wanted(claim)
        if wanted is None:
            return (), 0
        if wanted in self.drawn:
            return (), self.drawn[wanted]
        if len(self.drawn) >= MOST_DRAWN:
            return (), 0
        try:
            found = self._draw(*wanted)
        except ZichtError:  # nothing of that place is in the store, or not of that time
            return (), 0
        if found:
            self.drawn[wanted] = number
        return found, 0

    def _wanted(self, claim: Claim) -> tuple[str, datetime, datetime] | None:
        start, until = claim.time.start, claim.time.until
        detection, country = self.checking.detection, claim.place.country
        if detection is None or country is None or start is None or until is None:
            return None
        if until - start > _LONGEST:
            return None
        entity = f"country/{country}"
        if is_local(claim.place):
            measured = {one.series.entity for one in detection.assessments}
            own = measured_as(claim.place, measured)
            if own is None:  # the country's chart would not tell of it
                return None
            entity = own
        return entity, start - _MARGIN, until + _MARGIN

    def _draw(self, entity: str, start: datetime, until: datetime) -> tuple[Drawn, ...]:
        detection, facts, words = self.checking.detection, self.checking.facts, self.words
        if detection is None:
            return ()
        shown = shown_of(detection, facts, entity, words=words, start=start, until=until)
        panels = _best(shown.panels)
        self.sources += source_sentences(words, panels)
        window = Window(start, until)
        scene = Scene(words, window, shown.subject.local, top_of(panels))
        page = self.address(entity, start, until) if self.address else ""
        return tuple(
            Drawn(
                head=entity_name(words, entity, facts),
                measures=signal_title(words, one.signal.title),
                svg=percent_chart(
                    scene,
                    one,
                    key=own_key("r", entity, one.signal.name, str(start), str(until)),
                    description=description(words, shown.subject, [one], window),
                    height=_HEIGHT,
                ),
                page=page,
            )
            for one in panels
        )


def _best(panels: tuple[Panel, ...]) -> list[Panel]:
    """Of each plane the signal that tells best of outages, where it has any value."""
    found = []
    for plane in _PLANES:
        own = [one for one in panels if one.signal.plane == plane and one.percent]
        if own:
            found.append(min(own, key=lambda one: (coarseness(one.signal), one.signal.name)))
    return found


def checked_page(checking: Checking, *, words: Language | None = None) -> str:
    """A page of its own, which loads nothing from anywhere; by default in English."""
    words = words or language("en")
    return render_page(
        "checked.html",
        words,
        style=Markup(STYLE + checked_style()),  # noqa: S704 - our own style sheets
        served=False,
        **_values(checking, words, None),
    )


def checked_body(
    checking: Checking,
    words: Language,
    address: Callable[[str, datetime, datetime], str] | None = None,
) -> str:
    """The same within a page of the site: no style in it, and buttons of the form ``again``.

    ``address`` tells where the charts of a place and a time are found alone.
    """
    values = _values(checking, words, address, served=True)
    return render_page("checked_body.html", words, served=True, **values)


def _without_options(checked: CheckedReport) -> CheckedReport:
    """The report without options of the command line in its sentences: a page has fields."""
    replace = msgspec.structs.replace
    claims = [
        replace(
            claim,
            subclaims=tuple(
                replace(one, reason=_OPTION.sub("", one.reason)) for one in claim.subclaims
            ),
        )
        for claim in checked.claims
    ]
    notes = [replace(one, text=_OPTION.sub("", one.text)) for one in checked.notes]
    return replace(checked, claims=tuple(claims), notes=tuple(notes))


def _values(
    checking: Checking,
    words: Language,
    address: Callable[[str, datetime, datetime], str] | None,
    *,
    served: bool = False,
) -> dict[str, object]:
    checked = in_words(words, checking.checked)
    if served:
        checked = _without_options(checked)
    charts = _Charts(checking, words, address)
    items = [_item(charts, number, one) for number, one in enumerate(checked.claims, 1)]
    code = checked.language
    return {
        "checked": checked,
        "report": tamed(checked.report),
        "items": items,
        "nothing": nothing_found(words, checked),
        "sources": tuple(dict.fromkeys((*source_lines(words, checked.sources), *charts.sources))),
        "pieces": pieces(checked),
        "tally": _tally(checked, words),
        "notes": [one.text for one in checked.notes],
        "published": published_words(words, checked),
        "simulated": simulated_sentence(words),
        "read_as": words.locale.languages.get(code, code) if code else words.say("unknown"),
        "number": words.number,
        "count": words.count,
    }


def _item(charts: _Charts, number: int, claim: Claim) -> Item:
    words = charts.words
    drawn, drawn_at = charts.beside(number, claim)
    return Item(
        number=number,
        id=claim.id,
        type=type_word(words, claim.type),
        quote=tamed(claim.quote),
        about=about(words, claim),
        confirmed=confirmed_words(words, claim.confirmed_by) if claim.confirmed_by else "",
        verdict=verdict_word(words, claim.verdict) if claim.verdict else "",
        kind=_KINDS.get(claim.verdict or "", ""),
        citable=claim.verdict not in {None, "simulated"} and not charts.checking.checked.simulated,
        also=tuple(tamed(one.quote) for one in claim.also),
        parts=tuple(
            Part(
                text=one.text,
                verdict=verdict_word(words, one.verdict),
                kind=_KINDS[one.verdict],
                reason=one.reason,
                figures=one.figures,
            )
            for one in claim.subclaims
        ),
        charts=drawn,
        drawn_at=drawn_at,
    )


def _tally(checked: CheckedReport, words: Language) -> list[tuple[str, str, str]]:
    """How many claims have each verdict."""
    found = Counter(str(one.verdict) for one in checked.claims)
    return [
        (_KINDS[verdict], verdict_word(words, verdict), words.number(found[verdict]))
        for verdict in _KINDS
        if verdict in found
    ]


def pieces(checked: CheckedReport) -> list[Piece]:
    """The text in pieces, each of one claim or of none; headings that say the same are its too."""
    kinds = [_KINDS.get(one.verdict or "", "") for one in checked.claims]
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
        found.append(Piece(checked.text[start:end], number, quoted, kinds[number - 1]))
        place = end
    return [one for one in (*found, Piece(checked.text[place:], 0)) if one.text]


def checked_to_file(
    checking: Checking,
    path: Path,
    *,
    claim_id: str | None = None,
    code: str = "en",
    force: bool = False,
) -> str:
    """Write what was checked; gives the file's name.

    A page (``.html``), a card of one claim (``.md``, ``.png``), or a side file to fill in
    (``.toml``).

    Raises:
        UsageError: the ending is another one, the claim is missing or simulated, or a file is there
            already and not ``force``.
        InputError: the file cannot be written.
    """
    ending, words = path.suffix.lower(), language(code)
    checked = checking.checked
    if ending == ".html":
        data = checked_page(checking, words=words).encode()
    elif ending == ".toml":
        data = skeleton(checked.sha256, checked.claims).encode()
    elif ending in {".md", ".png"} and claim_id is None:
        raise UsageError(
            "A card is of one claim.", "Name it with --claim; `zicht check` shows ids."
        )
    elif ending == ".md":
        data = card(words, checked, str(claim_id)).encode()
    elif ending == ".png":
        data = render_png(card_picture(words, checked, str(claim_id)))
    else:
        raise UsageError(
            f"A checked report cannot be written as {path.name!r}.",
            "Name the file .html (a page), .md or .png (a card), or .toml (a side file).",
        )
    write_whole(path, data, force=force)
    return str(path)
