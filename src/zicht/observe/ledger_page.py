"""The ledger of reports as a table within a page; every letter of others is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.observe.checked_text import tamed
from zicht.publish.page import render_page
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import ClaimTime, LedgerRow
    from zicht.publish.language import Language


@dataclass(frozen=True)
class Row:
    """A row of the ledger, in words."""

    number: int
    report: str
    kind: str
    group: str
    figure: str
    place: str
    issuer: str
    time: str
    blackout: str
    is_dark: bool
    lineage: int
    relation: str
    quote: str


def ledger_body(rows: Sequence[LedgerRow], words: Language) -> str:
    """The ledger within a page of the site; there is no style in it."""
    shown = [_row(number, one, words) for number, one in enumerate(rows, 1)]
    return render_page("ledger_body.html", words, rows=shown, count=words.count)


def _row(number: int, row: LedgerRow, words: Language) -> Row:
    dark = {
        True: words.say("yes"),
        False: words.say("no"),
        None: words.say("nobody can tell"),
    }
    return Row(
        number=number,
        report=tamed(row.report),
        kind=words.translate(row.kind),
        group=words.translate(row.group),
        figure=figure_told(row, words),
        place=entity_name(words, row.place.entity, {}) if row.place.entity else "",
        issuer=tamed(row.issuer) or words.say("unknown"),
        time=_days(row.as_of, words),
        blackout=dark[row.during_blackout],
        is_dark=row.during_blackout is True,
        lineage=row.lineage,
        relation=words.translate(row.relation),
        quote=tamed(row.quote),
    )


def figure_told(row: LedgerRow, words: Language) -> str:
    """A value, or the range that the words allow; empty for a measure."""
    if row.value_low is None:
        return ""
    low = words.number(row.value_low)
    if row.value_high is None:
        return words.say("{n} or more", n=low)
    if row.value_low == row.value_high:
        return low
    return words.say("{low} to {high}", low=low, high=words.number(row.value_high))


def _days(time: ClaimTime, words: Language) -> str:
    if time.start is None or time.until is None:
        return words.say("unknown")
    return words.say(
        "between {first} and {last}",
        first=words.moment(time.start),
        last=words.moment(time.until),
    )
