"""Claims on connectivity in a report: each a verbatim quote, with what it says read out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from zicht.model.claim import Claim, Place, Span
from zicht.reports.details import (
    causes_of,
    hedged,
    operators_named,
    repeated,
    scope_of,
    severity_of,
    source_of,
)
from zicht.reports.kinds import type_of
from zicht.reports.languages import speech
from zicht.reports.places import find_mentions, place_of, places_in, topic
from zicht.reports.signs import Scene, Sign, find_signs
from zicht.reports.times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.sentences import Sentence
    from zicht.reports.tokens import Match

_ID = 10  # characters of a claim's id
_PLURALS = ("s", "en", "n", "ий", "ы", "и", "es")
_FUTURE = frozenset({"plan", "order"})
_ASSERTED = frozenset(
    {"shutdown", "restriction", "technical-outage", "service-block", "platform-outage"}
)


@dataclass
class _Thread:
    """What earlier sentences of a report have said."""

    place: Place | None = None
    section: int = -1
    known: bool = False
    claims: list[tuple[int, Claim]] = field(default_factory=list)


def find_claims(report: Report) -> tuple[Claim, ...]:
    """The claims of a report, in order; none where its language cannot be read."""
    if report.language is None:
        return ()
    mentions = find_mentions(report)
    about = topic(report, mentions)
    scenes = [scene_of(report, one, mentions) for one in report.sentences]
    thread = _Thread()
    for number, scene in enumerate(scenes):
        following = scenes[number + 1] if number + 1 < len(scenes) else None
        for claim in _claims_in(scene, following, number, about, thread):
            thread.claims.append((number, claim))
            if not scene.sentence.heading:
                thread.known = thread.known or claim.type in _ASSERTED
                thread.place, thread.section = claim.place, scene.sentence.section
    return tuple(_merge_headings(report, thread.claims))


def scene_of(report: Report, sentence: Sentence, mentions: Sequence[Mention]) -> Scene:
    """A sentence with the phrases and names that stand in it."""
    lexicon = speech(report.language or "en").claims
    matches = _undisturbed(lexicon.find(report.words.folded, sentence.first, sentence.last))
    named = tuple(one for one in mentions if sentence.first <= one.first < sentence.last)
    return Scene(report, sentence, tuple(matches), named)


def _undisturbed(matches: list[Match]) -> list[Match]:
    """Leave out what overlaps with words of another meaning: *red* in *red de carreteras*."""
    others = [one for one in matches if one.kind == "other"]
    if not others:
        return matches
    return [
        one
        for one in matches
        if one.kind == "other"
        or not any(one.first < other.last and other.first < one.last for other in others)
    ]


def _claims_in(
    scene: Scene, following: Scene | None, number: int, about: str | None, thread: _Thread
) -> Iterator[Claim]:
    signs = find_signs(scene, known=thread.known)
    if not signs or _is_question(scene):
        return
    parts = _parts(scene, signs)
    for sign, (first, last) in zip(signs, parts, strict=True):
        part = scene.part(first, last) if len(signs) > 1 else scene
        claim = _claim(scene, part, sign, (first, last), following, number, about, thread)
        if claim is not None:
            yield claim


def _claim(  # noqa: PLR0917 - a claim is where it stands and what was said before it
    scene: Scene,
    part: Scene,
    sign: Sign,
    stretch: tuple[int, int],
    following: Scene | None,
    number: int,
    about: str | None,
    thread: _Thread,
) -> Claim | None:
    report, sentence = scene.report, scene.sentence
    before = thread.place if thread.section == sentence.section else None
    place, places = place_of(report, scene.mentions, sentence, stretch, about, before)
    stretches = [stretch, (sentence.first, sentence.last)]
    time = time_of(report, stretches, place.country, future=False)
    if _is_general(
        scene, sign, time.inferred_from, about, heading=sentence.heading, known=thread.known
    ):
        return None
    severity = severity_of(part, sign)
    kind = type_of(part, sign, time, report.published, severity.percent)
    if kind is None:
        return None
    if kind in _FUTURE:
        time = time_of(report, stretches, place.country, future=True)
    source, chain = source_of(scene, following)
    start, end = _quoted(report, sentence, stretch)
    quote = report.text[start:end]
    operators = operators_named(part, place.country)
    return Claim(
        id=sha256(f"{start}:{quote}:{kind}".encode()).hexdigest()[:_ID],
        quote=quote,
        start=start,
        end=end,
        sentence=number + 1,
        type=kind,
        place=place,
        places=places,
        scope=scope_of(part, sign),
        service=(*sign.services, *operators),
        severity=severity,
        percent=severity.percent,
        time=time,
        repeated=repeated(part),
        source=source,
        chain=chain,
        hedged=hedged(part),
        causes=causes_of(part),
    )


def _quoted(report: Report, sentence: Sentence, stretch: tuple[int, int]) -> tuple[int, int]:
    """The sentence, or the part of it that makes the claim."""
    first, last = stretch
    start = sentence.start if first == sentence.first else report.words.starts[first]
    end = sentence.end if last == sentence.last else report.words.ends[last - 1]
    return start, end


def _parts(scene: Scene, signs: Sequence[Sign]) -> list[tuple[int, int]]:
    """The stretch of the sentence that each sign governs, cut at a comma or *and* between them."""
    begin, parts = scene.sentence.first, []
    for one, two in pairwise(signs):
        cut = _cut(scene, one.match, two.match)
        parts.append((begin, cut))
        begin = cut
    parts.append((begin, scene.sentence.last))
    return parts


_AND = frozenset(
    "and but while en maar terwijl et mais tandis und aber während y e pero mientras и но а"
    " و لكن اما then before after nachdem bevor avant después antes voordat nadat dann".split()
)


def _cut(scene: Scene, one: Match, two: Match) -> int:
    folded = scene.report.words.folded
    for place in range(two.first, one.last, -1):
        if any(mark in scene.gap(place) for mark in ",;:–—"):
            return place
    for place in range(two.first - 1, one.last - 1, -1):
        if folded[place] in _AND:
            return place
    return max(one.last, two.first)


def _is_question(scene: Scene) -> bool:
    """A question, or a sentence that begins with *if*, *how*, *what is*: it claims nothing."""
    text = scene.report.text[scene.sentence.start : scene.sentence.end].rstrip("\"'”»’) ")
    if text.endswith(("?", "؟")):
        return True
    first = scene.sentence.first
    return any(one.first == first for one in scene.of("hypothetical"))


def _is_general(
    scene: Scene, sign: Sign, inferred: str, about: str | None, *, heading: bool, known: bool
) -> bool:
    """*Shutdowns cost economies millions*: of no place and no time."""
    timed = not inferred.startswith("no time")
    placed = bool(
        places_in(scene.report, scene.mentions, scene.sentence.first, scene.sentence.last, about)
    )
    watched = any(one.kind in {"monitor", "operator"} for one in scene.mentions)
    if timed or placed or watched or heading or known:
        return bool(sign.by_noun and not (timed or placed or watched) and _plural(scene, sign))
    if about is None:
        return sign.by_noun
    return sign.by_noun and _plural(scene, sign)


def _plural(scene: Scene, sign: Sign) -> bool:
    words = scene.report.words.folded[sign.match.first : sign.match.last]
    return any(word.endswith(_PLURALS) for word in words)


def _merge_headings(report: Report, claims: Sequence[tuple[int, Claim]]) -> list[Claim]:
    """A heading that says what a sentence of its section says is no claim of its own."""
    kept: list[Claim] = []
    used: set[int] = set()
    for index, (number, claim) in enumerate(claims):
        if not report.sentences[number].heading:
            continue
        partner = next(
            (
                other
                for other in range(index + 1, len(claims))
                if not report.sentences[claims[other][0]].heading
                and _same(claim, claims[other][1])
                and (number == 0 or _section(report, claims[other][0]) == _section(report, number))
            ),
            None,
        )
        if partner is not None:
            used.add(index)
            there, body = claims[partner]
            also = Span(quote=claim.quote, start=claim.start, end=claim.end)
            merged = msgspec.structs.replace(
                body, also=(*body.also, also), repeated=body.repeated or claim.repeated
            )
            claims = [*claims[:partner], (there, merged), *claims[partner + 1 :]]
    for index, (_, claim) in enumerate(claims):
        if index not in used:
            kept.append(claim)
    return kept


def _section(report: Report, number: int) -> int:
    return report.sentences[number].section


def _same(heading: Claim, body: Claim) -> bool:
    losses = {"shutdown", "restriction", "technical-outage"}
    same = heading.type == body.type or {heading.type, body.type} <= losses
    places = heading.place.country is None or heading.place.country == body.place.country
    return same and places
