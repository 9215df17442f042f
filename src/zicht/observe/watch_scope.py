"""What has to be looked at together with a suspect, and how far back what is found may change.

Outages of an operator are corroborated by its country's, and belong to its country's events; those
of a country rest on its own series alone. So a suspect brings its country, and a country that
something happens in brings those of its operators and regions that take part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.model.time import from_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from zicht.model.outage import Event, Outage
    from zicht.observe.watch_suspects import Suspect

NEAR = timedelta(days=2)
"""An event may begin so long before the bin in doubt: outages within a day are one."""


@dataclass(frozen=True)
class Scope:
    """Whom to look at.

    Attributes:
        entities: their texts.
        edges: by entity that has none of its own, else by its country: what ended before that time
            is left as it was found.
    """

    entities: frozenset[str]
    edges: Mapping[str, datetime]


def scope_of(
    suspects: Mapping[str, Suspect],
    chosen: Collection[str],
    present: Collection[str],
    place_of: Callable[[str], str],
    outages: Sequence[Outage],
    events: Sequence[Event],
) -> Scope:
    """Whom to look at for the sake of some suspects.

    Args:
        suspects: what is known of them.
        chosen: those that are to be looked at now.
        present: all entities that have a series.
        place_of: the text of an entity's country; of one without a country, its own.
        outages: all that were found.
        events: likewise.
    """
    edges: dict[str, datetime] = {}
    for entity in chosen:
        place = place_of(entity)
        begin = from_microseconds(suspects[entity].since) - NEAR
        edges[place] = min(begin, edges.get(place, begin))
    own = {one.id: one for one in outages}
    for event in events:  # one that reaches over the edge is told as a whole
        edge = edges.get(place_of(event.entity))
        if edge is not None and event.entity in edges and lasts_until(event, edge):
            edges[event.entity] = min(edge, event.onset[0] - NEAR)
    busy = {
        one.entity for one in outages if one.entity in edges and lasts_until(one, edges[one.entity])
    }
    busy |= {entity for entity in chosen if entity in edges}
    entities = {*chosen, *edges}
    for one in outages:
        place = place_of(one.entity)
        if place in busy and lasts_until(one, edges[place]):
            entities.add(one.entity)
    for event in events:
        place = place_of(event.entity)
        if event.entity in edges and lasts_until(event, edges[place]):
            entities.update(own[name].entity for name in event.outages if name in own)
    return Scope(frozenset(entities & set(present)), edges)


def lasts_until(one: Outage | Event, time: datetime) -> bool:
    """Whether a finding had not ended before a time."""
    return one.end is None or one.end[1] >= time
