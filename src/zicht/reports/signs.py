"""Signs of claims: words that say that something befell connectivity, and what it befell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.reports.absence import (
    lacking_sign,
    level_signs,
    running_sign,
    services_near,
    slow_sign,
)
from zicht.reports.languages import speech
from zicht.reports.scene import AFFECTED, PLACES, STRONG, Sign, distance, kinds_near

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.reports.places import Mention
    from zicht.reports.scene import Family, Scene
    from zicht.reports.tokens import Match


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
    "lacking": "loss",  # "no internet", "without a signal"
    "running": "loss",  # where it is negated; with "again" it is a restoration
    "reaching": "loss",  # likewise, of people
    "unplugged": "loss",  # a country itself: "Tanzania was unplugged"
    "online": "restore",  # back, and complete in itself, as "offline" is
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
_REACH_VERB_LAST = 16  # within one clause, where the verb may stand last
_FAR = ("cut", "blocked", "slowed", "restored", "fell")
_REACH_NETWORK = 4
_REACH_ENDED = 7
_REACH_ELLIPSIS = 5
_REACH_IT = 5
_TOLD = 6
_REACH_COUNTRY = 3
_OF_ONE = 4
_REACH_AFTER = 6


def find_signs(scene: Scene, *, known: bool) -> list[Sign]:
    """The signs in a sentence, in order.

    Args:
        scene: the sentence.
        known: an earlier sentence of the report made a claim, so that *the blackout* is known.
    """
    subjects = scene.of(*AFFECTED)
    places = any(one.kind in PLACES for one in scene.mentions)
    served = any(one.kind == "service" for one in scene.mentions)
    if scene.has("company") and not (places or scene.watched or served):
        return []  # a firm's own network
    services = [
        one for one in scene.mentions if one.kind == "service" and not _is_of_one(scene, one)
    ]
    signs = _all_signs(scene, subjects, services, known=known) or level_signs(scene, subjects)
    if signs and not known:  # what the sentence itself makes known: "... and access was restored"
        signs = _all_signs(scene, subjects, services, known=True) or signs
    signs = [*signs, *_elliptic(scene, signs)]
    if _is_statistics(scene):
        signs = [one for one in signs if one.match.kind not in _OF_STATISTICS]
    return _without_ended(scene, list(_one_each(scene, signs)))


_OF_STATISTICS = ("offline", "faint", "lacking", "reaching", "weak")


def _elliptic(scene: Scene, signs: Sequence[Sign]) -> list[Sign]:
    """*Connectivity fell to 3 %, and was briefly restored*: what has no subject of its own."""
    if len(signs) != 1:
        return []
    [one] = signs
    words, own = scene.report.words.folded, speech(scene.report.language or "en")
    for match in scene.of("restored", "cut"):
        if match.first < one.match.last or _FAMILIES[match.kind] == one.family:
            continue
        begin = max(one.match.last, match.first - _REACH_ELLIPSIS)
        joint = next(
            (p for p in range(match.first - 1, begin - 1, -1) if words[p] in own.grammar.and_), None
        )
        if joint is None:
            continue
        between = words[joint + 1 : match.first]
        subject = any(joint < two.first < match.first for two in scene.of("authority", "power"))
        if subject or not own.grammar.definite.isdisjoint(between):
            continue  # "and the minister returned"
        if between and sum(word not in own.common for word in between) <= 1:
            return [Sign(_FAMILIES[match.kind], match, one.affected, one.services)]
    return []


def _is_statistics(scene: Scene) -> bool:
    """*A third of households are offline*: how many use the net, not what befell it."""
    return scene.has("statistics") and not scene.has("authority", "cut", "fell", "shutdown")


def _is_of_one(scene: Scene, service: Mention) -> bool:
    """An account, a message, a video on a service: what befalls it is no block of the service."""
    return any(
        scene.apart(one.first, service.first) <= _OF_ONE
        and not scene.joined(one.first, service.first)
        for one in scene.of("of_one")
    )


def _without_ended(scene: Scene, signs: list[Sign]) -> list[Sign]:
    """Leave out the loss that a restoration ends: *lifts the blackout*, *after days without*."""
    ends = [one for one in signs if one.family == "restore"]
    return [one for one in signs if not any(_is_ended(scene, one, end) for end in ends)]


def _is_ended(scene: Scene, loss: Sign, end: Sign) -> bool:
    near = abs(end.match.first - loss.match.first) <= _REACH_ENDED
    if loss.family in {"slow", "block"}:  # "restrictions were lifted"
        return near and not scene.parted(loss.match.last - 1, end.match.first)
    if loss.family != "loss":
        return False
    if _follows(scene, loss):
        return True
    return loss.by_noun and near and not scene.joined(end.match.first, loss.match.first)


def _follows(scene: Scene, loss: Sign) -> bool:
    """Whether a loss is what something came after: *(back online) after five days without*."""
    folded, first = scene.report.words.folded, loss.match.first
    begin = max(first - _REACH_AFTER, scene.sentence.first)
    places = range(first - 1, begin - 1, -1)
    after = next((place for place in places if folded[place] in scene.grammar.after), None)
    return after is not None and not scene.joined(after, first)


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
    if match.kind == "unplugged":
        return _unplugged_sign(scene, match)
    if match.kind in {"shutdown", "offline", "online"}:
        return _full_sign(scene, match, subjects, services, known=known)
    if match.kind == "lacking":
        return lacking_sign(scene, match, subjects)
    if match.kind in {"running", "reaching"}:
        return running_sign(scene, match, subjects, services)
    slow = slow_sign(scene, match, subjects)
    return slow or _befallen_sign(scene, match, subjects, services, known=known)


def _befallen_sign(
    scene: Scene,
    match: Match,
    subjects: Sequence[Match],
    services: Sequence[Mention],
    *,
    known: bool,
) -> Sign | None:
    """Words that something befell, with what it befell beside them: *the internet was cut*."""
    kinds = kinds_near(scene, match, subjects, _REACH.get(match.kind, _REACH_RESTORED))
    if not kinds and scene.verb_last and match.kind in _FAR:
        clause = [one for one in subjects if not scene.joined(one.first, match.first)]
        kinds = kinds_near(scene, match, clause, _REACH_VERB_LAST)
    named = services_near(scene, match, services)
    strong = {*kinds} & {*STRONG, "traffic"}
    if not strong and not named:
        return _bare_sign(scene, match, kinds, known=known)
    if strong == {"traffic"} and not _of_internet(scene, known=known):
        return None
    family = _FAMILIES[match.kind]
    if family == "block" and not named and "apps" not in kinds:
        family = "loss"  # a blocked network is lost
    noun = match.kind == "weak" or _is_german_noun(scene, match)
    return Sign(family, match, kinds, named, by_noun=noun and not named)


def _is_german_noun(scene: Scene, match: Match) -> bool:
    """Whether a word is written with a capital amid a German sentence, as its nouns are."""
    if scene.report.language != "de" or match.first == scene.sentence.first:
        return False
    return scene.report.text[scene.report.words.starts[match.first]].isupper()


def _bare_sign(scene: Scene, match: Match, kinds: tuple[str, ...], *, known: bool) -> Sign | None:
    """What befell apps, or networks; or what is known from before: *the blackout*."""
    family = _FAMILIES[match.kind]
    if match.kind == "works" and (kinds or _names_net(scene, match)):
        return Sign(family, match, kinds or ("internet",))
    if match.kind == "weak" and known and _is_known(scene, match):
        return Sign(family, match, (), by_noun=True)
    if known and match.kind in {"weak", "slowed", "blocked"} and scene.has("denied"):
        return Sign(family, match, (), by_noun=True)  # "denies any restriction"
    if known and match.kind in {"restored", "cut"} and _is_of_it(scene, match):
        return Sign(family, match, ())
    online = _names_net(scene, match, networks=True) and (known or _somewhere(scene))
    if match.kind == "restored" and (online or _ends(scene, match, known=known)):
        return Sign(family, match, ("internet",))
    if "apps" in kinds and match.kind not in {"faint", "weak", "fell"}:
        return Sign(family, match, kinds)
    return _network_sign(scene, match, kinds, known=known)


def _is_of_it(scene: Scene, match: Match) -> bool:
    """*It came back on Monday*: of what the sentence before spoke of."""
    first = scene.sentence.first
    it = scene.report.words.folded[first] in scene.grammar.it
    return it and match.first - first <= _REACH_IT and not scene.has("power", "other")


def _ends(scene: Scene, match: Match, *, known: bool) -> bool:
    """Whether a restoration ends a loss that is named: *lifts the internet blackout*."""
    nouns = scene.of("shutdown", "weak") if known else scene.of("shutdown")
    return any(
        abs(one.first - match.first) <= _REACH_ENDED and not scene.joined(match.first, one.first)
        for one in nouns
    )


def _unplugged_sign(scene: Scene, match: Match) -> Sign | None:
    """A country that is itself what was cut off: *Tanzania was unplugged*."""
    if scene.has("power", "other"):
        return None
    beside = any(
        one.kind in {"country", "people"}
        and distance(scene, match, one) <= _REACH_COUNTRY
        and not scene.joined(one.first, match.first)
        for one in scene.mentions
    )
    whole = any(distance(scene, match, one) <= _REACH_COUNTRY for one in scene.of("the_country"))
    return Sign("loss", match, ("internet",)) if beside or whole else None


def _full_sign(
    scene: Scene,
    match: Match,
    subjects: Sequence[Match],
    services: Sequence[Mention],
    *,
    known: bool,
) -> Sign | None:
    """Words that name what befell and what it befell: *internet blackout*, *offline*."""
    inside = tuple({one.kind for one in subjects if _within(one, match)} - {"network"})
    kinds = kinds_near(scene, match, subjects, 3)
    bare = match.kind in {"offline", "online"} and not (
        inside or kinds or known or _names_net(scene, match)
    )
    named = services_near(scene, match, services) if bare else ()
    if named:
        return Sign(_FAMILIES[match.kind], match, (), named)
    earthly = scene.has("technical") and not _of_cables(scene)  # roads, villages
    if bare and (earthly or scene.has("company", "of_one", "power") or not _somewhere(scene)):
        return None  # a firm's site that is offline
    affected = tuple(dict.fromkeys((*inside, *kinds))) or ("internet",)
    return Sign(_FAMILIES[match.kind], match, affected, by_noun=match.kind == "shutdown")


def _network_sign(
    scene: Scene, match: Match, kinds: tuple[str, ...], *, known: bool
) -> Sign | None:
    """Networks and access count where the report, or who watches them, speaks of the net."""
    if scene.has("power"):
        return None
    placed = any(one.kind in PLACES for one in scene.mentions)
    if placed and match.kind in _IMPLIED and scene.watched:
        return Sign(_FAMILIES[match.kind], match, ("internet",))
    if placed and match.kind == "cut" and _of_cables(scene) and not scene.has("other"):
        return Sign(_FAMILIES[match.kind], match, ("internet",))
    if "network" not in kinds:
        return None
    watched = scene.watched or any(one.kind == "operator" for one in scene.mentions)
    of_nets = tuple(scene.grammar.networks)
    nets = [one for one in scene.of("network") if scene.words(one).startswith(of_nets)]
    beside = placed and "network" in kinds_near(scene, match, nets, _REACH_NETWORK)
    if known or watched or (beside and match.kind in {"cut", "weak", "restored", "slowed"}):
        return Sign(_FAMILIES[match.kind], match, ("network",))
    return None


_IMPLIED = ("cut", "faint", "fell", "restored", "weak")
"""What those who watch the net say of a country is said of the net."""


def _of_internet(scene: Scene, *, known: bool) -> bool:
    return (
        known
        or scene.watched
        or scene.has("internet", "mobile")
        or any(
            part in scene.words(one)
            for one in scene.of("traffic")
            for part in (*scene.grammar.net, *scene.grammar.networks)
        )
    )


def _of_cables(scene: Scene) -> bool:
    """Whether a cable is spoken of that the net runs through."""
    return any(
        part in scene.words(one) for one in scene.of("technical") for part in scene.grammar.cables
    )


def _is_known(scene: Scene, match: Match) -> bool:
    """Whether a noun is of what was spoken of: *the* shutdown; and not of electricity."""
    definite = scene.grammar.definite
    before = scene.report.words.folded[max(match.first - 2, scene.sentence.first) : match.first]
    named = not definite or any(word in definite for word in before)
    return named and not scene.has("power", "other")


def _names_net(scene: Scene, match: Match, *, networks: bool = False) -> bool:
    """Whether a phrase has the net, or a network, in its own words: *no internet outage*."""
    words = f"{scene.words(match)} {match.value}"
    parts = (*scene.grammar.net, *(scene.grammar.networks if networks else ()))
    return any(part in words for part in parts)


def _somewhere(scene: Scene) -> bool:
    """Whether a place or a watcher of the net is named, or the words stand as a heading."""
    kinds = (*PLACES, "monitor", "operator")
    named = any(one.kind in kinds for one in scene.mentions)
    return scene.sentence.heading or named or scene.has("the_country", "regulator")


def _within(one: Match, other: Match) -> bool:
    return other.first <= one.first and one.last <= other.last


def _one_each(scene: Scene, signs: list[Sign]) -> Iterator[Sign]:
    """Signs of one family that follow one another say one thing: that of the fullest."""
    rank = (
        "shutdown",
        "offline",
        "online",
        "cut",
        "blocked",
        "slowed",
        "restored",
        "fell",
        "failed",
    )
    kept: list[Sign] = []
    for one in signs:
        same = next((two for two in kept if two.match.first == one.match.first), None)
        if same is not None:
            if {"weak", "failed"} & {same.match.kind} and one.match.kind not in {"weak", "failed"}:
                kept[kept.index(same)] = one
            continue
        if kept and kept[-1].family == one.family and not _told_apart(scene, kept[-1], one):
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


def _told_apart(scene: Scene, one: Sign, two: Sign) -> bool:
    """*Ordered a shutdown, and by ten the country was offline*: only the first is ordered."""
    if not scene.joined(one.match.last - 1, two.match.first):
        return False
    told = scene.of("ordered", "planned", "denied")
    before = any(0 <= one.match.first - word.last < _TOLD for word in told)
    return before and not any(one.match.last <= word.first < two.match.first for word in told)
