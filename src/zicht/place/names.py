"""Names of places and operators for people."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale, UnknownLocaleError

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.place.operators import operator


def place_name(entity: str, locale: str = "en") -> str:
    """The name of an entity in a language, such as ``nl`` or ``pt-BR``.

    Countries have the names of the Unicode CLDR, operators their own, regions without a name that
    is known the words of their code.

    Raises:
        UsageError: the text names no entity, or the language is not known.
    """
    parsed = parse_entity(entity)
    if parsed.type == "country":
        return _country(parsed.code, locale)
    if parsed.asn is not None:
        return _operator(parsed.asn, parsed.country, locale)
    if "/" in parsed.code:
        slug = parsed.code.split("/")[1]
        return " ".join(word.capitalize() for word in slug.split("-"))
    return parsed.code


def _country(code: str, locale: str) -> str:
    name: str = _territories(locale).get(code, code)
    return name


def _operator(asn: int, country: str | None, locale: str) -> str:
    fact = operator(asn)
    name = f"{fact.name} (AS{asn})" if fact and fact.name else f"AS{asn}"
    return f"{name}, {_country(country, locale)}" if country else name


@cache
def _territories(locale: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(locale.replace("_", "-"), sep="-").territories)
    except (UnknownLocaleError, ValueError):
        raise UsageError(
            f"{locale!r} is no language that is known.", "Write it as en, nl or pt-BR."
        ) from None


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
    for code, name in _territories("en").items():
        if re.fullmatch(r"[A-Z]{2}", code) and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ"}:
            codes[_plain(name)] = code
            codes.setdefault(_plain(re.sub(r"\(.*?\)", " ", name)), code)
            codes[code.lower()] = code
    return codes | {_plain(name): code for name, code in _OTHER_NAMES.items()}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", letters.replace("&", " and "))
    return " ".join({"st": "saint"}.get(word, word) for word in words)
