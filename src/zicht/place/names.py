"""Names and codes of countries."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale

from zicht.errors import UsageError


@cache
def country_codes() -> dict[str, str]:
    """The countries and territories of the Unicode CLDR: English names by ISO 3166-1 code."""
    names = Locale("en").territories.items()
    no_countries = {"EU", "EZ", "UN", "XA", "XB", "ZZ"}
    return {
        str(code): str(name)
        for code, name in names
        if re.fullmatch(r"[A-Z]{2}", str(code)) and code not in no_countries
    }


def country_code(name: str) -> str:
    """The ISO 3166-1 code of a country by its English name, as the CLDR or others write it.

    Raises:
        UsageError: no country has that name.
    """
    known = _codes()
    for text in (name, re.sub(r"\(.*?\)", " ", name), *re.findall(r"\((.*?)\)", name)):
        for part in (text, *text.split("/")):
            if (code := known.get(_plain(part))) is not None:
                return code
    raise UsageError(f"{name!r} is no country that is known.", "Give its ISO 3166-1 code.")


# Names of countries that the CLDR has under others.
_OTHER_NAMES = {
    "bonaire, sint eustatius and saba": "BQ",
    "brunei darussalam": "BN",
    "congo": "CG",
    "czech republic": "CZ",
    "democratic republic of": "CD",
    "democratic republic of the congo": "CD",
    "drc": "CD",
    "federated states of micronesia": "FM",
    "great britain": "GB",
    "hong kong": "HK",
    "ivory coast": "CI",
    "kyrgyz republic": "KG",
    "macao": "MO",
    "macedonia": "MK",
    "republic of the congo": "CG",
    "russian federation": "RU",
    "swaziland": "SZ",
    "syrian arab republic": "SY",
    "turkey": "TR",
    "united states of america": "US",
}


@cache
def _codes() -> dict[str, str]:
    codes = {}
    for code, name in country_codes().items():
        codes[_plain(name)] = code
        codes.setdefault(_plain(re.sub(r"\(.*?\)", " ", name)), code)
        codes[code.lower()] = code
    return codes | {_plain(name): code for name, code in _OTHER_NAMES.items()}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", letters.replace("&", " and "))
    return " ".join({"st": "saint"}.get(word, word) for word in words)
