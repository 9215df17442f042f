"""How far an event reaches, from what the store measures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.explain.scope import Scope, scope_of
from zicht.model.entity import parse_entity
from zicht.observe.detection import chosen_entities
from zicht.observe.facts import known_facts
from zicht.observe.place_tables import load_users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.observe.evidence import Evidence
    from zicht.store import Store

BLOCKS = ("probe.up24", "bgp.visible24")
"""Signals that count blocks: where no table of users is kept, their share stands in for it."""

_BEFORE = timedelta(days=1)


def scope(store: Store, found: Evidence) -> Scope:
    """How far an event reaches: regions, and operators by kind with what they stand for.

    Shares are of users where a table of them was imported (``zicht place import --kind users``),
    else of the blocks that were measured in the day before the onset, and called so.

    Raises:
        StoreError: the store cannot be read.
    """
    event = found.event
    facts = known_facts(store)
    measured = sorted(chosen_entities(store, [event.entity], facts) - {event.entity})
    operators = [text for text in measured if parse_entity(text).asn is not None]
    country = parse_entity(event.entity).country
    shares, share_of = _of_users(store, operators, country), "users"
    if not shares:
        shares, share_of = _of_blocks(store, found, operators), "blocks"
    return scope_of(
        event,
        found.outages,
        facts=facts,
        measured=measured,
        shares=shares,
        share_of=share_of,
    )


def _of_users(store: Store, operators: Sequence[str], country: str | None) -> dict[str, float]:
    users = None if country is None else load_users(store.path)
    if users is None or country is None:
        return {}
    shares = {text: users.share(parse_entity(text).asn or 0, country) for text in operators}
    return {text: 100 * share for text, share in shares.items() if share is not None}


def _of_blocks(store: Store, found: Evidence, operators: Sequence[str]) -> dict[str, float]:
    onset = found.event.onset[0]
    if not operators:
        return {}
    for signal in BLOCKS:
        series = store.read_all(
            signals=[signal], entities=list(operators), start=onset - _BEFORE, end=onset
        )
        blocks = {one.entity: float(np.nanmedian(one.values)) for one in series if one.values.size}
        if total := sum(blocks.values()):
            return {text: 100 * count / total for text, count in blocks.items()}
    return {}
