"""Figures and measures that a report tells: victims, wounded, arrests, closed banks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from zicht.model.claim import LedgerRow, Place
from zicht.reports.claims import scenes_of
from zicht.reports.details import source_of
from zicht.reports.languages import speech
from zicht.reports.places import find_mentions, place_of, topic
from zicht.reports.times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.scene import Scene
    from zicht.reports.sentences import Sentence
    from zicht.reports.tokens import Match

PEOPLE = ("dead", "wounded", "arrested", "missing")
"""Kinds of rows that count people."""

MEASURES = ("emergency", "airport", "flights", "banks", "troops")
"""Kinds of rows that tell a measure."""

_GROUPS = {
    "protesters": "protesters",
    "security_forces": "security forces",
    "civilians": "civilians",
    "children": "children",
    "journalists": "journalists",
    "others": "others",
    "people": "people",
}
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_COMMA = 6  # words that a comma counts for
_FARTHEST = 16  # words and commas from a number to what it counts
_BESIDE = 3  # words from a number to a word that makes it a number of people
_GROUP_REACH = 6
_BEFORE_NUMBER = 2
_MEASURE_REACH = 12
_YEARS = range(1900, 2100)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,4}")
_LONGEST = 7  # digits of a number without marks in it: ten million
_MOST = 10_000_000_000  # more than there are people


class _Number(NamedTuple):
    """A number in a text: its first word, the word after its last, the least and the most."""

    first: int
    last: int
    low: int
    high: int | None


def find_figures(report: Report) -> tuple[LedgerRow, ...]:
    """The figures and measures of a report, in order; none where its language cannot be read."""
    if report.language is None:
        return ()
    mentions = find_mentions(report)
    about = topic(report, mentions)
    rows: list[LedgerRow] = []
    for scene, following in scenes_of(report, mentions):
        if scene.sentence.heading:
            continue
        rows += _rows_in(report, scene, following, mentions, about)
    return tuple(rows)


def _rows_in(
    report: Report,
    scene: Scene,
    following: Scene | None,
    mentions: Sequence[Mention],
    about: str | None,
) -> Iterator[LedgerRow]:
    sentence = scene.sentence
    matches = speech(report.language or "en").figures.find(
        report.words.folded, sentence.first, sentence.last
    )
    found = [*_people(report, sentence, scene, matches), *_measures(scene, matches)]
    if not found:
        return
    whole = source_of(scene, following)
    for kind, group, low, high, (first, last) in found:
        source, chain = _source_of_clause(scene, first) or whole
        place, _ = place_of(report, mentions, sentence, (first, last), about, None)
        if about is not None and not _is_there(scene, place):
            place = Place(
                entity=f"country/{about}", country=about, inferred_from="topic of the report"
            )
        stretches = [(first, last), (sentence.first, sentence.last)]
        yield LedgerRow(
            quote=report.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            report=report.name,
            kind=kind,
            group=group,
            place=place if place.country else Place(entity=None, country=None),
            value_low=low,
            value_high=high,
            issuer=source,
            chain=chain,
            as_of=time_of(report, stretches, place.country, future=False),
        )


def _source_of_clause(scene: Scene, place: int) -> tuple[str | None, tuple[str, ...]] | None:
    """Who says what a clause counts: *..., state media said, while Amnesty put it at 100*."""
    words, grammar = scene.report.words, scene.grammar
    joints = grammar.and_ | grammar.meanwhile
    begins = [
        one
        for one in range(scene.sentence.first + 1, scene.sentence.last)
        if one in words.breaks and words.folded[one] in joints
    ]
    if not begins:
        return None
    first = max((one for one in begins if one <= place), default=scene.sentence.first)
    last = min((one for one in begins if one > place), default=scene.sentence.last)
    source, chain = source_of(scene.part(first, last), None)
    return (source, chain) if source else None


def _is_there(scene: Scene, place: Place) -> bool:
    """Whether a place is named as such, and not only as whose people somebody is."""
    return any(one.country == place.country and one.kind != "people" for one in scene.mentions)


_Found = tuple[str, str, int | None, int | None, tuple[int, int]]


def _people(
    report: Report, sentence: Sentence, scene: Scene, matches: Sequence[Match]
) -> list[_Found]:
    events = [one for one in matches if one.kind in PEOPLE]
    if not events:
        return []
    groups = [one for one in matches if one.kind in _GROUPS]
    found: list[_Found] = []
    counted: list[tuple[str, bool, bool]] = []
    for number in _numbers(report, sentence, matches):
        event = min(events, key=lambda one: _cost(scene, number, one))
        if _cost(scene, number, event) > _FARTHEST:
            continue
        group = _group_of(scene, number, event, groups)
        beside = min(abs(event.first - number.last), abs(number.first - event.last)) <= _BESIDE
        if group is None and not beside:
            continue
        stretch = (min(number.first, event.first), max(number.last, event.last))
        name = _GROUPS[group] if group else "people"
        found.append((event.kind, name, number.low, number.high, stretch))
        followed = number.last < sentence.last and number.last not in report.words.breaks
        behind = number.last > event.first
        counted.append((event.kind, group is not None, behind and followed))
    sure = {kind for kind, grouped, _ in counted if grouped}
    return [  # "106 people killed in 21 towns": the second number counts nobody
        row
        for row, (kind, grouped, behind) in zip(found, counted, strict=True)
        if grouped or not behind or kind not in sure
    ]


def _cost(scene: Scene, number: _Number, event: Match) -> int:
    """How far a number is from a word; commas make it further, what follows is nearer."""
    if event.first >= number.last:
        return event.first - number.last + _COMMA * scene.joined(number.last - 1, event.first)
    return number.first - event.last + 1 + _COMMA * scene.joined(event.last - 1, number.first)


def _group_of(scene: Scene, number: _Number, event: Match, groups: Sequence[Match]) -> str | None:
    """Whom a number counts: the group named after it, else before it; *people* says least."""
    near = []
    for one in groups:
        if one.first >= number.last:
            distance = one.first - number.last
            reach = _GROUP_REACH + (event.last - event.first if event.first < one.first else 0)
            if distance > reach or scene.joined(number.last - 1, one.first):
                continue
        else:
            distance = number.first - one.last + _GROUP_REACH
            if number.first - one.last > _BEFORE_NUMBER:
                continue
        near.append((one.kind == "people", distance, one.kind))
    return min(near)[2] if near else None


def _measures(scene: Scene, matches: Sequence[Match]) -> list[_Found]:
    acts = [one for one in matches if one.kind in {"acting", "undone"}]
    found: list[_Found] = []
    kinds: set[str] = set()
    for one in matches:
        if one.kind not in MEASURES or one.kind in kinds:
            continue
        near = [act for act in acts if act.first != one.first]
        act = min(near, key=lambda other: _apart(scene, one, other), default=None)
        if act is None or _apart(scene, one, act) > _MEASURE_REACH:
            continue
        undone = any(other.kind == "undone" and abs(other.first - act.first) <= 1 for other in acts)
        kinds.add(one.kind)
        stretch = (min(one.first, act.first), max(one.last, act.last))
        found.append((one.kind, "ended" if undone else "in force", None, None, stretch))
    return found


def _apart(scene: Scene, one: Match, other: Match) -> int:
    first, last = (one, other) if other.first >= one.last else (other, one)
    return last.first - first.last + 2 * _COMMA * scene.joined(first.last - 1, last.first)


# ---------------------------------------------------------------------------------------- numbers


def _numbers(report: Report, sentence: Sentence, matches: Sequence[Match]) -> Iterator[_Number]:
    """The numbers of a sentence that may count people, with what stands before them."""
    place = sentence.first
    while place < sentence.last:
        number = _vague(matches, place) or _in_words(report, matches, place, sentence.last)
        number = number or _in_digits(report, sentence, place)
        if number is None:
            place += 1
            continue
        if number.low <= _MOST and not _counts_else(report, matches, sentence, number):
            yield _bounded(matches, number)
        place = number.last


def _vague(matches: Sequence[Match], place: int) -> _Number | None:
    """*Dozens*: a range."""
    for one in matches:
        if one.kind == "vague" and one.first == place:
            low, high = (int(part) for part in one.value.split())
            return _Number(one.first, one.last, low, high if high or not low else None)
    return None


def _in_words(report: Report, matches: Sequence[Match], place: int, last: int) -> _Number | None:
    """*Thirteen*, *two hundred*, *thousand*, *12 thousand*."""
    value, begin, total = 0, place, 0
    seen = False
    while place < last:
        one = next(
            (m for m in matches if m.first == place and m.kind in {"one_by_one", "times_so_many"}),
            None,
        )
        word = report.words.folded[place]
        if one is None and not seen and _is_short(word) and _times(matches, place + 1):
            value, seen, place = int(word), True, place + 1
            continue
        if one is None:
            break
        seen = True
        if one.kind == "one_by_one":
            value += int(one.value)
        else:
            total += max(value, 1) * int(one.value)
            value = 0
        place = one.last
    total += value
    if not seen or (total == 1 and place - begin == 1):
        return None  # "a", "one": an article far more often than a count
    return _Number(begin, place, total, total)


def _times(matches: Sequence[Match], place: int) -> bool:
    return any(one.kind == "times_so_many" and one.first == place for one in matches)


def _is_short(word: str) -> bool:
    return word.isdecimal() and len(word) <= _LONGEST


def _in_digits(report: Report, sentence: Sentence, place: int) -> _Number | None:
    folded = report.words.folded
    word = folded[place]
    if _GROUPED.fullmatch(word):
        value = int(re.sub(r"[.,]", "", word))
        return _Number(place, place + 1, value, value)
    if not _is_short(word):
        return None
    last, text = place + 1, word
    while last < sentence.last and len(folded[last]) == 3 and folded[last].isdecimal():  # noqa: PLR2004
        gap = report.text[report.words.ends[last - 1] : report.words.starts[last]]
        if gap not in {" ", "\u00a0", "\u202f", "'", "’"} or len(word) > 3:  # noqa: PLR2004
            break
        text, last = text + folded[last], last + 1
    return _Number(place, last, int(text), int(text))


def _counts_else(
    report: Report, matches: Sequence[Match], sentence: Sentence, number: _Number
) -> bool:
    """Whether a number is a percentage, a year, a day, a time or an age."""
    if any(one.kind == "percent" and one.first == number.last for one in matches):
        return True
    following = (number.last, min(number.last + 1, sentence.last))
    before = (max(number.first - 1, sentence.first), number.first)
    times = speech(report.language or "en").times
    after = times.find(report.words.folded, *following)
    ahead = times.find(report.words.folded, *before)
    if any(one.kind in {*_UNITS, "month_name", "hour_mark", "am", "pm"} for one in after):
        return True
    if any(one.kind in {"month_name", "weekday"} for one in ahead):
        return True
    digits = report.words.folded[number.first]
    grouped = any(one.kind in _GROUPS and one.first == number.last for one in matches)
    return digits.isdecimal() and len(digits) == 4 and number.low in _YEARS and not grouped  # noqa: PLR2004


def _bounded(matches: Sequence[Match], number: _Number) -> _Number:
    """A number with *at least*, *more than*, *about* or *up to* before it."""
    for one in matches:
        if not 0 <= number.first - one.last < _BEFORE_NUMBER:
            continue
        match one.kind:
            case "at_least":
                return number._replace(high=None)
            case "more_than":
                return number._replace(low=number.low + 1, high=None)
            case "up_to":
                return number._replace(low=0, high=number.high)
            case "about" if number.low == number.high:
                return number._replace(low=round(number.low * 0.9), high=round(number.low * 1.1))
            case _:
                continue
    return number
