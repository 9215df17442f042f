"""The sentences of bulletins about classes and phases of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.wording import plane_word

if TYPE_CHECKING:
    from zicht.model.outage import Phase
    from zicht.publish.bulletin import Context
    from zicht.publish.language import Language


def class_sentence(words: Language, event_class: str) -> str:
    """What a class of event means, in one sentence."""
    match event_class:
        case "total":
            return words.say("Both the routes to its networks and the answers from them were lost.")
        case "control-plane":
            return words.say(
                "The routes to its networks were withdrawn; whether packets got through could not"
                " be seen."
            )
        case "data-plane":
            return words.say(
                "Its networks stopped answering; whether the routes to them stayed could not be"
                " seen."
            )
        case "routes-up-packets-dead":
            return words.say(
                "The routes to its networks stayed in place, but packets no longer got through."
            )
        case "filtered-access":
            return words.say(
                "Some services were in use again, while most of its networks did not answer."
            )
        case "traffic-drop":
            return words.say("Its networks could be reached, but were used far less than ordinary.")
        case "throttling":
            return words.say("Its networks could be reached, but much slower than ordinary.")
        case "platform-block":
            return words.say("Its networks could be reached; particular services could not.")
        case _:
            return words.say("The signals at hand do not tell what kind of outage it was.")


def phase_sentence(phase: Phase, context: Context) -> str:
    """When a phase was, what it was, and what each plane showed."""
    words = context.words
    if phase.end is None:
        when = words.say("From {start} UTC on", start=words.moment(phase.start))
    else:
        when = words.say(
            "From {start} to {end} UTC",
            start=words.moment(phase.start),
            end=words.moment(phase.end),
        )
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
                percent=words.percent(state.connectivity_percent),
                signal=context.signal(state.signal),
            )
        planes.append(share)
    sentence = class_sentence(words, phase.event_class)
    return f"{when}: {words.join(planes)}. {sentence}"
