from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def version() -> str:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(pyproject["project"]["version"])


def test_the_citation_file_says_what_the_format_asks_for() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    assert citation["license"] == "Apache-2.0"
    assert citation["version"] == version()


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[([0-9][^\]]*)\]", changelog, re.MULTILINE)
    assert releases[0] == version()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^-|index-url|find-links|\s@\s", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_release_in_the_lock_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "")
    pins = [line for line in text.splitlines() if re.match(r"\w", line)]
    assert pins
    pinned = re.compile(r"[\w.-]+==[\w.]+( ;[^-]+)?\s+--hash=sha256:[0-9a-f]{64}")
    assert all(map(pinned.match, pins))


def test_the_lock_holds_all_that_zicht_needs() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for lock, needs in (
        ("requirements.lock", pyproject["project"]["dependencies"]),
        ("requirements-dev.lock", pyproject["project"]["dependencies"]),
        ("requirements-dev.lock", pyproject["dependency-groups"]["dev"]),
    ):
        text = (ROOT / lock).read_text(encoding="utf-8")
        pinned = set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
        assert {re.split(r"[<>=!~ \[]", need)[0] for need in needs} <= pinned
