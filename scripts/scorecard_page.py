"""Write the figures of docs/scorecard.md that the page of the method shows.

Usage: python scripts/scorecard_page.py

They go to src/zicht/web/scorecard.json. A test fails when that file is another than this writes.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

_ROOT = Path(__file__).parents[1]
_CELL = re.compile(
    r"\*\*(?P<value>[^*]+)\*\*(?: \[(?P<interval>[^\]]+)\])?(?: \((?P<support>[^)]+)\))?"
)
FIGURES = (
    "labelled outages found, series by series",
    "alerts that met a label, of those that met one or were false",
    "false alerts per quiet series-week",
    "false events per quiet country-week",
    "delay of the alert in bins, median",
    "error of the onset in bins, median",
    "expected calibration error over outages",
)
"""The figures that the page shows; the document has all."""


def figures(document: str) -> dict[str, object]:
    """The figures of all recordings together, by method, as the document has them."""
    table = document.split("## All recordings together\n\n", 1)[1].split("\n\n", 1)[0]
    head, _, *rows = table.splitlines()
    methods = [cell.strip() for cell in head.strip("|").split("|")][1:]
    found = {}
    for row in rows:
        name, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        if name in FIGURES:
            found[name] = [_cell(cell) for cell in cells]
    return {"methods": methods, "figures": {name: found[name] for name in FIGURES}}


def _cell(text: str) -> dict[str, str | None] | None:
    match = _CELL.fullmatch(text)
    return match.groupdict() if match else None


def main() -> None:
    """Write them."""
    document = (_ROOT / "docs" / "scorecard.md").read_text("utf-8")
    data = msgspec.json.format(msgspec.json.encode(figures(document)), indent=1)
    (_ROOT / "src" / "zicht" / "web" / "scorecard.json").write_bytes(data + b"\n")


if __name__ == "__main__":
    main()
