"""Search: entities by a name in many languages, by a country's code, or by an operator's number."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.localedata import locale_identifiers

from zicht.model.entity import parse_entity
from zicht.place.names import country_codes

if TYPE_CHECKING:
    from zicht.web.view import View

_EXACT, _BEGIN, _WORD, _WITHIN = 4, 3, 2, 1
_SHORTEST_WITHIN = 3  # letters; fewer are within nearly every name


def search(view: View, text: str) -> list[str]:
    """The texts of entities that match, the best first; countries go before what lies in them."""
    wanted = plain(text)
    if not wanted:
        return []
    names = _country_names()
    countries = {
        code: max(_match(wanted, name) for name in (code.lower(), *names.get(code, ())))
        for code in country_codes()
    }
    found = []
    for entity in view.entities:
        score = _score(view, entity, wanted, countries)
        if score:
            found.append((-score, entity))
    return [entity for _, entity in sorted(found)]


def _score(view: View, text: str, wanted: str, countries: dict[str, int]) -> float:
    entity = parse_entity(text)
    fact = view.facts.get(text)
    own = _match(wanted, plain(fact.name)) if fact is not None and fact.name else 0
    if entity.type == "country":
        return max(own, countries.get(entity.code, 0))
    codes = [plain(entity.code)]
    if entity.asn is not None:
        codes = [str(entity.asn), f"as{entity.asn}"]
    own = max(own, *(_EXACT if wanted == code else 0 for code in codes))
    inherited = countries.get(view.country_of(text) or "", 0)
    return max(own - 0.2, 0.1 if inherited >= _BEGIN else 0)


def _match(wanted: str, name: str) -> int:
    if wanted == name:
        return _EXACT
    if name.startswith(wanted):
        return _BEGIN
    if f" {wanted}" in name:
        return _WORD
    return _WITHIN if len(wanted) >= _SHORTEST_WITHIN and wanted in name else 0


def plain(name: str) -> str:
    """A name as it is compared: no case, no accents, no signs but spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(
        one if unicodedata.category(one)[0] in "LN" else " "
        for one in letters
        if not unicodedata.combining(one)
    )
    return re.sub(r" +", " ", kept).strip()


@cache
def _country_names() -> dict[str, frozenset[str]]:
    """The names of each country, by its code, in the languages of the Unicode CLDR."""
    names: dict[str, set[str]] = {code: set() for code in country_codes()}
    for identifier in locale_identifiers():
        if "_" in identifier:  # a country's variant of a language
            continue
        for code, name in Locale.parse(identifier).territories.items():
            if code in names:
                names[code].add(plain(str(name)))
    return {code: frozenset(own) for code, own in names.items()}
