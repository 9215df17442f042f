"""What a sign says: that something is so, was once, is planned, ordered, denied or rumoured."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.reports.languages import speech
from zicht.reports.scene import negated
from zicht.reports.times.words import WITHOUT_YEAR

if TYPE_CHECKING:
    from zicht.model.claim import ClaimTime, ClaimType, Published
    from zicht.reports.scene import Scene, Sign

_BEFORE = 11  # words that a modal or an order may stand before what it is of
_FAR = 14  # likewise, where the verb may stand last
_AFTER_NOUN = 6  # words that a modal may stand after a noun: "a shutdown is not excluded"
_AFTER = 3  # words that a modal may stand after what it is of
_ORDERED = 12  # words that an order may stand before what is ordered
_ONCE = timedelta(days=60)
"""What ended so long before the publication is history."""
_DAY = timedelta(days=1)

_HALF = 50.0  # percent of ordinary: what leaves more is a restriction


def type_of(
    scene: Scene,
    sign: Sign,
    time: ClaimTime,
    published: Published | None,
    percent: float | None,
    whole: Scene,
) -> ClaimType | None:
    """What kind of claim a sign makes; ``None`` where it makes none.

    Args:
        scene: the stretch of the sentence that the sign governs.
        sign: the sign.
        time: when it is said to be.
        published: when the report was published.
        percent: the percent of ordinary that is said to be left.
        whole: the whole sentence.
    """
    modal = _modality(scene, sign, time, published)
    if modal is not None:
        return modal
    if sign.family == "restore":
        if not _negated(scene, sign):
            return "restoration"
        return "service-block" if sign.services else "shutdown"
    timed = not time.inferred_from.startswith("no time")
    return _happened(scene, sign, percent, whole, timed=timed)


def _modality(
    scene: Scene, sign: Sign, time: ClaimTime, published: Published | None
) -> ClaimType | None:
    """What is said of something that is not simply so."""
    told_ahead = WITHOUT_YEAR in time.inferred_from and is_planned(scene, sign)
    if _historical(scene, time, published) and not told_ahead:
        return "historical"
    if _denied(scene, sign):
        return "denial"
    if scene.has("rumour"):
        return "rumour"
    return _ahead(scene, sign, time, published)


def _denied(scene: Scene, sign: Sign) -> bool:
    restore = sign.family == "restore"
    if (scene.has("works") or sign.match.kind == "works") and not restore:
        return True
    if _governs(scene, sign, "denied", 12, after=True):
        return True
    planned = is_planned(scene, sign) and not _is_future(scene, sign)
    return not restore and _negated(scene, sign) and not planned


def _ahead(
    scene: Scene, sign: Sign, time: ClaimTime, published: Published | None
) -> ClaimType | None:
    """What somebody ordered, or plans; a demand is an order where somebody in power makes it."""
    ordered = _ordered(scene, sign)
    orders = {(one.first, one.last) for one in scene.of("ordered")}
    demanded = any((one.first, one.last) in orders for one in scene.of("planned"))
    if ordered and demanded:
        return "order" if scene.has("ruler", "regulator") else "plan"
    if is_planned(scene, sign) or _is_to_come(time, published):
        return "plan"
    return "order" if ordered else None


def _happened(
    scene: Scene, sign: Sign, percent: float | None, whole: Scene, *, timed: bool
) -> ClaimType:
    of_service = bool(sign.services) or sign.affected[:1] == ("apps",)
    of_network = bool({*sign.affected} & {"internet", "mobile", "fixed", "voice", "sms"})
    if of_service and not (of_network and sign.family != "block" and sign.match.kind != "blocked"):
        return _service(whole, sign)
    deliberate = _is_deliberate(scene, sign)
    ordered = _governs(scene, sign, "ordered", 20, after=True)
    if scene.has("technical", "power") and not (ordered or deliberate):
        return "technical-outage"
    operated = any(one.kind == "operator" for one in scene.mentions)
    if operated and scene.has("failed") and not scene.has("authority"):
        return "technical-outage"
    if sign.by_noun and scene.has("purpose") and time_free(scene) and not timed:
        return "cause"
    if sign.family == "slow":
        return "restriction"
    if sign.match.kind == "fell" and percent is not None and percent > _HALF:
        return "restriction"
    return "shutdown"


def _is_deliberate(scene: Scene, sign: Sign) -> bool:
    """*Switched off for fear of drones*: what somebody does, for a reason that is technical."""
    place = (sign.match.first, sign.match.last)
    if not any((one.first, one.last) == place for one in scene.of("deliberate")):
        return False
    if scene.has("authority", "ruler"):
        return True
    reasons = [one.first for one in scene.of("purpose")]
    faults = [one.first for one in scene.of("technical", "power")]
    return any(reason <= fault for reason in reasons for fault in faults)


def time_free(scene: Scene) -> bool:
    """Whether what is said has no verb of its own: a noun and its reason."""
    return not scene.has("cut", "offline", "restored", "fell")


def _service(scene: Scene, sign: Sign) -> ClaimType:
    """Blocked by somebody, or broken by itself."""
    if sign.family == "slow":
        return "service-block" if _is_limited(scene, sign) else "restriction"
    if sign.family == "block":
        return "service-block"
    countries = any(one.kind in {"country", "town", "people"} for one in scene.mentions)
    if scene.has("technical") or not (scene.has("authority", "blocked") or countries):
        return "platform-outage"
    if scene.has("broke_down", "technical") and not scene.has("ruler", "blocked"):
        return "platform-outage"
    if sign.match.kind == "failed" and not scene.has("authority", "blocked"):
        return "platform-outage"
    return "service-block"


def _is_limited(scene: Scene, sign: Sign) -> bool:
    """*Facebook was restricted*, *limited access to X*: kept from it, not slowed."""
    place = (sign.match.first, sign.match.last)
    return any((one.first, one.last) == place for one in scene.of("limited"))


def _historical(scene: Scene, time: ClaimTime, published: Published | None) -> bool:
    said = time.precision != "unknown" and not time.inferred_from.startswith("no time")
    if said and time.precision == "year":
        return True
    if said and time.until is not None and published is not None:
        return time.until < published.start - _ONCE
    return scene.has("earlier") and not said


def _is_to_come(time: ClaimTime, published: Published | None) -> bool:
    """Whether what is said is of a day after the publication."""
    if published is None or time.start is None or time.inferred_from.startswith("no time"):
        return False
    if published.start == published.until:
        return time.start > published.start and time.precision != "minute"
    if time.day is not None:
        return time.day > (published.until - _DAY / 2).date()
    return time.start >= published.until + _DAY / 2


def _negated(scene: Scene, sign: Sign) -> bool:
    """Whether what is said is denied; *does not work* is no denial but a loss."""
    if sign.match.kind in {"running", "reaching", "lacking"}:
        return False
    return negated(scene, sign.match)


def is_planned(scene: Scene, sign: Sign) -> bool:
    """Whether what a sign says is to come."""
    if scene.has("hearsay"):
        return False
    return (
        _is_future(scene, sign)
        or _governs(scene, sign, "planned", _FAR if scene.verb_last else _BEFORE, after=False)
        or _planned_after(scene, sign)
        or _is_infinitive_of_a_headline(scene, sign)
    )


def _is_future(scene: Scene, sign: Sign) -> bool:
    """Whether the word of the sign is itself of what is to come: *cortará*, *отключат*."""
    place = (sign.match.first, sign.match.last)
    if any((one.first, one.last) == place for one in scene.of("planned")):
        return True
    claims = speech(scene.report.language or "en").claims
    word = scene.report.words.folded[sign.match.first]
    return any(one.kind == "planned" and len(one.words) == 1 for one in claims.beginning(word))


def _planned_after(scene: Scene, sign: Sign) -> bool:
    """*..., dass das Netz abgeschaltet werden soll*: the modal ends the clause."""
    reach = _AFTER_NOUN if sign.by_noun else _AFTER if scene.verb_last else 0
    return any(
        0 <= one.first - sign.match.last < reach
        and not scene.parted(sign.match.last - 1, one.first)
        for one in scene.of("planned")
    )


def _is_infinitive_of_a_headline(scene: Scene, sign: Sign) -> bool:
    """*Iraq to cut internet*: somebody, and what is to be done."""
    before = sign.match.first - 1
    folded = scene.report.words.folded
    if before <= scene.sentence.first or folded[before] not in scene.grammar.headline_future:
        return False
    ends = {one.last for one in scene.mentions} | {one.last for one in scene.of("authority")}
    return before in ends and not scene.has("ordered")


def _ordered(scene: Scene, sign: Sign) -> bool:
    folded = scene.report.words.folded
    carried = scene.grammar.on_order
    for one in scene.of("ordered"):
        before = set(folded[max(one.first - 2, scene.sentence.first) : one.first])
        between = sign.match.first - one.last
        if not before & carried and 0 <= between <= _ORDERED:
            if scene.begins_clause(one.last, sign.match.first):
                return False
            return ";" not in _between(scene, one.last, sign.match.first)
        after = one.first - sign.match.last
        if sign.by_noun and not before & carried and 0 <= after <= _ORDERED:
            return not scene.joined(sign.match.last - 1, one.first)
    return False


def _governs(scene: Scene, sign: Sign, kind: str, reach: int, *, after: bool) -> bool:
    """Whether a phrase stands near enough before what it is said of, or after it."""
    for one in scene.of(kind):
        if one.first <= sign.match.first < one.last:
            continue
        distance = scene.apart(one.last - 1, sign.match.first - 1)
        joints = scene.joined(one.last - 1, sign.match.first)
        if one.last <= sign.match.first and distance < reach and joints <= 1:
            return True
        if after and one.first >= sign.match.last and one.first - sign.match.last < reach:
            return True
    return False


def _between(scene: Scene, first: int, last: int) -> str:
    words = scene.report.words
    return scene.report.text[words.ends[first - 1] : words.starts[last]]
