"""Blocks: which place each block of addresses belongs to.

Made of the registries' delegated files, which know countries, and of what the user supplies, which
may know regions (``geofeed``). Where statements differ, one rule decides for each address:

1. A geofeed wins over a registry, the longer prefix over the shorter one; of two geofeeds with the
   same prefix the later one.
2. What a registry says is allocated or assigned wins over what one says is available or reserved.
3. The later delegation wins: a range that moved to another registry is dated there by the move, and
   may still stand in the file of the old one.
4. Then the later file, then the smaller range, then the registry that comes first in the alphabet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from zicht.errors import UsageError
from zicht.place.delegated import REGISTRIES, Delegated, Resource, Status
from zicht.place.geofeed import Geofeed
from zicht.place.ranges import cidrs, flatten

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

    from numpy.typing import NDArray


UNKNOWN = -1
"""The place of addresses that are of no known country."""

_SUPPLIED = 2  # above what is reserved (0) and what is delegated (1)


class PlaceSource(msgspec.Struct, frozen=True, kw_only=True):
    """A file that blocks are made of, to be cited.

    Attributes:
        name: the registry, or the file's name.
        kind: ``delegated``, ``geofeed`` or ``geolocation``.
        as_of: the day that it tells of.
        records: how many statements were read.
        unknown: how many of them are of no known country, though of somebody.
    """

    name: str
    kind: str
    as_of: date
    records: int
    unknown: int


@dataclass(frozen=True)
class Blocks:
    """Which place each block of addresses belongs to.

    CIDR blocks in the order of family, address and length; no two the same; of nested ones the
    longest counts (``build_blocks`` makes none that are nested). An address in no block is in no
    file; an address in a block of no place is known to be of no known country.

    Attributes:
        family: uint8: 4 or 6.
        high: uint64: the first 64 bits of the address; an IPv4 address is the uppermost 32 of them.
        length: uint8: prefix length in bits.
        place: int32: index into ``places``; -1: no known country (pseudo-codes, reserved).
        places: texts of entities: ``country/KZ``, ``region/KZ-75``. A region's addresses are its
            country's too.
        as_of: the latest day that a source tells of.
        sources: the files.
    """

    family: NDArray[np.uint8]
    high: NDArray[np.uint64]
    length: NDArray[np.uint8]
    place: NDArray[np.int32]
    places: tuple[str, ...]
    as_of: date
    sources: tuple[PlaceSource, ...]

    def __len__(self) -> int:
        return len(self.high)


def build_blocks(delegated: Sequence[Delegated], geofeeds: Sequence[Geofeed] = ()) -> Blocks:
    """The fewest blocks that say of each address what the files say of it.

    Raises:
        UsageError: there is no file.
    """
    if not delegated and not geofeeds:
        raise UsageError("There is no file to make blocks of.", "Run zicht place update first.")
    files: list[Delegated | Geofeed] = [*delegated, *geofeeds]
    columns, places = statements_of(files)
    made = [_blocks_of(columns, family) for family in (Resource.IPV4, Resource.IPV6)]
    family, high, length, place = (np.concatenate(column) for column in zip(*made, strict=True))
    return Blocks(
        family=family,
        high=high,
        length=length,
        place=place,
        places=places,
        as_of=max(file.as_of for file in files),
        sources=tuple(map(source_of, files)),
    )


def place_of(
    blocks: Blocks, family: int, high: NDArray[np.uint64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The places of addresses, and the blocks that say so.

    Args:
        blocks: any blocks; of nested ones the longest counts.
        family: 4 or 6.
        high: uint64[n]: the first 64 bits of each address.

    Returns:
        int32[n]: indices into ``blocks.places``, -1 for no known country or no block; int64[n]:
        indices of blocks, -1 for none.
    """
    found = np.full(len(high), -1, np.int64)
    mine = np.flatnonzero(blocks.family == family)
    lengths = blocks.length[mine]
    for length in np.unique(lengths):
        rows = mine[lengths == length]
        mask = np.uint64(0xFFFF_FFFF_FFFF_FFFF << (64 - int(length)) & 0xFFFF_FFFF_FFFF_FFFF)
        at = np.searchsorted(blocks.high[rows], high & mask)
        at = np.minimum(at, len(rows) - 1)
        hit = blocks.high[rows[at]] == high & mask
        found[hit] = rows[at[hit]]
    return np.where(found < 0, np.int32(UNKNOWN), blocks.place[found]), found


def high_bits(address: IPv4Address | IPv6Address) -> int:
    """The first 64 bits of an address; an IPv4 address is the uppermost 32 of them."""
    number = int(address)
    return number << 32 if address.version == 4 else number >> 64  # noqa: PLR2004 - the family


class Statements(NamedTuple):
    """What files say of ranges, column by column.

    Attributes:
        resource: uint8: a ``Resource``.
        first: uint64: the first of the range, as in ``Delegated``.
        last: uint64: the last of it.
        place: int32: index into the places, -1 for no known country.
        keys: uint64, n rows of 5: where ranges overlap, the highest of these win, the first first.
        file: int32: which file says so.
        row: int64: in which of its rows.
    """

    resource: NDArray[np.uint8]
    first: NDArray[np.uint64]
    last: NDArray[np.uint64]
    place: NDArray[np.int32]
    keys: NDArray[np.uint64]
    file: NDArray[np.int32]
    row: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> Statements:
        """Some of the statements."""
        return Statements._make(column[rows] for column in self)


def statements_of(
    files: Sequence[Delegated | Geofeed],
) -> tuple[Statements, tuple[str, ...]]:
    """All that files say, and the texts of the entities that their places are."""
    places = tuple(sorted({place for file in files for place in _places(file)}))
    said = [_statements(file, number, places) for number, file in enumerate(files)]
    return Statements(*(np.concatenate(column) for column in zip(*said, strict=True))), places


def ranks(said: Statements) -> NDArray[np.int64]:
    """int64[n]: the rank of each statement; where ranges overlap the highest wins."""
    rank = np.empty(len(said.keys), np.int64)
    rank[np.lexsort(said.keys.T[::-1])] = np.arange(len(rank))
    return rank


def source_of(file: Delegated | Geofeed) -> PlaceSource:
    """How a file is cited."""
    if isinstance(file, Geofeed):
        unknown = int(np.count_nonzero(file.place < 0))
        return PlaceSource(
            name=file.name, kind=file.kind, as_of=file.as_of, records=len(file), unknown=unknown
        )
    return PlaceSource(
        name=file.registry,
        kind="delegated",
        as_of=file.as_of,
        records=len(file),
        unknown=sum(file.pseudo.values()),
    )


def _places(file: Delegated | Geofeed) -> tuple[str, ...]:
    if isinstance(file, Geofeed):
        return file.places
    return tuple(f"country/{country}" for country in file.countries)


def _statements(file: Delegated | Geofeed, number: int, places: tuple[str, ...]) -> Statements:
    index = np.array([*(places.index(place) for place in _places(file)), UNKNOWN], np.int32)
    narrow = ~(file.last - file.first)
    day = np.full(len(file), file.as_of.toordinal(), np.uint64)
    row = np.arange(len(file))
    of_file = np.full(len(file), number, np.int32)
    if isinstance(file, Geofeed):
        layer = np.full(len(file), _SUPPLIED, np.uint64)
        keys = np.column_stack((layer, narrow, day, row.astype(np.uint64), np.zeros_like(day)))
        return Statements(file.family, file.first, file.last, index[file.place], keys, of_file, row)
    layer = (file.status >= Status.ALLOCATED).astype(np.uint64)
    order = len(REGISTRIES) - REGISTRIES.index(file.registry)
    registry = np.full(len(file), order, np.uint64)
    keys = np.column_stack((layer, file.date.astype(np.uint64), day, narrow, registry))
    return Statements(file.resource, file.first, file.last, index[file.country], keys, of_file, row)


def _blocks_of(
    said: Statements, family: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int32]]:
    mine = said.of(np.flatnonzero(said.resource == family))
    first, last, place = flatten(mine.first, mine.last, mine.place, ranks(mine))
    high, length, which = cidrs(first, last)
    order = np.argsort(high)
    return (
        np.full(len(high), family, np.uint8),
        high[order],
        length[order],
        place[which[order]],
    )
