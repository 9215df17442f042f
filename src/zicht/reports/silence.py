"""When it speaks against a claim that no series shows what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.reports.evidence import VAGUE, Why, shown_by
from zicht.reports.measured import COVERAGE, POWER, power

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import Claim, Value, Verdict
    from zicht.reports.evidence import Window
    from zicht.reports.measured import View

HALF = 50.0
"""Where a text does not say how bad, silence speaks where half of ordinary would have been seen."""


def not_shown(
    claim: Claim, views: Sequence[View], window: Window, left: float | None
) -> tuple[Verdict, Why]:
    """Nothing showed it: contradicted where it would have been seen, else insufficient data.

    Args:
        claim: the claim.
        views: what the series show, those first that speak first.
        window: the time in which it is to be seen.
        left: the most that may be left for it to be so; ``None``: anything below ordinary.
    """
    if claim.time.precision in VAGUE:
        return "insufficient data", Why("time-vague", {"precision": claim.time.precision})
    able = [one for one in views if one.plane in {"data", "user"}]
    if not able:
        return "insufficient data", Why("routes-alone")
    depth = left
    if depth is None:
        depth = min(float(able[0].assessment.ordinary_above.min()), HALF)
    chances = [(one, power(one.assessment, *window, depth)) for one in able]
    for one, chance in chances:
        against = one.sure_up if left is None else one.least_share > depth
        if one.coverage >= COVERAGE and chance >= POWER and against:
            if left is None and any(other.sure_down for other in views):
                break
            return "contradicted", Why("never-shown", _values(one, chance, left, depth))
    one, chance = chances[0]
    return "insufficient data", Why("not-shown", _values(one, chance, left, depth))


def _values(view: View, chance: float, left: float | None, depth: float) -> dict[str, Value]:
    return {
        **shown_by(view),
        "left_percent": left,
        "depth_percent": round(depth, 1),
        "chance": min(round(chance, 3), 0.999),  # nothing is certain
        "chance_asked": POWER,
        "seen_percent": round(100 * view.coverage, 1),
        "seen_percent_asked": 100 * COVERAGE,
    }
