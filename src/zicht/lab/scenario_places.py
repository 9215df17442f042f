"""Who is in a scenario, where, and who looks: the rows of its file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

Kind = Literal["mobile", "fixed", "mixed", "transit"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


Asn = Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]  # RFC 6793
People = Annotated[int, msgspec.Meta(ge=0, le=10**11)]
Blocks = Annotated[int, msgspec.Meta(ge=0, le=1 << 24)]
"""As many /24 blocks as IPv4 has."""
Prefixes6 = Annotated[int, msgspec.Meta(ge=0, le=10**6)]
Probes = Annotated[int, msgspec.Meta(ge=0, le=10**6)]
PerDay = Annotated[float, msgspec.Meta(ge=0, le=24 * 60)]
"""How often a day, once a minute at most."""
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

_Peers = Annotated[int, msgspec.Meta(ge=0, le=1000)]
_Operators = Annotated[int, msgspec.Meta(ge=1, le=10**6)]
_Share = Annotated[float, msgspec.Meta(gt=0, le=10**6)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")]
"""Stands in answers, addresses and files."""
_RegionCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}\Z")]  # ISO 3166-2


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; a key that is not known is an error."""


class Country(Row, frozen=True):
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


class Region(Row, frozen=True):
    """A region of a country.

    Attributes:
        code: its ISO 3166-2 code.
        name: its name.
        share: its share of each operator that works there, relative to the other regions'.
    """

    code: _RegionCode
    name: str
    share: _Share


class OperatorRow(Row, frozen=True):
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

    asn: Asn
    name: str
    kind: Kind
    country: str
    users: People
    blocks: Blocks = 0
    networks: tuple[str, ...] = ()
    prefixes6: Prefixes6 = 0
    answering: Blocks | None = None
    atlas: Probes = 0
    regions: tuple[str, ...] = ()
    upstreams: tuple[Asn, ...] = ()
    several: bool = False


class CollectorRow(Row, frozen=True):
    """A route collector.

    Attributes:
        name: ``rrc00``, ``route-views2``.
        project: whose it is.
        peers: how many routers speak to it.
        partial: how many of them give only a part of their table.
    """

    name: Name
    project: Literal["ris", "routeviews"]
    peers: _Peers = 8
    partial: _Peers = 0


class ProberRow(Row, frozen=True):
    """A prober of ours, outside of the countries that it asks.

    Attributes:
        name: its name.
        country: where it stands.
    """

    name: Name
    country: str


class Routing(Row, frozen=True):
    """What routes do on an ordinary day.

    Attributes:
        flaps_per_day: how often a prefix is away for some minutes.
        changes_per_day: how often a prefix takes another path.
    """

    flaps_per_day: PerDay = 0.001
    changes_per_day: PerDay = 0.2


class Planet(Row, frozen=True):
    """All countries of the world, made up by size.

    Attributes:
        operators: how many operators there are.
        blocks: how many /24 blocks of IPv4 they announce.
        prefixes6: how many prefixes of IPv6.
        users: how many people use them.
        answering: how many /24 blocks answer pings.
        atlas: how many RIPE Atlas probes there are.
    """

    operators: _Operators
    blocks: Blocks
    prefixes6: Prefixes6
    users: People
    answering: Blocks
    atlas: Probes
