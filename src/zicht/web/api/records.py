"""What the API answers, as structs; the OpenAPI document is made of the same.

The records of ``zicht.model`` stand in them as they are: their names are a promise.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from zicht.model.entity import EntityFact
from zicht.model.outage import Event, Outage
from zicht.model.status import Status


class SourceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Under what terms data of a signal may be used.

    Attributes:
        signal: the signal's name.
        licence: of the data.
        citation: how to cite them.
        simulated: they are of the lab and no measurement.
    """

    signal: str
    licence: str
    citation: str
    simulated: bool = False


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What all lists have.

    Attributes:
        simulated: some of it is of the lab and no measurement.
        sources: the terms under which it may be used.
        as_of: only what was known then is told, or ``None`` for all that is known.
        next: the address of the next page, or ``None`` on the last one.
    """

    simulated: bool = False
    sources: tuple[SourceTerms, ...] = ()
    as_of: datetime | None = None
    next: str | None = None


class Events(Listing, frozen=True, kw_only=True):
    """Events, those first that were found to begin last."""

    data: tuple[Event, ...]


class Outages(Listing, frozen=True, kw_only=True):
    """Outages, those first that were found to begin last."""

    data: tuple[Outage, ...]


class Statuses(Listing, frozen=True, kw_only=True):
    """The states of entities at a time."""

    data: tuple[Status, ...]


class EventRevision(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it was known from a time on.

    Attributes:
        known_at: since when it was known so.
        retracted: it was taken back.
        event: the event.
    """

    known_at: datetime
    retracted: bool
    event: Event


class EventDetails(Listing, frozen=True, kw_only=True):
    """An event with the outages that it rests on, and all that was said of it before."""

    data: Event
    evidence: tuple[Outage, ...]
    revisions: tuple[EventRevision, ...]


class OriginTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Where values came from; rows name it by its id.

    Attributes:
        source: the source's name.
        name: the file or address that was read.
        sha256: of its bytes; empty where there were none.
        licence: under which they may be used.
        citation: how to cite them.
        simulated: they are of the lab and no measurement.
    """

    source: str
    name: str
    sha256: str
    licence: str
    citation: str
    simulated: bool


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one signal of one entity; the bin begins at ``time``.

    Attributes:
        signal: the signal's name.
        entity: the entity's text.
        time: begin of the bin.
        value: what was measured, in the signal's unit; ``None`` takes an earlier value back.
        samples: how many samples it rests on, where that is known.
        revision: 1 for the first value, then counted up with each correction.
        known_at: when it was known.
        origin: where it came from: a key of ``origins``.
    """

    signal: str
    entity: str
    time: datetime
    value: float | None
    samples: int | None
    revision: int
    known_at: datetime
    origin: str


class SignalSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A measured quantity of a source.

    Attributes:
        name: its name.
        source: the source's name.
        title: what is measured.
        unit: of a value.
        step: seconds of a bin.
        plane: ``control`` (routes), ``data`` (packets) or ``user`` (what people do).
        scale: ``count``, ``share`` (percent of something) or ``index``.
        lag: seconds from a bin's end until its value is usually there.
        licence: under which the source publishes.
        citation: how to cite it.
        tells_outages: less of it means less connectivity.
    """

    name: str
    source: str
    title: str
    unit: str
    step: int
    plane: Literal["control", "data", "user"]
    scale: Literal["count", "share", "index"]
    lag: int
    licence: str
    citation: str
    tells_outages: bool


class Observations(Listing, frozen=True, kw_only=True):
    """Values, sorted by signal, entity and time. A bin that is not there was not measured."""

    data: tuple[Observation, ...]
    signals: dict[str, SignalSpec]
    origins: dict[str, OriginTerms]


class Signals(Listing, frozen=True, kw_only=True):
    """The signals of which anything is stored."""

    data: tuple[SignalSpec, ...]


class FoundEntity(EntityFact, frozen=True, kw_only=True):
    """An entity and what is stored of it.

    Attributes:
        type: ``country``, ``region`` or ``asn``.
        title: what people call it, in the language that was asked for.
        signals: of which something is stored of it.
    """

    type: Literal["country", "region", "asn"]
    title: str
    signals: tuple[str, ...]


class Entities(Listing, frozen=True, kw_only=True):
    """Entities of which anything is stored, the best match first."""

    data: tuple[FoundEntity, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a bulletin."""

    heading: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


class BulletinText(msgspec.Struct, frozen=True, kw_only=True):
    """A bulletin in plain text, not escaped for any format.

    Attributes:
        event: the event's id.
        language: of the text.
        title: what happened, as one statement.
        lead: the paragraphs that stand first.
        sections: the parts that follow.
        edition: which revision it is, and what was known.
        simulated: it is of the lab and no measurement.
        sources: the terms under which the data may be used.
    """

    event: str
    language: str
    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    edition: str
    simulated: bool
    sources: tuple[SourceTerms, ...]


class ChartRow(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest bin of a stretch of a chart; ``None`` is unknown.

    Attributes:
        time: begin of the stretch.
        percent: connectivity in percent of ordinary.
        value: what was measured.
        expected: what was expected.
        sick: the source could not see.
    """

    time: datetime
    percent: float | None
    value: float | None
    expected: float | None
    sick: bool


class ChartPanel(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of one entity in a chart."""

    signal: str
    entity: str
    name: str
    kind: str
    unit: str
    plane: str
    rows: tuple[ChartRow, ...]
    outages: tuple[Outage, ...]
    simulated: bool


class ChartData(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart shows.

    Attributes:
        entity: what it is of.
        title: what happened, as one statement.
        description: the picture in sentences.
        start: begin of the chart, written ``from`` in JSON.
        until: its end.
        panels: what it shows, signal by signal.
        simulated: some of it is of the lab and no measurement.
        sources: the terms under which the data may be used.
    """

    entity: str
    title: str
    description: tuple[str, ...]
    start: datetime = msgspec.field(name="from")
    until: datetime
    panels: tuple[ChartPanel, ...]
    simulated: bool
    sources: tuple[SourceTerms, ...]


class ConnectivityBin(msgspec.Struct, frozen=True, kw_only=True):
    """One bin of one signal of an entity; ``None`` is unknown.

    Attributes:
        entity: the entity's text.
        signal: the signal's name.
        time: begin of the bin.
        connectivity_percent: measured divided by expected, in percent of ordinary.
        value: what was measured, in the signal's unit.
        expected: what it would be if all were ordinary.
        belief_outage: probability of an outage, with the data up to this bin.
        sick: the source itself could not see.
    """

    entity: str
    signal: str
    time: datetime
    connectivity_percent: float | None
    value: float | None
    expected: float | None
    belief_outage: float | None
    sick: bool


class Connectivity(Listing, frozen=True, kw_only=True):
    """Bins, sorted by signal and time."""

    data: tuple[ConnectivityBin, ...]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be asked: where, and what it tells."""

    address: str
    summary: str


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to ask.

    Attributes:
        name: what this is.
        version: of the software.
        documentation: the OpenAPI document.
        simulated: some of what is stored is of the lab and no measurement.
        operations: what can be asked.
    """

    name: str
    version: str
    documentation: str
    simulated: bool
    operations: tuple[Link, ...]


JsonObject = dict[str, Any]
"""A document of somebody else's making, such as the OpenAPI document itself."""
