"""The ledger in words: which figure of whom, who says it, and how rows stand to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.claim_words import place_words, span
from zicht.publish.letters import tame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import LedgerRow
    from zicht.publish.language import Language

_LONGEST = 200


def ledger_table(
    words: Language, rows: Sequence[LedgerRow]
) -> tuple[tuple[str, ...], list[list[str]]]:
    """The heads of the columns, and the cells of each row."""
    heads = (
        words.say("row"),
        words.say("report"),
        words.say("kind"),
        words.say("group"),
        words.say("figure"),
        words.say("place"),
        words.say("issuer"),
        words.say("as of (UTC)"),
        words.say("in a blackout"),
        words.say("relation"),
    )
    dark = {
        True: words.say("yes"),
        False: words.say("no"),
        None: words.say("unknown"),
    }
    cells = [
        [
            words.number(number),
            tame(row.report),
            row_kind(words, row.kind),
            group_word(words, row.group),
            figure(words, row),
            place_words(words, row.place),
            tame(row.issuer, _LONGEST) if row.issuer else words.say("unknown"),
            span(words, row.as_of),
            dark[row.during_blackout],
            relation_words(words, row, rows),
        ]
        for number, row in enumerate(rows, 1)
    ]
    return heads, cells


def row_kind(words: Language, kind: str) -> str:
    """What a row counts, or which measure it tells."""
    return {
        "dead": words.say("dead"),
        "wounded": words.say("wounded"),
        "arrested": words.say("arrested"),
        "missing": words.say("missing"),
        "emergency": words.say("state of emergency"),
        "airport": words.say("airport"),
        "flights": words.say("flights"),
        "banks": words.say("banks"),
        "troops": words.say("troops"),
    }.get(kind, kind)


def group_word(words: Language, group: str) -> str:
    """Of whom, or whether a measure is in force."""
    return {
        "protesters": words.say("protesters"),
        "security forces": words.say("security forces"),
        "civilians": words.say("civilians"),
        "children": words.say("children"),
        "journalists": words.say("journalists"),
        "others": words.say("others"),
        "people": words.say("people"),
        "in force": words.say("in force"),
        "ended": words.say("ended"),
    }.get(group, words.say("unknown"))


def figure(words: Language, row: LedgerRow) -> str:
    """A value or a range."""
    if row.value_low is None:
        return "-"
    low = words.number(row.value_low)
    if row.value_high is None:
        return words.say("{low} or more", low=low)
    if row.value_low == row.value_high:
        return low
    return words.say("{low} to {high}", low=low, high=words.number(row.value_high))


def relation_words(words: Language, row: LedgerRow, rows: Sequence[LedgerRow]) -> str:
    """How a row stands to an earlier one of the rows; empty: to none."""
    if row.relation_code is None or row.relation_row is None:
        return ""
    other = rows[row.relation_row - 1]
    n = words.number(row.relation_row)
    return {
        "copied": words.say("copied: counts once with row {row}", row=n),
        "same": words.say("same as row {row}", row=n),
        "within-range": words.say("within the range of row {row}", row=n),
        "update": words.say("update of row {row}", row=n),
        "differs-in-scope": words.say(
            "differs in scope from row {row} ({group}, {other})",
            row=n,
            group=group_word(words, row.group),
            other=group_word(words, other.group),
        ),
        "differs": words.say("differs from row {row}, issuer unknown", row=n),
        "conflict": words.say("conflict with row {row}", row=n),
    }.get(row.relation_code, row.relation_code)
