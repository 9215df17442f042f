"""How events are told on several pages: their name, when they were, how deep, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from zicht.observe.pictures import local_time
from zicht.publish.bulletin import Context, bulletin_title
from zicht.publish.bulletin_words import class_word
from zicht.publish.wording import between, entity_name

if TYPE_CHECKING:
    from datetime import datetime, timedelta, tzinfo

    from zicht.model.outage import Event, Interval
    from zicht.publish.chart_data import LocalTime
    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.view import View


@dataclass(frozen=True)
class Told:
    """An event in words.

    Attributes:
        event: the event.
        place: what the language calls its entity.
        title: what happened, as one statement.
        kind: its class in few words.
        state: ``going on``, ``ended`` or ``not known``, to choose a mark by.
        began: when, in UTC and local time.
        ended: likewise, or a word on why there is none.
        lasted: how long, or so far; ``None`` where that is not known.
    """

    event: Event
    place: str
    title: str
    kind: str
    state: str
    began: str
    ended: str
    lasted: str | None


def told(asked: Asked, event: Event) -> Told:
    """An event in the reader's language."""
    words, view = asked.words, asked.view
    local = local_time(words, event.entity, view.facts)
    place = entity_name(words, event.entity, view.facts)
    return Told(
        event=event,
        place=place,
        title=bulletin_title(event, words, place),
        kind=class_word(words, event.event_class),
        state="ended" if event.end else "going on" if event.ongoing else "not known",
        began=between(words, event.onset, local),
        ended=_ended(words, event, local),
        lasted=_lasted(words, event),
    )


def _ended(words: Language, event: Event, local: LocalTime) -> str:
    if event.end is not None:
        return between(words, event.end, local)
    return words.say("still going on") if event.ongoing else words.say("not known")


def _lasted(words: Language, event: Event) -> str | None:
    if event.end is not None:
        return words.duration(middle(event.end) - middle(event.onset))
    if event.ongoing and event.as_of > middle(event.onset):
        return words.duration(event.as_of - middle(event.onset))
    return None


def short(words: Language, interval: Interval, zone: tzinfo = UTC) -> str:
    """An instant known as an interval, in few letters for tables: *5 Jan 10:40 to 11:05*."""
    first, last = interval
    begin = words.short_moment(first, zone)
    if first == last:
        return begin
    if first.astimezone(zone).date() == last.astimezone(zone).date():
        return f"{begin}\N{EN DASH}{words.clock(last, zone)}"
    return f"{begin} \N{EN DASH} {words.short_moment(last, zone)}"


def middle(interval: Interval) -> datetime:
    """The middle of an instant that is known as an interval."""
    half: timedelta = (interval[1] - interval[0]) / 2
    return interval[0] + half


def context_of(asked: Asked, entity: str) -> Context:
    """What sentences about an entity need."""
    view: View = asked.view
    titles = {name: signal.title for name, signal in view.signals.items()}
    return Context(asked.words, local_time(asked.words, entity, view.facts), view.facts, titles)
