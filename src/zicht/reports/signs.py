"""Signs of claims: words that say that something befell connectivity, and what it befell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from zicht.reports.languages import speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.reports.languages import Grammar
    from zicht.reports.places import Mention
    from zicht.reports.reading import Report
    from zicht.reports.sentences import Sentence
    from zicht.reports.tokens import Match

Family = Literal["loss", "slow", "block", "restore"]

AFFECTED = ("internet", "mobile", "fixed", "voice", "sms", "apps", "network", "traffic")
"""What can be affected; ``network`` and ``traffic`` are of other things too."""

STRONG = ("internet", "mobile", "fixed", "voice", "sms")

_FAMILIES: dict[str, Family] = {
    "shutdown": "loss",
    "offline": "loss",
    "cut": "loss",
    "faint": "loss",
    "weak": "loss",
    "failed": "loss",
    "fell": "loss",
    "slowed": "slow",
    "blocked": "block",
    "restored": "restore",
    "works": "loss",  # what works as ever denies a loss
}
_REACH = {
    "cut": 9,
    "faint": 5,
    "weak": 5,
    "failed": 6,
    "fell": 7,
    "slowed": 8,
    "blocked": 9,
    "works": 8,
}
_REACH_RESTORED = 9
_REACH_SERVICE = 8
_REACH_NETWORK = 4
_BESIDE = 3
_REACH_ENDED = 7
_PLACES = ("country", "region", "town", "people")
_JOINTS = ",;:–—()"


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
    """

    report: Report
    sentence: Sentence
    matches: tuple[Match, ...]
    mentions: tuple[Mention, ...]
    joints: tuple[int, ...]

    def of(self, *kinds: str) -> list[Match]:
        """Phrases of some kinds."""
        return [one for one in self.matches if one.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Whether there is a phrase of one of some kinds."""
        return any(one.kind in kinds for one in self.matches)

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


def joints_of(report: Report, sentence: Sentence) -> tuple[int, ...]:
    """How many commas and the like stand before each word of a sentence, from its begin on."""
    words, count = report.words, 0
    counts = [0]
    for place in range(sentence.first + 1, sentence.last):
        gap = report.text[words.ends[place - 1] : words.starts[place]]
        count += gap != " " and any(one in _JOINTS for one in gap)
        counts.append(count)
    return tuple(counts)


def find_signs(scene: Scene, *, known: bool) -> list[Sign]:
    """The signs in a sentence, in order.

    Args:
        scene: the sentence.
        known: an earlier sentence of the report made a claim, so that *the blackout* is known.
    """
    subjects = scene.of(*AFFECTED)
    places = any(one.kind in _PLACES for one in scene.mentions)
    watched = any(one.kind == "monitor" for one in scene.mentions)
    if scene.has("company") and not (places or watched):
        return []  # a firm's own network
    services = [one for one in scene.mentions if one.kind == "service"]
    if scene.has("of_one"):
        services = []  # an account, a message: no block of the service
    signs = _all_signs(scene, subjects, services, known=known)
    if signs and not known:  # what the sentence itself makes known: "... and access was restored"
        signs = _all_signs(scene, subjects, services, known=True)
    return _without_ended(scene, list(_one_each(signs)))


def _without_ended(scene: Scene, signs: list[Sign]) -> list[Sign]:
    """Leave out the loss that a restoration ends: *lifts the internet blackout*."""
    ends = [one for one in signs if one.family == "restore"]
    return [
        one
        for one in signs
        if not one.by_noun
        or not any(
            abs(end.match.first - one.match.first) <= _REACH_ENDED
            and not scene.joined(end.match.first, one.match.first)
            for end in ends
        )
    ]


def _all_signs(
    scene: Scene, subjects: Sequence[Match], services: Sequence[Mention], *, known: bool
) -> list[Sign]:
    signs = [_sign(scene, match, subjects, services, known=known) for match in scene.of(*_FAMILIES)]
    return [one for one in signs if one is not None]


def _sign(
    scene: Scene,
    match: Match,
    subjects: Sequence[Match],
    services: Sequence[Mention],
    *,
    known: bool,
) -> Sign | None:
    family = _FAMILIES[match.kind]
    if match.kind in {"shutdown", "offline"}:
        return _full_sign(scene, match, subjects, known=known)
    reach = _REACH.get(match.kind, _REACH_RESTORED)
    near = _near(scene, match, subjects, reach)
    named = tuple(
        one.value
        for one in services
        if abs(one.first - match.first) <= _REACH_SERVICE * (2 if match.kind == "failed" else 1)
        and match.kind not in {"faint", "fell"}
    )
    strong = [kind for kind in near if kind in STRONG or kind == "traffic"]
    if match.kind == "works" and not strong and (near or _names_net(scene, match)):
        return Sign(family, match, near or ("internet",))
    if match.kind in {"faint", "weak", "fell", "failed"} and not strong and not named:
        strong = []
        if match.kind == "weak" and known and _is_known(scene, match):
            return Sign(family, match, (), by_noun=True)
        if match.kind != "failed" or "apps" not in near:
            return _network_sign(scene, match, near, known=known)
    if match.kind == "restored" and not strong and not named and _ends(scene, match, known=known):
        return Sign(family, match, ("internet",))
    if not strong and not named and "apps" not in near:
        return _network_sign(scene, match, near, known=known)
    if match.kind == "fell" and "traffic" in strong and not _of_internet(scene, known=known):
        return None
    return Sign(family, match, near, named, by_noun=match.kind == "weak" and not named)


def _ends(scene: Scene, match: Match, *, known: bool) -> bool:
    """Whether a restoration ends a loss that is named: *lifts the internet blackout*."""
    nouns = scene.of("shutdown", "weak") if known else scene.of("shutdown")
    return any(
        abs(one.first - match.first) <= _REACH_ENDED and not scene.joined(match.first, one.first)
        for one in nouns
    )


def _full_sign(
    scene: Scene, match: Match, subjects: Sequence[Match], *, known: bool
) -> Sign | None:
    """Words that name what befell and what it befell: *internet blackout*, *offline*."""
    inside = tuple({one.kind for one in subjects if _within(one, match)} - {"network"})
    near = _near(scene, match, subjects, 3)
    bare = match.kind == "offline" and not (inside or near or known or _names_net(scene, match))
    if bare and (scene.has("company", "of_one") or not _somewhere(scene)):
        return None  # a firm's site that is offline
    affected = tuple(dict.fromkeys((*inside, *near))) or ("internet",)
    return Sign(_FAMILIES[match.kind], match, affected, by_noun=match.kind == "shutdown")


def _network_sign(scene: Scene, match: Match, near: tuple[str, ...], *, known: bool) -> Sign | None:
    """Networks and access count where the report, or who watches them, speaks of the net."""
    if scene.has("power"):
        return None
    placed = any(one.kind in _PLACES for one in scene.mentions)
    if placed and match.kind in _IMPLIED and any(o.kind == "monitor" for o in scene.mentions):
        return Sign(_FAMILIES[match.kind], match, ("internet",))
    if placed and match.kind == "cut" and _of_cables(scene):
        return Sign(_FAMILIES[match.kind], match, ("internet",))
    if "network" not in near:
        return None
    watched = any(one.kind in {"monitor", "operator"} for one in scene.mentions)
    of_nets = tuple(_grammar(scene).networks)
    nets = [one for one in scene.of("network") if scene.words(one).startswith(of_nets)]
    beside = placed and "network" in _near(scene, match, nets, _REACH_NETWORK)
    if known or watched or (beside and match.kind in {"cut", "weak"}):
        return Sign(_FAMILIES[match.kind], match, ("network",))
    return None


_IMPLIED = ("cut", "faint", "fell", "restored", "weak")
"""What those who watch the net say of a country is said of the net."""


def _of_internet(scene: Scene, *, known: bool) -> bool:
    watched = any(one.kind == "monitor" for one in scene.mentions)
    return (
        known
        or watched
        or scene.has("internet", "mobile")
        or any(
            "internet" in scene.words(one)
            or "web" in scene.words(one)
            or "трафик" in scene.words(one)
            or "daten" in scene.words(one)
            or "conne" in scene.words(one)
            or "data" in scene.words(one)
            for one in scene.of("traffic")
        )
    )


def _of_cables(scene: Scene) -> bool:
    """Whether a cable is spoken of that the net runs through."""
    return any(
        part in scene.words(one) for one in scene.of("technical") for part in _grammar(scene).cables
    )


def _grammar(scene: Scene) -> Grammar:
    return speech(scene.report.language or "en").grammar


def _is_known(scene: Scene, match: Match) -> bool:
    """Whether a noun is of what was spoken of: *the* shutdown; and not of electricity."""
    definite = _grammar(scene).definite
    before = scene.report.words.folded[max(match.first - 2, scene.sentence.first) : match.first]
    named = not definite or any(word in definite for word in before)
    return named and not scene.has("power", "other")


def _names_net(scene: Scene, match: Match) -> bool:
    """Whether a phrase has the net in its own words: *no internet outage*."""
    return any(part in scene.words(match) for part in _grammar(scene).net)


def _somewhere(scene: Scene) -> bool:
    """Whether a place or a watcher of the net is named, or the words stand as a heading."""
    kinds = (*_PLACES, "monitor", "operator")
    return scene.sentence.heading or any(one.kind in kinds for one in scene.mentions)


def _within(one: Match, other: Match) -> bool:
    return other.first <= one.first and one.last <= other.last


def _near(scene: Scene, match: Match, subjects: Sequence[Match], reach: int) -> tuple[str, ...]:
    """Kinds of what stands within reach, the nearest first; a comma makes it further away."""
    found = []
    for one in subjects:
        if one.first < match.last and match.first < one.last and one.kind != "traffic":
            found.append((0, one.kind))
            continue
        distance = (
            match.first - one.last + 1 if one.first < match.first else one.first - match.last + 1
        )
        distance += (
            2 * scene.joined(one.last - 1, match.first)
            if one.first < match.first
            else (3 * scene.joined(match.last - 1, one.first))
        )
        if distance <= reach:
            found.append((distance, one.kind))
    found.sort()
    kinds = dict.fromkeys(kind for _, kind in found)
    for one, two in pairwise(subjects):  # "internet and telephony": both
        beside = two.first - one.last <= _BESIDE and not scene.joined(one.last - 1, two.first)
        if beside and {one.kind, two.kind} & kinds.keys():
            kinds |= dict.fromkeys((one.kind, two.kind))
    return tuple(kinds)


def _one_each(signs: list[Sign]) -> Iterator[Sign]:
    """Signs of one family that follow one another say one thing: that of the fullest."""
    rank = ("shutdown", "offline", "cut", "blocked", "slowed", "restored", "fell", "failed")
    kept: list[Sign] = []
    for one in signs:
        same = next((two for two in kept if two.match.first == one.match.first), None)
        if same is not None:
            if {"weak", "failed"} & {same.match.kind} and one.match.kind not in {"weak", "failed"}:
                kept[kept.index(same)] = one
            continue
        if kept and kept[-1].family == one.family:
            better = min(
                (kept[-1], one),
                key=lambda s: rank.index(s.match.kind) if s.match.kind in rank else 9,
            )
            affected = tuple(dict.fromkeys((*kept[-1].affected, *one.affected)))
            services = tuple(dict.fromkeys((*kept[-1].services, *one.services)))
            kept[-1] = Sign(
                better.family,
                better.match,
                affected,
                services,
                by_noun=kept[-1].by_noun and one.by_noun,
            )
            continue
        kept.append(one)
    yield from kept
