"""Headings that say what the text below them says: one claim, not two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.model.claim import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.claim import Claim
    from zicht.reports.reading import Report


def merge_headings(report: Report, claims: Sequence[tuple[int, Claim]]) -> list[Claim]:
    """The claims without those of headings that a sentence of their section makes too.

    Args:
        report: the report.
        claims: each with the number of its sentence, in order; what a heading says stands in
            ``also`` of the claim that it repeats.
    """
    merged = list(claims)
    used: set[int] = set()
    for index, (number, claim) in enumerate(claims):
        if not report.sentences[number].heading:
            continue
        partner = next(
            (other for other, one in _of_section(report, claims, index) if _same(claim, one)),
            None,
        )
        if partner is not None:
            used.add(index)
            there, body = merged[partner]
            also = Span(quote=claim.quote, start=claim.start, end=claim.end)
            body = msgspec.structs.replace(
                body, also=(*body.also, also), repeated=body.repeated or claim.repeated
            )
            merged[partner] = there, body
    return [claim for index, (_, claim) in enumerate(merged) if index not in used]


def _of_section(
    report: Report, claims: Sequence[tuple[int, Claim]], index: int
) -> Iterator[tuple[int, Claim]]:
    """The claims after a heading's that its section makes, or, after a title, the report."""
    number = claims[index][0]
    for other in range(index + 1, len(claims)):
        there, claim = claims[other]
        if number and _section(report, there) != _section(report, number):
            return
        if not report.sentences[there].heading:
            yield other, claim


def _section(report: Report, number: int) -> int:
    return report.sentences[number].section


def _same(heading: Claim, body: Claim) -> bool:
    losses = {"shutdown", "restriction", "technical-outage"}
    same = heading.type == body.type or {heading.type, body.type} <= losses
    same = same and bool({*heading.scope} & {*body.scope})
    places = heading.place.country is None or heading.place.country == body.place.country
    return same and places
