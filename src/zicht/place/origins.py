"""Which AS originates which prefix, as a table says that somebody made of routes.

The form is that of CAIDA's "Routeviews Prefix to AS mappings" (pfx2as): a line for each prefix, of
its address, its length and its AS, parted by tabs. Commas part them just as well, with or without a
header. Several ASes of one prefix are joined by ``_``, the members of an AS set by ``,``; the one
that is named first counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.errors import BadRowError, InputError
from zicht.place.blocks import high_bits
from zicht.place.ranges import prefix_mask

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

_LARGEST_ASN = 2**32 - 1  # and the largest address of IPv4
_LONGEST_6 = 64


@dataclass(frozen=True)
class Origins:
    """The AS of each prefix; n rows in the order of family, address and length, no two the same.

    Attributes:
        name: the file's name.
        as_of: the day that it tells of.
        family: uint8[n]: 4 or 6.
        high: uint64[n]: the first 64 bits of the prefix, an IPv4 address being the uppermost 32.
        length: uint8[n]: prefix length in bits, of IPv6 64 at most.
        asn: uint32[n]: the AS.
        bad_rows: rows that were left out.
    """

    name: str
    as_of: date
    family: NDArray[np.uint8]
    high: NDArray[np.uint64]
    length: NDArray[np.uint8]
    asn: NDArray[np.uint32]
    bad_rows: tuple[BadRowError, ...] = ()

    def __len__(self) -> int:
        return len(self.high)


def parse_origins(
    data: bytes, *, name: str, as_of: date, on_bad: Literal["stop", "skip"] = "stop"
) -> Origins:
    """Read a table of origins.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: it is no text, or has no rows.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(
            f"{name} is no text.", "Give a table of prefix, length and AS, or a dump of routes."
        ) from None
    rows: list[tuple[int, int, int, int]] = []
    bad: list[BadRowError] = []
    for number, line in enumerate(lines, 1):
        words = [word.strip() for word in line.split("\t" if "\t" in line else ",", 2)]
        if not words[0] or words[0].startswith("#") or words[0].casefold() == "prefix":
            continue
        try:
            row = _plain_row(words) or _row(words, name, number)
        except BadRowError as error:
            if on_bad == "stop":
                raise
            bad.append(error)
            continue
        if row[2] <= _LONGEST_6:
            rows.append(row)
    if not rows:
        raise InputError(f"{name} has no rows.", "Give a table of prefix, length and AS.")
    family, high, length, asn = (
        np.array(column, dtype=kind)
        for column, kind in zip(
            zip(*rows, strict=True), (np.uint8, np.uint64, np.uint8, np.uint32), strict=True
        )
    )
    order = np.lexsort((length, high, family))  # rows of one prefix stay in their order
    family, high, length, asn = family[order], high[order], length[order], asn[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (family[1:] != family[:-1]) | (high[1:] != high[:-1]) | (length[1:] != length[:-1])
    return Origins(
        name=name,
        as_of=as_of,
        family=family[first],
        high=high[first],
        length=length[first],
        asn=asn[first],
        bad_rows=tuple(bad),
    )


def origin_of(origins: Origins, family: int, high: NDArray[np.uint64]) -> NDArray[np.int64]:
    """int64[n]: the AS of the longest prefix that holds each address, -1 where there is none.

    Args:
        origins: the table.
        family: 4 or 6.
        high: uint64[n]: the first 64 bits of each address.
    """
    found = np.full(len(high), -1, dtype=np.int64)
    mine = np.flatnonzero(origins.family == family)
    for length in np.unique(origins.length[mine]).tolist():  # longer ones overrule shorter ones
        rows = mine[origins.length[mine] == length]
        wanted = high & prefix_mask(length)
        at = np.minimum(np.searchsorted(origins.high[rows], wanted), len(rows) - 1)
        hit = origins.high[rows[at]] == wanted
        found[hit] = origins.asn[rows[at[hit]]]
    return found


def _plain_row(words: list[str]) -> tuple[int, int, int, int] | None:
    """A row of IPv4 and one AS, which nearly all are, read quickly; ``None`` for any other."""
    try:
        address, size, asn = words
        a, b, c, d = map(int, address.split("."))
        length = int(size)
        number = a << 24 | b << 16 | c << 8 | d
        octets = min(a, b, c, d) >= 0 and max(a, b, c, d) < 256  # noqa: PLR2004 - a byte each
        sound = octets and f"{a}.{b}.{c}.{d}" == address and 0 <= length <= 32  # noqa: PLR2004
    except ValueError:
        return None
    if not sound or number << length & _LARGEST_ASN or not (asn.isascii() and asn.isdecimal()):
        return None
    return (4, number << 32, length, int(asn)) if int(asn) <= _LARGEST_ASN else None


def _row(words: list[str], name: str, line: int) -> tuple[int, int, int, int]:
    if len(words) < 3:  # noqa: PLR2004 - prefix, length, AS
        raise BadRowError(name, line, "1", "\t".join(words), "a prefix, its length and its AS")
    try:
        network = ip_network(f"{words[0]}/{words[1]}")
    except ValueError:
        raise BadRowError(
            name, line, "1", f"{words[0]}/{words[1]}", "a prefix whose other bits are zero"
        ) from None
    first = words[2].replace("_", ",").split(",")[0].strip("{} ")
    if not (first.isascii() and first.isdecimal() and int(first) <= _LARGEST_ASN):
        raise BadRowError(name, line, "3", words[2], "the number of an AS")
    high = high_bits(network.network_address)
    return network.version, high, network.prefixlen, int(first)
