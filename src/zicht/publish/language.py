"""Languages: sentences through gettext catalogues; dates, numbers and names through Babel."""

from __future__ import annotations

import unicodedata
from datetime import UTC, timedelta
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from zicht.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

LANGUAGES = ("en", "nl", "fr", "ru", "fa", "ar")
"""The languages of pages; English needs no catalogue."""

SCREENS = ("en", "nl")
"""The languages of the screen, and of pictures and bulletins in files."""

_LEAST_PERCENT = 0.1
_TEN_PERCENT = 9.95  # what is rounded to ten is written without a decimal
_MINUTES_A_DAY = 24 * 60
_NUMERALS = {"arabext": dict(zip("0123456789%", "۰۱۲۳۴۵۶۷۸۹٪", strict=True))}
"""CLDR's numbering systems other than the Latin one; Babel does not write their digits."""

_DIRECTIONS = {"left-to-right": "ltr", "right-to-left": "rtl"}


class Language:
    """One language: its sentences, and how it writes times, numbers, lists and names.

    Times are written in the zone that is asked for, UTC unless told otherwise.

    Attributes:
        code: one of ``LANGUAGES``.
        locale: Babel's locale of it.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = Locale.parse("en_GB" if code == "en" else code)
        self._translations = _translations(code)
        system = self.locale.default_numbering_system
        self._digits = str.maketrans(_NUMERALS.get(system, {}))

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, as HTML's ``dir``."""
        return _DIRECTIONS[self.locale.character_order]

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, with ``{names}`` filled in."""
        return self._translations.gettext(sentence).format(**values)

    def translate(self, text: str) -> str:
        """The text as the catalogue has it, else as it is; nothing is filled in."""
        return self._translations.gettext(text) if text else ""

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """The sentence for ``n`` things; ``{n}`` is the number as the language writes it."""
        sentence = self._translations.ngettext(one, many, n)
        return sentence.format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with at most so many decimals."""
        pattern = f"#,##0.{'#' * digits}" if digits else "#,##0"
        return self._written(_decimal(self.locale, round(value, digits), pattern))

    def compact(self, value: float) -> str:
        """A number with three figures that count."""
        return self.number(float(f"{value:.3g}"), 2)

    def percent(self, value: float) -> str:
        """A percentage; below ten with a decimal, and never a zero that was not zero."""
        if 0 < value < _LEAST_PERCENT:
            return f"<\N{NARROW NO-BREAK SPACE}{self._percent(_LEAST_PERCENT, 1)}"
        return self._percent(value, 1 if 0 < value < _TEN_PERCENT else 0)

    def _percent(self, value: float, digits: int) -> str:
        pattern = self.locale.percent_formats[None].pattern.replace("0", f"0.{'#' * digits}", 1)
        pattern = pattern if digits else self.locale.percent_formats[None].pattern
        return self._written(_percentage(self.locale, round(value, digits), pattern))

    def _written(self, text: str) -> str:
        """The text in the numerals that the language is written with."""
        return text.translate(self._digits) if self._digits else text

    def day(self, time: datetime, zone: tzinfo = UTC) -> str:
        """A date with its year."""
        text: str = format_date(time.astimezone(zone), "d MMMM y", locale=self.locale)
        return self._written(text)

    def short_day(self, time: datetime, zone: tzinfo = UTC) -> str:
        """A date for an axis, without its year."""
        text: str = format_date(time.astimezone(zone), "d MMM", locale=self.locale)
        return self._written(text)

    def clock(self, time: datetime, zone: tzinfo = UTC) -> str:
        """Hours and minutes."""
        return self._written(f"{time.astimezone(zone):%H:%M}")

    def moment(self, time: datetime, zone: tzinfo = UTC) -> str:
        """A date and a time of day, without the zone's name."""
        return f"{self.day(time, zone)} {self.clock(time, zone)}"

    def short_moment(self, time: datetime, zone: tzinfo = UTC) -> str:
        """A date and a time of day in few letters, without year and zone."""
        return f"{self.short_day(time, zone)} {self.clock(time, zone)}"

    def duration(self, length: timedelta) -> str:
        """A length of time with the two units that matter: ``2 d 4 h``, ``3 h 20 min``."""
        minutes = round(length / timedelta(minutes=1))
        if minutes >= _MINUTES_A_DAY:
            days, hours = divmod(round(minutes / 60), 24)
            if hours:
                return self.say(
                    "{days} d {hours} h", days=self.number(days), hours=self.number(hours)
                )
            return self.say("{days} d", days=self.number(days))
        hours, minutes = divmod(minutes, 60)
        if hours and minutes:
            return self.say(
                "{hours} h {minutes} min", hours=self.number(hours), minutes=self.number(minutes)
            )
        if hours:
            return self.say("{hours} h", hours=self.number(hours))
        return self.say("{minutes} min", minutes=self.number(minutes))

    def step(self, seconds: int) -> str:
        """The length of a bin."""
        return self.duration(timedelta(seconds=seconds))

    def join(self, words: list[str]) -> str:
        """Words as a list: *a, b and c*."""
        return format_list(words, locale=self.locale)

    def sorting(self, name: str) -> str:
        """What names are sorted by: letters without case and marks."""
        plain = unicodedata.normalize("NFKD", name).casefold()
        return "".join(letter for letter in plain if not unicodedata.combining(letter))

    def country(self, code: str) -> str:
        """A country's name, or its code where the language has no name for it."""
        return self.locale.territories.get(code) or code


@lru_cache(maxsize=8192)  # tables say the same figures again and again
def _decimal(locale: Locale, value: float, pattern: str) -> str:
    return format_decimal(value, pattern, locale=locale, numbering_system="default")


@lru_cache(maxsize=8192)
def _percentage(locale: Locale, value: float, pattern: str) -> str:
    return format_percent(value / 100, pattern, locale=locale, numbering_system="default")


@cache
def language(code: str) -> Language:
    """The language of that code.

    Raises:
        UsageError: nothing is written in that language.
    """
    if code not in LANGUAGES:
        raise UsageError(
            f"Nothing is written in the language {code!r}.", f"Choose from {', '.join(LANGUAGES)}."
        )
    return Language(code)


@cache
def language_names() -> dict[str, str]:
    """What each language calls itself, by its code."""
    names = {code: Locale.parse(code).get_display_name() or code for code in LANGUAGES}
    return {code: f"{name[0].upper()}{name[1:]}" for code, name in names.items()}


def _translations(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    catalogue = files("zicht.publish") / "locale" / code / "LC_MESSAGES" / "zicht.po"
    compiled = BytesIO()
    with catalogue.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code, domain="zicht"))
    compiled.seek(0)
    return GNUTranslations(compiled)
