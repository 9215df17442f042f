"""Names of places and operators for people."""

from __future__ import annotations

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
