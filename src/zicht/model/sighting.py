"""Sightings: outages that other observatories say they saw, in their own words."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """An outage that another observatory says it saw. It is theirs, and no finding of ours.

    Attributes:
        id: the source's name and what tells it from the source's others.
        source: the source's name.
        entity: the entity's text.
        start: when it began, as the source says.
        end: when it ended; ``None`` where the source does not say that it has.
        seen_in: the data in which the source saw it, in the source's words.
        cause: the cause, in the source's words, or ``None``.
        description: what the source writes of it; empty where it writes nothing.
        link: where the source points to; empty where it does not.
        licence: under which it may be used.
        citation: how to cite it.
        simulated: it is of the lab and was no outage.
        revision: 1 when first read, then counted up with each change.
        retracted: the source does not say so any more; it is kept.
    """

    id: str
    source: str
    entity: str
    start: datetime
    end: datetime | None
    seen_in: str
    cause: str | None = None
    description: str = ""
    link: str = ""
    licence: str
    citation: str
    simulated: bool = False
    revision: int = 1
    retracted: bool = False
