"""Countries by their names in every language that is official somewhere.

The names are those of the Unicode CLDR, which Babel carries. A name is compared without case,
marks, spaces and punctuation, and letters that Arabic and Persian write differently count as one.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from difflib import SequenceMatcher
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

from zicht.place.names import country_codes

LONGEST = 100
"""Letters of a question that are looked at."""

ALIKE = 0.8
"""Share of letters (Ratcliff and Obershelp) from which a name counts as meant, but mistyped."""

_LEAST_TYPED = 4  # letters; fewer are like too much
_LEAST_PREFIX = 2
_SAME = str.maketrans(
    {
        "\N{ARABIC LETTER YEH}": "\N{ARABIC LETTER FARSI YEH}",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER FARSI YEH}",
        "\N{ARABIC LETTER KAF}": "\N{ARABIC LETTER KEHEH}",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
    }
)
"""Letters that look alike and are typed on different keyboards; marks go by themselves."""


def fold(text: str) -> str:
    """A name as it is compared: letters and digits alone, without case and marks."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST]).casefold().translate(_SAME)
    return "".join(letter for letter in plain if letter.isalnum())


def countries_named(text: str) -> list[str]:
    """The codes of the countries that a text names, the likeliest first.

    A code or a whole name goes before the begin of one, and that before one that is mistyped.
    """
    asked = fold(text)
    if not asked:
        return []
    code = asked.upper()
    found = [code] if code in country_codes() else []
    found += sorted(_names().get(asked, ()))
    return list(dict.fromkeys([*found, *_starting(asked)])) or list(dict.fromkeys(_like(asked)))


def _starting(asked: str) -> list[str]:
    if len(asked) < _LEAST_PREFIX:
        return []
    names = _names()
    starting = sorted((name for name in names if name.startswith(asked)), key=len)
    return [code for name in starting for code in sorted(names[name])]


def _like(asked: str) -> list[str]:
    if len(asked) < _LEAST_TYPED:
        return []
    names, scored = _names(), []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(asked)
    for name in names:
        if abs(len(name) - len(asked)) > len(asked) * (1 - ALIKE) + 1:
            continue
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
            ratio = matcher.ratio()
            if ratio >= ALIKE:
                scored.append((-ratio, name))
    return [code for _, name in sorted(scored) for code in sorted(names[name])]


@cache
def _names() -> dict[str, set[str]]:
    """The codes of the countries that bear a name, by the name as it is compared."""
    names: dict[str, set[str]] = defaultdict(set)
    codes = country_codes()
    for language in _official_languages():
        try:
            territories = Locale.parse(language).territories
        except (UnknownLocaleError, ValueError):
            continue  # official, and Babel has no data of it
        for code, name in territories.items():
            if code in codes:
                names[fold(str(name))].add(str(code))
    names.pop("", None)
    return dict(names)


def _official_languages() -> list[str]:
    languages = {"en"}
    for code in country_codes():
        languages.update(get_official_languages(code, regional=True, de_facto=True))
    return sorted(languages)
