"""The ledger of several reports, with what was measured while their figures were given."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from zicht.model.entity import parse_entity
from zicht.observe.checking import dated, notes_on_date
from zicht.publish.language import language as language_of
from zicht.publish.ledger_words import relation_words
from zicht.reports.ledger import make_ledger
from zicht.reports.reading import read_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.model.claim import LedgerRow, Note, Published
    from zicht.reports.reading import Kind
    from zicht.store import Store


def ledger(
    store: Store | None,
    reports: Sequence[tuple[bytes, str]],
    *,
    kinds: Sequence[Kind | None] = (),
    published: Published | None = None,
    language: str | None = None,
    as_of: datetime | None = None,
    tell: Callable[[str, Note], None] | None = None,
) -> tuple[LedgerRow, ...]:
    """Lay out which figure and measure is in which report, and who says it.

    Args:
        store: the store, to flag what is dated within a measured blackout; ``None``: flag nothing.
        reports: bytes and name of each.
        kinds: what each is: plain text, Markdown or HTML; by default their names and bytes tell.
        published: when they were published, where they do not say.
        language: their language's code, else it is found.
        as_of: take only what was known then.
        tell: is told the name of each report with what a reader should know of how it was read.

    Raises:
        InputError: one is no text, or too large.
        StoreError: the store cannot be read.
    """
    read = []
    for (data, name), kind in zip_longest(reports, kinds):
        one = read_report(data, name=name, kind=kind, language=language)
        if one.published is None and published is not None:
            one = read_report(data, name=name, kind=kind, language=language, published=published)
        one = dated(store, one, as_of)
        if tell is not None:
            for note in (*one.notes, *notes_on_date(one)):
                tell(name, note)
        read.append(one)
    if store is None:
        return _in_words(make_ledger(read))
    seen = {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict
    seen |= {f"country/{parse_entity(one).country}" for one in seen}
    return _in_words(make_ledger(read, store.events(as_of=as_of), frozenset(seen)))


def _in_words(rows: tuple[LedgerRow, ...]) -> tuple[LedgerRow, ...]:
    words = language_of("en")
    return tuple(
        msgspec.structs.replace(row, relation=relation_words(words, row, rows)) for row in rows
    )
