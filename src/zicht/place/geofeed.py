"""Where addresses are used, as told by the user: geofeeds and tables of locations.

- A **geofeed** (RFC 8805) is what an operator publishes of its own prefixes: rows of ``prefix,
  country, region, city, postal code`` without a header, ``#`` before comments. The region is a code
  of ISO 3166-2; an empty country says that the prefix is not to be located (section 2.1.1.2).
- A **table of locations** is a CSV with a header: ``network`` (or ``first`` and ``last``
  address), ``country`` and, where it is known, ``region``.

Neither says of itself which day it tells of, so the user does. Regions' codes are taken as they
were on that day and turned into today's (``regions``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.errors import BadRowError, InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.place.names import country_codes
from zicht.place.regions import current_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

Kind = Literal["geofeed", "geolocation"]

_GEOFEED = ("prefix", "country", "region")
_LONGEST_IPV6 = 64
_LOW_BITS = (1 << 64) - 1


@dataclass(frozen=True)
class Geofeed:
    """What was told of ranges of addresses; each column has ``n`` rows, in the order of the file.

    Attributes:
        name: the file's name.
        kind: ``geofeed`` or ``geolocation``.
        as_of: the day that it tells of.
        family: uint8: 4 or 6.
        first: uint64: the first 64 bits of the first address, of IPv4 the uppermost 32 of them.
        last: uint64: the first 64 bits of the last address, of IPv4 with ones below.
        place: int32: index into ``places``, -1 for no place.
        places: texts of entities: ``country/KZ``, ``region/KZ-75``.
        bad_rows: the rows that were left out.
    """

    name: str
    kind: Kind
    as_of: date
    family: NDArray[np.uint8]
    first: NDArray[np.uint64]
    last: NDArray[np.uint64]
    place: NDArray[np.int32]
    places: tuple[str, ...]
    bad_rows: tuple[BadRowError, ...] = ()

    def __len__(self) -> int:
        return len(self.first)


def parse_geofeed(
    data: bytes,
    *,
    name: str,
    as_of: date,
    kind: Kind = "geofeed",
    on_bad: Literal["stop", "skip"] = "stop",
) -> Geofeed:
    """Read a geofeed or a table of locations.

    Args:
        data: the file, in UTF-8 (RFC 8805, section 2.1).
        name: its name, for messages and citation.
        as_of: the day that it tells of.
        kind: which of the two it is.
        on_bad: what to do at a row that cannot be read: stop, or leave it out and go on.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no text, lacks a column, or has no rows.
    """
    rows: list[tuple[int, int, int, int]] = []
    places: dict[str, int] = {}
    bad_rows: list[BadRowError] = []
    for line, row in _rows(data, name, kind):
        try:
            family, first, last = _range(row, name, line)
            place = _place(row, name, line, as_of)
        except BadRowError as error:
            if on_bad == "stop":
                raise
            bad_rows.append(error)
            continue
        number = -1 if place is None else places.setdefault(place, len(places))
        rows.append((family, first, last, number))
    if not rows:
        raise InputError(f"{name} has no rows.", "Give a file with at least one prefix.")
    family_, first_, last_, place_ = zip(*rows, strict=True)
    return Geofeed(
        name=name,
        kind=kind,
        as_of=as_of,
        family=np.array(family_, np.uint8),
        first=np.array(first_, np.uint64),
        last=np.array(last_, np.uint64),
        place=np.array(place_, np.int32),
        places=tuple(places),
        bad_rows=tuple(bad_rows),
    )


def _rows(data: bytes, name: str, kind: Kind) -> Iterator[tuple[int, dict[str, str]]]:
    """The line of each row, and its words by the names of their columns."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8.",
            "Write the file as UTF-8.",
        ) from None
    header: tuple[str, ...] | None = _GEOFEED if kind == "geofeed" else None
    for line, text in enumerate(lines, 1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        words = [word.strip() for word in next(csv.reader([text]))]
        if header is None:
            header = tuple(word.casefold() for word in words)
            _check_header(header, name)
        else:
            yield line, dict(zip(header, [*words, *[""] * len(header)], strict=False))


def _check_header(header: tuple[str, ...], name: str) -> None:
    ranges = "network" in header or {"first", "last"} <= set(header)
    if not ranges or "country" not in header:
        raise InputError(
            f"{name} has the columns {', '.join(header)}, which do not say which addresses are"
            " where.",
            "Name them network (or first and last), country and region; for a geofeed, which has"
            " no header, say --kind geofeed.",
        )


def _range(row: dict[str, str], name: str, line: int) -> tuple[int, int, int]:
    column = next((column for column in ("prefix", "network") if column in row), None)
    if column is None:
        return _range_of_two(row, name, line)
    try:
        network = ip_network(row[column])
    except ValueError:
        raise BadRowError(
            name, line, column, row[column], "a prefix such as 192.0.2.0/24, its other bits zero"
        ) from None
    if network.version == 6 and network.prefixlen > _LONGEST_IPV6:  # noqa: PLR2004 - the family
        expected = f"an IPv6 prefix of {_LONGEST_IPV6} bits or fewer"
        raise BadRowError(name, line, column, row[column], expected)
    return _packed(network.version, int(network.network_address), int(network.broadcast_address))


def _range_of_two(row: dict[str, str], name: str, line: int) -> tuple[int, int, int]:
    ends = []
    for column in ("first", "last"):
        try:
            ends.append(ip_address(row[column]))
        except ValueError:
            raise BadRowError(name, line, column, row[column], "an address") from None
    first, last = ends
    if first.version != last.version or int(first) > int(last):
        raise BadRowError(name, line, "last", row["last"], f"an address from {first} on")
    if first.version == 6 and (int(first) & _LOW_BITS or ~int(last) & _LOW_BITS):  # noqa: PLR2004
        raise BadRowError(name, line, "last", row["last"], "the end of an IPv6 prefix of 64 bits")
    return _packed(first.version, int(first), int(last))


def _packed(version: int, first: int, last: int) -> tuple[int, int, int]:
    if version == 4:  # noqa: PLR2004 - the family
        return version, first << 32, (last << 32) | 0xFFFF_FFFF
    return version, first >> 64, last >> 64


def _place(row: dict[str, str], name: str, line: int, as_of: date) -> str | None:
    country, region = row["country"].upper(), row.get("region", "").upper()
    if not country and not region:
        return None
    if not region:
        if country not in country_codes():
            expected = "the ISO 3166-1 code of a country"
            raise BadRowError(name, line, "country", row["country"], expected)
        return f"country/{country}"
    code = region if "-" in region else f"{country}-{region}"
    try:
        entity = parse_entity(f"region/{current_code(code, as_of)}")
    except UsageError:
        expected = "a code of ISO 3166-2, such as KZ-75"
        raise BadRowError(name, line, "region", row["region"], expected) from None
    if country and entity.country != country:
        raise BadRowError(name, line, "region", row["region"], f"a region of {country}")
    return str(entity)
