"""The languages that are read: one file of plain data each, in ``data``.

A native speaker can extend a file without reading any of this: a list belongs to a kind of thing
that a text may say, and is written as phrases between commas. Names of days and months are those
of the Unicode CLDR.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec
from babel import Locale

from zicht.errors import FaultError, UsageError
from zicht.reports.tokens import Lexicon, Phrase, fold, to_phrase
from zicht.toml import decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

CODES = ("en", "nl", "fr", "de", "es", "ru", "ar", "fa")
"""The languages that have a file, the well supported first."""

CALENDAR = ("weekday", "month_name", "month_short")
"""The kinds whose phrases come of the CLDR."""

_LEAST_ABBREVIATION = 3  # letters; shorter names of days are words of other meanings


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    well_supported: bool
    compounds: tuple[str, ...]
    prefixes: str
    letters: str
    common: str
    grammar: dict[str, str]
    affected: dict[str, str]
    happened: dict[str, str]
    told: dict[str, str]
    context: dict[str, str]
    how_much: dict[str, str]
    again: dict[str, str]
    said: dict[str, str]
    times: dict[str, str | tuple[str, ...]]
    numbers: dict[str, str]
    figures: dict[str, str]


class Grammar(msgspec.Struct, frozen=True, rename={"and_": "and", "if_": "if"}):
    """Small words of a language, and parts of words, all folded.

    Attributes:
        where: before the name of a place at which something is.
        definite: before what is known already: *the* shutdown.
        abbreviations: a full stop after them ends no sentence.
        and_: between two statements.
        after: before what is over: *after* five days.
        back: stand for what was just said: *that* is what Reuters reports.
        if_: begins a sentence that promises something for a condition.
        in_names: may stand within a name or title.
        on_order: before an order that was carried out: *on* orders of the court.
        headline_future: before the verb of a headline that says what is to come: Iraq *to* cut.
        plurals: endings of nouns of many.
        of: between a day and its month.
        of_an_event: after a word for the eve, where it is that of an event.
        naming: *from* where it names the beginning and not what goes on up to now.
        it: stands for the net where the sentence before spoke of it.
        meanwhile: begin a clause of what was at the same time.
        into_night: before the day on which a night ends.
        before_year: stand beside four figures that are a year.
        net: parts of words that name the net itself.
        networks: beginnings of words for networks of the net.
        cables: parts of words for cables that carry it.
    """

    where: frozenset[str]
    definite: frozenset[str]
    abbreviations: frozenset[str]
    and_: frozenset[str]
    after: frozenset[str]
    back: frozenset[str]
    if_: frozenset[str]
    in_names: frozenset[str]
    on_order: frozenset[str]
    headline_future: frozenset[str]
    plurals: frozenset[str]
    of: frozenset[str]
    of_an_event: frozenset[str]
    naming: frozenset[str]
    it: frozenset[str]
    meanwhile: frozenset[str]
    into_night: frozenset[str]
    before_year: frozenset[str]
    net: frozenset[str]
    networks: frozenset[str]
    cables: frozenset[str]


class Speech(msgspec.Struct, frozen=True):
    """A language as reports are read in it.

    Attributes:
        code: its ISO 639-1 code.
        name: its own name.
        well_supported: whether what is read in it is held to the scorecard's bars; else it is
            experimental, and said to be.
        common: the commonest words, by which it is recognised.
        letters: letters that speak for it.
        grammar: its small words.
        seats: words that say where somebody sits.
        claims: finds what is said of connectivity.
        times: finds what is said of when.
        figures: finds what is said of people and of measures.
    """

    code: str
    name: str
    well_supported: bool
    common: frozenset[str]
    letters: str
    grammar: Grammar
    seats: tuple[Phrase, ...]
    claims: Lexicon
    times: Lexicon
    figures: Lexicon

    def is_number(self, word: str) -> bool:
        """Whether a folded word is a number, or a vague one such as *dozens*."""
        kinds = {"one_by_one", "times_so_many", "vague"}
        return any(
            one.kind in kinds and one.words == (word,) for one in self.figures.beginning(word)
        )

    def number(self, word: str) -> int | None:
        """The number that a folded word says, or ``None``."""
        return next(
            (
                int(one.value)
                for one in self.figures.beginning(word)
                if one.kind == "one_by_one" and one.words == (word,)
            ),
            None,
        )


@cache
def speech(code: str) -> Speech:
    """The language of a code.

    Raises:
        UsageError: reports in that language cannot be read.
    """
    if code not in CODES:
        raise UsageError(
            f"Reports in the language {code!r} cannot be read.",
            f"Choose from {', '.join(CODES)}.",
        )
    file = _read(code)
    prefixes = tuple(sorted((fold(one) for one in split(file.prefixes)), key=len, reverse=True))
    calendar = list(_calendar(file))
    numbers = list(_phrases({"number": file.numbers}))
    return Speech(
        code=code,
        name=file.name,
        well_supported=file.well_supported,
        common=frozenset(fold(one) for one in split(file.common)),
        letters=file.letters,
        grammar=_grammar(file),
        seats=tuple(to_phrase("seat", "", one) for one in split(file.said["seat"])),
        claims=Lexicon(cues_of(code), file.compounds, prefixes),
        times=Lexicon([*calendar, *_times(file), *numbers], file.compounds, prefixes),
        figures=Lexicon(
            [*numbers, *_kinds(file.figures), *_kinds(_named(file.said, "said"))], (), prefixes
        ),
    )


def _grammar(file: _File) -> Grammar:
    lists = {name: [fold(one) for one in split(text)] for name, text in file.grammar.items()}
    try:
        return msgspec.convert(lists, Grammar)
    except msgspec.ValidationError as error:
        raise FaultError(f"{file.code}.toml, [grammar]: {error}.") from None


def cues_of(code: str) -> list[Phrase]:
    """Every phrase that makes, changes or unmakes a claim in a language.

    The kind is the name of its list (``cut``, ``planned``); of repetitions the value is how many
    times it makes. Lists of ``said`` have kinds that begin with ``said.``.
    """
    file = _read(code)
    tables = (
        file.affected,
        file.happened,
        file.told,
        file.context,
        file.how_much,
        _named({key: text for key, text in file.said.items() if key != "seat"}, "said"),
    )
    phrases = [phrase for table in tables for phrase in _kinds(table)]
    phrases += [to_phrase("again", n, one) for n, text in file.again.items() for one in split(text)]
    phrases += [to_phrase("percent", "", one) for one in split(file.numbers["percent"])]
    return phrases


def split(text: str) -> Iterator[str]:
    """The phrases of a list; ``go/went dark`` is two."""
    for one in text.replace("\n", " ").split(","):
        for words in product(*(word.split("/") for word in one.split())):
            if words:
                yield " ".join(words)


def _named(table: dict[str, str], room: str) -> dict[str, str]:
    return {f"{room}.{name}": text for name, text in table.items()}


def _kinds(table: dict[str, str]) -> Iterator[Phrase]:
    for kind, text in table.items():
        for one in split(text):
            yield to_phrase(kind, one, one)


def _times(file: _File) -> Iterator[Phrase]:
    for kind, text in file.times.items():
        if isinstance(text, str):
            for one in split(text):
                yield to_phrase(kind, "", one)


def _phrases(tables: dict[str, dict[str, str]]) -> Iterator[Phrase]:
    """Numbers and what stands before them; the value of a vague number is ``low high``."""
    valued = {"one_by_one": 1, "times_so_many": 1, "ordinal": 1, "vague": 2}
    for table in tables.values():
        for kind, text in table.items():
            for one in split(text):
                words = one.split()
                cut = len(words) - valued.get(kind, 0)
                value = " ".join(words[cut:])
                yield to_phrase(kind, value, " ".join(words[:cut]))


def _calendar(file: _File) -> Iterator[Phrase]:
    """Names of days (value 0 is Monday) and months (1 is January), with further forms."""
    locale = Locale.parse(file.code)
    yield from _names("weekday", locale.days, ("wide",))  # sun, sat and mar are other words too
    yield from _names("month_name", locale.months, ("wide",))
    yield from _names("month_short", locale.months, ("abbreviated",))  # sept is 7 in French
    for value, text in enumerate(file.times["weekdays"]):
        for one in split(text):
            yield to_phrase("weekday", str(value), one)
    for value, text in enumerate(file.times["months"], 1):
        for one in split(text):
            yield to_phrase("month_name", str(value), one)
    if file.code in {"en", "es"}:  # Mondays, los sábados
        for value, name in locale.days["format"]["wide"].items():
            if not name.endswith("s"):
                yield to_phrase("weekday", str(value), f"{name}s")


def _names(kind: str, table: Any, widths: tuple[str, ...]) -> Iterator[Phrase]:
    for context in ("format", "stand-alone"):
        for width in widths:
            for value, name in table[context][width].items():
                plain = name.rstrip(".")
                if width == "wide" or len(plain) >= _LEAST_ABBREVIATION:
                    yield to_phrase(kind, str(value), plain)


@cache
def _read(code: str) -> _File:
    name = f"{code}.toml"
    data = (files("zicht.reports") / "data" / name).read_bytes()
    file = decode_toml(data, _File, name=name, guide="docs/reports.md")
    if file.code != code:
        raise FaultError(f"{name} says that it is of the language {file.code!r}.")
    return file
