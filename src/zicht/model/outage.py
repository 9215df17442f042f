"""Outages of one signal of one entity, and the events that they belong to.

The field names are a promise to those who read the JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from zicht.model.belief import PlaneBelief
from zicht.model.signal import Plane

Level = Literal["notice", "alert"]

Interval = tuple[datetime, datetime]
"""An instant that is only known as ``[earliest, latest]``, in UTC."""

EventClass = Literal[
    "total",
    "control-plane",
    "data-plane",
    "routes-up-packets-dead",
    "filtered-access",
    "traffic-drop",
    "throttling",
    "platform-block",
    "unknown",
]

APART: frozenset[EventClass] = frozenset({"platform-block", "throttling"})
"""Classes of events that tell nothing of how much is connected."""


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which belief says that an entity is below ordinary in one signal.

    Attributes:
        id: given once; it survives a moved onset.
        signal: the signal's name.
        plane: the signal's plane.
        entity: the entity's text.
        onset: when it began.
        end: when it ended, or ``None`` when it has not or that is not known.
        ongoing: true, false, or ``None`` when the data do not tell.
        depth_percent: connectivity at the worst, in percent of ordinary (0 is nothing left).
        depth_interval: 90 % credible interval of it.
        belief: probability that the outage is real and neither noise nor a loss of the series' own.
        alerted_at: the end of the first bin after which the probability of an outage, with the data
            of the time, passed the alert's level.
        samples: number of bins with a value within it.
        highest_belief: the highest that this probability became; ``None`` in records of before the
            field was there.
        simulated: the data are of the lab and no measurement.
        revision: 1 when first found, then counted up with each change.
        retracted: later data or a better method showed that it was none; it is kept, and said.
    """

    id: str
    signal: str
    plane: Plane
    entity: str
    onset: Interval
    end: Interval | None
    ongoing: bool | None
    depth_percent: float
    depth_interval: tuple[float, float]
    belief: float
    alerted_at: datetime
    samples: int
    highest_belief: float | None = None
    simulated: bool = False
    revision: int = 1
    retracted: bool = False


class PlaneState(msgspec.Struct, frozen=True, kw_only=True):
    """Connectivity of one plane in a stretch; ``None`` is unknown.

    Attributes:
        signal: the signal that the figures were read of.
        connectivity_percent: the middle (median) of the stretch, in percent of ordinary.
        range_percent: the lowest and the highest of it, half-hour by half-hour.
    """

    signal: str | None
    connectivity_percent: float | None
    range_percent: tuple[float, float] | None = None


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of an event with one class.

    Attributes:
        start: begin of the stretch.
        end: its end, or ``None`` while it lasts.
        event_class: the class, written ``class`` in JSON.
        planes: percent of ordinary of each plane that could be seen, with the signal it was read
            of.
    """

    start: datetime
    end: datetime | None
    event_class: EventClass = msgspec.field(name="class")
    planes: dict[str, PlaneState] = {}


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's part in an event.

    Attributes:
        entity: ``asn/…``.
        name: its name, or ``None`` when unknown.
        kind: ``mobile``, ``fixed``, ``mixed``, ``transit``, ``academic`` or ``unknown``.
        onset: earliest onset over its outages.
        end: the last end over its outages, or ``None`` when one has no end.
        depth_percent: the worst connectivity over its signals, in percent of ordinary.
        signal: the signal that the depth was read of.
    """

    entity: str
    name: str | None
    kind: str
    onset: Interval
    end: Interval | None
    depth_percent: float
    signal: str


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    """A window within an event in which connectivity came back, by one signal."""

    start: datetime
    end: datetime
    signal: str
    connectivity_percent: float | None


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that tells, or may tell, an ordered shutdown from a fault.

    Attributes:
        name: the mark, such as ``onset-minute``.
        level: what it was, such as ``hour``.
        ratio: how many times more often ordered shutdowns had it among the labels, or ``None``
            where no labels support a weight: it is shown and not weighed.
        known: at ``onset`` (within half an hour), or after the ``end``.
        figures: what was seen, as text by name.
    """

    name: str
    level: str
    ratio: float | None
    known: Literal["onset", "end"]
    figures: dict[str, str] = {}


class ShutdownLikelihood(msgspec.Struct, frozen=True, kw_only=True):
    """How much an event looks like an ordered shutdown rather than a fault; never who did it.

    Attributes:
        at_onset: the likelihood ratio half an hour after the event's onset: how many times better
            an ordered shutdown explains the marks than a fault; ``None`` where nothing is known.
        at_recurrence: the same half an hour after its newest fall, where it fell more than once.
        after_end: the same once it had ended.
        prior_percent: the probability of an ordered shutdown before any mark was seen, which is
            stated and can be set.
        percent_at_onset: the probability that the prior and ``at_onset`` make together; ``None`` is
            unclear: such ratios were not shown to be calibrated.
        percent_after_end: likewise of ``after_end``.
        evidence_for: sentences in English, written ``for`` in JSON.
        evidence_against: likewise, ``against``.
        not_weighed: likewise, of marks that carry no weight.
        marks: all of them, for programs.
    """

    at_onset: float | None
    at_recurrence: float | None = None
    after_end: float | None
    prior_percent: float | None = None
    percent_at_onset: float | None = None
    percent_after_end: float | None = None
    evidence_for: tuple[str, ...] = msgspec.field(name="for", default=())
    evidence_against: tuple[str, ...] = msgspec.field(name="against", default=())
    not_weighed: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source of an event's evidence, with what its use asks for."""

    signal: str
    licence: str
    citation: str
    simulated: bool = False


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Outages of entities and signals that belong together.

    Attributes:
        id: given once; it survives a moved onset.
        entity: the country (or the operator, when it stands alone).
        event_class: the class of the deepest phase, written ``class`` in JSON.
        level: ``alert`` where two independent sources show it or one does so overwhelmingly, else
            ``notice``.
        onset: the earliest onset.
        end: the last end, or ``None`` unless known.
        ongoing: true, false, or ``None`` when the data do not tell.
        depth_percent: the worst connectivity of the entity, in percent of ordinary.
        depth_signal: the signal that the depth was read of.
        phases: the stretches with their classes.
        outages: ids of the outages, in order of onset.
        operators: the operators that were down.
        restorations: windows in which connectivity came back.
        recurrences: how often connectivity went down again after such a window.
        shutdown_likelihood: ``None`` until explained.
        sources: where the evidence comes from.
        simulated: the data are of the lab and no measurement.
        revision: 1 when first found, then counted up with each change.
        as_of: the data up to then were taken into account.
        belief: probability that the event is real: that of the surest outage of its entity;
            ``None`` in records of before the field was there.
        plane_beliefs: of each plane the highest belief that its signals reached together.
        retracted: later data or a better method showed that it was none; it is kept, and said.
    """

    id: str
    entity: str
    event_class: EventClass = msgspec.field(name="class")
    onset: Interval
    end: Interval | None
    ongoing: bool | None
    depth_percent: float
    depth_signal: str
    phases: tuple[Phase, ...]
    outages: tuple[str, ...]
    operators: tuple[Operator, ...]
    restorations: tuple[Restoration, ...]
    recurrences: int
    shutdown_likelihood: ShutdownLikelihood | None
    sources: tuple[Source, ...]
    simulated: bool = False
    revision: int = 1
    as_of: datetime
    level: Level = "notice"
    belief: float | None = None
    plane_beliefs: dict[str, PlaneBelief] = {}
    retracted: bool = False
