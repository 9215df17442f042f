"""Operators: who runs an autonomous system, in which country, mobile or fixed.

The facts are in ``operators.toml`` beside this module.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from zicht.model.entity import EntityFact

CONFIDENCES = ("high", "medium", "low")
"""How well the link of number and operator and the kind are supported."""


def operator(asn: int) -> EntityFact | None:
    """What is known of an operator; ``None`` when nothing is.

    Where it works in several countries the fact is of the first of them.
    """
    found = _by_asn().get(asn)
    return found[0] if found else None


def operators_of(country: str) -> tuple[EntityFact, ...]:
    """The operators of a country that are known, in the table's order: the most important first."""
    return tuple(fact for facts in _by_asn().values() for fact in facts if fact.country == country)


def all_operators() -> tuple[EntityFact, ...]:
    """All operators that are known, country by country."""
    return tuple(fact for facts in _by_asn().values() for fact in facts)


def confidence(asn: int) -> str | None:
    """``high``, ``medium`` or ``low``; ``None`` when the operator is not known."""
    return next((row.confidence for row in _rows() if row.asn == asn), None)


class _Row(msgspec.Struct, frozen=True):
    asn: int
    name: str
    country: str
    kind: str
    confidence: str


class _Table(msgspec.Struct, frozen=True):
    operator: tuple[_Row, ...]


@cache
def _by_asn() -> dict[int, tuple[EntityFact, ...]]:
    facts: dict[int, tuple[EntityFact, ...]] = {}
    for row in _rows():
        fact = EntityFact(
            entity=f"asn/{row.asn}", name=row.name, country=row.country, kind=row.kind
        )
        facts[row.asn] = (*facts.get(row.asn, ()), fact)
    return facts


@cache
def _rows() -> tuple[_Row, ...]:
    text = (files("zicht.place") / "operators.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Table).operator
