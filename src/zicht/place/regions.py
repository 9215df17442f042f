"""Codes of regions: which code of ISO 3166-2 was changed into which, and the numbers of IODA.

Codes change: what was ``KZ-ALA`` until 28 November 2022 is ``KZ-75`` since. Some are given anew to
another region, so that a code says nothing without the day that it was written: ``IR-07`` was
Tehran until 23 November 2020 and is Fars since. The facts, with their sources, are in
``region_codes.csv`` and ``ioda_regions.csv`` beside this module; they are not complete.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class CodeChange(msgspec.Struct, frozen=True):
    """A code that another took the place of.

    Attributes:
        old: the code until then, such as ``KZ-ALA``.
        new: the code since, such as ``KZ-75``.
        change: ``renamed``: the same region; ``merged``: one of several that became one region.
        on: the first day of the new code.
    """

    old: str
    new: str
    change: Literal["renamed", "merged"]
    on: date


def code_changes(country: str | None = None) -> tuple[CodeChange, ...]:
    """The changes that are known, of one country or of all, the earliest of a country first."""
    return tuple(change for change in _changes() if country in {None, change.old[:2]})


def current_code(code: str, written: date | None = None) -> str:
    """Today's code of the region that ``code`` meant on the day that it was ``written``.

    Without a day it is taken as it is understood today: a code that was given to another region
    means that one, and one that is no longer given means what it meant last. A code of which no
    change is known is given back as it is.

    Args:
        code: a code of ISO 3166-2, such as ``KZ-ALA``.
        written: the day of the source that has it.
    """
    if written is None:
        if code in _given_today():
            return code
        written = max((change.on for change in _changes() if change.old == code), default=date.max)
        changes = [change for change in _changes() if change.on >= written]
    else:
        changes = [change for change in _changes() if change.on > written]
    for day in sorted({change.on for change in changes}):
        code = next(
            (change.new for change in changes if change.on == day and change.old == code), code
        )
    return code


def former_codes(code: str) -> tuple[CodeChange, ...]:
    """How a region came to today's code: the changes that lead to it, the last one first."""
    found: list[CodeChange] = []
    wanted = {(code, date.max)}
    while wanted:
        earlier = [
            change
            for change in reversed(_changes())
            if any(change.new == new and change.on < until for new, until in wanted)
        ]
        latest = {
            new: max(c.on for c in earlier if c.new == new) for new in {c.new for c in earlier}
        }
        earlier = [change for change in earlier if change.on == latest[change.new]]
        found += earlier
        wanted = {(change.old, change.on) for change in earlier}
    return tuple(found)


def ioda_region(number: int) -> str | None:
    """The code of ISO 3166-2 of a region by IODA's number; ``None`` when it is not known."""
    return _ioda_regions().get(number)


def ioda_number(code: str) -> int | None:
    """IODA's number of a region by its code of ISO 3166-2; ``None`` when it is not known."""
    return next((number for number, known in _ioda_regions().items() if known == code), None)


@cache
def _changes() -> tuple[CodeChange, ...]:
    return tuple(
        msgspec.convert(row, CodeChange, strict=False) for row in _rows("region_codes.csv")
    )


@cache
def _given_today() -> frozenset[str]:
    """Codes that were given to a region later than they were last taken from one."""
    given: dict[str, date] = {}
    taken: dict[str, date] = {}
    for change in _changes():
        given[change.new] = max(change.on, given.get(change.new, date.min))
        taken[change.old] = max(change.on, taken.get(change.old, date.min))
    return frozenset(code for code, on in given.items() if on >= taken.get(code, date.min))


@cache
def _ioda_regions() -> dict[int, str]:
    return {int(row["number"]): row["region"] for row in _rows("ioda_regions.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("zicht.place") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
