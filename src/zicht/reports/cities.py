"""Large towns, for a report that names no other place: *in Ekibastuz the internet is gone*."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from zicht.reports.languages import speech
from zicht.reports.tokens import find_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.reports.reading import Report

_LONGEST = 3  # words of a name
_SHORTEST = 4  # letters
_ENDINGS = ("", "а", "я", "ь", "й", "ы", "и", "о")
"""Of Russian names in the nominative, for what a case has put in their place."""


def cities_named(report: Report) -> Iterator[tuple[str, int, int]]:
    """The towns that stand after a word for where, written with a capital where there is one.

    Returns:
        Of each the country's code, its first word, and the word after its last.
    """
    words, text = report.words, report.text
    where = speech(report.language or "en").grammar.where
    known = _countries_of_cities()
    for place in range(1, len(words.folded)):
        if words.folded[place - 1] not in where or text[words.starts[place]].islower():
            continue
        for last in range(min(place + _LONGEST, len(words.folded)), place, -1):
            name = " ".join(words.folded[place:last])
            country = next((known[one] for one in _forms(name) if one in known), None)
            if country is not None:
                yield country, place, last
                break


def _forms(name: str) -> Iterator[str]:
    """A name as it stands, and the nominatives that it may be a case of."""
    if len(name) < _SHORTEST:
        return
    yield name
    if "а" <= name[-1] <= "я":
        for stem in (name[:-1], name[:-2]):
            for ending in _ENDINGS:
                if len(stem) >= _SHORTEST - 1:
                    yield stem + ending


@cache
def _countries_of_cities() -> dict[str, str]:
    """The country of each town, by its folded name."""
    data = (files("zicht.reports") / "data" / "cities.toml").read_bytes()
    tables = msgspec.toml.decode(data, type=dict[str, str])
    return {
        " ".join(find_words(name).folded): country
        for country, names in tables.items()
        for name in names.split(", ")
    }
