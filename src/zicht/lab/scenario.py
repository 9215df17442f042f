"""Scenario files: a world in TOML, who is in it, who looks at it, and what happens to both.

``docs/scenarios.md`` tells each key. Shares are in percent of ordinary, times in UTC unless they
are called local; sizes are counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from zicht.lab.facts import Fact, Moment, Publication
from zicht.lab.scenario_places import (
    Asn,
    CollectorRow,
    Country,
    Kind,
    Name,
    OperatorRow,
    Planet,
    ProberRow,
    Region,
    Routing,
    Row,
    Seed,
    Weekday,
)

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Minutes = Annotated[float, msgspec.Meta(ge=0, le=400 * 24 * 60)]
"""No more than a world lasts."""
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Prefixes = Annotated[int, msgspec.Meta(ge=0, le=10**6)]

Service = Literal["search", "video", "mail", "messengers", "banking", "tor", "web"]
FaultKind = Literal[
    "silent", "zeros", "half", "missing", "blank", "late", "provisional", "reset", "dies"
]
Cause = Literal[
    "shutdown",
    "curfew",
    "exam",
    "throttling",
    "allow-list",
    "cable cut",
    "power failure",
    "route leak",
    "other",
]


class Header(Row, frozen=True):
    """What the scenario is.

    Attributes:
        id: its name, that of its file.
        title: its name for people.
        summary: what happens in it, in a sentence or two.
        seed: the seed of all that is random in it.
        begin: where the history begins.
        live_from: where that part begins that a replay shows as it happens.
        end: where the world ends; all three are whole hours.
        invented: which of its numbers are made up.
        citation: how to cite it.
        licence: under which it may be used.
    """

    id: Name
    title: str
    summary: str
    seed: Seed
    begin: Instant
    live_from: Instant
    end: Instant
    invented: str
    citation: str = "Zicht's lab: a made world, no measurement."
    licence: str = "Apache-2.0"


class FaultRow(Row, frozen=True):
    """Something that befalls a source.

    Attributes:
        source: ``bgp``, a collector as ``bgp/rrc00``, a session as ``bgp/rrc00/PEER`` (the peer's
            AS number), ``probe``, ``probe/NAME``, ``ioda``, one of its data as ``ioda/ucsd-nt``,
            ``atlas``, ``radar``, ``tor``, ``ooni``, ``google``.
        kind: ``silent`` (it gives nothing), ``dies`` (it ends, and is started again at the end),
            ``zeros`` (it says nought of everybody), ``half`` (it sees half of everything),
            ``missing`` (rows are lost), ``blank`` (rows without a value), ``late`` (rows that come
            later), ``provisional`` (values that are corrected later), ``reset`` (a session ends
            and comes back with its whole table).
        begin: when.
        end: until when; a reset is of an instant and has none.
        share: of how many rows, in percent, for ``missing`` and ``half``.
        delay_minutes: how much later, for ``late`` and ``provisional``.
        statement: what it is, for people.
    """

    source: str
    kind: FaultKind
    begin: Instant
    end: Instant | None = None
    share: Percent = 50.0
    delay_minutes: Annotated[int, msgspec.Meta(ge=0, le=400 * 24 * 60)] = 0
    statement: str = ""


class Planes(Row, frozen=True):
    """What is left in each plane, in percent of ordinary; a plane that is not named stays.

    Attributes:
        routes: prefixes that are announced.
        packets: addresses that can be reached.
        traffic: what people can do.
        services: of what they do, that which differs from ``traffic``.
    """

    routes: Percent | None = None
    packets: Percent | None = None
    traffic: Percent | None = None
    services: dict[Service, Percent] = msgspec.field(default_factory=dict)


class Left(Planes, frozen=True):
    """What is left, and where it differs by kind of operator: a plane named there goes before."""

    mobile: Planes | None = None
    fixed: Planes | None = None
    mixed: Planes | None = None
    transit: Planes | None = None


class Window(Row, frozen=True):
    """A stretch within a happening in which something else is left."""

    begin: Instant
    end: Instant
    left: Left


class Every(Row, frozen=True):
    """A happening that comes again on local days.

    Attributes:
        from_: the local time at which it begins, ``"23:00"``.
        until: the local time at which it ends, on the next day where it is no later.
        weekdays: on which days it begins; all when left out.
        dates: on which dates it begins; all when left out.
    """

    from_: str = msgspec.field(name="from")
    until: str
    weekdays: tuple[Weekday, ...] = ()
    dates: tuple[date, ...] = ()


class Happening(Row, frozen=True):
    """One thing that happens.

    Attributes:
        id: its name.
        event: the event that it is part of; its own name when left out.
        cause: what it is.
        who: ``country/KZ``, ``region/KZ-75``, ``asn/9198``, ``asn/9198/KZ``: all of them.
        but: of them, not these.
        kinds: only operators of these kinds, when given.
        families: only these families of addresses, when given.
        begin: when; for one that comes again, from when on.
        end: until when; the world's end when left out.
        begins: planes that begin at another time.
        every: when it comes again.
        left: what is left while it lasts.
        windows: stretches in between in which something else is left.
        cut_minutes: how long it takes until no more than that is left.
        return_minutes: how long it takes until all is back.
        recovery: how it comes back: evenly (``linear``), by one network after another (``steps``),
            or ever more slowly (``slow``).
        stagger_minutes: by how much operators, or regions, differ in when they are hit.
        return_stagger_minutes: by how much they differ in when they come back.
        stagger_by: which of them differ.
        statement: what it is, for people.
    """

    id: Name
    cause: Cause
    who: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    begin: Instant
    left: Left
    end: Instant | None = None
    event: Name | None = None
    but: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    families: tuple[Literal[4, 6], ...] = (4, 6)
    begins: dict[Literal["routes", "packets", "traffic"], Instant] = msgspec.field(
        default_factory=dict
    )
    every: Every | None = None
    windows: tuple[Window, ...] = msgspec.field(name="window", default=())
    cut_minutes: Minutes = 5.0
    return_minutes: Minutes = 15.0
    recovery: Literal["linear", "steps", "slow"] = "linear"
    stagger_minutes: Minutes = 0.0
    return_stagger_minutes: Minutes = 0.0
    stagger_by: Literal["operator", "region"] = "operator"
    statement: str = ""


class HijackRow(Row, frozen=True):
    """Somebody announces what is another's.

    Attributes:
        victim: the AS number whose prefixes they are.
        by: the AS number that announces them.
        begin: when.
        end: until when.
        prefixes: how many of them.
        more_specific: it announces their halves, which go before; else the same prefixes.
        seen: how many of the peers believe it, in percent.
    """

    victim: Asn
    by: Asn
    begin: Instant
    end: Instant
    prefixes: Prefixes = 1
    more_specific: bool = True
    seen: Percent = 100.0


class Scenario(Row, frozen=True):
    """A scenario file."""

    scenario: Header
    countries: tuple[Country, ...] = msgspec.field(name="country", default=())
    regions: tuple[Region, ...] = msgspec.field(name="region", default=())
    operators: tuple[OperatorRow, ...] = msgspec.field(name="operator", default=())
    collectors: tuple[CollectorRow, ...] = msgspec.field(name="collector", default=())
    probers: tuple[ProberRow, ...] = msgspec.field(name="prober", default=())
    routing: Routing = Routing()
    happenings: tuple[Happening, ...] = msgspec.field(name="happening", default=())
    hijacks: tuple[HijackRow, ...] = msgspec.field(name="hijack", default=())
    faults: tuple[FaultRow, ...] = msgspec.field(name="fault", default=())
    planet: Planet | None = None
    sources: tuple[Publication, ...] = msgspec.field(name="source", default=())
    facts: tuple[Fact, ...] = msgspec.field(name="fact", default=())

    def chosen(self, *moments: Moment, plane: str | None = None) -> tuple[Fact, ...]:
        """The facts of these moments that the scenario uses, by time."""
        rows = (fact for fact in self.published(*moments) if fact.chosen)
        return tuple(fact for fact in rows if plane in {None, fact.plane})

    def published(self, *moments: Moment) -> tuple[Fact, ...]:
        """All facts of these moments, the disagreeing ones included, by time."""
        rows = (fact for fact in self.facts if fact.moment in moments)
        return tuple(sorted(rows, key=lambda fact: fact.begin))

    def publication(self, fact: Fact) -> Publication:
        """The publication that a fact stands in."""
        return next(source for source in self.sources if source.id == fact.source)
