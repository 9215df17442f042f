"""Whose data speak in the figures of a checked report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.claim import Cited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.claim import Claim
    from zicht.reports.evidence import Evidence


def sources_of(claims: Sequence[Claim], evidence: Evidence) -> tuple[Cited, ...]:
    """The sources of all series that parts of claims show, each citation once, in order.

    Args:
        claims: claims with their parts.
        evidence: what they were held against.
    """
    shown = {
        (one.signal, one.entity)
        for claim in claims
        for part in claim.subclaims
        for one in part.measured
    }
    found: dict[tuple[str, str], set[str]] = {}
    for assessment in (*evidence.assessments, *evidence.speeds, *evidence.tests):
        series = assessment.series
        if (series.signal.name, series.entity) not in shown:
            continue
        for one in series.origins or (series.signal,):
            found.setdefault((one.citation, one.licence), set()).add(series.signal.name)
    return tuple(
        Cited(citation=citation, licence=licence, signals=tuple(sorted(signals)))
        for (citation, licence), signals in sorted(found.items())
    )
