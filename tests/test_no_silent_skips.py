from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

SKIPPING = {
    "a fixture finds no data": """
def test_something(data_folder):
    assert data_folder
""",
    "a test skips itself": """
import pytest
def test_something():
    pytest.skip("not today")
""",
    "a mark skips it": """
import pytest
@pytest.mark.skip(reason="not today")
def test_something():
    pass
""",
    "the module is skipped": """
import pytest
pytest.skip("not today", allow_module_level=True)
""",
}


def outcomes(folder: Path, *, required: str) -> Counter[str]:
    """How pytest, with our conftest.py and in two processes as usual, counts these tests."""
    for own in ("conftest.py", "object_store.py"):
        shutil.copy(Path(__file__).with_name(own), folder)
    for number, test in enumerate(SKIPPING.values()):
        (folder / f"test_{number}.py").write_text(test, encoding="utf-8")
    (folder / "test_fine.py").write_text("def test_something():\n    pass\n", encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "--rootdir=.", "."],
        cwd=folder,
        env=os.environ | {"ZICHT_REQUIRE_DATA": required, "ZICHT_DATA": str(folder / "absent")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    last = process.stdout.splitlines()[-1]
    found = Counter({word: int(count) for count, word in re.findall(r"(\d+) ([a-z]+?)s?\b", last)})
    found["exit code"] = process.returncode
    return found


def test_where_data_are_required_every_skip_is_a_failure(tmp_path: Path) -> None:
    found = outcomes(tmp_path, required="1")
    assert found["exit code"] != pytest.ExitCode.OK
    assert found["skipped"] == 0
    assert found["failed"] + found["error"] == len(SKIPPING)


def test_elsewhere_tests_are_skipped_and_the_rest_passes(tmp_path: Path) -> None:
    found = outcomes(tmp_path, required="")
    assert found["exit code"] == pytest.ExitCode.OK
    assert found["skipped"] == len(SKIPPING)
    assert found["passed"] == 1
