"""Claims held against what was measured.

A claim splits into parts that are checked by themselves. Nothing is ever said of who did it or why.
What is made by the lab confirms nothing: there every verdict reads *simulated*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.model.claim import Claim, SubClaim
from zicht.model.time import format_time
from zicht.reports.measured import COVERAGE, POWER, SURE, View, in_order, look, power

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zicht.model.belief import Assessment
    from zicht.model.claim import Verdict
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event

LEVELS = {"all": 10.0, "nearly all": 20.0, "largely": 50.0}
"""Percent of ordinary that may be left where a text says *all*, *nearly all* or *largely*."""

MARGIN = 10.0
"""A figure in a text is met within so many percent of ordinary."""

BACK = 50.0
"""Connectivity is back from so many percent of ordinary on, and partly back from half of that."""

BEFORE = timedelta(days=14)
"""*Again* looks back so far."""

AROUND = timedelta(hours=1)
"""A time of the clock is met within so much."""

LONGEST = timedelta(days=120)
"""Of a longer window nothing is said."""

_NEVER = {
    "voice": "Calls are not measured.",
    "sms": "Text messages are not measured.",
}
_UNMEASURED = {
    "order": "What was ordered is not measured, only what followed.",
    "plan": "What is to come is not measured.",
    "rumour": "A rumour is not checked; what it is about may be claimed elsewhere.",
    "cause": "Why something was is not measured.",
}


@dataclass(frozen=True)
class Evidence:
    """What there is to hold claims against.

    Attributes:
        assessments: every series, with its expectation and belief.
        events: what was found, blocks of services among them.
        facts: what is known of entities, by their text.
        simulated: whether any of it is of the lab and no measurement.
    """

    assessments: tuple[Assessment, ...] = ()
    events: tuple[Event, ...] = ()
    facts: Mapping[str, EntityFact] = field(default_factory=dict)
    simulated: bool = False


def judge(claim: Claim, evidence: Evidence) -> Claim:
    """The claim with its parts checked, and the verdict of all of them together."""
    parts = _parts(claim, evidence)
    if evidence.simulated:
        parts = [
            msgspec.structs.replace(
                one,
                verdict="simulated",
                reason=f"The data are simulated and confirm nothing. On them: {one.verdict}."
                f" {one.reason}",
            )
            for one in parts
        ]
    return msgspec.structs.replace(claim, subclaims=tuple(parts), verdict=_together(parts))


def _together(parts: Sequence[SubClaim]) -> Verdict:
    """Contradicted where a part is; supported where all that can be measured is."""
    found = {one.verdict for one in parts}
    if "simulated" in found:
        return "simulated"
    if "contradicted" in found:
        return "contradicted"
    if found <= {"not measurable"}:
        return "not measurable"
    return "supported" if found <= {"supported", "not measurable"} else "insufficient data"


def _parts(claim: Claim, evidence: Evidence) -> list[SubClaim]:
    parts: list[SubClaim] = []
    if claim.type in _UNMEASURED:
        return [_part(claim.type, "not measurable", _UNMEASURED[claim.type])]
    if claim.type in {"service-block", "platform-outage"}:
        return [_service(claim, evidence), *_whys(claim)]
    window = _window(claim)
    if isinstance(window, str):
        parts.append(_part(_what(claim), "insufficient data", window))
    elif claim.type == "restoration":
        parts.append(_restoration(claim, evidence, window))
    else:
        parts += _losses(claim, evidence, window)
    parts += [
        _part(f"{scope} affected", "not measurable", _NEVER[scope])
        for scope in claim.scope
        if scope in _NEVER
    ]
    return [*parts, *_whys(claim)]


def _whys(claim: Claim) -> list[SubClaim]:
    if not claim.causes:
        return []
    return [_part("who did it, or why", "not measurable", "Nobody can measure who or why.")]


def _part(text: str, verdict: Verdict, reason: str, figures: Iterable[str] = ()) -> SubClaim:
    return SubClaim(text=text, verdict=verdict, reason=reason, figures=tuple(figures))


def _what(claim: Claim) -> str:
    where = claim.place.name or claim.place.country or "an unknown place"
    said = {"restoration": "connectivity came back", "denial": "connectivity was ordinary"}
    return f"{said.get(claim.type, 'connectivity was down')} in {where}"


def _window(claim: Claim) -> tuple[datetime, datetime] | str:
    """The time in which it is to be seen, or why none can be told."""
    if claim.place.entity is None:
        return "The text does not tell of what country."
    start, until = claim.time.start, claim.time.until
    if start is None or until is None:
        return "The day is not known. --published tells when the report was published."
    if until - start > LONGEST:
        return f"The time is only known within {(until - start).days} days."
    if claim.time.precision in {"minute", "hour"}:
        return start - AROUND, until + AROUND
    return start, until


# ------------------------------------------------------------------------------------ loss


def _losses(claim: Claim, evidence: Evidence, window: tuple[datetime, datetime]) -> list[SubClaim]:
    views, why = _views(claim, evidence, window)
    left = _left(claim)
    parts = [_loss(claim, views, why, window, left)]
    if claim.type == "denial":
        return [_denied(claim, parts[0])]
    if claim.repeated is not None and claim.repeated > 1:
        parts += _again(claim, evidence, window, why)
    return parts


def _left(claim: Claim) -> float | None:
    """The most that may be left for the claim to be so; ``None``: anything below ordinary."""
    if claim.percent is not None:
        return min(claim.percent + MARGIN, 100.0)
    return LEVELS.get(claim.severity.level)


def _views(
    claim: Claim, evidence: Evidence, window: tuple[datetime, datetime]
) -> tuple[list[View], str]:
    """What the series of the place and scope show, or why there is none."""
    chosen, why = _chosen(claim, evidence)
    views = in_order([look(one, *window) for one in chosen])
    seen = [one for one in views if one.lowest is not None]
    if chosen and not seen:
        why = "No series has a value in that time."
    return seen, why


def _chosen(claim: Claim, evidence: Evidence) -> tuple[list[Assessment], str]:
    entity = claim.place.entity
    named = {one for one in claim.service if one.startswith("asn/")}
    if named:
        own = [
            one
            for one in evidence.assessments
            if one.series.entity in named or one.series.entity.rpartition("/")[0] in named
        ]
        return own, f"No series of {', '.join(sorted(named))} is in the store."
    kinds = {*claim.scope} & {"mobile", "fixed"}
    if kinds and "all" not in claim.scope:
        wanted = {*kinds, "mixed"} if len(kinds) > 1 else kinds
        own = [
            one
            for one in evidence.assessments
            if _kind(evidence, one.series.entity) in wanted
            and _country(evidence, one.series.entity) == claim.place.country
        ]
        return own, f"No operator is measured that is {' or '.join(sorted(kinds))} alone."
    if not {*claim.scope} & {"all", "operators", "mobile", "fixed"}:
        return [], "Only calls or messages are named, and these are not measured."
    own = [one for one in evidence.assessments if one.series.entity == entity]
    if not own and entity is not None and entity.startswith("region/"):
        return [], f"{claim.place.name} by itself is not measured, only the country."
    if claim.place.name and entity == f"country/{claim.place.country}" and _is_town(claim):
        return [], f"{claim.place.name} by itself is not measured, only the country."
    return own, f"The store holds no series of {entity}."


def _is_town(claim: Claim) -> bool:
    return claim.place.inferred_from == "sentence: a town"


def _kind(evidence: Evidence, entity: str) -> str:
    fact = evidence.facts.get(entity)
    return fact.kind if fact else ""


def _country(evidence: Evidence, entity: str) -> str | None:
    fact = evidence.facts.get(entity)
    return fact.country if fact else None


def _loss(
    claim: Claim,
    views: Sequence[View],
    why: str,
    window: tuple[datetime, datetime],
    left: float | None,
) -> SubClaim:
    text = _loss_text(claim, left)
    if not views:
        return _part(text, "insufficient data", why)
    figures = [_figure(one) for one in views]
    bar = f"at most {left:.0f} % of ordinary" if left is not None else "below ordinary"
    down = [
        one
        for one in views
        if one.sure_down and (left is None or (one.lowest is not None and one.lowest <= left))
    ]
    if down:
        reason = f"{down[0].signal} was {bar}, with a belief of {SURE:.0%} and more."
        return _part(text, "supported", reason, figures)
    return _not_shown(claim, text, views, window, left, bar, figures)


def _not_shown(  # noqa: PLR0917 - all that decides whether silence speaks
    claim: Claim,
    text: str,
    views: Sequence[View],
    window: tuple[datetime, datetime],
    left: float | None,
    bar: str,
    figures: list[str],
) -> SubClaim:
    """Nothing showed it: contradicted where it would have been seen, else insufficient data."""
    if claim.type == "restriction":
        reason = "Slowness shows in speeds, which nothing here measures."
        return _part(text, "insufficient data", reason, figures)
    if claim.time.precision in {"month", "year", "unknown"}:
        reason = f"The time is only known as: {claim.time.inferred_from}."
        return _part(text, "insufficient data", reason, figures)
    able = [one for one in views if one.plane in {"data", "user"}]
    if not able:
        reason = "Only routes were seen, and routes may stay while nothing comes through."
        return _part(text, "insufficient data", reason, figures)
    depth = left if left is not None else min(float(able[0].assessment.ordinary_above.min()), 50.0)
    speaking = []
    for one in able:
        chance = power(one.assessment, *window, depth)
        against = one.sure_up if left is None else one.least_share > depth
        if one.coverage >= COVERAGE and chance >= POWER and against:
            speaking.append((one, chance))
    if speaking and not any(one.sure_down and left is None for one in views):
        one, chance = speaking[0]
        reason = (
            f"{one.signal} was never {bar}; it would have shown that with a chance of {chance:.2f}"
            f" ({POWER} is asked for), and {one.coverage:.0%} of the time was seen."
        )
        return _part(text, "contradicted", reason, figures)
    best = able[0]
    chance = power(best.assessment, *window, depth)
    reason = (
        f"Nothing was surely {bar}; {best.signal} saw {best.coverage:.0%} of the time and would"
        f" have shown it with a chance of {chance:.2f} ({COVERAGE:.0%} and {POWER} are asked for)."
    )
    return _part(text, "insufficient data", reason, figures)


def _loss_text(claim: Claim, left: float | None) -> str:
    where = claim.place.name or claim.place.country or "?"
    scope = " and ".join(one for one in claim.scope if one not in _NEVER) or "connectivity"
    bar = f" to {left:.0f} % of ordinary or less" if left is not None else ""
    return f"{scope} down{bar} in {where}" if scope != "all" else f"down{bar} in {where}"


def _denied(claim: Claim, loss: SubClaim) -> SubClaim:
    turned: dict[str, Verdict] = {"supported": "contradicted", "contradicted": "supported"}
    return _part(_what(claim), turned.get(loss.verdict, loss.verdict), loss.reason, loss.figures)


def _figure(view: View) -> str:
    """What a series showed: *lowest 4 % of ordinary at 18:10Z; back at 71 %; down again*."""
    lowest = "?" if view.lowest is None else f"{view.lowest:.3g}"
    at = "" if view.lowest_at is None else f" at {format_time(view.lowest_at)[:16]}Z"
    text = f"{view.signal} ({view.assessment.series.entity}): lowest {lowest} % of ordinary{at}"
    downs = 0
    for one in view.stretches:
        if one.down:
            downs += 1
            text += "; down again" if downs > 1 else ""
        elif downs:
            text += f"; back at {one.percent:.0f} % {_clock(one.start)}–{_clock(one.end)}Z"
    return f"{text}; {view.coverage:.0%} of the time seen"


def _clock(time: datetime) -> str:
    return format_time(time)[:16]


# ------------------------------------------------------------------------------------ repetition


def _again(
    claim: Claim, evidence: Evidence, window: tuple[datetime, datetime], why: str
) -> list[SubClaim]:
    """*For the second time*: down before, and up in between."""
    chosen, _ = _chosen(claim, evidence)
    times = claim.repeated or 2
    views = in_order([look(one, window[0] - BEFORE, window[1]) for one in chosen])
    views = [one for one in views if one.lowest is not None]
    text = f"down {times} times within {BEFORE.days} days, and up in between"
    if not views:
        return [_part(text, "insufficient data", why)]
    counted = [(_downs(one), one) for one in views]
    best, view = max(counted, key=lambda item: item[0])
    reason = f"{view.signal} was surely down {best} times with connectivity in between."
    if best >= times:
        return [_part(text, "supported", reason, [_figure(view)])]
    return [_part(text, "insufficient data", reason, [_figure(view)])]


def _downs(view: View) -> int:
    """How often it went down, each time after having been up."""
    downs, up = 0, True
    for one in view.stretches:
        if one.down and up:
            downs, up = downs + 1, False
        elif not one.down:
            up = True
    return downs


# ------------------------------------------------------------------------------------ restoration


def _restoration(claim: Claim, evidence: Evidence, window: tuple[datetime, datetime]) -> SubClaim:
    views, why = _views(claim, evidence, (window[0] - timedelta(days=1), window[1]))
    text = _what(claim)
    if not views:
        return _part(text, "insufficient data", why)
    figures = [_figure(one) for one in views]
    bar = BACK / 2 if claim.severity.level == "partly" else BACK
    for one in views:
        if _came_back(one, window, bar):
            reason = f"{one.signal} rose to {bar:.0f} % of ordinary or more after an outage."
            return _part(text, "supported", reason, figures)
    able = [one for one in views if one.plane in {"data", "user"} and one.coverage >= COVERAGE]
    if able and claim.time.precision not in {"month", "year", "unknown"}:
        within = [look(one.assessment, *window) for one in able]
        still = [
            one for one in within if one.stretches and all(part.down for part in one.stretches)
        ]
        if still and len(still) == len(within):
            reason = f"{still[0].signal} was surely down all the time."
            return _part(text, "contradicted", reason, figures)
    return _part(text, "insufficient data", "No series surely came back in that time.", figures)


def _came_back(view: View, window: tuple[datetime, datetime], bar: float) -> bool:
    down = False
    for one in view.stretches:
        if one.down:
            down = True
        elif down and one.percent >= bar and one.end > window[0]:
            return True
    return False


# ------------------------------------------------------------------------------------ services


def _service(claim: Claim, evidence: Evidence) -> SubClaim:
    names = ", ".join(claim.service) or "the services named"
    text = f"{names} could not be reached in {claim.place.name or claim.place.country or '?'}"
    window = _window(claim)
    if isinstance(window, str):
        return _part(text, "insufficient data", window)
    for event in evidence.events:
        if event.event_class != "platform-block" or event.entity != claim.place.entity:
            continue
        named = any(one.lower() in event.depth_signal.lower() for one in claim.service)
        over = event.onset[0] < window[1] and (event.end is None or event.end[1] > window[0])
        if named and over:
            figure = f"{event.depth_signal}: {event.depth_percent:.0f} % of ordinary, {event.id}"
            return _part(text, "supported", "Tests of that service failed.", [figure])
    return _part(text, "insufficient data", "No test of that service in that time is in the store.")
