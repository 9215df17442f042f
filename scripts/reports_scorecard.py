"""Write docs/reports-scorecard.md: how well claims are read in the labelled sentences.

Usage: python scripts/reports_scorecard.py [--check] docs/reports-scorecard.md
       python scripts/reports_scorecard.py --unused

The sentences are ``tests/reports/labelled.txt``. ``--unused`` lists the phrases of each language
that none of them touches.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "reports"))

from labelled_set import f1, labelled, score  # noqa: E402 - it stands beside the tests

from zicht.reports.languages import cues_of, speech  # noqa: E402
from zicht.reports.reading import read_report  # noqa: E402

LANGUAGES = ("en", "nl", "fr", "de", "es", "ru")

_HEAD = """\
# The scorecard of reports

<!-- Written by scripts/reports_scorecard.py; a test fails when it is stale. -->

How well [claims](reports.md) are read, on {n} sentences in six languages that were written and
labelled for this project ([tests/reports/labelled.txt](../tests/reports/labelled.txt)); {hard} of
them are hard negatives: power cuts, cable cuts, a firm's outage, *blackout* as a metaphor, blocked
sites, threatened or denied shutdowns. Each is read alone, with its day of publication. Who wrote
the sentences also wrote the rules, so that these figures are an upper bound: texts of others will
be read less well.

- **precision**, **recall**, **F1**: of sentences that make any claim on connectivity.
- **type**, **country**, **day**: of the claims found, those read as labelled (the day where one can
  be told).
- **refused**: hard negatives that were not read as a shutdown, a restriction or a restoration.
"""

_KEPT = """\
Every third sentence. They were looked at once, when all else was done, and nothing was changed for
them afterwards."""

_MEASURES = ("precision", "recall", "type", "country", "day", "refused")


def main() -> None:
    """Write the page, check it, or list what is unused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    parser.add_argument("--unused", action="store_true", help="list phrases that nothing touches")
    parser.add_argument("page", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.unused:
        unused()
        return
    if arguments.page is None:
        parser.error("name the page")
    text = page()
    if arguments.check:
        stale = arguments.page.read_text(encoding="utf-8") != text
        sys.exit(f"{arguments.page} is stale: run this without --check." if stale else 0)
    arguments.page.write_text(text, encoding="utf-8")


def page() -> str:
    """The page."""
    sentences = labelled()
    hard = sum(one.hard for one in sentences)
    parts = [_HEAD.format(n=len(sentences), hard=hard)]
    for title, kept, about in (
        (
            "Kept apart",
            True,
            _KEPT,
        ),
        ("To develop by", False, "The other two thirds, on which the reading was made."),
    ):
        parts.append(f"## {title}\n\n{about}\n\n{_table([s for s in sentences if s.kept == kept])}")
    return "\n".join(parts)


def _table(sentences: list) -> str:  # type: ignore[type-arg]
    table = score(sentences)
    head = f"| language | sentences | F1 | {' | '.join(_MEASURES)} |"
    lines = [head, "|---|--:|--:|" + "--:|" * len(_MEASURES)]
    for code in (*LANGUAGES, "all"):
        row = table[code]
        count = sum(code in {one.language, "all"} for one in sentences)
        name = speech(code).name if code != "all" else "**all**"
        cells = [_cell(*row.get(measure, (0, 0))) for measure in _MEASURES]
        lines.append(f"| {name} | {count} | {f1(row):.2f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(hits: int, tries: int) -> str:
    return f"{hits} of {tries}" if tries else "–"


def unused() -> None:
    """Print the phrases that no labelled sentence touches, list by list."""
    for code in LANGUAGES:
        found = set()
        for one in labelled():
            if one.language == code:
                words = read_report(one.text.encode(), name="a", language=code).words.folded
                found |= {(m.kind, m.value) for m in speech(code).claims.find(words)}
        print(f"{speech(code).name}:")
        by_kind: dict[str, list[str]] = {}
        for phrase in cues_of(code):
            if (phrase.kind, phrase.value) not in found:
                by_kind.setdefault(phrase.kind, []).append(" ".join(phrase.words))
        for kind, phrases in by_kind.items():
            print(f"  {kind}: {', '.join(phrases)}")


if __name__ == "__main__":
    main()
