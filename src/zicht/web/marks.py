"""Notes of the reader's own in an address: times and texts, ``mark=2022-01-05T10:30Z~Cut``.

Several are parted by ``|``. They are shown as plain text, short, and few; they are kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.model.time import format_time, parse_time
from zicht.publish.inline.percent import MOST_MARKS, Mark
from zicht.publish.letters import tame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 60
"""Letters of a note."""

LONGEST_ADDRESS = 1200
"""Letters of all notes in an address."""

_NOTE, _NEXT = "~", "|"


def read_marks(text: str) -> tuple[Mark, ...]:
    """Read notes as they stand in an address.

    Raises:
        UsageError: one of them has no time or no text, or there are too many.
    """
    if len(text) > LONGEST_ADDRESS:
        raise UsageError(f"The marks have {len(text)} letters.", f"Give at most {LONGEST_ADDRESS}.")
    texts = [one for one in text.split(_NEXT) if one.strip()]
    if len(texts) > MOST_MARKS:
        raise UsageError(f"There are {len(texts)} marks.", f"Give at most {MOST_MARKS}.")
    marks = []
    for one in texts:
        time, _, note = one.partition(_NOTE)
        shown = tame(note, LONGEST)
        if not shown:
            raise UsageError("A mark has no text.", "Write mark=2022-01-05T10:30Z~Text, in UTC.")
        marks.append(Mark(parse_time(time), shown))
    return tuple(marks)


def write_marks(marks: Sequence[Mark]) -> str:
    """Notes as they stand in an address; empty where there are none."""
    return _NEXT.join(
        f"{format_time(one.time)}{_NOTE}{one.text.replace(_NEXT, '/')}" for one in marks
    )


def marks_asked(given: Mapping[str, str]) -> tuple[Mark, ...]:
    """The notes of an address, and the one that the form adds (``note_time``, ``note``).

    Raises:
        UsageError: one of them has no time or no text, or there are too many.
    """
    text = given.get("mark", "")
    time, note = given.get("note_time", ""), given.get("note", "")
    if time and note:
        note = note[:LONGEST].replace(_NEXT, "/")
        text = f"{text}{_NEXT}{time}{_NOTE}{note}"
    return read_marks(text)
