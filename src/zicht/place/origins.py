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

_LARGEST_ASN = 2**32 - 1
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
    rows: dict[tuple[int, int, int], int] = {}
    bad: list[BadRowError] = []
    for number, line in enumerate(lines, 1):
        words = [word.strip() for word in line.split("\t" if "\t" in line else ",", 2)]
        if not words[0] or words[0].startswith("#") or words[0].casefold() == "prefix":
            continue
        try:
            prefix, asn = _row(words, name, number)
        except BadRowError as error:
            if on_bad == "stop":
                raise
            bad.append(error)
            continue
        if prefix is not None:
            rows.setdefault(prefix, asn)
    if not rows:
        raise InputError(f"{name} has no rows.", "Give a table of prefix, length and AS.")
    keys = sorted(rows)
    family, high, length = zip(*keys, strict=True)
    return Origins(
        name=name,
        as_of=as_of,
        family=np.array(family, dtype=np.uint8),
        high=np.array(high, dtype=np.uint64),
        length=np.array(length, dtype=np.uint8),
        asn=np.array([rows[key] for key in keys], dtype=np.uint32),
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


def _row(words: list[str], name: str, line: int) -> tuple[tuple[int, int, int] | None, int]:
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
    if network.version == 6 and network.prefixlen > _LONGEST_6:  # noqa: PLR2004 - the family
        return None, 0
    key = (network.version, high_bits(network.network_address), network.prefixlen)
    return key, int(first)
