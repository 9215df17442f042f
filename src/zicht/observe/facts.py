"""What is known of entities: their names, countries and kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.model.entity import EntityFact, parse_entity
from zicht.place.operators import operator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zicht.store import Store


def known_facts(store: Store, entities: Iterable[str] | None = None) -> dict[str, EntityFact]:
    """What sources and the table of operators say of entities, by their text.

    Args:
        store: the store.
        entities: their texts; by default all that have series, which are looked up in the store.
    """
    facts = dict(store.entities())
    if entities is None:
        entities = {text for _, text in store.keys()}  # noqa: SIM118 - a store is no dict
    for text in entities:
        entity = parse_entity(text)
        if entity.asn is None:
            continue
        listed, stated = operator(entity.asn), facts.get(text)
        facts[text] = EntityFact(
            entity=text,
            name=_first_known(stated and stated.name, listed and listed.name),
            country=_first_known(
                entity.country, stated and stated.country, listed and listed.country
            ),
            kind=listed.kind if listed else "unknown",
        )
    return facts


def _first_known(*values: object) -> str | None:
    return next((value for value in values if isinstance(value, str)), None)
