"""What changed from one revision of an event to the next, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish.bulletin_words import class_word
from zicht.web.telling import middle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zicht.model.outage import Event
    from zicht.publish.language import Language
    from zicht.web.asked import Asked

MOST = 60
"""Revisions that are shown; of more, the first and the last ones."""


@dataclass(frozen=True)
class Revision:
    """One revision of an event.

    Attributes:
        number: 1 for the first.
        known_at: since when it was said.
        changes: what it says that the one before did not; sentences.
    """

    number: int
    known_at: datetime
    changes: tuple[str, ...]


def changes(asked: Asked, event: Event) -> tuple[list[Revision], int]:
    """The revisions of an event up to the time asked for, and how many are left out."""
    stored = [
        one
        for one in asked.desk.store.event_revisions(event.id)
        if asked.as_of is None or one.known_at <= asked.as_of
    ]
    found: list[Revision] = []
    before: Event | None = None
    for one in stored:
        said = tuple(_changes(asked.words, before, one.record))
        found.append(Revision(one.revision, one.known_at, said))
        before = one.record
    if len(found) <= MOST:
        return found, 0
    half = MOST // 2
    return [*found[:half], *found[-half:]], len(found) - MOST


def _changes(words: Language, before: Event | None, after: Event) -> Iterator[str]:
    if before is None:
        yield words.say(
            "First said: {kind}, to {percent} of ordinary.",
            kind=class_word(words, after.event_class),
            percent=words.percent(after.depth_percent),
        )
        return
    if after.retracted != before.retracted:
        yield words.say("Taken back.") if after.retracted else words.say("Said again.")
    if after.event_class != before.event_class:
        yield words.say("Kind: {kind}.", kind=class_word(words, after.event_class))
    if after.depth_percent != before.depth_percent:
        yield words.say(
            "Lowest: {before}, now {after}.",
            before=words.percent(before.depth_percent),
            after=words.percent(after.depth_percent),
        )
    if after.level != before.level:
        yield words.say("Now an alert.") if after.level == "alert" else words.say("Now a notice.")
    yield from _changed_times(words, before, after)
    yield from _changed_counts(words, before, after)


def _changed_times(words: Language, before: Event, after: Event) -> Iterator[str]:
    if after.onset != before.onset:
        yield words.say("Begin: now {time} UTC.", time=words.short_moment(middle(after.onset)))
    if after.end is not None and after.end != before.end:
        yield words.say("End: {time} UTC.", time=words.short_moment(middle(after.end)))
    if after.end is None and before.end is not None:
        yield words.say("The end is taken back.")


def _changed_counts(words: Language, before: Event, after: Event) -> Iterator[str]:
    if len(after.operators) != len(before.operators):
        yield words.count("{n} operator.", "{n} operators.", len(after.operators))
    if len(after.restorations) != len(before.restorations):
        yield words.count(
            "{n} window in which it came back.",
            "{n} windows in which it came back.",
            len(after.restorations),
        )
