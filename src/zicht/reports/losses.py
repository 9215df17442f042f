"""Claims of connectivity that was lost, that was not, or that came back, held against series."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.reports.evidence import (
    VAGUE,
    Why,
    Window,
    chosen_of,
    measured,
    part,
    seen_in,
    shown_by,
    views_of,
)
from zicht.reports.measured import COVERAGE, SURE, look
from zicht.reports.silence import not_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import Claim, SubClaim, Value, Verdict
    from zicht.reports.evidence import Evidence
    from zicht.reports.measured import View

LEVELS = {"all": 10.0, "nearly all": 20.0, "largely": 50.0}
"""Percent of ordinary that may be left where a text says *all*, *nearly all* or *largely*."""

MARGIN = 10.0
"""A figure in a text is met within so many percent of ordinary."""

BACK = 50.0
"""Connectivity is back from so many percent of ordinary on, and partly back from half of that."""

BEFORE = timedelta(days=14)
"""*Again* looks back so far."""

_TURNED: dict[Verdict, Verdict] = {"supported": "contradicted", "contradicted": "supported"}


def losses(claim: Claim, evidence: Evidence, window: Window) -> list[SubClaim]:
    """Whether connectivity was down, and where it is said to be so again, whether it was before."""
    views, why = views_of(claim, evidence, window)
    left = left_of(claim)
    verdict, reason = _loss(claim, views, why, window, left)
    shown = [measured(one) for one in views]
    seen = window if views else None
    if claim.type == "denial":
        return [part(claim, "ordinary", _TURNED.get(verdict, verdict), reason, shown, window=seen)]
    parts = [part(claim, "down", verdict, reason, shown, window=seen, left_percent=left)]
    if claim.repeated is not None and claim.repeated > 1:
        parts.append(_again(claim, evidence, window, why))
    return parts


def left_of(claim: Claim) -> float | None:
    """The most that may be left for the claim to be so; ``None``: anything below ordinary."""
    if claim.percent is not None:
        return min(claim.percent + MARGIN, 100.0)
    return LEVELS.get(claim.severity.level)


def _loss(
    claim: Claim, views: Sequence[View], why: Why, window: Window, left: float | None
) -> tuple[Verdict, Why]:
    if not views:
        return "insufficient data", why
    showing = [
        one
        for one in views
        if one.sure_down and (left is None or (one.lowest is not None and one.lowest <= left))
    ]
    if not showing:
        return not_shown(claim, views, window, left)
    shown, seen = len({one.of for one in showing}), len({one.of for one in views})
    if shown < _asked(claim, seen):
        values: dict[str, Value] = {"operators_showing": shown, "operators_seen": seen}
        return "insufficient data", Why("some-operators", values)
    return "supported", was_below("was-down", showing[0], left)


def _asked(claim: Claim, seen: int) -> int:
    """Of so many operators that are seen, how many have to show what is claimed of them."""
    if claim.severity.level == "partly":
        return 1
    named = any(one.startswith("asn/") for one in claim.service)
    if named or claim.percent is not None or claim.severity.level in {"all", "nearly all"}:
        return seen
    return seen // 2 + 1


def was_below(code: str, view: View, left: float | None) -> Why:
    """Why a series supports a claim."""
    return Why(code, {**shown_by(view), "left_percent": left, "belief": SURE})


# ------------------------------------------------------------------------------------ repetition


def _again(claim: Claim, evidence: Evidence, window: Window, why: Why) -> SubClaim:
    """*For the second time*: down before, and up in between."""
    chosen, _ = chosen_of(claim, evidence, evidence.assessments)
    times = claim.repeated or 2
    window = Window(window.start - BEFORE, window.until)
    views, _ = seen_in(chosen, window, why)
    days = BEFORE.days
    if not views:
        return part(claim, "down-again", "insufficient data", why, times=times, days=days)
    best, view = max(((_downs(one), one) for one in views), key=lambda item: item[0])
    return part(
        claim,
        "down-again",
        "supported" if best >= times else "insufficient data",
        Why("times-down", {**shown_by(view), "times_down": best}),
        [measured(view)],
        window=window,
        times=times,
        days=days,
    )


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


def restoration(claim: Claim, evidence: Evidence, window: Window) -> SubClaim:
    """Whether connectivity came back."""
    wide = Window(window.start - timedelta(days=1), window.until)
    views, why = views_of(claim, evidence, wide)
    bar = BACK / 2 if claim.severity.level == "partly" else BACK
    verdict, reason = _back(claim, views, why, window, bar)
    shown = [measured(one) for one in views]
    seen = wide if views else None
    return part(claim, "back", verdict, reason, shown, window=seen, back_percent=bar)


def _back(
    claim: Claim, views: Sequence[View], why: Why, window: Window, bar: float
) -> tuple[Verdict, Why]:
    if not views:
        return "insufficient data", why
    for one in views:
        if _came_back(one, window, bar):
            return "supported", Why("came-back", shown_by(one))
    able = [one for one in views if one.plane in {"data", "user"} and one.coverage >= COVERAGE]
    if able and claim.time.precision not in VAGUE:
        within = [look(one.assessment, *window) for one in able]
        if all(_stayed_down(one, bar) for one in within):
            return "contradicted", Why("down-throughout", shown_by(within[0]))
    return "insufficient data", Why("no-return")


def _stayed_down(view: View, bar: float) -> bool:
    """Whether it was surely down whenever that can be told, and never reached the bar meanwhile."""
    down = bool(view.stretches) and all(one.down for one in view.stretches)
    return down and view.highest is not None and view.highest < bar


def _came_back(view: View, window: Window, bar: float) -> bool:
    down = False
    for one in view.stretches:
        if one.down:
            down = True
        elif down and one.percent >= bar and one.end > window.start:
            return True
    return False
