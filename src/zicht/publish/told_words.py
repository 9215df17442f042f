"""How the time of a claim or of a report was told, in words.

Reading tells it in English, put together of a few sentences; they are taken apart here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.publish.language import Language

_GOES_ON = "no time is said; that of the statement before it: "
_SINCE = "since "
_CLOCK, _CLOCKS = ", a time of the clock", ", two times of the clock"
_ANY_DAY = re.compile(r"; published on any day of (.+)$")
_DAYS = re.compile(r" \((\d{4}-\d{2}-\d{2}(?: to \d{4}-\d{2}-\d{2})?)\)$")


def told(words: Language, inferred_from: str) -> str:
    """How a time was told, in the language; what is not known here stays as it is."""
    rest = inferred_from
    goes_on = rest.startswith(_GOES_ON)
    rest = rest.removeprefix(_GOES_ON)
    any_day = _ANY_DAY.search(rest)
    rest = _ANY_DAY.sub("", rest)
    clock = next((one for one in (_CLOCK, _CLOCKS) if rest.endswith(one)), "")
    rest = rest.removesuffix(clock)
    is_since = rest.startswith(_SINCE)
    rest = rest.removeprefix(_SINCE)
    days = _DAYS.search(rest)
    core = _sentences(words).get(_DAYS.sub("", rest))
    if core is None:
        return inferred_from
    if days is not None:
        core = words.say("{how} ({days})", how=core, days=_days(words, days[1]))
    if is_since:
        core = words.say("since {how}", how=core)
    if clock:
        core = (
            words.say("{how}, a time of the clock", how=core)
            if clock == _CLOCK
            else words.say("{how}, two times of the clock", how=core)
        )
    if any_day is not None:
        days_words = _days(words, any_day[1])
        core = words.say("{how}; published on any day of {days}", how=core, days=days_words)
    if goes_on:
        core = words.say("no time is said; that of the statement before it: {how}", how=core)
    return core


def _days(words: Language, days: str) -> str:
    first, _, last = days.partition(" to ")
    return words.say("{start} to {end}", start=first, end=last) if last else first


def _sentences(words: Language) -> dict[str, str]:
    return {
        "a date": words.say("a date"),
        "a date without its year, the last up to the publication": words.say(
            "a date without its year, the last up to the publication"
        ),
        "a date without its year, the last up to the publication that is such a weekday": words.say(
            "a date without its year, the last up to the publication that is such a weekday"
        ),
        "two dates": words.say("two dates"),
        "a month": words.say("a month"),
        "a year": words.say("a year"),
        "the night between two weekdays": words.say("the night between two weekdays"),
        "the night that ends on a weekday": words.say("the night that ends on a weekday"),
        "the first such weekday after the publication": words.say(
            "the first such weekday after the publication"
        ),
        "the last such weekday up to the publication": words.say(
            "the last such weekday up to the publication"
        ),
        "from one weekday to another": words.say("from one weekday to another"),
        "relative to the publication": words.say("relative to the publication"),
        "so long before the publication": words.say("so long before the publication"),
        "so long up to the publication": words.say("so long up to the publication"),
        "the one before that of the publication": words.say(
            "the one before that of the publication"
        ),
        "that of the publication": words.say("that of the publication"),
        "the day of publication": words.say("the day of publication"),
        "the night before the publication": words.say("the night before the publication"),
        "the day of publication, for a time of the clock": words.say(
            "the day of publication, for a time of the clock"
        ),
        "the day of the statement before it": words.say("the day of the statement before it"),
        "no time is said; the day of publication": words.say(
            "no time is said; the day of publication"
        ),
        "no time is said, and the day of publication is not known": words.say(
            "no time is said, and the day of publication is not known"
        ),
        "side file": words.say("said in the side file"),
    }
