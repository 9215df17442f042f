"""A sentence with the phrases and names in it, and how far apart they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from zicht.reports.languages import speech
from zicht.reports.tokens import GAP, LONGEST_GAP, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.reports.languages import Grammar
    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.sentences import Sentence
    from zicht.reports.tokens import Match

Family = Literal["loss", "slow", "block", "restore"]

AFFECTED = ("internet", "mobile", "fixed", "voice", "sms", "apps", "network", "traffic")
"""What can be affected; ``network`` and ``traffic`` are of other things too."""

STRONG = ("internet", "mobile", "fixed", "voice", "sms")

PLACES = ("country", "region", "town", "people")
BESIDE = 3  # words between two things that are said together
_JOINTS = ",;:–—()"
_PASSED_OVER = frozenset(
    {"everything", "nearly_everything", "mostly", "partly", "down_to", "down_by", "of_ordinary"}
    | {"percent", "again", "hedged"}
)
"""Phrases that stand between a verb and what it is of, and part them no further."""


@dataclass(frozen=True)
class Sign:
    """A sign of a claim.

    Attributes:
        family: what kind of thing befell.
        match: the words that say it.
        affected: kinds of what it befell; empty where an earlier sentence says that.
        services: services that are named beside it.
        by_noun: it is said by a noun alone (*the shutdown*), not as an event.
    """

    family: Family
    match: Match
    affected: tuple[str, ...]
    services: tuple[str, ...] = ()
    by_noun: bool = False


@dataclass(frozen=True)
class Scene:
    """A sentence with the phrases and names that stand in it.

    Attributes:
        report: the report.
        sentence: the sentence.
        matches: phrases of claims in it.
        mentions: names in it.
        joints: how many commas and the like stand before each of its words, from its begin on.
        paces: how many words stand before each of its words, from its begin on; names, numbers and
            phrases of how much are passed over.
    """

    report: Report
    sentence: Sentence
    matches: tuple[Match, ...]
    mentions: tuple[Mention, ...]
    joints: tuple[int, ...]
    paces: tuple[int, ...]

    @property
    def grammar(self) -> Grammar:
        """The small words of the report's language."""
        return speech(self.report.language or "en").grammar

    @property
    def watched(self) -> bool:
        """Whether somebody is named who watches the net, or is in charge of it."""
        return any(one.kind == "monitor" for one in self.mentions) or self.has("regulator")

    @property
    def verb_last(self) -> bool:
        """Whether clauses of the language may end in their verb, or in what negates it."""
        return self.report.language in {"nl", "de", "fa"}

    def parted(self, first: int, last: int) -> bool:
        """Whether a comma or *and* stands between two words."""
        between = self.report.words.folded[min(first, last) : max(first, last)]
        return bool(self.joined(first, last)) or not self.grammar.and_.isdisjoint(between)

    def begins_clause(self, first: int, last: int) -> bool:
        """Whether a comma and a word such as *and* or *whereupon* stand between two words."""
        words, joints = self.report.words.folded, self.grammar.and_
        return any(
            words[place] in joints and any(mark in self.gap(place) for mark in _JOINTS)
            for place in range(first, last)
        )

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(one.kind for one in self.matches)

    def of(self, *kinds: str) -> list[Match]:
        """Phrases of some kinds."""
        if self._kinds.isdisjoint(kinds):
            return []
        return [one for one in self.matches if one.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Whether there is a phrase of one of some kinds."""
        return not self._kinds.isdisjoint(kinds)

    def words(self, match: Match) -> str:
        """The folded words of a phrase."""
        return " ".join(self.report.words.folded[match.first : match.last])

    def part(self, first: int, last: int) -> Scene:
        """The scene within a stretch of words."""
        return Scene(
            self.report,
            self.sentence,
            tuple(one for one in self.matches if first <= one.first < last),
            tuple(one for one in self.mentions if first <= one.first < last),
            self.joints,
            self.paces,
        )

    def gap(self, place: int) -> str:
        """What stands before a word, after the word before it."""
        words = self.report.words
        if place <= self.sentence.first:
            return ""
        return self.report.text[words.ends[place - 1] : words.starts[place]]

    def joined(self, first: int, last: int) -> int:
        """How many commas and the like stand between two words."""
        low, high = sorted((first - self.sentence.first, last - self.sentence.first))
        return self.joints[min(high, len(self.joints) - 1)] - self.joints[max(low, 0)]

    def apart(self, first: int, last: int) -> int:
        """How many words stand between two words, the second one of them counted."""
        low, high = sorted((first - self.sentence.first, last - self.sentence.first))
        end = len(self.paces) - 1
        return self.paces[min(high, end)] - self.paces[max(min(low, end), 0)]


_REACH_LACKING = 3
_REACH_LACKING_AFTER = 6  # "мобильной связи в Пскове по ночам нет"
_LACKING_LAST = ("ru", "fa")
_HAPPENINGS = ("shutdown", "weak", "failed", "slowed", "blocked")
_BEFALLING = ("cut", "slowed", "blocked", "restored")


def lacked(scene: Scene, match: Match) -> Match | None:
    """What is said not to be there: *no internet*; nothing in *no internet shutdown*."""
    served = scene.watched or any(one.kind == "operator" for one in scene.mentions)
    for one in scene.of(*STRONG, *(("network",) if served else ())):
        if one.first >= match.last:
            return one if _is_lacked(scene, match, one) else None
        apart = scene.apart(one.last - 1, match.first - 1)
        late = scene.report.language in _LACKING_LAST and apart < _REACH_LACKING_AFTER
        if late and not scene.joined(one.last - 1, match.first):
            return one
    return None


def _is_lacked(scene: Scene, match: Match, noun: Match) -> bool:
    if scene.apart(match.last - 1, noun.first - 1) >= _REACH_LACKING:
        return False
    if scene.joined(match.last - 1, noun.first):
        return False
    befallen = any(
        match.last <= one.first and not scene.parted(match.last - 1, one.first)
        for one in scene.of(*_BEFALLING)
    )
    happens = any(noun.last <= one.first <= noun.last + 1 for one in scene.of(*_HAPPENINGS))
    return not (befallen or happens)


_NEGATED = 4  # words that a negation may stand before what it negates
_NEGATED_AFTER = 12  # and after it, within one clause, where the verb stands first


def negated(scene: Scene, match: Match, kind: str = "not") -> bool:
    """Whether a phrase of a kind negates another: before it, in Dutch and German after it too."""
    lacks = {one.first for one in scene.of("lacking") if lacked(scene, one) is not None}
    for one in scene.of(kind):
        if one.first <= match.first < one.last or one.first in lacks:
            continue
        before = 0 <= match.first - one.last < _NEGATED
        if before and scene.joined(one.last - 1, match.first) < 2:  # noqa: PLR2004
            own = scene.grammar.and_.isdisjoint(scene.report.words.folded[one.last : match.first])
            if own or not scene.verb_last:
                return True
        # the main clause ends in its negation: "schaltete das Internet nicht ab"
        after = 0 <= one.first - match.last <= _NEGATED_AFTER
        if scene.verb_last and match.last <= one.first < _tail_of(scene, match):
            return True  # "heft de blokkade nog altijd niet op"
        free = scene.verb_last or (kind == "unable" and scene.report.language == "ru")
        if free and after and not scene.parted(match.last - 1, one.first):
            return True
    return False


def _tail_of(scene: Scene, match: Match) -> int:
    """Where the last word of a phrase with a gap stands; its own end where it has none."""
    if GAP not in match.value:
        return match.last
    ending = fold(match.value.split()[-1])
    words = scene.report.words.folded
    places = range(match.last, min(match.last + LONGEST_GAP + 1, scene.sentence.last))
    return next((place for place in places if words[place] == ending), match.last)


def joints_of(report: Report, sentence: Sentence) -> tuple[int, ...]:
    """How many commas and the like stand before each word of a sentence, from its begin on."""
    words, count = report.words, 0
    counts = [0]
    for place in range(sentence.first + 1, sentence.last):
        gap = report.text[words.ends[place - 1] : words.starts[place]]
        count += gap != " " and any(one in _JOINTS for one in gap)
        counts.append(count)
    return tuple(counts)


def paces_of(
    report: Report, sentence: Sentence, matches: Sequence[Match], mentions: Sequence[Mention]
) -> tuple[int, ...]:
    """How many words stand before each word of a sentence, names and the like passed over."""
    passed = [one for one in matches if one.kind in _PASSED_OVER]
    over = {place for one in passed for place in range(one.first, one.last)}
    over |= {place for one in mentions for place in range(one.first, one.last)}
    count, counts = 0, []
    for place in range(sentence.first, sentence.last):
        count += place not in over and not report.words.folded[place][0].isdecimal()
        counts.append(count)
    return tuple(counts)


def kinds_near(
    scene: Scene, match: Match, subjects: Sequence[Match], reach: int
) -> tuple[str, ...]:
    """Kinds of what stands within reach, the nearest first; a comma makes it further away."""
    found = []
    for one in subjects:
        if one.first < match.last and match.first < one.last and one.kind != "traffic":
            found.append((0, one.kind))
            continue
        away = distance(scene, match, one)
        away += (
            2 * scene.joined(one.last - 1, match.first)
            if one.first < match.first
            else (3 * scene.joined(match.last - 1, one.first))
        )
        if away <= reach:
            found.append((away, one.kind))
    found.sort()
    kinds = dict.fromkeys(kind for _, kind in found)
    for one, two in pairwise(subjects):  # "internet and telephony": both
        beside = two.first - one.last <= BESIDE and not scene.joined(one.last - 1, two.first)
        if beside and {one.kind, two.kind} & kinds.keys():
            kinds |= dict.fromkeys((one.kind, two.kind))
    return tuple(kinds)


def distance(scene: Scene, match: Match, other: Match | Mention) -> int:
    """How many words it is from one to the other, the other counted; next to it is 1."""
    if other.first < match.first:
        return scene.apart(other.last - 1, match.first - 1) + 1
    return scene.apart(match.last - 1, other.first - 1) + 1
