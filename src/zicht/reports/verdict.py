"""Claims held against what was measured.

A claim splits into parts that are checked by themselves. Nothing is ever said of who did it or why.
What is made by the lab confirms nothing: there every verdict reads *simulated*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.reports.evidence import Evidence, Why, part, window_of
from zicht.reports.losses import losses, restoration
from zicht.reports.services import service
from zicht.reports.slowness import slowness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import Claim, SubClaim, Verdict

__all__ = ["Evidence", "judge"]

_NEVER = {"voice": "calls-not-measured", "sms": "messages-not-measured"}
_PARTS = {"voice": "calls-affected", "sms": "messages-affected"}
_UNMEASURED = {
    "order": ("ordered", "orders-not-measured"),
    "plan": ("to-come", "plans-not-measured"),
    "rumour": ("rumoured", "rumours-not-checked"),
    "cause": ("who-or-why", "nobody-can-measure"),
}
_SAID = {"restoration": "back", "denial": "ordinary", "restriction": "slowed"}


def judge(claim: Claim, evidence: Evidence) -> Claim:
    """The claim with its parts checked, and the verdict of all of them together.

    Codes and figures are given; their words in a language come later.
    """
    parts = [_named(one, evidence) for one in _parts(claim, evidence)]
    if evidence.simulated:
        parts = [
            msgspec.structs.replace(one, verdict="simulated", simulated_verdict=one.verdict)
            for one in parts
        ]
    return msgspec.structs.replace(claim, subclaims=tuple(parts), verdict=_together(parts))


def _named(part: SubClaim, evidence: Evidence) -> SubClaim:
    """The part with the names of what was measured."""
    facts = evidence.facts
    shown = tuple(
        msgspec.structs.replace(one, name=facts[one.entity].name) if one.entity in facts else one
        for one in part.measured
    )
    return msgspec.structs.replace(part, measured=shown)


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
    if claim.type in _UNMEASURED:
        code, why = _UNMEASURED[claim.type]
        return [part(claim, code, "not measurable", Why(why))]
    if claim.type in {"service-block", "platform-outage"}:
        return [service(claim, evidence), *_whys(claim)]
    calls = [
        part(claim, _PARTS[scope], "not measurable", Why(_NEVER[scope]))
        for scope in claim.scope
        if scope in _NEVER
    ]
    if calls and not {*claim.scope} - _NEVER.keys():
        return [*calls, *_whys(claim)]
    window = window_of(claim)
    if isinstance(window, Why):
        parts = [part(claim, _SAID.get(claim.type, "down"), "insufficient data", window)]
    elif claim.type == "restoration":
        parts = [restoration(claim, evidence, window)]
    elif claim.type == "restriction":
        parts = [slowness(claim, evidence, window)]
    else:
        parts = losses(claim, evidence, window)
    return [*parts, *calls, *_whys(claim)]


def _whys(claim: Claim) -> list[SubClaim]:
    if not claim.causes:
        return []
    return [part(claim, "who-or-why", "not measurable", Why("nobody-can-measure"))]
