"""What the regional internet registries (RIRs) delegated: addresses and AS numbers, by country.

The format is the RIR statistics exchange format (APNIC, "RIR statistics exchange format"; the same
text is published by each of the five registries) with its extension (NRO, "Extended allocation and
assignment reports"): lines of fields with bars between them.

- The version line: ``2|ripencc|1366322399|111223|19830705|20130418|+0200`` is version, registry,
  serial, number of records, first day, **last day** and the registry's offset from UTC.
- Summary lines: ``ripencc|*|ipv4|*|49504|summary``.
- Records: ``ripencc|KZ|ipv4|2.72.0.0|524288|20100603|allocated`` and, in extended files, the
  holder's opaque id and what else a registry adds. ``value`` is a **count of addresses** for
  ``ipv4`` (any count, not only powers of two, from any start), the prefix length for ``ipv6`` and a
  count of numbers for ``asn``. ``available`` and ``reserved`` are of nobody.

A country code says where the holder is registered, not where its addresses are used. ``EU`` and
``AP`` stand for a region of several countries, ``ZZ`` and nothing for none: what has such a code is
of no known country. So is what has the code of a country that is no more, such as ``AN``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.errors import BadRowError, InputError
from zicht.place.names import country_codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

REGISTRIES = ("afrinic", "apnic", "arin", "lacnic", "ripencc")

LONGEST_IPV6 = 64
"""Bits of the longest IPv6 prefix that is read; no registry delegates longer ones."""

_COLUMNS = ("registry", "cc", "type", "start", "value", "date", "status")
_VERSION_FIELDS = 7
_SUMMARY_FIELDS = 6
_MOST_NUMBERS = 1 << 32  # of IPv4 addresses, and of AS numbers (RFC 6793)
_NO_COUNTRY = ""
_CODE = re.compile(r"[A-Z]{2}")  # EU, AP, ZZ, or a country that is no more, such as AN
_FIRST_YEAR = 1970  # some early delegations are dated so; none is earlier


class Resource(IntEnum):
    """What a record is of; for addresses it is their family."""

    ASN = 0
    IPV4 = 4
    IPV6 = 6


class Status(IntEnum):
    """What became of it: the words of the format."""

    AVAILABLE = 0
    RESERVED = 1
    ALLOCATED = 2
    ASSIGNED = 3


@dataclass(frozen=True)
class Delegated:
    """A registry's file; each column has ``n`` rows, in the order of the file.

    Attributes:
        name: the file's name, for messages.
        registry: whose it is.
        as_of: the last day that it tells of.
        resource: uint8: a ``Resource``.
        first: uint64: the first of the range: an AS number; or the first 64 bits of an address, an
            IPv4 address being the uppermost 32 of them.
        last: uint64: the last of the range, likewise; of an IPv4 address the bits below are ones.
        country: int32: index into ``countries``, -1 for no known country.
        countries: ISO 3166-1 codes.
        status: uint8: a ``Status``.
        date: int32: the day of the delegation as a number (20100603), 0 where it is unknown.
        line: int32: the record's line in the file, the first being 1.
        pseudo: how many allocated or assigned records have a code of no country, by code.
        bad_rows: the rows that were left out.
    """

    name: str
    registry: str
    as_of: date
    resource: NDArray[np.uint8]
    first: NDArray[np.uint64]
    last: NDArray[np.uint64]
    country: NDArray[np.int32]
    countries: tuple[str, ...]
    status: NDArray[np.uint8]
    date: NDArray[np.int32]
    line: NDArray[np.int32]
    pseudo: dict[str, int]
    bad_rows: tuple[BadRowError, ...] = ()

    def __len__(self) -> int:
        return len(self.first)


def parse_delegated(
    data: bytes, *, name: str, on_bad: Literal["stop", "skip"] = "stop"
) -> Delegated:
    """Read a delegated or a delegated-extended file.

    Args:
        data: the file, not compressed.
        name: its name, for messages.
        on_bad: what to do at a record that cannot be read: stop, or leave it out and go on.

    Raises:
        BadRowError: a record cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no text, has no version line or no records.
    """
    lines = _text(data, name).splitlines()
    at, registry, as_of = _version(lines, name)
    reader = _Reader(name, registry)
    for number, line in enumerate(lines[at:], at + 1):
        if not line or line[0] == "#" or line.endswith("|summary"):
            continue
        try:
            reader.read(number, line.split("|"))
        except BadRowError as error:
            if on_bad == "stop":
                raise
            reader.bad_rows.append(error)
    if not reader.rows:
        raise InputError(f"{name} has no records.", "It may be cut off; fetch it again.")
    resource, first, last, country, status, day, numbers = zip(*reader.rows, strict=True)
    return Delegated(
        name=name,
        registry=registry,
        as_of=as_of,
        resource=np.array(resource, np.uint8),
        first=np.array(first, np.uint64),
        last=np.array(last, np.uint64),
        country=np.array(country, np.int32),
        countries=tuple(reader.countries),
        status=np.array(status, np.uint8),
        date=np.array(day, np.int32),
        line=np.array(numbers, np.int32),
        pseudo=reader.pseudo,
        bad_rows=tuple(reader.bad_rows),
    )


def version_of(data: bytes, *, name: str) -> tuple[str, date]:
    """Whose file it is and the last day that it tells of, by its version line alone.

    Raises:
        InputError: it has no version line.
    """
    _, registry, as_of = _version(_text(data[:65536], name, whole=False).splitlines(), name)
    return registry, as_of


class _Reader:
    """Reads record after record into rows, and counts what has no country."""

    def __init__(self, name: str, registry: str) -> None:
        self.name = name
        self.registry = registry
        self.rows: list[tuple[int, int, int, int, int, int, int]] = []
        self.countries: dict[str, int] = {}
        self.pseudo: dict[str, int] = {}
        self.bad_rows: list[BadRowError] = []
        self._known = frozenset(country_codes())
        self._ranges: dict[str, tuple[Resource, Callable[[str, str], tuple[int, int]]]] = {
            "ipv4": (Resource.IPV4, _ipv4_range),
            "ipv6": (Resource.IPV6, _ipv6_range),
            "asn": (Resource.ASN, _asn_range),
        }

    def read(self, number: int, fields: list[str]) -> None:
        if len(fields) < len(_COLUMNS):
            raise self._bad(number, fields, len(fields) - 1, f"a record of {len(_COLUMNS)} fields")
        registry, code, kind, start, value, day, status = fields[: len(_COLUMNS)]
        if registry != self.registry:
            raise self._bad(number, fields, 0, f"{self.registry}, whose file this is")
        if kind not in self._ranges:
            raise self._bad(number, fields, 2, "asn, ipv4 or ipv6")
        resource, read_range = self._ranges[kind]
        try:
            first, last = read_range(start, value)
        except _UnreadableError as error:
            raise self._bad(number, fields, error.column, error.expected) from None
        known = _STATUS.get(status)
        if known is None:
            raise self._bad(number, fields, 6, "allocated, assigned, available or reserved")
        when = _DAYS.get(day)
        if when is None and (when := _read_day(day)) is None:
            raise self._bad(number, fields, 5, "a day as YYYYMMDD, 00000000 or nothing")
        country = -1
        if known >= Status.ALLOCATED:
            if code in self._known:
                country = self.countries.setdefault(code, len(self.countries))
            elif code == _NO_COUNTRY or _CODE.fullmatch(code):
                self.pseudo[code] = self.pseudo.get(code, 0) + 1
            else:
                raise self._bad(number, fields, 1, "the ISO 3166-1 code of a country")
        self.rows.append((resource, first, last, country, known, when, number))

    def _bad(self, number: int, fields: list[str], column: int, expected: str) -> BadRowError:
        shown = _COLUMNS[column] if column < len(_COLUMNS) else str(column + 1)
        return BadRowError(self.name, number, shown, fields[column], expected)


class _UnreadableError(Exception):
    def __init__(self, column: int, expected: str) -> None:
        super().__init__(expected)
        self.column = column
        self.expected = expected


_STATUS = {status.name.lower(): int(status) for status in Status}
_DAYS: dict[str, int] = {"": 0, "00000000": 0}


def _read_day(text: str) -> int | None:
    """The day as a number, remembered; a file has far fewer days than records."""
    if len(text) != len("YYYYMMDD") or not text.isdecimal() or int(text[:4]) < _FIRST_YEAR:
        return None
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return _DAYS.setdefault(text, int(text))


def _ipv4_range(start: str, value: str) -> tuple[int, int]:
    try:
        first = int(IPv4Address(start))
    except AddressValueError:
        raise _UnreadableError(3, "an IPv4 address") from None
    count = _count(value)
    if first + count > _MOST_NUMBERS:
        raise _UnreadableError(4, "a count of addresses that ends at 255.255.255.255 or before")
    return first << 32, ((first + count) << 32) - 1


def _ipv6_range(start: str, value: str) -> tuple[int, int]:
    try:
        address = int(IPv6Address(start))
    except AddressValueError:
        raise _UnreadableError(3, "an IPv6 address") from None
    if not (value.isdecimal() and value.isascii() and int(value) <= LONGEST_IPV6):
        raise _UnreadableError(4, f"a prefix length from 0 to {LONGEST_IPV6}")
    rest = (1 << (128 - int(value))) - 1
    if address & rest:
        raise _UnreadableError(3, f"the first address of a prefix of {value} bits")
    return address >> 64, (address | rest) >> 64


def _asn_range(start: str, value: str) -> tuple[int, int]:
    if not (start.isdecimal() and start.isascii() and int(start) < _MOST_NUMBERS):
        raise _UnreadableError(3, "an AS number")
    first, count = int(start), _count(value)
    if first + count > _MOST_NUMBERS:
        raise _UnreadableError(4, "a count of AS numbers that ends at 4294967295 or before")
    return first, first + count - 1


def _count(value: str) -> int:
    if not (value.isdecimal() and value.isascii() and 1 <= int(value) <= _MOST_NUMBERS):
        raise _UnreadableError(4, "a count of 1 or more")
    return int(value)


def _text(data: bytes, name: str, *, whole: bool = True) -> str:
    try:
        return data.decode("ascii" if whole else "latin-1")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not ASCII, so this is no"
            " delegated file.",
            "Is it the right file, and whole?",
        ) from None


def _version(lines: list[str], name: str) -> tuple[int, str, date]:
    """How many lines come before the records, whose the file is, and its last day."""
    for at, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        fields = line.split("|")
        if len(fields) != _VERSION_FIELDS or fields[1] not in REGISTRIES:
            break
        day = _read_day(fields[5])
        if not day:
            raise BadRowError(name, at, "enddate", fields[5], "a day as YYYYMMDD")
        return at, fields[1], date(day // 10000, day // 100 % 100, day % 100)
    raise InputError(
        f"{name} does not begin with a version line, such as"
        " 2|ripencc|1366322399|111223|19830705|20130418|+0200.",
        f"Give a delegated file of one registry: {', '.join(REGISTRIES)}.",
    )
