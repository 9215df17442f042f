"""The parts of claims, their verdicts, reasons and figures, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.model.entity import EntityFact
from zicht.publish.claim_words import precision_word, scope_word
from zicht.publish.letters import tame
from zicht.publish.wording import entity_name, kind_word, signal_title

if TYPE_CHECKING:
    from zicht.model.claim import Measured, SubClaim
    from zicht.publish.language import Language

_UNMEASURED_SCOPES = ("voice", "sms")


def verdict_word(words: Language, verdict: str | None) -> str:
    """A verdict, or that there is none."""
    return {
        "supported": words.say("supported"),
        "contradicted": words.say("contradicted"),
        "insufficient data": words.say("insufficient data"),
        "not measurable": words.say("not measurable"),
        "simulated": words.say("simulated"),
    }.get(verdict or "", words.say("not checked"))


def part_words(words: Language, part: SubClaim) -> str:
    """What is checked."""
    values = part.values
    place, what = _place(words, values), _what(words, values)
    left = _percent(words, values.get("left_percent"))
    services = words.join(_names(values.get("services"))) or words.say("the services named")
    days = words.number(_number(values.get("days")))
    sentences = {
        "down": words.say("{what}: down to {percent} of ordinary or less", what=what, percent=left)
        if left
        else words.say("{what}: down", what=what),
        "down-again": words.count(
            "{what}: down {n} time within {days} days, and up in between",
            "{what}: down {n} times within {days} days, and up in between",
            int(_number(values.get("times"))),
            what=what,
            days=days,
        ),
        "back": words.say("{what}: back", what=what),
        "ordinary": words.say("{what}: as ordinary", what=what),
        "slowed": words.say(
            "{what}: slowed to {percent} of ordinary speed or less", what=what, percent=left
        )
        if left
        else words.say("{what}: slowed", what=what),
        "unreachable": words.say(
            "{place}: {services} could not be reached", place=place, services=services
        ),
        "service-slowed": words.say("{place}: {services} slowed", place=place, services=services),
        "calls-affected": words.say("{place}: calls were affected", place=place),
        "messages-affected": words.say("{place}: text messages were affected", place=place),
        "ordered": words.say("what was ordered"),
        "to-come": words.say("what is to come"),
        "rumoured": words.say("what is rumoured"),
        "who-or-why": words.say("who did it, or why"),
    }
    return sentences.get(part.code, part.code)


def reason_words(words: Language, part: SubClaim) -> str:
    """Why a part has its verdict, with the thresholds."""
    reason = _reasons(words, part.values).get(part.reason_code, part.reason_code)
    if part.simulated_verdict is None:
        return reason
    return words.say(
        "The data are simulated and confirm nothing. On them: {verdict}. {reason}",
        verdict=verdict_word(words, part.simulated_verdict),
        reason=reason,
    )


def figure_words(words: Language, one: Measured) -> str:
    """What a series showed: *lowest 4 % of ordinary at 18:10; back at 71 %; down again*."""
    fact = EntityFact(entity=one.entity, name=one.name)
    place = entity_name(words, one.entity, {one.entity: fact})
    lowest = words.say("unknown")
    if one.lowest_percent is not None:
        lowest = words.percent(one.lowest_percent)
    if one.lowest_at is None:
        text = words.say(
            "{signal}, {place}: lowest {percent} of ordinary",
            signal=one.signal,
            place=place,
            percent=lowest,
        )
    else:
        text = words.say(
            "{title} ({signal}), {place}: lowest {percent} of ordinary, on {moment} UTC",
            title=signal_title(words, one.title),
            signal=one.signal,
            place=place,
            percent=lowest,
            moment=words.moment(one.lowest_at),
        )
    parts = [text]
    downs = 0
    for spell in one.spells:
        if spell.down:
            downs += 1
            if downs > 1:
                parts.append(words.say("down again"))
        elif downs:
            parts.append(
                words.say(
                    "back at {percent} from {start} to {end}",
                    percent=words.percent(spell.percent),
                    start=words.short_moment(spell.start),
                    end=words.short_moment(spell.until),
                )
            )
    if one.event:
        parts.append(words.say("event {id}", id=one.event))
    if one.seen_percent is not None:
        seen = words.percent(one.seen_percent)
        parts.append(words.say("{percent} of the time seen", percent=seen))
    return " · ".join(parts)


def _place(words: Language, values: dict[str, Any]) -> str:
    if values.get("entity") is None:
        return words.say("an unknown place")
    if values.get("name"):
        return tame(str(values["name"]))
    return entity_name(words, str(values["entity"]), {})


def _what(words: Language, values: dict[str, Any]) -> str:
    place = _place(words, values)
    if operators := _names(values.get("operators_named")):
        named = words.join([entity_name(words, one, {}) for one in operators])
        return words.say("{name} ({place})", name=named, place=place)
    scopes = [one for one in _names(values.get("scope")) if one not in _UNMEASURED_SCOPES]
    if "all" in scopes or not scopes:
        return place
    named = words.join([scope_word(words, one) for one in scopes])
    return words.say("{place}, {scope}", place=place, scope=named)


def _reasons(words: Language, values: dict[str, Any]) -> dict[str, str]:
    return {
        **_never(words),
        **_lacking(words, values),
        **_shown(words, values),
        **_silent(words, values),
    }


def _never(words: Language) -> dict[str, str]:
    return {
        "calls-not-measured": words.say("Calls are not measured."),
        "messages-not-measured": words.say("Text messages are not measured."),
        "orders-not-measured": words.say("What was ordered is not measured, only what followed."),
        "plans-not-measured": words.say("What is to come is not measured."),
        "rumours-not-checked": words.say(
            "A rumour is not checked; what it is about may be claimed elsewhere."
        ),
        "nobody-can-measure": words.say("Nobody can measure who did it, or why."),
        "speed-of-services-not-measured": words.say(
            "How fast one service is, is not measured; tests tell only whether it can be reached."
        ),
        "tests-tell-no-speed": words.say(
            "Tests of that service tell whether it can be reached, and not how fast it is."
        ),
    }


def _lacking(words: Language, values: dict[str, Any]) -> dict[str, str]:
    place = _place(words, values)
    operators = words.join([entity_name(words, one, {}) for one in _names(values.get("operators"))])
    kinds = words.join([kind_word(words, one) for one in _names(values.get("kinds"))])
    return {
        "place-unknown": words.say("The text does not tell of what country."),
        "day-unknown": words.say(
            "The day is not known. Say when the report was published (--published)."
        ),
        "time-too-long": words.say(
            "The time is only known within a stretch of days: {n}.",
            n=words.number(_number(values.get("days"))),
        ),
        "time-vague": words.say(
            "The time is known too vaguely: {precision}.",
            precision=precision_word(words, str(values.get("precision"))),
        ),
        "no-value": words.say("No series has a value in that time."),
        "no-series": words.say("Of {place} there is no series here.", place=place),
        "no-series-of-operators": words.say(
            "There is no series here of {operators}.", operators=operators
        ),
        "no-operator-of-kind": words.say(
            "No operator that is {kinds} alone is measured here.", kinds=kinds
        ),
        "services-alone": words.say(
            "Only services are named, and series of connectivity tell nothing of these."
        ),
        "place-not-measured": words.say(
            "{place} by itself is not measured here; its country as a whole tells little of it.",
            place=place,
        ),
        "no-operator-of-place": words.say(
            "Operators are measured as a whole, and not in {place} by itself.", place=place
        ),
        "no-speed": words.say(
            "Slowness shows in speeds, and none was measured here of {place} in that time.",
            place=place,
        ),
        "no-speed-of-operators": words.say(
            "Slowness shows in speeds, and none was measured here of {operators}.",
            operators=operators,
        ),
        "no-speed-of-kind": words.say(
            "Slowness shows in speeds, and none was measured here of an operator that is {kinds}"
            " alone.",
            kinds=kinds,
        ),
        "no-speed-of-place": words.say(
            "Slowness shows in speeds, and none was measured here of {place} by itself.",
            place=place,
        ),
        "no-test": words.say("No test of that service in that time is in the store."),
    }


def _shown(words: Language, values: dict[str, Any]) -> dict[str, str]:
    signal, left = _series(words, values), _percent(words, values.get("left_percent"))
    belief = words.percent(100 * _number(values.get("belief")))
    return {
        "was-down": words.say(
            "{signal} was at most {percent} of ordinary, with a belief of {belief} and more.",
            signal=signal,
            percent=left,
            belief=belief,
        )
        if left
        else words.say(
            "{signal} was below ordinary, with a belief of {belief} and more.",
            signal=signal,
            belief=belief,
        ),
        "speed-below": words.say(
            "{signal} was at most {percent} of ordinary speed, with a belief of {belief} and more;"
            " congestion slows too.",
            signal=signal,
            percent=left,
            belief=belief,
        )
        if left
        else words.say(
            "{signal} was below ordinary speed, with a belief of {belief} and more; congestion"
            " slows too.",
            signal=signal,
            belief=belief,
        ),
        "times-down": words.count(
            "{signal} was surely down {n} time, with connectivity in between.",
            "{signal} was surely down {n} times, with connectivity in between.",
            int(_number(values.get("times_down"))),
            signal=signal,
        ),
        "came-back": words.say(
            "{signal} rose to {percent} of ordinary or more after an outage.",
            signal=signal,
            percent=_percent(words, values.get("back_percent")),
        ),
        "down-throughout": words.say("{signal} was surely down all the time.", signal=signal),
        "no-return": words.say("No series surely came back in that time."),
        "tests-failed": words.say("Tests of that service failed."),
        "cut-while-fast": words.say(
            "Speeds stayed ordinary, but {signal} was surely down.", signal=signal
        ),
    }


def _silent(words: Language, values: dict[str, Any]) -> dict[str, str]:
    given = {
        "signal": _series(words, values),
        "depth": _percent(words, values.get("depth_percent")),
        "chance": words.number(_number(values.get("chance")), 3),
        "asked": words.number(_number(values.get("chance_asked")), 3),
        "seen": _percent(words, values.get("seen_percent")),
        "seen_asked": _percent(words, values.get("seen_percent_asked")),
    }
    return {
        "some-operators": words.say(
            "Of {seen} operators that were seen, {shown} surely showed it.",
            seen=words.number(_number(values.get("operators_seen"))),
            shown=words.number(_number(values.get("operators_showing"))),
        ),
        "routes-alone": words.say(
            "Only routes were seen, and routes may stay while nothing comes through."
        ),
        "never-shown": words.say(
            "{signal} never showed it. It would have shown {depth} of ordinary with a chance of"
            " {chance} ({asked} is asked for), and {seen} of the time was seen ({seen_asked} is"
            " asked for).",
            **given,
        ),
        "not-shown": words.say(
            "No series surely showed it. {signal} would have shown {depth} of ordinary with a"
            " chance of {chance} ({asked} is asked for), and {seen} of the time was seen"
            " ({seen_asked} is asked for).",
            **given,
        ),
    }


def _series(words: Language, values: dict[str, Any]) -> str:
    """The series of a reason: its signal, and what it is of where the claim says another."""
    signal, entity = str(values.get("signal")), values.get("series_entity")
    if entity is None or entity == values.get("entity"):
        return signal
    return words.say("{name} ({place})", name=signal, place=entity_name(words, str(entity), {}))


def _names(value: object) -> list[str]:
    return [tame(one) for one in value] if isinstance(value, tuple | list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _percent(words: Language, value: object) -> str:
    return words.percent(float(value)) if isinstance(value, int | float) else ""
