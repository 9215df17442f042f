"""Answers that are kept, and what becomes of files that are damaged or in the way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zicht.sources.fetch.kept import KeptAnswers

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "https://example.org/x?y"
HEADERS = {"etag": '"1"', "last-modified": "Wed, 05 Jan 2022 10:00:00 GMT", "server": "any"}


def test_what_is_kept_is_asked_about_and_given_back(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "answers")
    assert (kept.conditions(ADDRESS), kept.body(ADDRESS)) == ({}, None)
    kept.keep(ADDRESS, b"line\nbody", HEADERS, final=False)
    again = KeptAnswers(tmp_path / "answers")
    assert again.conditions(ADDRESS) == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "Wed, 05 Jan 2022 10:00:00 GMT",
    }
    assert again.body(ADDRESS) == b"line\nbody"
    assert again.final(ADDRESS) is None
    assert again.body(f"{ADDRESS}&z") is None


def test_what_nothing_can_be_asked_about_is_kept_only_if_it_is_final(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    kept.keep(ADDRESS, b"body", {}, final=False)
    assert list(tmp_path.iterdir()) == []
    kept.keep(ADDRESS, b"body", {}, final=True)
    assert kept.final(ADDRESS) == b"body"


def test_a_damaged_file_was_never_kept(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    kept.keep(ADDRESS, b"body", HEADERS, final=True)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-1], b"", b"{}\nbody", whole.replace(b"body", b"bodx")):
        file.write_bytes(damaged)
        assert kept.body(ADDRESS) is None
        assert kept.final(ADDRESS) is None
        assert kept.conditions(ADDRESS) == {}


def test_old_files_go(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    kept.keep(ADDRESS, b"body", HEADERS, final=True)
    (file,) = tmp_path.iterdir()
    os.utime(file, (0, 0))
    KeptAnswers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    kept = KeptAnswers(blocked / "answers")
    kept.keep(ADDRESS, b"body", HEADERS, final=True)
    assert kept.body(ADDRESS) is None
