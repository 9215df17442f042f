"""Telling where addresses, AS numbers, countries and regions are, and who says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_network, summarize_address_range
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.observe.places import load_blocks, places_in_force
from zicht.place.blocks import UNKNOWN, ranks, statements_of
from zicht.place.delegated import Delegated, Resource, Status
from zicht.place.ranges import flatten
from zicht.place.regions import CodeChange, current_code, former_codes, ioda_number, ioda_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zicht.place.geofeed import Geofeed

_REGION = re.compile(r"(?:region/)?([A-Z]{2}-[A-Z0-9]{1,3})", re.IGNORECASE)
_IODA_REGION = re.compile(r"region/(\d+)")


class PlaceStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of addresses or AS numbers.

    Attributes:
        range: which addresses or numbers it speaks of.
        place: the entity's text, or ``None`` for no known country.
        share_percent: of how much of what was asked for it decides; 0 where others say otherwise
            and win.
        status: ``allocated``, ``assigned``, ``available``, ``reserved`` or ``located``.
        since: the day of the delegation, or ``None`` where it is not known.
        source: the registry, or the file's name.
        as_of: the day that the file tells of.
        line: where in a registry's file, else ``None``.
    """

    range: str
    place: str | None
    share_percent: float
    status: str
    since: date | None
    source: str
    as_of: date
    line: int | None


class PlaceSize(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a country or a region.

    Attributes:
        place: the entity's text, with today's code.
        ipv4_addresses: how many IPv4 addresses are there; a country's regions count in it.
        ipv6_48s: how many IPv6 networks of 48 bits.
        ioda: IODA's number of a region, or ``None`` where it is not known.
        formerly: earlier codes of a region, the last one first.
        as_of: the latest day that a source tells of.
    """

    place: str
    ipv4_addresses: int
    ipv6_48s: float
    ioda: int | None
    formerly: tuple[CodeChange, ...]
    as_of: date


def show_place(
    store: Path,
    asked: str,
    as_of: date | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[PlaceStatement] | list[PlaceSize]:
    """Where an address, a prefix or an AS number is, or how much is in a country or a region.

    Args:
        store: the store's folder.
        asked: ``192.0.2.1``, ``2001:db8::/32``, ``AS9198``, ``KZ``, ``KZ-75``, an earlier code such
            as ``KZ-ALA``, or IODA's number as in ``region/1906``.
        as_of: the day; by default that of the newest files.
        tell: told what is not of that day.

    Raises:
        NotFoundError: no file says anything of it, or there is no file.
        UsageError: it is none of these.
    """
    wanted = _wanted(asked)
    if isinstance(wanted, str):
        return [_size(store, wanted, as_of, tell)]
    files = [file.parse() for file in places_in_force(store, as_of, tell)]
    found = _statements_on(wanted, files)
    if not found:
        raise NotFoundError(f"No file that is kept says anything of {asked}.")
    return found


@dataclass(frozen=True)
class _Range:
    resource: Resource
    first: int
    last: int


def _wanted(asked: str) -> _Range | str:
    """The range that is asked for, or the text of an entity that is a place."""
    text = asked.strip()
    if match := _IODA_REGION.fullmatch(text):
        code = ioda_region(int(match[1]))
        if code is None:
            raise NotFoundError(f"It is not known which region has IODA's number {match[1]}.")
        return f"region/{code}"
    if match := _REGION.fullmatch(text):
        return f"region/{current_code(match[1].upper())}"
    if "." in text or ":" in text:
        return _addresses(text)
    entity = parse_entity(text)
    if entity.asn is not None:
        return _Range(Resource.ASN, entity.asn, entity.asn)
    return str(entity)


def _addresses(text: str) -> _Range:
    try:
        network = ip_network(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is neither an address nor a prefix.",
            "Write 192.0.2.1, 192.0.2.0/24 (the bits beyond the length are zero) or the like.",
        ) from None
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4:  # noqa: PLR2004 - the family
        return _Range(Resource.IPV4, first << 32, last << 32 | 0xFFFF_FFFF)
    return _Range(Resource.IPV6, first >> 64, last >> 64)


def _statements_on(wanted: _Range, files: list[Delegated | Geofeed]) -> list[PlaceStatement]:
    said, places = statements_of(files)
    overlap = (
        (said.resource == wanted.resource)
        & (said.first <= np.uint64(wanted.last))
        & (said.last >= np.uint64(wanted.first))
    )
    said = said.of(np.flatnonzero(overlap))
    rank = ranks(said)
    first, last, decides = flatten(
        np.maximum(said.first, np.uint64(wanted.first)),
        np.minimum(said.last, np.uint64(wanted.last)),
        np.arange(len(rank), dtype=np.int32),
        rank,
    )
    decided = np.bincount(decides, (last - first).astype(float) + 1, minlength=len(rank))
    share = decided * (100 / (wanted.last - wanted.first + 1))
    return [
        _statement(
            files[said.file[at]],
            int(said.row[at]),
            places[said.place[at]] if said.place[at] != UNKNOWN else None,
            float(share[at]),
        )
        for at in np.lexsort((-rank, said.first)).tolist()
    ]


def _statement(
    file: Delegated | Geofeed, row: int, place: str | None, share: float
) -> PlaceStatement:
    resource = file.resource[row] if isinstance(file, Delegated) else file.family[row]
    written = _written(int(resource), int(file.first[row]), int(file.last[row]))
    if not isinstance(file, Delegated):
        return PlaceStatement(
            range=written,
            place=place,
            share_percent=share,
            status="located",
            since=None,
            source=file.name,
            as_of=file.as_of,
            line=None,
        )
    day = int(file.date[row])
    return PlaceStatement(
        range=written,
        place=place,
        share_percent=share,
        status=Status(int(file.status[row])).name.lower(),
        since=date(day // 10000, day // 100 % 100, day % 100) if day else None,
        source=file.registry,
        as_of=file.as_of,
        line=int(file.line[row]),
    )


def _written(resource: int, first: int, last: int) -> str:
    """A range as people write it: one prefix where it is one."""
    if resource == Resource.ASN:
        return f"AS{first}" if first == last else f"AS{first}-AS{last}"
    if resource == Resource.IPV4:
        ends: tuple[IPv4Address, IPv4Address] | tuple[IPv6Address, IPv6Address] = (
            IPv4Address(first >> 32),
            IPv4Address(last >> 32),
        )
    else:
        ends = (IPv6Address(first << 64), IPv6Address(last << 64 | (1 << 64) - 1))
    prefixes = list(summarize_address_range(*ends))
    return str(prefixes[0]) if len(prefixes) == 1 else f"{ends[0]} - {ends[1]}"


def _size(store: Path, place: str, as_of: date | None, tell: Callable[[str], None]) -> PlaceSize:
    blocks = load_blocks(store, as_of, tell)
    entity = parse_entity(place)
    inside = [
        number
        for number, text in enumerate(blocks.places)
        if text == place or (entity.type == "country" and parse_entity(text).country == entity.code)
    ]
    if entity.type == "region" and all(source.kind == "delegated" for source in blocks.sources):
        tell("Registries know countries only; regions need a geofeed or a table of locations.")
    mine = np.isin(blocks.place, inside)
    length = blocks.length.astype(float)
    is_region = entity.type == "region"
    return PlaceSize(
        place=place,
        ipv4_addresses=int(np.sum(2.0 ** (32 - length[mine & (blocks.family == Resource.IPV4)]))),
        ipv6_48s=float(np.sum(2.0 ** (48 - length[mine & (blocks.family == Resource.IPV6)]))),
        ioda=ioda_number(entity.code) if is_region else None,
        formerly=former_codes(entity.code) if is_region else (),
        as_of=blocks.as_of,
    )
