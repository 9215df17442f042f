"""What the types of a scenario do not say: that its names, times and sizes fit together."""

from __future__ import annotations

from datetime import time
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zicht.errors import UsageError
from zicht.place.special import SPECIAL_PREFIXES
from zicht.place.zones import zones_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zicht.lab.scenario import Every, Happening, Scenario
    from zicht.toml import Problem

SOURCES = (
    *("bgp", "probe", "ioda", "atlas", "radar", "tor", "ooni", "google"),
    *("ioda/bgp", "ioda/ping-slash24", "ioda/ucsd-nt", "ioda/merit-nt", "ioda/gtr"),
)
_LONGEST_DAYS = 400
_EARLIEST, _LATEST = 1990, 2100


def first_problem(scenario: Scenario) -> Problem | None:
    """The first thing that does not fit, or ``None``."""
    checks = (
        *(_times, _places, _operators, _networks, _collectors),
        *(_happenings, _hijacks, _faults, _facts),
    )
    return next((problem for check in checks for problem in check(scenario)), None)


def _times(scenario: Scenario) -> Iterator[Problem]:
    header = scenario.scenario
    for key in ("begin", "live_from", "end"):
        moment: datetime = getattr(header, key)
        if not _EARLIEST <= moment.year < _LATEST:
            yield ("scenario", key), f"a world lies between {_EARLIEST} and {_LATEST}.", ()
        if moment.minute or moment.second or moment.microsecond:
            yield ("scenario", key), "it is no whole hour.", ()
    if not header.begin < header.live_from < header.end:
        yield ("scenario", "live_from"), "it does not lie between begin and end.", ()
    if (header.end - header.begin).days > _LONGEST_DAYS:
        yield ("scenario", "end"), f"a world lasts {_LONGEST_DAYS} days at most.", ()


def _places(scenario: Scenario) -> Iterator[Problem]:
    codes = [country.code for country in scenario.countries]
    for index, country in enumerate(scenario.countries):
        if country.code in codes[:index]:
            yield ("country", index, "code"), f"{country.code!r} stands there twice.", ()
        try:
            zones_of(country.code)
        except UsageError:
            yield ("country", index, "code"), f"{country.code!r} is no country.", ()
        if country.zone is not None and not _is_zone(country.zone):
            text = f"{country.zone!r} is no zone of the IANA database."
            yield ("country", index, "zone"), text, zones_of(country.code)
    for index, region in enumerate(scenario.regions):
        if region.code[:2] not in codes:
            text = f"{region.code!r} is in no country of this file."
            yield ("region", index, "code"), text, [f"{code}-" for code in codes]
        if region.code in [one.code for one in scenario.regions[:index]]:
            yield ("region", index, "code"), f"{region.code!r} stands there twice.", ()


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _operators(scenario: Scenario) -> Iterator[Problem]:
    codes = [country.code for country in scenario.countries]
    regions = [region.code for region in scenario.regions]
    seen = set()
    if not scenario.operators and scenario.planet is None:
        yield (), "there is neither an operator nor a planet.", ()
    for index, row in enumerate(scenario.operators):
        if row.country not in codes:
            text = f"{row.country!r} is no country of this file."
            yield ("operator", index, "country"), text, codes
        if (row.asn, row.country) in seen:
            yield ("operator", index, "asn"), f"AS{row.asn} is in {row.country} already.", ()
        seen.add((row.asn, row.country))
        for region in row.regions:
            if region not in regions:
                text = f"{region!r} is no region of this file."
                yield ("operator", index, "regions"), text, regions
        if bool(row.blocks) == bool(row.networks):
            text = "give either blocks, a number, or networks, the prefixes themselves."
            yield ("operator", index), text, ()


def _networks(scenario: Scenario) -> Iterator[Problem]:
    found = []
    for index, row in enumerate(scenario.operators):
        for text in row.networks:
            where = ("operator", index, "networks")
            try:
                network = ip_network(text)
            except ValueError:
                yield where, f"{text!r} is no prefix.", ()
                continue
            if any(
                network.version == one.version and network.overlaps(one) for one in SPECIAL_PREFIXES
            ):
                yield where, f"{text!r} is not for the public internet.", ()
            found.append((network.version, int(network.network_address), network, where))
    for (_, _, one, _), (_, _, other, where) in pairwise(sorted(found, key=lambda row: row[:2])):
        if one.version == other.version and one.overlaps(other):
            yield where, f"{str(other)!r} lies within {one}; nested prefixes are not made.", ()


def _collectors(scenario: Scenario) -> Iterator[Problem]:
    for key, rows in (("collector", scenario.collectors), ("prober", scenario.probers)):
        names = [row.name for row in rows]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (key, index, "name"), f"{name!r} stands there twice.", ()
    for index, row in enumerate(scenario.collectors):
        if row.partial > row.peers:
            yield ("collector", index, "partial"), "it is more than its peers.", ()


def _happenings(scenario: Scenario) -> Iterator[Problem]:
    seen: set[str] = set()
    known = _entities(scenario)
    for index, row in enumerate(scenario.happenings):
        here = ("happening", index)
        if row.id in seen:
            yield (*here, "id"), f"{row.id!r} stands there twice.", ()
        seen.add(row.id)
        for key in ("who", "but"):
            for entity in getattr(row, key):
                planetary = scenario.planet is not None and entity.startswith("country/")
                if entity not in known and not planetary:
                    yield (*here, key), f"{entity!r} is nobody in this file.", known
        for problem in _one_happening(scenario, row):
            yield (*here, *problem[0]), *problem[1:]


def _entities(scenario: Scenario) -> list[str]:
    return [
        *(f"country/{row.code}" for row in scenario.countries),
        *(f"region/{row.code}" for row in scenario.regions),
        *(f"asn/{row.asn}" for row in scenario.operators),
        *(f"asn/{row.asn}/{row.country}" for row in scenario.operators),
    ]


def _one_happening(scenario: Scenario, row: Happening) -> Iterator[Problem]:
    world, end = scenario.scenario, row.end or scenario.scenario.end
    if not world.begin <= row.begin < world.end:
        yield ("begin",), "it lies outside of the world's time.", ()
    if end <= row.begin:
        yield ("end",), "it does not come after begin.", ()
    last = row.begin
    for index, window in enumerate(row.windows):
        if not last <= window.begin < window.end <= end:
            text = "windows lie within the happening, in order, and do not overlap."
            yield ("window", index), text, ()
        last = window.end
    if row.every is not None:
        yield from _every(row.every)
        if row.windows or row.begins:
            yield ("every",), "what comes again has neither windows nor begins.", ()


def _every(every: Every) -> Iterator[Problem]:
    for key, text in (("from", every.from_), ("until", every.until)):
        try:
            local = time.fromisoformat(text).tzinfo is None
        except ValueError:
            local = False
        if not local:
            yield ("every", key), f"{text!r} is no local time of day, as 23:00.", ()


def _hijacks(scenario: Scenario) -> Iterator[Problem]:
    asns = [str(row.asn) for row in scenario.operators]
    for index, row in enumerate(scenario.hijacks):
        if str(row.victim) not in asns:
            yield ("hijack", index, "victim"), f"'{row.victim}' is no operator of this file.", asns
        if row.end <= row.begin:
            yield ("hijack", index, "end"), "it does not come after begin.", ()


def _faults(scenario: Scenario) -> Iterator[Problem]:
    collectors = [f"bgp/{row.name}" for row in scenario.collectors]
    known = [*SOURCES, *collectors, *(f"probe/{row.name}" for row in scenario.probers)]
    for index, row in enumerate(scenario.faults):
        named = row.source.split("/")
        session = len(named) == 3 and named[2].isascii() and named[2].isdecimal()  # noqa: PLR2004
        if row.source not in known and not (session and "/".join(named[:2]) in collectors):
            yield ("fault", index, "source"), f"{row.source!r} is no source of this file.", known
        if row.end is None and row.kind != "reset":
            yield ("fault", index), "the key 'end' is missing.", ()
        if row.end is not None and row.end <= row.begin:
            yield ("fault", index, "end"), "it does not come after begin.", ()


def _facts(scenario: Scenario) -> Iterator[Problem]:
    known = [row.id for row in scenario.sources]
    for index, row in enumerate(scenario.facts):
        if row.source not in known:
            yield ("fact", index, "source"), f"{row.source!r} is no source of this file.", known
