"""Whose routes are wanted: those who were named, and whom countries among them bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity
from zicht.place.operators import operator

if TYPE_CHECKING:
    from collections.abc import Collection


class Wanted:
    """A container of entities' texts: countries bring their regions and operators.

    An operator belongs to a country by the table of operators, its part in a country by its name.

    Args:
        texts: texts of the entities that were named.
    """

    def __init__(self, texts: Collection[str]) -> None:
        self._texts = frozenset(texts)
        parsed = [parse_entity(text) for text in texts]
        self._countries = {one.country for one in parsed if one.type == "country"}

    def __contains__(self, text: object) -> bool:
        """Whether an entity is wanted."""
        if text in self._texts:
            return True
        entity = parse_entity(str(text))
        country = entity.country
        if country is None and entity.asn is not None:
            known = operator(entity.asn)
            country = None if known is None else known.country
        return country is not None and country in self._countries
