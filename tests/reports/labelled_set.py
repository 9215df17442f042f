"""The labelled sentences, and how well they are read."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zicht.model.claim import Claim

FOLDER = Path(__file__).with_name("labelled")
WITH_THE_RULES = "with_the_rules"
LATER = "-later"
"""Ends the names of files that were written when the rules were done: all of them is kept apart."""
EXPERIMENTAL = ("ar", "fa")
"""Languages that no native speaker has looked at: no bar counts their sentences."""
HAPPENED = frozenset({"shutdown", "restriction", "restoration"})
"""What a hard negative must not be read as: connectivity that was cut, or given back."""


@dataclass(frozen=True)
class Labelled:
    """A sentence with what a careful reader reads out of it."""

    language: str
    published: str
    kind: str
    country: str
    day: str
    hard: bool
    text: str
    kept: bool
    blind: bool
    later: bool


def labelled() -> list[Labelled]:
    """The sentences, file by file in their order; of blind files every third is kept apart.

    Those of the experimental languages are not among them.
    """
    return [one for one in _all() if one.language not in EXPERIMENTAL]


def experimental() -> list[Labelled]:
    """The sentences of the experimental languages, written by those who wrote their rules."""
    return [one for one in _all() if one.language in EXPERIMENTAL]


def _all() -> Iterator[Labelled]:
    for file in sorted(FOLDER.glob("*.txt")):
        yield from _read(file)


def _read(file: Path) -> Iterator[Labelled]:
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    blind, later = file.stem != WITH_THE_RULES, file.stem.endswith(LATER)
    for number, row in enumerate(rows):
        language, published, kind, country, day, hard, text = (
            part.strip() for part in row.split("|", 6)
        )
        yield Labelled(
            language=language,
            published=published,
            kind=kind,
            country=country,
            day=day,
            hard=hard == "h",
            text=text,
            kept=blind and (number % 3 == 2 or later),
            blind=blind,
            later=later,
        )


def read_sentence(one: Labelled) -> tuple[Claim, ...]:
    """What is read out of a sentence that stands alone."""
    report = read_report(one.text.encode(), name="sentence", published=publication(one.published))
    return find_claims(report)


def score(sentences: Iterable[Labelled]) -> dict[str, dict[str, tuple[int, int]]]:
    """Hits and tries of each measure, by language and for ``all``."""
    table: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def count(language: str, measure: str, *, hit: bool) -> None:
        for name in (language, "all"):
            table[name][measure][0] += hit
            table[name][measure][1] += 1

    for one in sentences:
        claims = read_sentence(one)
        wanted = one.kind != "-"
        if wanted:
            count(one.language, "recall", hit=bool(claims))
        if claims:
            count(one.language, "precision", hit=wanted)
        if one.hard:
            count(one.language, "refused", hit=not any(c.type in HAPPENED for c in claims))
        if wanted and claims:
            first = claims[0]
            count(one.language, "type", hit=any(c.type == one.kind for c in claims))
            if one.country != "-":
                count(one.language, "country", hit=first.place.country == one.country)
            if one.day != "-":
                count(
                    one.language,
                    "day",
                    hit=str(first.time.day) == one.day or _begins(first, one.day),
                )
    return {name: {m: (h, n) for m, (h, n) in row.items()} for name, row in table.items()}


def _begins(claim: Claim, day: str) -> bool:
    """Whether a stretch (*since Saturday*) begins on a local day."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for this alone

    if claim.time.start is None or claim.time.precision != "days":
        return False
    return str(claim.time.start.astimezone(ZoneInfo(claim.time.clock)).date()) == day


def f1(row: dict[str, tuple[int, int]]) -> float:
    """The harmonic mean of precision and recall of claim sentences."""
    precision, recall = (row[name][0] / row[name][1] for name in ("precision", "recall"))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def kinds(sentences: Iterable[Labelled]) -> Counter[str]:
    """How many sentences there are of each kind."""
    return Counter(one.kind for one in sentences)
