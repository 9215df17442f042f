"""What a bulletin must say that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.time import from_microseconds, to_microseconds
from zicht.publish.wording import plane_word, signal_title, stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.outage import Event
    from zicht.publish.bulletin import Context
    from zicht.publish.chart_data import Panel, Span
    from zicht.publish.language import Language

_MOST_SPANS = 5
_PLANES = ("control", "data", "user")


def doubts(event: Event, context: Context, panels: Sequence[Panel]) -> Iterator[str]:
    """What the measurements of an event leave open, one sentence each."""
    words = context.words
    yield words.say("Who or what caused it: measurements of connectivity do not tell.")
    if event.shutdown_likelihood is None:
        yield words.say("Whether it was ordered: this was not assessed.")
    if event.end is None:
        yield (
            words.say("When it will end.")
            if event.ongoing
            else words.say("When it ended, or whether it has: the data do not tell.")
        )
    measured = {panel.signal.plane for panel in panels if panel.percent}
    for plane in _PLANES:
        if plane not in measured:
            yield words.say("{plane}: no signal of it was at hand.", plane=_capital(context, plane))
    for panel in panels:
        yield from _unseen(event, context, panel)
    unknown = [one for one in event.operators if one.kind == "unknown"]
    if unknown:
        yield words.count(
            "Whether {n} of the operators is mobile or fixed.",
            "Whether {n} of the operators are mobile or fixed.",
            len(unknown),
        )
    if not event.operators:
        yield words.say("Which operators were down: none was measured, or none stood out.")
    if "data" in measured:
        yield words.say(
            "Phones: most share their addresses with others and do not answer probes, so that"
            " mobile networks can hardly be observed that way."
        )


def _capital(context: Context, plane: str) -> str:
    word = plane_word(context.words, plane)
    return f"{word[0].upper()}{word[1:]}"


def _unseen(event: Event, context: Context, panel: Panel) -> Iterator[str]:
    words = context.words
    title = signal_title(words, panel.signal.title)
    gaps, sick = _within(event, panel.gaps), _within(event, panel.sick)
    if gaps:
        yield words.say(
            "What \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK} would have"
            " shown: there are no data for {stretches} UTC.",
            signal=title,
            stretches=_listed(words, gaps),
        )
    if sick:
        yield words.say(
            "What \N{LEFT DOUBLE QUOTATION MARK}{signal}\N{RIGHT DOUBLE QUOTATION MARK} would have"
            " shown: the source was sick and could not see, {stretches} UTC.",
            signal=title,
            stretches=_listed(words, sick),
        )


def _listed(words: Language, spans: Sequence[Span]) -> str:
    """The longest spans in the order of time, and how many shorter ones there are."""
    longest = sorted(spans, key=lambda span: span.start - span.end)[:_MOST_SPANS]
    texts = [
        stretch(words, from_microseconds(span.start), from_microseconds(span.end))
        for span in sorted(longest, key=lambda span: span.start)
    ]
    if more := len(spans) - len(longest):
        texts.append(words.count("{n} shorter stretch", "{n} shorter stretches", more))
    return words.join(texts)


def _within(event: Event, spans: Sequence[Span]) -> list[Span]:
    """The spans that touch the event; what was not seen before or after it is beside the point."""
    start = to_microseconds(event.onset[0])
    end = to_microseconds(event.end[1] if event.end else event.as_of)
    return [span for span in spans if span.end > start and span.start < end]
