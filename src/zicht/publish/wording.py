"""Words that charts and bulletins share: planes, kinds of operators, steps, intervals of time."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.model.entity import parse_entity
from zicht.publish.letters import tame

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from zicht.model.entity import EntityFact
    from zicht.model.outage import Interval
    from zicht.publish.chart_data import LocalTime
    from zicht.publish.language import Language


def plane_word(words: Language, plane: str) -> str:
    """What a plane shows, for people."""
    return {
        "control": words.say("routes"),
        "data": words.say("packets"),
        "user": words.say("use"),
    }.get(plane, plane)


def kind_word(words: Language, kind: str) -> str:
    """An operator's kind, for people."""
    return {
        "mobile": words.say("mobile"),
        "fixed": words.say("fixed"),
        "mixed": words.say("mobile and fixed"),
        "transit": words.say("transit"),
        "academic": words.say("academic"),
    }.get(kind, words.say("kind unknown"))


_REBUILT, _MADE_UP = " (reconstruction)", " (made up)"  # what the lab puts behind titles

KINDS = ("mobile", "fixed", "mixed", "transit", "academic", "unknown")
"""The kinds of operators, in the order in which they are shown."""


def signal_title(words: Language, title: str) -> str:
    """A signal's title in the language; one that the catalogue does not know stays as it is."""
    title = tame(title)
    if title.endswith(_REBUILT):
        rebuilt = words.translate(title.removesuffix(_REBUILT))
        return words.say("{title} (reconstruction)", title=rebuilt)
    if title.endswith(_MADE_UP):
        made_up = words.translate(title.removesuffix(_MADE_UP))
        return words.say("{title} (made up)", title=made_up)
    return words.translate(title)


def entity_name(words: Language, entity: str, facts: Mapping[str, EntityFact]) -> str:
    """What people call an entity: countries by the language's name, others by what sources say."""
    fact = facts.get(entity)
    name = tame(fact.name) if fact is not None and fact.name else ""
    try:
        parsed = parse_entity(entity)
    except ZichtError:
        return name or tame(entity)
    if parsed.type == "country" and parsed.country:
        return words.country(parsed.country)
    if parsed.asn is not None:
        number = f"AS{parsed.asn}"
        return name if name.startswith(number) else f"{number} {name}".strip()
    return name or parsed.code


def source_sentence(words: Language, citation: str, licence: str) -> str:
    """Where data come from, and under which licence."""
    named = tame(citation, 300)
    return words.say(
        "Source: {citation} Licence: {licence}.",
        citation=named if named.endswith((".", "!", "?")) else f"{named}.",
        licence=words.translate(tame(licence, 100)),
    )


def between(words: Language, interval: Interval, local: LocalTime) -> str:
    """An instant known as an interval, in UTC and in local time."""
    text = words.say("{interval} UTC", interval=_interval(words, interval, UTC))
    if local.place is None:
        return text
    clock = (
        _interval(words, interval, local.zone)
        if _crosses(interval, local.zone)
        else _clocks(words, interval, local.zone)
    )
    return words.say("{utc} ({local} in {place})", utc=text, local=clock, place=local.place)


def _crosses(interval: Interval, zone: tzinfo) -> bool:
    """Whether the local date is another one than UTC's."""
    return any(time.astimezone(zone).date() != time.astimezone(UTC).date() for time in interval)


def _interval(words: Language, interval: Interval, zone: tzinfo) -> str:
    first, last = interval
    if first == last:
        return words.say("on {moment}", moment=words.moment(first, zone))
    if _same_day(first, last, zone):
        return words.say(
            "on {day} between {first} and {last}",
            day=words.day(first, zone),
            first=words.clock(first, zone),
            last=words.clock(last, zone),
        )
    return words.say(
        "between {first} and {last}", first=words.moment(first, zone), last=words.moment(last, zone)
    )


def _clocks(words: Language, interval: Interval, zone: tzinfo) -> str:
    first, last = interval
    if first == last:
        return words.clock(first, zone)
    if _same_day(first, last, zone):
        return f"{words.clock(first, zone)}\N{EN DASH}{words.clock(last, zone)}"
    return _interval(words, interval, zone)


def stretch(words: Language, start: datetime, end: datetime) -> str:
    """A stretch of time in UTC: *16 November 2019 14:30 to 18:00*."""
    last = words.clock(end) if _same_day(start, end, UTC) else words.moment(end)
    return words.say("{start} to {end}", start=words.moment(start), end=last)


def _same_day(first: datetime, last: datetime, zone: tzinfo) -> bool:
    return first.astimezone(zone).date() == last.astimezone(zone).date()
