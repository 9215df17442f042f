"""Claims on connectivity in a report: each a verbatim quote, with what it says read out of it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from zicht.model.claim import Claim, ClaimTime, Place
from zicht.reports.details import (
    causes_of,
    hedged,
    operators_named,
    repeated,
    scope_of,
    severity_of,
    source_of,
)
from zicht.reports.headings import merge_headings
from zicht.reports.kinds import is_planned, type_of
from zicht.reports.languages import speech
from zicht.reports.places import (
    countries_named,
    find_mentions,
    most_spoken_of,
    place_of,
    places_in,
    topic,
)
from zicht.reports.scene import AFFECTED, Scene, Sign, joints_of, paces_of
from zicht.reports.signs import find_signs
from zicht.reports.times import GOES_ON, time_of
from zicht.reports.tokens import Match

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.claim import ClaimType
    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.sentences import Sentence

_POWERED = 3  # sentences after which a power cut no longer explains what is said
_FOLLOWS = 2  # sentences for which a statement's day goes on
_ID = 10  # characters of a claim's id
_LOSSES = frozenset({"shutdown", "restriction", "technical-outage"})
_CUT = frozenset({"shutdown", "service-block"})
_FUTURE = frozenset({"plan", "order"})
_ASSERTED = frozenset(
    {"shutdown", "restriction", "technical-outage", "service-block", "platform-outage"}
)


@dataclass
class _Thread:
    """What earlier sentences of a report have said."""

    weights: dict[str, float]
    place: Place | None = None
    time: ClaimTime | None = None
    number: int = -9
    section: int = -1
    powered: int = -9
    known: bool = False
    claims: list[tuple[int, Claim]] = field(default_factory=list)
    cut: set[str | None] = field(default_factory=set)


def find_claims(report: Report) -> tuple[Claim, ...]:
    """The claims of a report, in order; none where its language cannot be read."""
    if report.language is None:
        return ()
    mentions = find_mentions(report)
    weights = countries_named(report, mentions)
    about = most_spoken_of(weights)
    thread = _Thread(weights=weights)
    for number, (scene, following) in enumerate(scenes_of(report, mentions)):
        if scene.has("power"):
            thread.powered = number
        for claim in _claims_in(scene, following, number, about, thread):
            thread.claims.append((number, claim))
            if claim.type in _CUT:
                thread.cut.add(claim.place.country)
            if not scene.sentence.heading:
                thread.known = thread.known or claim.type in _ASSERTED
                thread.place, thread.section = claim.place, scene.sentence.section
                if claim.type in _ASSERTED:
                    thread.time, thread.number = claim.time, number
    return tuple(merge_headings(report, thread.claims))


def scenes_of(report: Report, mentions: Sequence[Mention]) -> Iterator[tuple[Scene, Scene | None]]:
    """Each sentence with the one after it, made when they are needed: there may be very many."""
    before: Scene | None = None
    for one in report.sentences:
        scene = scene_of(report, one, mentions)
        if before is not None:
            yield before, scene
        before = scene
    if before is not None:
        yield before, None


def scene_of(report: Report, sentence: Sentence, mentions: Sequence[Mention]) -> Scene:
    """A sentence with the phrases and names that stand in it."""
    lexicon = speech(report.language or "en").claims
    matches = _undisturbed(
        lexicon.find(report.words.folded, sentence.first, sentence.last, report.words.breaks)
    )
    begin = bisect_left(mentions, sentence.first, key=lambda one: one.first)
    end = bisect_left(mentions, sentence.last, key=lambda one: one.first)
    named = tuple(mentions[begin:end])
    paces = paces_of(report, sentence, matches, named)
    return Scene(report, sentence, tuple(matches), named, joints_of(report, sentence), paces)


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
    dark = number - thread.powered <= _POWERED  # of electricity: "the blackout" is that
    signs = find_signs(scene, known=thread.known and not dark)
    if signs and _is_question(scene):
        signs = _promised(scene, signs)
    if not signs:
        return
    parts = _parts(scene, signs)
    for sign, (first, last) in zip(signs, parts, strict=True):
        part = scene.part(first, last) if len(signs) > 1 else scene
        sign = _own(part, sign) if len(signs) > 1 else sign  # noqa: PLW2901 - the same, narrower
        claim = _claim(scene, part, sign, (first, last), following, number, about, thread)
        if claim is not None:
            yield claim


def _promised(scene: Scene, signs: Sequence[Sign]) -> list[Sign]:
    """Of *if protests go on, the net will be cut* what is to come; of a question nothing."""
    first = scene.report.words.folded[scene.sentence.first]
    if _asks(scene) or first not in scene.grammar.if_:
        return []
    return [
        one
        for one in signs
        if scene.joined(scene.sentence.first, one.match.first) and is_planned(scene, one)
    ]


def _time_ahead(
    scene: Scene,
    sign: Sign,
    kind: ClaimType,
    stretches: Sequence[tuple[int, int]],
    country: str | None,
) -> ClaimTime:
    """When it is to be; of an order, a day before the words of what is ordered is its own."""
    at = sign.match.first
    if kind == "order" and at > scene.sentence.first:
        own = time_of(
            scene.report,
            [(scene.sentence.first, at)],
            country,
            future=False,
            at=scene.sentence.first,
        )
        if not own.inferred_from.startswith("no time"):
            return own
    future = kind != "order" or _is_dated_ahead(scene)
    return time_of(scene.report, stretches, country, future=future, at=at)


def _is_dated_ahead(scene: Scene) -> bool:
    """Whether what is ordered begins later: *from Thursday*, *starting tomorrow*."""
    sentence, words = scene.sentence, scene.report.words.folded
    times = speech(scene.report.language or "en").times.find(words, sentence.first, sentence.last)
    return any(one.kind in _AHEAD for one in times)


_AHEAD = frozenset({"following", "next", "until", "tomorrow", "after_tomorrow"})
_OF_A_PLACE = frozenset({"shutdown", "restriction", "restoration"})


def _is_nowhere(scene: Scene, place: Place, kind: ClaimType) -> bool:
    """*He switched off the phone*: of no place, nobody in power and nobody who watches the net."""
    if place.entity is not None or kind not in _OF_A_PLACE:
        return False
    watched = any(one.kind in {"monitor", "operator", "service"} for one in scene.mentions)
    return not (watched or scene.has("authority"))


_MONITORS = ("netblocks", "ioda", "cloudflare", "kentik", "access now")


def _of_authority(scene: Scene) -> bool:
    """Whether somebody in power, or unrest, is spoken of."""
    return any(scene.words(one) not in _MONITORS for one in scene.of("authority"))


def _own(part: Scene, sign: Sign) -> Sign:
    """The sign with what its own part of the sentence names, where that names anything."""
    named = {one.kind for one in part.of(*AFFECTED)}
    kept = tuple(kind for kind in sign.affected if kind in named)
    return replace(sign, affected=kept) if kept else sign


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
    before = _place_before(thread, sentence, about)
    place, places = place_of(
        report, scene.mentions, sentence, stretch, about, before, sign.match.first
    )
    stretches = list(dict.fromkeys([stretch, (sentence.first, sentence.last)]))
    earlier = thread.time if number - thread.number <= _FOLLOWS else None
    at = sign.match.first
    time = time_of(report, stretches, place.country, future=False, before=earlier, at=at)
    if _is_general(
        scene, sign, time.inferred_from, about, heading=sentence.heading, known=thread.known
    ):
        return None
    severity = severity_of(part, sign)
    kind = type_of(part, sign, time, report.published, severity.percent, scene)
    if kind is None:
        return None
    if _is_nowhere(scene, place, kind):
        return None
    if kind == "shutdown" and thread.powered >= number - _POWERED and not _of_authority(scene):
        kind = "technical-outage"
    if kind == "platform-outage" and _is_of_the_cut(scene, place, thread):
        kind = "service-block"
    if (
        kind == "platform-outage"
        and not place.inferred_from.startswith("sentence:")
        and (place.inferred_from != "sentence")
    ):
        place, places = Place(entity=None, country=None), ()  # of the whole world
    if time.inferred_from.startswith(GOES_ON) and kind not in _LOSSES:
        time = time_of(report, stretches, place.country, future=False, at=at)
    if kind in _FUTURE:
        time = _time_ahead(scene, sign, kind, stretches, place.country)
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


def _is_of_the_cut(scene: Scene, place: Place, thread: _Thread) -> bool:
    """Whether a service failed where the report has told of a cut, and nobody names a fault."""
    if scene.has("technical", "broke_down") or place.country is None:
        return False
    return place.country in thread.cut


def _place_before(thread: _Thread, sentence: Sentence, about: str | None) -> Place | None:
    """The place of the statement before, unless the report speaks far more of another."""
    place = thread.place
    if place is None or place.country is None or thread.section != sentence.section:
        return None
    weights = thread.weights
    if about is not None and weights[about] >= 2 * weights.get(place.country, 0.0):
        return None
    return place


def claim_of_span(
    report: Report,
    number: int,
    span: tuple[int, int],
    kind: str,
    mentions: Sequence[Mention],
) -> Claim:
    """A claim that somebody else marked in a sentence, with all else read out of it as ever.

    Args:
        report: the report.
        number: the sentence's number, the first being 0.
        span: begin and end of the words that were marked, within the sentence.
        kind: what they say, as one of the kinds of claims.
        mentions: the names in the report.
    """
    sentence = report.sentences[number]
    about = topic(report, mentions)
    scene = scene_of(report, sentence, mentions)
    first = max(bisect_left(report.words.ends, span[0] + 1), sentence.first)
    last = min(max(bisect_left(report.words.starts, span[1]), first + 1), sentence.last)
    word = Match("marked", "", first, last)
    affected = tuple(dict.fromkeys(one.kind for one in scene.of(*AFFECTED))) or ("internet",)
    sign = Sign("loss", word, affected)
    place, places = place_of(report, mentions, sentence, (first, last), about, None)
    stretches = [(first, last), (sentence.first, sentence.last)]
    severity = severity_of(scene, sign)
    source, chain = source_of(scene, None)
    quote = report.text[span[0] : span[1]]
    return Claim(
        id=sha256(f"{span[0]}:{quote}:{kind}".encode()).hexdigest()[:_ID],
        quote=quote,
        start=span[0],
        end=span[1],
        sentence=number + 1,
        type=kind,  # type: ignore[arg-type]
        place=place,
        places=places,
        scope=scope_of(scene, sign),
        service=operators_named(scene, place.country),
        severity=severity,
        percent=severity.percent,
        time=time_of(report, stretches, place.country, future=kind in _FUTURE),
        repeated=repeated(scene),
        source=source,
        chain=chain,
        hedged=hedged(scene),
        causes=causes_of(scene),
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
        cut = _before_negation(scene, _cut(scene, one.match, two.match), one.match)
        parts.append((begin, cut))
        begin = cut
    parts.append((begin, scene.sentence.last))
    return parts


def _before_negation(scene: Scene, cut: int, one: Match) -> int:
    """The cut moved before a negation that stands at it: *neither blocked | nor slowed*."""
    for two in scene.of("not"):
        if two.last == cut and two.first >= one.last:
            return two.first
    return cut


def _cut(scene: Scene, one: Match, two: Match) -> int:
    folded = scene.report.words.folded
    joints = scene.grammar.and_
    for place in range(two.first, one.last, -1):
        if any(mark in scene.gap(place) for mark in ",;:–—"):
            return place
    for place in range(two.first - 1, one.last - 1, -1):
        if folded[place] in joints:
            return place
    return max(one.last, two.first)


def _is_question(scene: Scene) -> bool:
    """A question, or a sentence that begins with *if*, *how*, *what is*: it claims nothing."""
    first = scene.sentence.first
    return _asks(scene) or any(one.first == first for one in scene.of("hypothetical"))


def _asks(scene: Scene) -> bool:
    text = scene.report.text[scene.sentence.start : scene.sentence.end].rstrip("\"'”»’) ")
    return text.endswith(("?", "؟"))


def _is_general(
    scene: Scene, sign: Sign, inferred: str, about: str | None, *, heading: bool, known: bool
) -> bool:
    """*Shutdowns cost economies millions*: of no place and no time."""
    timed = not inferred.startswith("no time")
    placed = bool(
        places_in(scene.report, scene.mentions, scene.sentence.first, scene.sentence.last, about)
    )
    placed = placed or scene.has("the_country")
    watched = any(one.kind in {"monitor", "operator"} for one in scene.mentions)
    if timed or placed or watched or heading or known:
        return bool(sign.by_noun and not (timed or placed or watched) and _plural(scene, sign))
    if about is None:
        return sign.by_noun
    return sign.by_noun and _plural(scene, sign)


def _plural(scene: Scene, sign: Sign) -> bool:
    words = scene.report.words.folded[sign.match.first : sign.match.last]
    endings = tuple(scene.grammar.plurals)
    return any(word.endswith(endings) for word in words)
