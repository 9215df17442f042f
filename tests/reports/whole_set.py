"""Whole reports with the claims that a careful reader finds in them, and how well they are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zicht.model.claim import Claim

FOLDER = Path(__file__).with_name("whole")
_KEPT = ("5", "6")
_QUOTES = '"“”«»„ '


@dataclass(frozen=True)
class Expected:
    """A claim that a report makes: its kind, country and day (``-``: none), and its words."""

    kind: str
    country: str
    day: str
    quote: str


@dataclass(frozen=True)
class Whole:
    """A report with its claims; some are kept apart."""

    language: str
    published: str
    text: str
    claims: tuple[Expected, ...]
    kept: bool


def wholes() -> list[Whole]:
    """The reports, by language and number."""
    return [_read(file) for file in sorted(FOLDER.glob("*.txt"))]


def _read(file: Path) -> Whole:
    language, number = file.stem.split("-")
    head, rest = file.read_text(encoding="utf-8").split("\n", 1)
    text, labels = rest.split("\n===\n")
    claims = []
    for line in labels.strip().splitlines():
        kind, country, day, _, _, _, quote = (part.strip() for part in line.split("|", 6))
        claims.append(Expected(kind, country, day, quote.strip(_QUOTES)))
    published = head.removeprefix("published:").strip()
    return Whole(language, published, text.strip() + "\n", tuple(claims), number in _KEPT)


def score_wholes(reports: Iterable[Whole]) -> dict[str, tuple[int, int]]:
    """Hits and tries of each measure; a claim is found where one that is read overlaps it."""
    names = ("recall", "precision", "type", "country", "day")
    table = {name: [0, 0] for name in names}

    def count(measure: str, *, hit: bool) -> None:
        table[measure][0] += hit
        table[measure][1] += 1

    for one in reports:
        report = read_report(one.text.encode(), name="whole", published=publication(one.published))
        found = find_claims(report)
        true: set[str] = set()
        for wanted in one.claims:
            begin = report.text.find(wanted.quote)
            assert begin >= 0, wanted.quote
            over = [c for c in found if _overlaps(c, begin, begin + len(wanted.quote))]
            true |= {claim.id for claim in over}
            count("recall", hit=bool(over))
            if not over:
                continue
            best = next((claim for claim in over if claim.type == wanted.kind), over[0])
            count("type", hit=best.type == wanted.kind)
            if wanted.country != "-":
                count("country", hit=best.place.country == wanted.country)
            if wanted.day != "-":
                count("day", hit=wanted.day in days_of(best))
        for claim in found:
            count("precision", hit=claim.id in true)
    return {name: (hits, tries) for name, (hits, tries) in table.items()}


def _overlaps(claim: Claim, begin: int, end: int) -> bool:
    spans = [(claim.start, claim.end), *((one.start, one.end) for one in claim.also)]
    return any(max(begin, start) < min(end, until) for start, until in spans)


def days_of(claim: Claim) -> set[str]:
    """The local day of a claim, and that on which a stretch of days begins."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for this alone

    days = {str(claim.time.day)}
    if claim.time.start is not None and claim.time.precision == "days":
        days.add(str(claim.time.start.astimezone(ZoneInfo(claim.time.clock)).date()))
    return days
