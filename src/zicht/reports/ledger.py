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
    ledger: list[LedgerRow] = []
    for row, number in zip(rows, numbers, strict=True):
        code, to = _relation(row, number, ledger)
        ledger.append(
            msgspec.structs.replace(
                row,
                lineage=number,
                during_blackout=_dark(row, events, seen),
                relation_code=code,
                relation_row=to,
            )
        )
    return tuple(ledger)


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


def _relation(
    row: LedgerRow, lineage: int, before: Sequence[LedgerRow]
) -> tuple[RelationCode | None, int | None]:
    """How a row stands to the nearest earlier one that is of the same thing, and its number."""
    alike = [
        (number, one)
        for number, one in enumerate(before, 1)
        if one.kind == row.kind and one.place.country == row.place.country
    ]
    if not alike:
        return None, None
    for number, one in alike:
        if one.lineage == lineage and one.report != row.report:
            return "copied", number
    same_group = [item for item in alike if item[1].group == row.group]
    number, one = (same_group or alike)[-1]
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
