"""Notes of the reader's own in an address: a time and a text, ``mark=2022-01-05T10:30Z~Cut``.

They are shown as plain text, short, and few; they are kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.model.time import format_time, parse_time
from zicht.publish.inline.percent import MOST_MARKS, Mark
from zicht.publish.letters import tame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.web.asked import Asked

LONGEST = 60
"""Letters of a note."""

_SEPARATOR = "~"


def marks_of(texts: Sequence[str]) -> list[Mark]:
    """Read notes from their texts in an address.

    Raises:
        UsageError: one of them has no time, or there are too many.
    """
    if len(texts) > MOST_MARKS:
        raise UsageError(f"That are {len(texts)} marks.", f"Give at most {MOST_MARKS}.")
    marks = []
    for text in texts:
        time, separator, note = text[:500].partition(_SEPARATOR)
        if not separator:
            raise UsageError("A mark has no text.", "Write mark=2022-01-05T10:30Z~Text, in UTC.")
        marks.append(Mark(parse_time(time), tame(note, LONGEST)))
    return marks


def mark_texts(marks: Sequence[Mark]) -> list[str]:
    """Notes as they stand in an address."""
    return [f"{format_time(one.time)}{_SEPARATOR}{one.text}" for one in marks]


def marks_asked(asked: Asked) -> list[Mark]:
    """The notes of an address: ``mark``, ``mark2``, … and the one that the form adds.

    Raises:
        UsageError: one of them has no time, or there are too many.
    """
    given = asked.parameters
    names = ["mark", *(f"mark{number}" for number in range(2, MOST_MARKS + 1))]
    texts = [given[name] for name in names if given.get(name)]
    time, note = given.get("note_time", ""), given.get("note", "")
    if time and note:
        texts.append(f"{time}{_SEPARATOR}{note}")
    return marks_of(texts)
