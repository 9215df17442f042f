"""Claims that connections or services were slowed, held against measured speeds.

Speeds tell that connections were slow, never that somebody slowed them: congestion does too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.reports.evidence import Why, chosen_of, measured, part, seen_in, views_of
from zicht.reports.losses import MARGIN, was_below
from zicht.reports.services import blocks, tests_of
from zicht.reports.silence import not_shown

if TYPE_CHECKING:
    from zicht.model.claim import Claim, SubClaim
    from zicht.reports.evidence import Evidence, Window

_NETWORKS = frozenset({"all", "mobile", "fixed", "operators"})
_SPEED_WHYS = {
    "no-value": "no-speed",
    "no-series": "no-speed",
    "no-series-of-operators": "no-speed-of-operators",
    "no-operator-of-kind": "no-speed-of-kind",
    "place-not-measured": "no-speed-of-place",
}


def slowness(claim: Claim, evidence: Evidence, window: Window) -> SubClaim:
    """Whether connections were slow; who was cut off altogether was limited too.

    Only a figure tells how slow: *all* and *largely* say how many were slowed.
    """
    if "service" in claim.scope and not _NETWORKS & {*claim.scope}:
        return _service(claim, evidence, window)
    left = None if claim.percent is None else min(claim.percent + MARGIN, 100.0)
    chosen, why = chosen_of(claim, evidence, evidence.speeds)
    speeds, why = seen_in(chosen, window, why)
    views, _ = views_of(claim, evidence, window)
    shown = [measured(one) for one in (*speeds, *views)]
    seen = window if shown else None
    for one in speeds:
        if one.sure_down and (left is None or (one.lowest is not None and one.lowest <= left)):
            why = was_below("speed-below", one, left)
            return part(claim, "slowed", "supported", why, shown, window=seen, left_percent=left)
    cut = next((one for one in views if one.sure_down), None)
    if cut is not None and left is None:
        why = was_below("was-down", cut, None)
        return part(claim, "slowed", "supported", why, shown, window=seen, left_percent=None)
    if not speeds:
        why = Why(_SPEED_WHYS.get(why.code, why.code), why.values)
        return part(
            claim, "slowed", "insufficient data", why, shown, window=seen, left_percent=left
        )
    verdict, why = not_shown(claim, speeds, window, left)
    if verdict == "contradicted" and cut is not None:
        verdict, why = "insufficient data", Why("cut-while-fast", {"signal": cut.signal})
    return part(claim, "slowed", verdict, why, shown, window=seen, left_percent=left)


def _service(claim: Claim, evidence: Evidence, window: Window) -> SubClaim:
    """A service's speed is measured by nobody; tests tell whether it can be reached."""
    shown = [
        *blocks(claim, evidence, window),
        *map(measured, seen_in(tests_of(claim, evidence), window, Why(""))[0]),
    ]
    services = tuple(one for one in claim.service if not one.startswith("asn/"))
    if shown:
        why = Why("tests-tell-no-speed")
        return part(
            claim,
            "service-slowed",
            "insufficient data",
            why,
            shown,
            window=window,
            services=services,
        )
    why = Why("speed-of-services-not-measured")
    return part(claim, "service-slowed", "not measurable", why, services=services)
