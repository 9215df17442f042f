"""The ledger: who reported which figure. It displays, it never picks and never averages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.reports.figures import MEASURES, find_figures
from zicht.reports.lineage import lineages
from zicht.reports.tokens import find_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.model.claim import ClaimTime, LedgerRow, RelationCode
    from zicht.model.outage import Event
    from zicht.reports.reading import Report

    _Numbered = tuple[int, LedgerRow]

_VAGUE_GROUPS = frozenset({"people", "others"})


def make_ledger(
    reports: Sequence[Report], events: Sequence[Event] = (), seen: frozenset[str] = frozenset()
) -> tuple[LedgerRow, ...]:
    """The figures and measures of several reports, and how each stands to those before it.

    Args:
        reports: the reports.
        events: what was measured, to flag what is dated within a blackout.
        seen: entities that are measured: of others nobody can tell whether they were dark.
    """
    rows = [row for report in reports for row in find_figures(report)]
    numbers = lineages([find_words(row.quote).folded for row in rows])
    before = _Before()
    ledger: list[LedgerRow] = []
    for place, (row, number) in enumerate(zip(rows, numbers, strict=True), 1):
        row = msgspec.structs.replace(  # noqa: PLW2901 - the same, with its lineage
            row, lineage=number, during_blackout=_dark(row, events, seen)
        )
        code, to = _relation(row, before)
        ledger.append(msgspec.structs.replace(row, relation_code=code, relation_row=to))
        before.add(place, row)
    return tuple(ledger)


class _Before:
    """The rows of a ledger up to a row, found by what they are of.

    Attributes:
        last: the last row of a kind and country, and of a group in it.
        copied: of each lineage of them the first row, and the first of another report.
    """

    def __init__(self) -> None:
        self.last: dict[tuple[str | None, ...], _Numbered] = {}
        self.copied: dict[tuple[str | int | None, ...], list[_Numbered]] = {}

    def add(self, number: int, row: LedgerRow) -> None:
        about = row.kind, row.place.country
        self.last[about] = self.last[*about, row.group] = number, row
        found = self.copied.setdefault((*about, row.lineage), [])
        if not found or (len(found) == 1 and found[0][1].report != row.report):
            found.append((number, row))


def _dark(row: LedgerRow, events: Sequence[Event], seen: frozenset[str]) -> bool | None:
    """Whether a row is dated within a measured blackout; ``None`` where nobody can tell."""
    country = f"country/{row.place.country}"
    start, until = row.as_of.start, row.as_of.until
    if country not in seen or start is None or until is None:
        return None
    return any(
        one.entity == country
        and not one.retracted
        and one.event_class != "platform-block"
        and _overlap(one, start, until)
        for one in events
    )


def _overlap(event: Event, start: datetime, until: datetime) -> bool:
    last = event.end[1] if event.end else event.as_of
    return event.onset[0] < until and last > start


def _relation(row: LedgerRow, before: _Before) -> tuple[RelationCode | None, int | None]:
    """How a row stands to the nearest earlier one that is of the same thing, and its number."""
    about = row.kind, row.place.country
    if about not in before.last:
        return None, None
    for number, one in before.copied.get((*about, row.lineage), ()):
        if one.report != row.report:
            return "copied", number
    number, one = before.last.get((*about, row.group)) or before.last[about]
    if row.kind in MEASURES:
        return ("same" if one.group == row.group else "update"), number
    if one.group != row.group:
        return "differs-in-scope", number
    return _of_figures(row, one), number


def _of_figures(row: LedgerRow, one: LedgerRow) -> RelationCode:
    if (row.value_low, row.value_high) == (one.value_low, one.value_high):
        return "same"
    if _meet(row, one):
        return "within-range"
    unknown = row.issuer is None or one.issuer is None
    if _after(row.as_of, one.as_of) and (row.value_low or 0) > (one.value_low or 0):
        return "update"
    if unknown:
        return "differs"
    return "conflict"


def _meet(row: LedgerRow, one: LedgerRow) -> bool:
    """Whether both may be the same number."""
    low = max(row.value_low or 0, one.value_low or 0)
    highs = [high for high in (row.value_high, one.value_high) if high is not None]
    return not highs or low <= min(highs)


def _after(later: ClaimTime, earlier: ClaimTime) -> bool:
    """Whether one time is surely after another."""
    return later.start is not None and earlier.until is not None and later.start >= earlier.until
