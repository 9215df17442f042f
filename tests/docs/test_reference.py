from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "cli_reference.py"


def test_the_page_of_commands_says_what_the_commands_say() -> None:
    process = subprocess.run(
        [sys.executable, str(SCRIPT), "--check", str(ROOT / "docs" / "cli.md")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    page = tmp_path / "cli.md"
    page.write_text("# The command line\n", encoding="utf-8")
    process = subprocess.run(
        [sys.executable, str(SCRIPT), "--check", str(page)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 1
    assert "make docs" in process.stderr
