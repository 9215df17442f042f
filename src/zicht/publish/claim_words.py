"""What was read out of a claim, in words: its type, scope, depth, time and who says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.publish.letters import tame
from zicht.publish.told_words import told
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from zicht.model.claim import Claim, ClaimTime, Place
    from zicht.publish.language import Language

_LONGEST = 200


def type_word(words: Language, claim_type: str) -> str:
    """What a claim says, in few words."""
    return {
        "shutdown": words.say("shutdown"),
        "restriction": words.say("restriction"),
        "restoration": words.say("restoration"),
        "service-block": words.say("service blocked"),
        "platform-outage": words.say("service failed"),
        "technical-outage": words.say("technical outage"),
        "order": words.say("order"),
        "plan": words.say("plan or threat"),
        "denial": words.say("denial"),
        "rumour": words.say("rumour"),
        "historical": words.say("long ago"),
        "cause": words.say("statement of cause"),
    }.get(claim_type, claim_type)


def scope_word(words: Language, scope: str) -> str:
    """What is affected."""
    return {
        "all": words.say("all connectivity"),
        "mobile": words.say("mobile data"),
        "fixed": words.say("fixed lines"),
        "voice": words.say("calls"),
        "sms": words.say("text messages"),
        "service": words.say("services"),
        "operators": words.say("named operators"),
    }.get(scope, scope)


def level_word(words: Language, level: str) -> str:
    """How bad it is said to be."""
    return {
        "all": words.say("in full"),
        "nearly all": words.say("almost in full"),
        "largely": words.say("largely"),
        "partly": words.say("partly"),
        "unstated": words.say("how bad is not said"),
    }.get(level, level)


def precision_word(words: Language, precision: str) -> str:
    """How exactly a time is known."""
    return {
        "minute": words.say("the minute"),
        "hour": words.say("the hour"),
        "part of day": words.say("the part of the day"),
        "day": words.say("the day"),
        "days": words.say("a few days"),
        "month": words.say("the month"),
        "year": words.say("the year"),
    }.get(precision, words.say("unknown"))


def place_words(words: Language, place: Place) -> str:
    """Where it is said to be: a country by the language's name, others as the report has them."""
    if place.entity is None:
        return words.say("place unknown")
    name = entity_name(words, place.entity, {})
    if place.name and place.country and place.entity.startswith("region/"):
        name = words.country(place.country)
    is_whole = place.inferred_from != "sentence: a town" and place.entity.startswith("country/")
    if is_whole or not place.name:
        return name
    return words.say("{name} ({place})", name=tame(place.name, _LONGEST), place=name)


def about(words: Language, claim: Claim) -> str:
    """What was read out of a claim, in one line."""
    parts = [
        type_word(words, claim.type),
        place_words(words, claim.place),
        " + ".join(scope_word(words, one) for one in claim.scope),
    ]
    if claim.service:
        parts.append(", ".join(_service(words, one) for one in claim.service))
    if claim.severity.level != "unstated":
        parts.append(level_word(words, claim.severity.level))
    if claim.percent is not None:
        parts.append(words.say("{percent} left", percent=words.percent(claim.percent)))
    parts.append(when(words, claim.time))
    if claim.repeated:
        parts.append(words.say("time no. {n}", n=words.number(claim.repeated)))
    source = tame(claim.source, _LONGEST) if claim.source else words.say("the report itself")
    parts.append(words.say("says: {source}", source=source))
    if claim.chain:
        chain = ", ".join(tame(one, _LONGEST) for one in claim.chain)
        parts.append(words.say("by way of {chain}", chain=chain))
    if claim.hedged:
        parts.append(words.say("with reservation"))
    return " · ".join(one for one in parts if one)


def _service(words: Language, service: str) -> str:
    return entity_name(words, service, {}) if service.startswith("asn/") else tame(service)


def when(words: Language, time: ClaimTime) -> str:
    """A time with how it was told."""
    how = told(words, time.inferred_from)
    if time.start is None:
        return words.say("time unknown ({how})", how=how)
    return words.say(
        "{interval} UTC ({how}; clock of {zone})",
        interval=span(words, time),
        how=how,
        zone=time.clock,
    )


def span(words: Language, time: ClaimTime) -> str:
    """The interval of a time in UTC, from and to."""
    if time.start is None:
        return words.say("unknown")
    start = words.moment(time.start)
    if time.until is None:
        return words.say("since {moment}", moment=start)
    same = time.start.date() == time.until.date()
    end = words.clock(time.until) if same else words.moment(time.until)
    return words.say("{start} to {end}", start=start, end=end)
