"""Claims that a service could not be reached, held against tests of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.claim import Measured
from zicht.reports.evidence import Why, Window, measured, part, seen_in, window_of
from zicht.reports.silence import not_shown

if TYPE_CHECKING:
    from zicht.model.belief import Assessment
    from zicht.model.claim import Claim, SubClaim
    from zicht.reports.evidence import Evidence


def service(claim: Claim, evidence: Evidence) -> SubClaim:
    """Whether the services that a claim names could not be reached."""
    services = tuple(one for one in claim.service if not one.startswith("asn/"))
    window = window_of(claim)
    if isinstance(window, Why):
        return part(claim, "unreachable", "insufficient data", window, services=services)
    found = blocks(claim, evidence, window)
    views, why = seen_in(tests_of(claim, evidence), window, Why("no-test"))
    shown = [*found, *map(measured, views)]
    if found:
        why = Why("tests-failed")
        return part(claim, "unreachable", "supported", why, shown, window=window, services=services)
    if not views:
        return part(claim, "unreachable", "insufficient data", Why("no-test"), services=services)
    verdict, why = not_shown(claim, views, window, None)
    return part(claim, "unreachable", verdict, why, shown, window=window, services=services)


def blocks(claim: Claim, evidence: Evidence, window: Window) -> list[Measured]:
    """The blocks of a claim's services that were found in a time."""
    return [
        Measured(
            signal=event.depth_signal,
            title="",
            entity=event.entity,
            plane="user",
            lowest_percent=event.depth_percent,
            event=event.id,
        )
        for event in evidence.events
        if event.event_class == "platform-block"
        and not event.retracted
        and event.entity == claim.place.entity
        and _is_named(claim, event.depth_signal)
        and event.onset[0] < window.until
        and (event.end is None or event.end[1] > window.start)
    ]


def tests_of(claim: Claim, evidence: Evidence) -> list[Assessment]:
    """The series of tests of a claim's services in its place."""
    return [
        one
        for one in evidence.tests
        if one.series.entity == claim.place.entity
        and (
            _is_named(claim, one.series.signal.name) or _is_named(claim, one.series.signal.platform)
        )
    ]


def _is_named(claim: Claim, signal: str) -> bool:
    return any(one.lower() in signal.lower() for one in claim.service)
