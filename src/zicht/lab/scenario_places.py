"""Who is in a scenario, where, and who looks: the rows of its file."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Kind = Literal["mobile", "fixed", "mixed", "transit"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


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

    code: str
    name: str
    share: float


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


class CollectorRow(Row, frozen=True):
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


class ProberRow(Row, frozen=True):
    """A prober of ours, outside of the countries that it asks.

    Attributes:
        name: its name.
        country: where it stands.
    """

    name: str
    country: str


class Routing(Row, frozen=True):
    """What routes do on an ordinary day.

    Attributes:
        flaps_per_day: how often a prefix is away for some minutes.
        changes_per_day: how often a prefix takes another path.
    """

    flaps_per_day: float = 0.001
    changes_per_day: float = 0.2


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

    operators: int
    blocks: int
    prefixes6: int
    users: int
    answering: int
    atlas: int
