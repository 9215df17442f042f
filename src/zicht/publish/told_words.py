"""How the time of a claim or of a report was told, in words.

Reading tells it in English, put together of a few sentences; they are taken apart here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.publish.language import Language

_GOES_ON = "no time is said; that of the statement before it: "
_EVE = "the day before: "
_RANGE = "two days of a month: "
_SINCE = "since "
_CLOCK, _CLOCKS = ", a time of the clock", ", two times of the clock"
_RUNNING = re.compile(r"day number (\d+), counted back; (.+)")
_ANY_DAY = re.compile(r"(.+); published on any day of (.+)")
_DAYS = re.compile(r"(.+) \((\d{4}-\d{2}-\d{2}(?: to \d{4}-\d{2}-\d{2})?)\)")


def told(words: Language, inferred_from: str) -> str:
    """How a time was told, in the language; what is not known here stays as it is."""
    return _told(words, inferred_from) or inferred_from


def _told(words: Language, text: str) -> str | None:
    """What a sentence that is put around another says, and the other; ``None``: not known."""
    if text in (known := _sentences(words)):
        return known[text]
    found = _inner(text)
    how = _told(words, found[1]) if found else None
    if found is None or how is None:
        return None
    kind, _, values = found
    return {
        "goes on": words.say("no time is said; that of the statement before it: {how}", how=how),
        "any day": words.say(
            "{how}; published on any day of {days}", how=how, days=_days(words, values)
        ),
        "running": words.say("day number {n}, counted back; {how}", n=values, how=how),
        "eve": words.say("the day before: {how}", how=how),
        "range": words.say("two days of a month: {how}", how=how),
        "clock": words.say("{how}, a time of the clock", how=how),
        "clocks": words.say("{how}, two times of the clock", how=how),
        "since": words.say("since {how}", how=how),
        "days": words.say("{how} ({days})", how=how, days=_days(words, values)),
    }[kind]


def _inner(text: str) -> tuple[str, str, str] | None:
    """What is put around a sentence, the sentence, and its number or days."""
    if text.startswith(_GOES_ON):
        return "goes on", text.removeprefix(_GOES_ON), ""
    if match := _ANY_DAY.fullmatch(text):
        return "any day", match[1], match[2]
    for kind, end in (("clock", _CLOCK), ("clocks", _CLOCKS)):
        if text.endswith(end):
            return kind, text.removesuffix(end), ""
    if match := _RUNNING.fullmatch(text):
        return "running", match[2], match[1]
    for kind, begin in (("eve", _EVE), ("range", _RANGE), ("since", _SINCE)):
        if text.startswith(begin):
            return kind, text.removeprefix(begin), ""
    match = _DAYS.fullmatch(text)
    return ("days", match[1], match[2]) if match else None


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
        "a date of the Solar Hijri calendar": words.say("a date of the Solar Hijri calendar"),
        "a date without its year, the next after the publication": words.say(
            "a date without its year, the next after the publication"
        ),
        "a date so many years before the publication": words.say(
            "a date so many years before the publication"
        ),
        "a month without its year": words.say("a month without its year"),
        "the day of publication, which is such a weekday": words.say(
            "the day of publication, which is such a weekday"
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
        "the one after that of the publication": words.say("the one after that of the publication"),
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
