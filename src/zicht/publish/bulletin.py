"""Bulletins: the text that a monitor would publish of an event, in plain sentences.

The words state what was measured. They never say who did something, and never turn what is unknown
into a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from zicht.model.time import format_time
from zicht.publish.bulletin_doubts import doubts
from zicht.publish.bulletin_words import class_sentence, phase_sentence
from zicht.publish.letters import tame
from zicht.publish.likelihood_words import likelihood_sentence, sides
from zicht.publish.wording import KINDS, between, entity_name, kind_word, signal_title, stretch
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event, Interval, Operator
    from zicht.publish.chart_data import LocalTime, Panel
    from zicht.publish.language import Language


@dataclass(frozen=True)
class Section:
    """A part of a bulletin: its heading, then paragraphs, then a list; all plain text."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bulletin:
    """The text about an event, plain and not yet escaped for any format.

    Attributes:
        title: what happened, as one statement.
        simulated: whether it is of the lab and no measurement.
        lead: the paragraphs that stand first.
        sections: the parts that follow.
        edition: which revision this is, and what was known.
    """

    title: str
    simulated: bool
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    edition: str


@dataclass(frozen=True)
class Context:
    """What a bulletin needs beside the event.

    Attributes:
        words: the language.
        local: the clock of the place.
        facts: what is known of entities, by their text.
        titles: the titles of the signals, by their names.
    """

    words: Language
    local: LocalTime
    facts: Mapping[str, EntityFact]
    titles: Mapping[str, str]

    def signal(self, name: str) -> str:
        """A signal's title in the language, or its name where it has none."""
        return signal_title(self.words, self.titles.get(name, "")) or tame(name)


class Shown(Protocol):
    """What a chart shows; it need not be drawn."""

    @property
    def panels(self) -> Sequence[Panel]:
        """The signals of the entity."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether any of it is of the lab and no measurement."""
        ...


def write_bulletin(event: Event, context: Context, chart: Shown) -> Bulletin:
    """Write the bulletin of an event; ``chart`` tells where nothing could be seen."""
    words = context.words
    place = entity_name(words, event.entity, context.facts)
    sections = [
        _course(event, context),
        *_operators(event, context),
        *_restorations(event, context),
        *_likelihood(event, context),
        Section(words.say("What is not known"), items=tuple(doubts(event, context, chart.panels))),
        _sources(event, context),
    ]
    return Bulletin(
        title=bulletin_title(event, words, place),
        simulated=event.simulated or chart.simulated,
        lead=_lead(event, context, place),
        sections=tuple(sections),
        edition=words.say(
            "Revision {revision}, with data up to {time} UTC.",
            revision=event.revision,
            time=words.moment(event.as_of),
        ),
    )


def bulletin_title(event: Event, words: Language, place: str) -> str:
    """What happened, as one statement; ``place`` is what the language calls the entity."""
    percent = words.percent(event.depth_percent)
    if event.retracted:
        return words.say("Retracted: the outage reported of {place}", place=place)
    if event.event_class == "routes-up-packets-dead":
        return words.say(
            "{place} fell to {percent} of ordinary while its routes stayed up",
            place=place,
            percent=percent,
        )
    if event.event_class == "platform-block":
        return words.say("{place}: signs that a service is blocked", place=place)
    if event.event_class == "throttling":
        return words.say(
            "{place}: connections slowed to {percent} of ordinary", place=place, percent=percent
        )
    return words.say(
        "{place} fell to {percent} of ordinary connectivity", place=place, percent=percent
    )


def _lead(event: Event, context: Context, place: str) -> tuple[str, ...]:
    words = context.words
    percent, signal = words.percent(event.depth_percent), context.signal(event.depth_signal)
    onset = between(words, event.onset, context.local)
    if event.event_class == "platform-block":
        what = words.say(
            "In {place}, \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK} fell"
            " to {percent} of what is ordinary. An anomaly is a sign of interference, no proof.",
            place=place,
            percent=percent,
            signal=signal,
        )
        began = words.say("It began {onset}.", onset=onset)
    elif event.event_class == "throttling":
        what = words.say(
            "In {place}, connections slowed to {percent} of what is ordinary, measured by"
            " \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK}."
            " Congestion slows them too.",
            place=place,
            percent=percent,
            signal=signal,
        )
        began = words.say("It began {onset}.", onset=onset)
    else:
        what = words.say(
            "Connectivity in {place} fell to {percent} of what is ordinary,"
            " measured by \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK}.",
            place=place,
            percent=percent,
            signal=signal,
        )
        began = words.say("The outage began {onset}, by the first signal to show it.", onset=onset)
    lead = [f"{what} {began} {_end(event, context)}", class_sentence(words, event.event_class)]
    if event.retracted:
        lead.insert(
            0, words.say("Later data or a better method showed that there was no such outage.")
        )
    return tuple(lead)


def _end(event: Event, context: Context) -> str:
    words = context.words
    if event.end is not None:
        return words.say(
            "It ended {end}, after {duration}.",
            end=between(words, event.end, context.local),
            duration=words.duration(_middle(event.end) - _middle(event.onset)),
        )
    if event.ongoing:
        return words.say("It was still going on at {time} UTC.", time=words.moment(event.as_of))
    return words.say("Whether it has ended is not known.")


def _middle(interval: Interval) -> datetime:
    return interval[0] + (interval[1] - interval[0]) / 2


def _course(event: Event, context: Context) -> Section:
    items = tuple(phase_sentence(phase, context) for phase in event.phases)
    return Section(context.words.say("What was seen"), items=items)


def _operators(event: Event, context: Context) -> list[Section]:
    """A section for each kind of operator, so that no average hides one."""
    words = context.words
    sections = []
    for kind in KINDS:
        own = [one for one in event.operators if one.kind == kind]
        if own:
            heading = words.say("Operators: {kind}", kind=kind_word(words, kind))
            sections.append(Section(heading, items=tuple(_operator(one, context) for one in own)))
    return sections


def _operator(operator: Operator, context: Context) -> str:
    words = context.words
    name = entity_name(words, operator.entity, context.facts)
    if operator.name and operator.entity not in context.facts:
        name = f"{name} {tame(operator.name)}"
    end = (
        words.say("ended {end}", end=between(words, operator.end, context.local))
        if operator.end is not None
        else words.say("no end was seen")
    )
    return words.say(
        "{name}: to {percent} of ordinary by"
        " \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK};"
        " began {onset}; {end}.",
        name=name,
        percent=words.percent(operator.depth_percent),
        signal=context.signal(operator.signal),
        onset=between(words, operator.onset, context.local),
        end=end,
    )


def _restorations(event: Event, context: Context) -> list[Section]:
    if not event.restorations:
        return []
    words = context.words
    items = []
    for window in event.restorations:
        share = window.connectivity_percent
        items.append(
            words.say(
                "From {stretch} UTC: {share}, by"
                " \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK}.",
                stretch=stretch(words, window.start, window.end),
                share=words.say("{percent} of ordinary", percent=words.percent(share))
                if share is not None
                else words.say("how much is unknown"),
                signal=context.signal(window.signal),
            )
        )
    paragraph = words.count(
        "It went down again {n} time after it had come back.",
        "It went down again {n} times after it had come back.",
        event.recurrences,
    )
    paragraphs = (paragraph,) if event.recurrences else ()
    return [Section(words.say("When it came back"), paragraphs, tuple(items))]


def _likelihood(event: Event, context: Context) -> list[Section]:
    likelihood = event.shutdown_likelihood
    if likelihood is None or likelihood.at_onset is None:
        return []
    words = context.words
    told = sides(words, likelihood)
    items = [
        *(words.say("For: {evidence}", evidence=one) for one in told.evidence_for),
        *(words.say("Against: {evidence}", evidence=one) for one in told.evidence_against),
        *(words.say("Not weighed: {evidence}", evidence=one) for one in told.not_weighed),
    ]
    heading = words.say("Ordered, or a fault?")
    return [Section(heading, (likelihood_sentence(words, likelihood),), tuple(items))]


def _sources(event: Event, context: Context) -> Section:
    words = context.words
    items = []
    for source in event.sources:
        item = words.say(
            "{signal} ({name}): {citation}. Licence: {licence}.",
            signal=context.signal(source.signal),
            name=tame(source.signal),
            citation=tame(source.citation, 300).rstrip("."),
            licence=words.translate(tame(source.licence, 100)),
        )
        simulated = words.say("Simulated.")
        items.append(f"{item} {simulated}" if source.simulated else item)
    cite = words.say(
        "Cite as: Zicht {version}, event {id}, revision {revision}, data as of {as_of};"
        " and the sources above.",
        version=__version__,
        id=tame(event.id),
        revision=event.revision,
        as_of=format_time(event.as_of),
    )
    return Section(words.say("Sources, and how to cite"), (cite,), tuple(dict.fromkeys(items)))


def margins(event: Event) -> tuple[timedelta, timedelta]:
    """How much a bulletin's chart shows before the event, and after it."""
    last = event.end[1] if event.end else event.as_of
    length = max(last - event.onset[0], timedelta(hours=12))
    before = min(max(length / 2, timedelta(days=2)), timedelta(days=7))
    return before, min(max(length / 4, timedelta(days=1)), timedelta(days=4))
