"""Whom a watch asks services of: those who were named, and the operators that countries bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity
from zicht.place.operators import operators_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.model.entity import Entity, EntityFact


def operators_of_countries(
    entities: Sequence[Entity], facts: Mapping[str, EntityFact], most: int
) -> list[Entity]:
    """Entities, and behind them the operators of the countries among them.

    Those of the table of operators come first, the most important first, then those of which
    sources told before, by their number.

    Args:
        entities: whom it is about.
        facts: what sources say of entities, by their text.
        most: of each country.
    """
    found = {str(one): one for one in entities}
    for country in [one.country for one in entities if one.type == "country"]:
        known = [fact.entity for fact in operators_of(country or "")]
        told = [
            one
            for text, fact in facts.items()
            if fact.country == country
            and (one := parse_entity(text)).type == "asn"
            and one.country is None
        ]
        told.sort(key=lambda one: one.asn or 0)
        names = list(dict.fromkeys([*known, *map(str, told)]))
        found |= {name: parse_entity(name) for name in names[:most]}
    return list(found.values())
