"""The scorecard has the form that a run over the recordings gives it today."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def form(page: Path) -> list[str]:
    """Headings, and of each table's rows the first cell and how many there are.

    Lists of failures differ with every change of detection, and figures do too. Where statsmodels
    is not installed the part that needs it is left out.
    """
    lines: list[str] = []
    text = page.read_text(encoding="utf-8")
    if find_spec("statsmodels") is None:
        text = re.sub(
            r"^## Beside Chocolatine.*?(?=^## )", "", text, flags=re.DOTALL | re.MULTILINE
        )
    for line in text.splitlines():
        if line.startswith("#"):
            lines.append(line)
        elif line.startswith("| ") and not re.match(
            r"\| (missed|merged|false|doubtful|country/)", line
        ):
            cells = line.strip("| ").split(" | ")
            lines.append(f"{cells[0]}: {len(cells)}" if len(cells) > 2 else cells[0])
    return [line for line in lines if not line.startswith(("bins", "outages", "what"))]


def test_the_scorecard_is_of_the_recordings_that_are_scored_today(
    data_folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "scorecard.md"
    subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "scorecard.py"), str(page)],
        check=True,
        timeout=600,
        env=os.environ | {"ZICHT_DATA": str(data_folder)},
    )
    assert form(page) == form(ROOT / "docs" / "scorecard.md"), "run: make scorecard"
