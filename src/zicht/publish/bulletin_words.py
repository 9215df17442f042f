"""The sentences of bulletins about classes and phases of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.wording import plane_word, stretch

if TYPE_CHECKING:
    from zicht.model.outage import Phase
    from zicht.publish.bulletin import Context
    from zicht.publish.language import Language

_WIDE = 10  # points of percent that one figure must not hide


def class_word(words: Language, event_class: str) -> str:
    """A class of event in few words."""
    return {
        "total": words.say("routes and packets down"),
        "control-plane": words.say("routes down"),
        "data-plane": words.say("packets below ordinary"),
        "routes-up-packets-dead": words.say("routes up, packets dead"),
        "filtered-access": words.say("filtered access"),
        "traffic-drop": words.say("use below ordinary"),
        "throttling": words.say("slowed down"),
        "platform-block": words.say("a service blocked"),
    }.get(event_class, words.say("kind unknown"))


def class_sentence(words: Language, event_class: str) -> str:
    """What a class of event means, in one sentence."""
    return {
        "total": words.say(
            "Routes to its networks were withdrawn, in part or all, and few answers came back."
        ),
        "control-plane": words.say("Routes to its networks were withdrawn."),
        "data-plane": words.say("Its networks answered far less than ordinary."),
        "routes-up-packets-dead": words.say(
            "The routes to its networks stayed in place, but packets no longer got through."
        ),
        "filtered-access": words.say(
            "Some services were in use, while most of its networks did not answer."
        ),
        "traffic-drop": words.say(
            "Its networks could be reached, but were used far less than ordinary."
        ),
        "throttling": words.say("Its networks could be reached, but much slower than ordinary."),
        "platform-block": words.say(
            "This tells of one service alone, and nothing of whether networks could be reached."
        ),
    }.get(event_class, words.say("The signals at hand do not tell what kind of outage it was."))


def _percent(words: Language, middle: float, extremes: tuple[float, float] | None) -> str:
    """The middle of a stretch, or its range where one figure would hide much."""
    if extremes is None or extremes[1] - extremes[0] < _WIDE:
        return words.percent(middle)
    low, high = extremes
    return words.say("{low} to {high}", low=words.percent(low), high=words.percent(high))


def phase_sentence(phase: Phase, context: Context) -> str:
    """When a phase was, what it was, and what each plane showed."""
    words = context.words
    if phase.end is None:
        when = words.say("From {start} UTC on", start=words.moment(phase.start))
    else:
        when = words.say("From {stretch} UTC", stretch=stretch(words, phase.start, phase.end))
    planes = []
    for plane in ("control", "data", "user"):
        state = phase.planes.get(plane)
        if state is None or state.connectivity_percent is None or state.signal is None:
            share = words.say("{plane} unknown", plane=plane_word(words, plane))
        else:
            share = words.say(
                "{plane} {percent} (\N{LEFT DOUBLE QUOTATION MARK}{signal}"
                "\N{RIGHT DOUBLE QUOTATION MARK})",
                plane=plane_word(words, plane),
                percent=_percent(words, state.connectivity_percent, state.range_percent),
                signal=context.signal(state.signal),
            )
        planes.append(share)
    sentence = class_sentence(words, phase.event_class)
    return f"{when}: {words.join(planes)}. {sentence}"
