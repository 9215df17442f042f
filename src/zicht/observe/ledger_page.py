"""The ledger of reports as a table within a page; every letter of others is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish.checked_text import tamed
from zicht.publish.claim_words import place_words, span
from zicht.publish.ledger_words import figure, group_word, relation_words, row_kind
from zicht.publish.page import render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import LedgerRow
    from zicht.publish.language import Language


@dataclass(frozen=True)
class Row:
    """A row of the ledger, in words."""

    number: str
    report: str
    kind: str
    group: str
    figure: str
    place: str
    issuer: str
    time: str
    blackout: str
    is_dark: bool
    lineage: str
    relation: str
    quote: str


def ledger_body(rows: Sequence[LedgerRow], words: Language) -> str:
    """The ledger within a page of the site; there is no style in it."""
    shown = [_row(number, one, rows, words) for number, one in enumerate(rows, 1)]
    return render_page("ledger_body.html", words, rows=shown, count=words.count)


def _row(number: int, row: LedgerRow, rows: Sequence[LedgerRow], words: Language) -> Row:
    dark = {True: words.say("yes"), False: words.say("no"), None: words.say("unknown")}
    return Row(
        number=words.number(number),
        report=tamed(row.report),
        kind=row_kind(words, row.kind),
        group=group_word(words, row.group),
        figure=figure(words, row) if row.value_low is not None else "",
        place=place_words(words, row.place),
        issuer=tamed(row.issuer) or words.say("unknown"),
        time=span(words, row.as_of),
        blackout=dark[row.during_blackout],
        is_dark=row.during_blackout is True,
        lineage=words.number(row.lineage),
        relation=relation_words(words, row, rows),
        quote=tamed(row.quote),
    )
