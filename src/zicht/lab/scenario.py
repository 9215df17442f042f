"""Scenario files: a world in TOML, who is in it, who looks at it, and what happens to both.

``docs/scenarios.md`` tells each key. Shares are in percent of ordinary, times in UTC unless they
are called local; sizes are counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from zicht.lab.facts import Fact, Moment, Publication

Kind = Literal["mobile", "fixed", "mixed", "transit"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
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


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; a key that is not known is an error."""


class Header(_Row, frozen=True):
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

    id: str
    title: str
    summary: str
    seed: int
    begin: datetime
    live_from: datetime
    end: datetime
    invented: str
    citation: str = "Zicht's lab: a made world, no measurement."
    licence: str = "Apache-2.0"


class Country(_Row, frozen=True):
    """A country.

    Attributes:
        code: its ISO 3166-1 code.
        zone: the clock that people live by, a name of the IANA database; the capital's when left
            out.
        weekend: its days of rest.
        days_off: further days on which people behave as on a day of rest.
    """

    code: str
    zone: str | None = None
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    days_off: tuple[date, ...] = ()


class Region(_Row, frozen=True):
    """A region of a country.

    Attributes:
        code: its ISO 3166-2 code.
        name: its name.
        share: its share of each operator that works there, relative to the other regions'.
    """

    code: str
    name: str
    share: float


class OperatorRow(_Row, frozen=True):
    """An operator in a country.

    Attributes:
        asn: its AS number; an operator in several countries has a row in each.
        name: its name.
        kind: what it sells.
        country: where these of its users and addresses are.
        users: how many people use it.
        blocks: how many /24 blocks of IPv4 it announces, made by the lab.
        networks: prefixes that it announces, instead of ``blocks``.
        prefixes6: how many prefixes of IPv6 it announces, made by the lab.
        answering: how many of its /24 blocks hold addresses that answer pings; by its kind when
            left out: behind carrier NAT hardly any.
        atlas: how many RIPE Atlas probes sit in it.
        regions: where it works; everywhere in its country when left out.
        upstreams: AS numbers that carry its traffic to the world; some transit when left out.
        several: it stands for several operators, so that nothing is said of it by itself.
    """

    asn: int
    name: str
    kind: Kind
    country: str
    users: int
    blocks: int = 0
    networks: tuple[str, ...] = ()
    prefixes6: int = 0
    answering: int | None = None
    atlas: int = 0
    regions: tuple[str, ...] = ()
    upstreams: tuple[int, ...] = ()
    several: bool = False


class CollectorRow(_Row, frozen=True):
    """A route collector.

    Attributes:
        name: ``rrc00``, ``route-views2``.
        project: whose it is.
        peers: how many routers speak to it.
        partial: how many of them give only a part of their table.
    """

    name: str
    project: Literal["ris", "routeviews"]
    peers: int = 8
    partial: int = 0


class ProberRow(_Row, frozen=True):
    """A prober of ours, outside of the countries that it asks.

    Attributes:
        name: its name.
        country: where it stands.
    """

    name: str
    country: str


class Routing(_Row, frozen=True):
    """What routes do on an ordinary day.

    Attributes:
        flaps_per_day: how often a prefix is away for some minutes.
        changes_per_day: how often a prefix takes another path.
    """

    flaps_per_day: float = 0.001
    changes_per_day: float = 0.2


class FaultRow(_Row, frozen=True):
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
    begin: datetime
    end: datetime | None = None
    share: float = 50.0
    delay_minutes: int = 0
    statement: str = ""


class Planes(_Row, frozen=True):
    """What is left in each plane, in percent of ordinary; a plane that is not named stays.

    Attributes:
        routes: prefixes that are announced.
        packets: addresses that can be reached.
        traffic: what people can do.
        services: of what they do, that which differs from ``traffic``.
    """

    routes: float | None = None
    packets: float | None = None
    traffic: float | None = None
    services: dict[Service, float] = {}


class Left(Planes, frozen=True):
    """What is left, and where it differs by kind of operator: a plane named there goes before."""

    mobile: Planes | None = None
    fixed: Planes | None = None
    mixed: Planes | None = None
    transit: Planes | None = None


class Window(_Row, frozen=True):
    """A stretch within a happening in which something else is left."""

    begin: datetime
    end: datetime
    left: Left


class Every(_Row, frozen=True):
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


class Happening(_Row, frozen=True):
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

    id: str
    cause: Cause
    who: tuple[str, ...]
    begin: datetime
    left: Left
    end: datetime | None = None
    event: str = ""
    but: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    families: tuple[Literal[4, 6], ...] = (4, 6)
    begins: dict[Literal["routes", "packets", "traffic"], datetime] = {}
    every: Every | None = None
    windows: tuple[Window, ...] = msgspec.field(name="window", default=())
    cut_minutes: float = 5.0
    return_minutes: float = 15.0
    recovery: Literal["linear", "steps", "slow"] = "linear"
    stagger_minutes: float = 0.0
    return_stagger_minutes: float = 0.0
    stagger_by: Literal["operator", "region"] = "operator"
    statement: str = ""


class HijackRow(_Row, frozen=True):
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

    victim: int
    by: int
    begin: datetime
    end: datetime
    prefixes: int = 1
    more_specific: bool = True
    seen: float = 100.0


class Planet(_Row, frozen=True):
    """All countries of the world, made up by size.

    Attributes:
        operators: how many operators there are.
        blocks: how many /24 blocks of IPv4 they announce.
        prefixes6: how many prefixes of IPv6.
        users: how many people use them.
        answering: how many /24 blocks answer pings.
        atlas: how many RIPE Atlas probes there are.
    """

    operators: int
    blocks: int
    prefixes6: int
    users: int
    answering: int
    atlas: int


class Scenario(_Row, frozen=True):
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
