"""What a minute of probing becomes: readings of each entity, and of the control blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.reading import CONTROL, READINGS
from zicht.model.time import MICROSECONDS
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

_TIME = READINGS.field("time").type


@dataclass(frozen=True)
class Minute:
    """What was judged of blocks in a minute, k of them; a block that was judged twice counts twice.

    Attributes:
        number: of the minute, since 1970.
        block: int64[k]: which of the n blocks.
        up: float64[k]: the belief that it is up, 0 to 1.
        probes: int64[k]: probes that this took.
        answers: int64[k]: and how many were answered.
        rtt: float64[k]: the round trip in seconds; NaN without an answer.
        unsent: probes that this machine could not send.
    """

    number: int
    block: NDArray[np.integer]
    up: Floats
    probes: NDArray[np.integer]
    answers: NDArray[np.integer]
    rtt: Floats
    unsent: int = 0


@dataclass(frozen=True)
class Membership:
    """Which of n blocks belong to which entities; a block may belong to several or to none.

    Attributes:
        entities: their texts, g of them, and ``zicht.model.reading.CONTROL`` for control blocks.
        block: int64[p], ascending: a block ...
        entity: int64[p]: ... and the position of an entity that it belongs to.
        probed: bool[n]: the blocks that are probed at all; others count nowhere.
    """

    entities: tuple[str, ...]
    block: NDArray[np.int64]
    entity: NDArray[np.int64]
    probed: NDArray[np.bool_]

    def blocks(self) -> NDArray[np.int64]:
        """int64[g]: how many blocks of each entity are probed."""
        counted = self.entity[self.probed[self.block]]
        return np.bincount(counted, minlength=len(self.entities))


def read_minute(
    minute: Minute,
    membership: Membership,
    availability: Floats,
    *,
    vantage: str,
    ipv4: bool,
    known_at: int,
) -> pa.Table:
    """The readings of a minute, with the schema ``zicht.model.reading.READINGS``.

    Entities of which nothing was judged have none; the control blocks always do.

    Args:
        minute: what was judged.
        membership: of the blocks.
        availability: float[n]: the share of probes to a block that are answered when it is up; NaN
            where not measured.
        vantage: the vantage point's name.
        ipv4: the family of the blocks.
        known_at: microseconds since 1970 UTC.
    """
    row, entity = _expanded(minute.block, membership)
    size = len(membership.entities)
    usual = availability[minute.block]
    due = np.where(np.isnan(usual), minute.answers, usual * minute.probes)
    judged = np.bincount(entity, minlength=size)
    sums = {
        name: np.bincount(entity, weights=values[row], minlength=size)
        for name, values in (
            ("up", minute.up),
            ("probes", minute.probes),
            ("answers", minute.answers),
            ("due", due),
        )
    }
    names = list(membership.entities)
    told = judged > 0
    unsent = np.zeros(size, dtype=np.int64)
    if CONTROL in names:
        told[names.index(CONTROL)] = True
        unsent[names.index(CONTROL)] = minute.unsent
    kept = np.flatnonzero(told)
    count = len(kept)
    time = pa.scalar(minute.number * MINUTE * MICROSECONDS, pa.int64()).cast(_TIME)
    columns = {
        "vantage": pa.repeat(vantage, count),
        "entity": pa.array([names[place] for place in kept], pa.string()),
        "ipv4": pa.repeat(pa.scalar(ipv4), count),
        "time": pa.repeat(time, count),
        "blocks": pa.array(membership.blocks()[kept]),
        "judged": pa.array(judged[kept]),
        "up": pa.array(sums["up"][kept]),
        "probes": pa.array(sums["probes"][kept].astype(np.int64)),
        "answers": pa.array(sums["answers"][kept].astype(np.int64)),
        "due": pa.array(sums["due"][kept]),
        "rtt": pa.array(_medians(minute.rtt[row] * 1e3, entity, size)[kept], from_pandas=True),
        "unsent": pa.array(unsent[kept]),
        "known_at": pa.repeat(pa.scalar(known_at, pa.int64()).cast(_TIME), count),
    }
    table = pa.table(columns).cast(READINGS)
    if CONTROL in names:
        return table
    return pa.concat_tables([table, _no_controls(table, minute, vantage, known_at, ipv4=ipv4)])


def _no_controls(
    table: pa.Table, minute: Minute, vantage: str, known_at: int, *, ipv4: bool
) -> pa.Table:
    """The control blocks' reading where there are none: it says that the minute was watched."""
    row = dict.fromkeys(table.column_names, 0) | {
        "vantage": vantage,
        "entity": CONTROL,
        "ipv4": ipv4,
        "time": minute.number * MINUTE * MICROSECONDS,
        "rtt": None,
        "unsent": minute.unsent,
        "known_at": known_at,
    }
    return pa.Table.from_pylist([row], READINGS)


def _expanded(
    block: NDArray[np.integer], membership: Membership
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each judgement once for each entity of its block: its position, and the entity's."""
    begin = np.searchsorted(membership.block, block, side="left")
    count = np.searchsorted(membership.block, block, side="right") - begin
    row = np.repeat(np.arange(len(block)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, membership.entity[begin[row] + within]


def _medians(values: Floats, group: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """The median of each group's values; NaN without any."""
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], group[known]))]
    number = np.bincount(group[order], minlength=size)
    begin = np.cumsum(number) - number
    medians = np.full(size, np.nan)
    filled = np.flatnonzero(number)
    low, high = (number[filled] - 1) // 2, number[filled] // 2
    ordered = values[order]
    medians[filled] = (ordered[begin[filled] + low] + ordered[begin[filled] + high]) / 2
    return medians
