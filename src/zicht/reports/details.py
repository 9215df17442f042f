"""What a claim says beside its kind: scope, how bad, the how-manieth time, why, and who says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zicht.model.claim import Severity
from zicht.reports.languages import speech

if TYPE_CHECKING:
    from zicht.model.claim import Scope
    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.scene import Scene, Sign
    from zicht.reports.tokens import Match

_LEVELS = {
    "everything": "all",
    "nearly_everything": "nearly all",
    "mostly": "largely",
    "partly": "partly",
}
_RANK = ("nearly_everything", "mostly", "partly", "everything")
_NEAR_LEVEL = 14  # words between a share and what it is of
_NEAR_PERCENT = 4  # words between a percentage and what says whether it is left or lost
_LONGEST_SOURCE = 14  # words
_END_OF_SOURCE = re.compile(r"[,;:.!?()\"“”«»‘„\n–—]| - ")
_OPENERS = " \t\"“”«»‘’„'("


def scope_of(scene: Scene, sign: Sign) -> tuple[Scope, ...]:
    """What is affected, the widest first."""
    kinds = {*sign.affected}
    scopes: list[Scope] = []
    if kinds & {"internet", "network", "traffic"} or not kinds:
        scopes.append("all")
    narrower: tuple[Scope, ...] = ("mobile", "fixed", "voice", "sms")
    scopes += [kind for kind in narrower if kind in kinds]
    if sign.services or "apps" in kinds:
        scopes = [one for one in scopes if one != "all" or "internet" in kinds]
        scopes.append("service")
    if any(one.kind == "operator" for one in scene.mentions):
        scopes.append("operators")
    return tuple(scopes)


def operators_named(scene: Scene, country: str | None) -> tuple[str, ...]:
    """The operators that are named, as entities, of the country where its operators are known."""
    found = []
    for one in scene.mentions:
        if one.kind == "operator":
            of, _, number = one.value.partition(" ")
            if number and (country is None or of == country):
                found.append(f"asn/{number}")
    return tuple(dict.fromkeys(found))


def severity_of(scene: Scene, sign: Sign) -> Severity:
    """How bad it is said to be: in words, and the percent of ordinary that is said to be left."""
    percent, quote = _percent(scene, sign)
    for kind in _RANK:
        near = [one for one in scene.of(kind) if _is_of(scene, one, sign)]
        if near:
            return Severity(
                level=_LEVELS[kind], percent=percent, quote=quote or _text(scene.report, near[0])
            )
    return Severity(level="unstated", percent=percent, quote=quote)


def _is_of(scene: Scene, level: Match, sign: Sign) -> bool:
    """Whether a share is of what a sign says, and not of what it came after."""
    if abs(level.first - sign.match.first) > _NEAR_LEVEL:
        return False
    between = scene.report.words.folded[sign.match.last : level.first]
    return scene.grammar.after.isdisjoint(between)


def _text(report: Report, match: object) -> str:
    first, last = match.first, match.last  # type: ignore[attr-defined]
    return report.text[report.words.starts[first] : report.words.ends[last - 1]]


def _percent(scene: Scene, sign: Sign) -> tuple[float | None, str]:
    """The percent that is left: the last of "from 100 % to 2 %", what a loss of 90 % leaves."""
    found: list[tuple[float, int, bool]] = []
    for one in scene.of("percent"):
        value, first = _number_before(scene, one.first)
        if value is None or not 0 <= value <= 100:  # noqa: PLR2004 - percent
            continue
        found.append((value, first, _lost(scene, sign, first, one.last)))
    if not found:
        return None, ""
    value, first, lost = found[-1] if len(found) == 2 else found[0]  # noqa: PLR2004 - from, to
    report = scene.report
    end = next(one.last for one in scene.of("percent") if one.first > first)
    quote = report.text[report.words.starts[first] : report.words.ends[end - 1]]
    return (100 - value if lost else value), quote


def _number_before(scene: Scene, place: int) -> tuple[float | None, int]:
    word = scene.report.words.folded[place - 1] if place > scene.sentence.first else ""
    number = speech(scene.report.language or "en").number(word)
    if number is not None:
        return float(number), place - 1
    plain = word.replace(",", ".")
    if plain.replace(".", "", 1).isdecimal():
        return float(plain), place - 1
    return None, place


_MOVES = ("fell", "slowed", "restored")


def _lost(scene: Scene, sign: Sign, first: int, last: int) -> bool:
    """Whether a percentage is what was lost rather than what is left."""
    subjects = scene.of("internet", "traffic", "mobile")
    if any(0 <= one.first - last <= 1 for one in subjects):  # "5% connectivity"
        return any(0 <= one.first - last < _NEAR_PERCENT for one in scene.of("down_by"))
    nearest: tuple[int, bool] | None = None
    for one in scene.of("down_to", "down_by"):
        before = 0 <= first - one.last < _NEAR_PERCENT
        after = 0 <= one.first - last < _NEAR_PERCENT
        if before or after:
            distance = first - one.last if before else one.first - last + 1
            if nearest is None or distance < nearest[0]:
                nearest = (distance, one.kind == "down_by")
    if nearest is not None and (nearest[0] <= 1 or sign.match.kind in _MOVES):
        return nearest[1]
    return sign.family == "loss" and sign.match.kind in {
        "cut",
        "offline",
        "faint",
        "shutdown",
        "weak",
    }


def repeated(scene: Scene) -> int | None:
    """Which time it is said to be; *again* is the second."""
    return max((int(one.value) for one in scene.of("again")), default=None)


def causes_of(scene: Scene) -> tuple[str, ...]:
    """Words that say why it was, or who did it; they are shown and never judged."""
    report, words = scene.report, scene.report.words
    found = []
    for one in scene.of("purpose"):
        if report.words.folded[min(one.last, scene.sentence.last - 1)].isdecimal():
            continue  # "om 12 uur", "um 22 Uhr"
        end = min(one.last + 12, scene.sentence.last)
        text = report.text[words.starts[one.first] : words.ends[end - 1]]
        cut = _END_OF_SOURCE.search(text)
        found.append((text[: cut.start()] if cut else text).strip())
    return tuple(
        one
        for one in dict.fromkeys(found)
        if not any(one != other and one in other for other in found)
    )


def source_of(scene: Scene, following: Scene | None) -> tuple[str | None, tuple[str, ...]]:
    """Who says it, and who passed it on, verbatim.

    Args:
        scene: the sentence.
        following: the next sentence, which may say *that is what X reports*.
    """
    chain = tuple(_after(scene, one.last) for one in scene.of("said.cited_by"))
    source = _attributed(scene)
    if source is None and following is not None and _refers_back(following):
        source = _attributed(following)
        chain += tuple(_after(following, one.last) for one in following.of("said.cited_by"))
    agencies = tuple(_named(scene.report, one) for one in scene.mentions if one.kind == "agency")
    links = [one for one in (*chain, *agencies) if one and one != source]
    kept = [
        one
        for one in dict.fromkeys(links)
        if not any(one != other and one in other for other in links) and one not in (source or "")
    ]
    return source, tuple(kept)


def _named(report: Report, one: Mention) -> str:
    return report.text[report.words.starts[one.first] : report.words.ends[one.last - 1]]


def _attributed(scene: Scene) -> str | None:
    for one in scene.of("said.according_to"):
        if found := _after(scene, one.last) or _before_it(scene, one.first):
            return found
    monitors = [one for one in scene.mentions if one.kind == "monitor"]
    if monitors:
        return _named(scene.report, monitors[0])
    for one in scene.of("said.says"):
        before = _before_it(scene, one.first)
        after = _after(scene, one.last)
        if _inverted(scene, one.first):
            before, after = after, before
        if before:
            return before
    agencies = [one for one in scene.mentions if one.kind == "agency"]
    return _named(scene.report, agencies[0]) if agencies else None


def _inverted(scene: Scene, place: int) -> bool:
    """*..., said the minister*; *Dat meldt de woordvoerder*: the speaker follows the verb."""
    first = scene.sentence.first
    back = place - first == 1 and _is_back(scene)
    return back or any(one in ',”»"' for one in scene.gap(place))


def _refers_back(scene: Scene) -> bool:
    return _is_back(scene) and scene.has("said.says", "said.according_to")


def _is_back(scene: Scene) -> bool:
    """Whether a sentence begins with a word for what was just said."""
    back = scene.grammar.back
    return scene.report.words.folded[scene.sentence.first] in back


def _after(scene: Scene, place: int) -> str:
    """The words after a place up to the next stop."""
    report, words, last = scene.report, scene.report.words, scene.sentence.last
    if place >= last:
        return ""
    end = min(place + _LONGEST_SOURCE, last)
    stops = [one.first for one in scene.of("said.cited_by", "said.says") if place < one.first < end]
    end = min(stops, default=end)
    end = _end_of_name(scene, place, end)
    text = report.text[words.starts[place] : words.ends[end - 1]]
    cut = _END_OF_SOURCE.search(text)
    return (text[: cut.start()] if cut else text).strip(_OPENERS)


def _end_of_name(scene: Scene, place: int, end: int) -> int:
    """Where a name ends that no comma ends: after who is known, before a verb or the like."""
    for one in scene.mentions:
        if one.kind in {"agency", "monitor"} and place <= one.first < end:
            return one.last
    report = scene.report
    own = speech(report.language or "en")
    common, in_names = own.common, own.grammar.in_names
    named = False
    for there in range(place, end):
        word = report.words.folded[there]
        ends = word in common and word not in in_names
        if word in {"die", "das"} and named:
            ends = True
        if named and (ends or word.isdecimal() or own.is_number(word)):
            return there
        named = named or word not in common
    return end


def _before_it(scene: Scene, place: int) -> str:
    """The words before a verb, from the last stop on."""
    report, words, first = scene.report, scene.report.words, scene.sentence.first
    if place <= first:
        return ""
    begin = max(place - _LONGEST_SOURCE, first)
    text = report.text[words.starts[begin] : words.ends[place - 1]]
    pieces = [one.strip(_OPENERS) for one in _END_OF_SOURCE.split(text)]
    # "The minister, J. Doe, a affirmé": a piece of one letter is of the verb, and says nobody.
    return next((one for one in reversed(pieces) if sum(map(str.isalpha, one)) > 1), "")


def hedged(scene: Scene) -> bool:
    """Whether it is said with reservation."""
    return scene.has("hedged", "rumour")
