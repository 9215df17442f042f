"""Readings as series: a value for each signal, entity and bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.sources.bgp.counting import BLOCKS_4, N_QUANTITIES
from zicht.sources.bgp.signals import SIGNALS, on_step

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from zicht.sources.bgp.visibility import Reading


class Bin(NamedTuple):
    """What can be seen of all entities in a bin.

    Attributes:
        time: begin of the bin, microseconds since 1970 UTC.
        entities: their texts, n of them.
        values: int64[n, 3]: /24 blocks, IPv6 prefixes and /48 blocks at the end of the bin.
        known: bool[n, 3]: false where nobody votes, or nothing was ever seen of the entity.
        voters: how many ASes voted, of IPv4 and of IPv6.
        shared: int64[3]: how much of all has several origins.
    """

    time: int
    entities: Sequence[str]
    values: NDArray[np.int64]
    known: NDArray[np.bool_]
    voters: tuple[int, int]
    shared: NDArray[np.int64]


class Entities:
    """Sums readings up by entity: operators, their parts in countries, countries and regions.

    What was seen once has a value from then on, nought if need be: a table without an operator is a
    measurement. What was never seen has none.

    Args:
        places: texts of entities, as ``Reading.places`` counts them.
        step: length of a bin in seconds.
        only: the entities that are wanted; all where it is ``None``.
        seen: entities that were seen before, of which nought is a measurement too.
    """

    def __init__(
        self,
        places: Sequence[str],
        step: int,
        *,
        only: Container[str] | None = None,
        seen: Iterable[str] = (),
    ) -> None:
        self._step = step
        self._only = only
        self._row_of: dict[str, int] = {}
        self._ever = np.zeros((0, N_QUANTITIES), dtype=np.bool_)
        self._places = [_places_of(place) for place in places]
        self._place_rows = [[self._row(text) for text in texts] for texts in self._places]
        self._pair_rows = np.zeros((0, 2), dtype=np.int64)  # of each pair of AS and place
        before = [row for row in map(self._row, seen) if row >= 0]
        self._make_room()
        self._ever[before] = True

    def bin(self, reading: Reading) -> Bin:
        """The bin that ends with a reading; later readings have the pairs of earlier ones first."""
        known = len(self._pair_rows)
        new = zip(reading.asns[known:].tolist(), reading.places[known:].tolist(), strict=True)
        added = [self._rows_of_pair(asn, place) for asn, place in new]
        pairs = np.concatenate([self._pair_rows, np.array(added, dtype=np.int64).reshape(-1, 2)])
        self._pair_rows = pairs
        self._make_room()
        values = np.zeros((len(self._row_of) + 1, N_QUANTITIES), dtype=np.int64)  # -1: unwanted
        np.add.at(values, pairs[:, 0], reading.by_asn_place)
        np.add.at(values, pairs[:, 1], reading.by_asn_place)
        for rows, of_place in zip(self._place_rows, reading.by_place, strict=True):
            for row in rows:
                values[row] += of_place
        values = values[:-1]
        self._ever |= values > 0
        heard = np.array([reading.voters[0 if q == BLOCKS_4 else 1] for q in range(N_QUANTITIES)])
        return Bin(
            reading.time - self._step * MICROSECONDS,
            tuple(self._row_of),
            values,
            self._ever & (heard > 0),
            reading.voters,
            reading.shared,
        )

    def _rows_of_pair(self, asn: int, place: int) -> tuple[int, int]:
        if asn == 0:  # nobody says whose it is
            return -1, -1
        country = self._places[place][0].partition("/")[2] if place >= 0 else None
        part = -1 if country is None else self._row(f"asn/{asn}/{country}")
        return self._row(f"asn/{asn}"), part

    def _row(self, entity: str) -> int:
        if self._only is not None and entity not in self._only:
            return -1
        return self._row_of.setdefault(entity, len(self._row_of))

    def _make_room(self) -> None:
        more = len(self._row_of) - len(self._ever)
        self._ever = np.concatenate([self._ever, np.zeros((more, N_QUANTITIES), dtype=np.bool_)])


def _places_of(place: str) -> tuple[str, ...]:
    """The country of a place, and the place itself where it is a region."""
    kind, _, code = place.partition("/")
    if kind == "country":
        return (place,)
    return f"country/{code[:2]}", place


def observations(bins: Iterable[Bin], step: int) -> pa.Table:
    """The bins' values with the schema ``zicht.model.series.OBSERVATIONS``.

    ``samples`` is the number of ASes that voted.
    """
    import pyarrow as pa  # noqa: PLC0415 - slow to load, and a listing needs none of it

    from zicht.model.series import OBSERVATIONS  # noqa: PLC0415 - likewise

    names = np.array([on_step(signal, step).name for signal in SIGNALS], dtype=object)
    columns: list[tuple[NDArray[Any], ...]] = []
    for one in bins:
        quantity, row = np.nonzero(one.known.T)
        voters = np.where(quantity == BLOCKS_4, *one.voters)
        entities = np.array(one.entities, dtype=object)[row]
        time = np.full(len(row), one.time)
        values = one.values[row, quantity].astype(np.float64)
        columns.append((names[quantity], entities, time, values, voters))
    if not columns:
        return OBSERVATIONS.empty_table()
    arrays = [np.concatenate(column) for column in zip(*columns, strict=True)]
    return pa.table(
        [
            pa.array(array).cast(field.type)
            for array, field in zip(arrays, OBSERVATIONS, strict=True)
        ],
        schema=OBSERVATIONS,
    )
