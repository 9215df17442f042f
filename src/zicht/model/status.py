"""Status: the state of an entity at a time. The field names are a promise to readers of JSON."""

from __future__ import annotations

from datetime import datetime

import msgspec

from zicht.model.belief import PlaneBelief  # msgspec reads it


class PlaneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What one signal says of one plane at a time; ``None`` is unknown.

    Attributes:
        signal: the signal's name.
        connectivity_percent: measured divided by expected, in percent of ordinary.
        belief_outage: probability of an outage with the data known then.
        last: begin of the last bin with a value.
        health: ``ok``, or why nothing can be said.
    """

    signal: str
    connectivity_percent: float | None
    belief_outage: float | None
    last: datetime | None
    health: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an entity at a time; ``None`` is unknown.

    Attributes:
        entity: the entity's text.
        time: the time that the state is of.
        signal: the signal that ``connectivity_percent`` and ``belief_outage`` were read of.
        connectivity_percent: measured divided by expected, in percent of ordinary.
        planes: the signals of each plane that is measured, the steadiest first.
        belief_outage: probability of an outage with the data known then.
        since: when the outage that is going on began at the latest, else ``None``.
        health: ``ok``, or why nothing can be said.
        simulated: the data are of the lab and no measurement.
        plane_beliefs: of each plane what its signals say together.
    """

    entity: str
    time: datetime
    signal: str | None
    connectivity_percent: float | None
    planes: dict[str, list[PlaneStatus]]
    belief_outage: float | None
    since: datetime | None
    health: str
    simulated: bool = False
    plane_beliefs: dict[str, PlaneBelief] = {}
