"""The words of an alert: one line, then a few, plain and without a verdict on who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.outage import APART
from zicht.publish.bulletin_words import class_sentence
from zicht.publish.letters import tame
from zicht.publish.wording import KINDS, between, entity_name, kind_word, signal_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zicht.model.alert import AlertKind
    from zicht.model.health import Sickness
    from zicht.model.outage import Event
    from zicht.publish.bulletin import Context
    from zicht.publish.language import Language

_MOST_NAMES = 10


def event_title(event: Event, kind: AlertKind, context: Context) -> str:
    """What happened, in one line."""
    words = context.words
    place = entity_name(words, event.entity, context.facts)
    percent = words.percent(event.depth_percent)
    if kind == "retracted":
        title = words.say("Retracted: the outage reported of {place}", place=place)
    elif event.event_class in APART:
        title = _title_apart(event, kind, words, place)
    elif event.end is not None:
        title = words.say(
            "{place}: the outage is over; it fell to {percent} of ordinary",
            place=place,
            percent=percent,
        )
    elif kind == "update":
        title = words.say("{place}, update: {percent} of ordinary", place=place, percent=percent)
    else:
        title = words.say(
            "{place}: connectivity fell to {percent} of ordinary", place=place, percent=percent
        )
    simulated = words.say("Simulated.")
    return f"{simulated} {title}" if event.simulated else title


def _title_apart(event: Event, kind: AlertKind, words: Language, place: str) -> str:
    """Of a service that is blocked, or connections that are slowed: nobody is cut off."""
    percent = words.percent(event.depth_percent)
    blocked = event.event_class == "platform-block"
    if event.end is not None:
        if blocked:
            return words.say("{place}: a service works again", place=place)
        return words.say("{place}: connections are as fast as before", place=place)
    if kind == "update":
        return words.say("{place}, update: {percent} of ordinary", place=place, percent=percent)
    if blocked:
        return words.say("{place}: signs that a service is blocked", place=place)
    return words.say(
        "{place}: connections slowed to {percent} of ordinary", place=place, percent=percent
    )


def event_text(event: Event, context: Context, *, name_operators: bool) -> str:
    """A few lines on an event as it is known.

    Args:
        event: the event.
        context: the language, the local clock, names and titles.
        name_operators: whether the operators that are down are named.
    """
    words = context.words
    if event.retracted:
        return words.say("Later data or a better method showed that there was no such outage.")
    lines = [
        words.say("Began {onset}.", onset=between(words, event.onset, context.local)),
        _end(event, context),
        class_sentence(words, event.event_class),
        words.say(
            "Measured by: {signals}.",
            signals=words.join(sorted({context.signal(one.signal) for one in event.sources})),
        ),
    ]
    if event.belief is not None:
        lines.append(
            words.say(
                "Probability that it is real: {percent}.", percent=words.percent(100 * event.belief)
            )
        )
    if name_operators:
        lines += _operators(event, context)
    lines.append(
        words.say(
            "This is a measurement; it does not say who or what caused it. Event {id}, revision"
            " {revision}.",
            id=tame(event.id),
            revision=event.revision,
        )
    )
    return "\n".join(lines)


def health_words(
    words: Language,
    source: str,
    sicknesses: Sequence[Sickness],
    titles: Mapping[str, str],
    countries: int = 0,
) -> tuple[str, str]:
    """Title and text of a message on a source that could not see.

    Args:
        words: the language.
        source: the source.
        sicknesses: what was found of its signals.
        titles: titles of signals, by name.
        countries: how many countries seemed to fall at once by it alone.
    """
    lines = [
        words.say(
            "{signal}: could not see from {start} UTC to {end} UTC: {reason}.",
            signal=signal_title(words, titles.get(one.signal, one.signal)),
            start=words.moment(one.start),
            end=words.moment(one.end),
            reason=tame(one.reason, 300),
        )
        for one in sicknesses
    ]
    if countries:
        lines.append(
            words.say(
                "{n} countries fall at the same time by this source alone, which says more about"
                " the source than about them. Their alerts are held; look at the source first.",
                n=words.number(countries),
            )
        )
    if not sicknesses:
        title = words.say("{source}: many countries seem to fall at once", source=source)
        return title, "\n".join(lines)
    lines.append(words.say("What it would have shown is unknown, and no outage."))
    return words.say("{source} could not see", source=source), "\n".join(lines)


def health_end_words(
    words: Language, source: str, since: datetime, until: datetime | None
) -> tuple[str, str]:
    """Title and text of a message on a source that sees again; without ``until`` it always did."""
    if until is None:
        text = words.say("Later data or a better method showed that it could see.")
    else:
        text = words.say(
            "It could not see from {start} UTC to {end} UTC.",
            start=words.moment(since),
            end=words.moment(until),
        )
    return words.say("{source} sees again", source=source), text


def _end(event: Event, context: Context) -> str:
    words = context.words
    if event.end is not None:
        return words.say("Ended {end}.", end=between(words, event.end, context.local))
    if event.ongoing:
        return words.say("It was still going on at {time} UTC.", time=words.moment(event.as_of))
    return words.say("Whether it has ended is not known.")


def _operators(event: Event, context: Context) -> list[str]:
    """A line for each kind of operator, so that mobile and fixed stay apart."""
    words = context.words
    lines = []
    for kind in KINDS:
        own = [one for one in event.operators if one.kind == kind]
        if own:
            names = [entity_name(words, one.entity, context.facts) for one in own[:_MOST_NAMES]]
            more = "" if len(own) == len(names) else f" (+{len(own) - len(names)})"
            listed = words.say(
                "Down, {kind}: {names}", kind=kind_word(words, kind), names=words.join(names)
            )
            lines.append(f"{listed}{more}.")
    return lines
