"""Delegated files made up for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RIPE = "2|ripencc|1366322399|3|19830705|20130418|+0200\n"
ARIN = "2.3|arin|1790600421096|3|19700101|20130417|-0400\n"


def delegated_file(registry: str, day: str, records: Iterable[str]) -> bytes:
    """A file of a registry: each record without the registry before it."""
    lines = [f"2|{registry}|1|0|19830705|{day}|+0000"]
    lines += [f"{registry}|{record}" for record in records]
    return "\n".join([*lines, ""]).encode()
