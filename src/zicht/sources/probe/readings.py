"""What a minute of probing becomes: readings of each entity, and of the control blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.model.reading import CONTROL, READINGS
from zicht.model.time import MICROSECONDS
from zicht.sources.probe.aggregate import FEWEST, aggregate
from zicht.sources.probe.samples import Sample
from zicht.sources.probe.signals import MINUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.aggregate import Panel

_TIME = READINGS.field("time").type
_UP = 0.5  # a block that is likelier up


@dataclass(frozen=True)
class Membership:
    """Which of n blocks belong to which entities.

    Attributes:
        entities: their texts, each once, and ``zicht.model.reading.CONTROL`` for control blocks.
        of_block: int32[n, k]: for each block the positions of its entities, such as its operator,
            country and region; -1 where there is none. An entity stands in one column alone.
    """

    entities: tuple[str, ...]
    of_block: NDArray[np.int32]

    def blocks(self) -> NDArray[np.int64]:
        """int64: how many blocks each entity has."""
        of = self.of_block[self.of_block >= 0]
        return np.bincount(of, minlength=len(self.entities))


def no_sample(minute: int) -> Sample:
    """The sample of a minute, numbered since 1970, in which no block had its turn."""
    nothing = {
        name: np.empty(0, kind)
        for kind, names in (
            (np.int32, "block"),
            (np.float64, "began"),
            (np.float32, "up was_up silence rtt"),
            (np.uint8, "probes answers steady_probes steady_answers"),
        )
        for name in names.split()
    }
    return Sample(time=minute * MINUTE, **nothing)  # type: ignore[arg-type]


def read_minute(
    sample: Sample,
    panel: Panel,
    membership: Membership,
    *,
    vantage: str,
    ipv4: bool,
    unsent: int,
    known_at: int,
) -> pa.Table:
    """The readings of a minute, with the schema ``zicht.model.reading.READINGS``.

    Entities of which no block had its turn have none; the control blocks always do.

    Args:
        sample: whose turn it was in the minute.
        panel: what is known of all blocks at its end.
        membership: of the blocks.
        vantage: the vantage point's name.
        ipv4: the family of the blocks.
        unsent: probes that this machine could not send.
        known_at: microseconds since 1970 UTC.
    """
    size, names = len(membership.entities), list(membership.entities)
    sums = {name: np.zeros(size) for name in ("measured", "up", *_COUNTED)}
    rtt = np.full(size, np.nan)
    counts = _counts(sample)
    for group in membership.of_block.T:
        sampled = group[sample.block]
        mine = sampled >= 0
        for name, values in counts.items():
            sums[name] += np.bincount(sampled[mine], weights=values[mine], minlength=size)
        rtt = np.where(np.isnan(rtt), 1e3 * aggregate(panel, sample, group, size).rtt, rtt)
        measured, up = _carried_forward(panel, sample, group, size)
        sums["measured"] += measured
        sums["up"] += up
    alone = ~_carried(names, sums["judged"])
    sums["measured"] = np.where(alone, sums["judged"], sums["measured"])
    sums["up"] = np.where(alone, sums["believed"], sums["up"])
    told = np.flatnonzero((sums["judged"] > 0) | np.isin(names, [CONTROL]))
    number = len(told)
    time = pa.scalar(sample.time * MICROSECONDS, pa.int64()).cast(_TIME)
    whole = {name: pa.array(sums[name][told].astype(np.int64)) for name in ("measured", *_WHOLE)}
    columns = whole | {
        "vantage": pa.repeat(vantage, number),
        "entity": pa.array([names[at] for at in told], pa.string()),
        "ipv4": pa.repeat(pa.scalar(ipv4), number),
        "time": pa.repeat(time, number),
        "blocks": pa.array(membership.blocks()[told]),
        "up": pa.array(sums["up"][told]),
        "rtt": pa.array(rtt[told], from_pandas=True),
        "unsent": pa.array([unsent if names[at] == CONTROL else 0 for at in told], pa.int64()),
        "known_at": pa.repeat(pa.scalar(known_at, pa.int64()).cast(_TIME), number),
    }
    table = pa.table({name: columns[name] for name in READINGS.names}).cast(READINGS)
    if CONTROL in names:
        return table
    watched = dict.fromkeys(READINGS.names, 0) | {
        "vantage": vantage,
        "entity": CONTROL,
        "ipv4": ipv4,
        "time": sample.time * MICROSECONDS,
        "rtt": None,
        "unsent": unsent,
        "known_at": known_at,
    }
    return pa.concat_tables([table, pa.Table.from_pylist([watched], READINGS)])


def _carried(names: list[str], judged: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[g]: the entities of which blocks are carried forward from earlier minutes.

    Of a small operator or a region, as of control blocks, only those count whose turn it was: what
    befell others must not be laid on them.
    """
    country = np.array([name.startswith("country/") for name in names], dtype=np.bool_)
    operator = np.array([name.startswith("asn/") for name in names], dtype=np.bool_)
    return np.asarray(country | (operator & (judged >= FEWEST)))


def _carried_forward(
    panel: Panel, sample: Sample, group: NDArray[np.int32], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Blocks measured in each group, and how many of them are up.

    Large operators' blocks are carried forward by what was seen of their own. Small ones, which the
    panel takes together, may fare differently from one another: of them the minute's sample speaks
    for all.
    """
    large = aggregate(panel, sample, np.where(panel.pool > 0, group, -1).astype(np.int32), size)
    small = np.where(panel.pool == 0, group, -1).astype(np.int32)
    others = aggregate(panel, sample, small, size)
    of = small[sample.block]
    judged = np.bincount(of[of >= 0], minlength=size)
    believed = np.bincount(of[of >= 0], weights=sample.up[of >= 0], minlength=size)
    share = np.where(judged > 0, believed / np.maximum(judged, 1), 0.0)
    up = np.where(judged > 0, share * others.measured, np.nan_to_num(others.up24))
    measured = (large.measured + others.measured).astype(np.float64)
    return measured, np.nan_to_num(large.up24) + up


_WHOLE = ("judged", "probes", "answers", "asked", "answered")
_COUNTED = (*_WHOLE, "believed")


def _counts(sample: Sample) -> dict[str, NDArray[np.float64]]:
    """What is counted of each block that had its turn."""
    stayed = (sample.answers > 0) & (sample.was_up > _UP)
    return {
        "judged": np.ones(len(sample.block)),
        "believed": sample.up.astype(np.float64),
        "probes": sample.probes.astype(np.float64),
        "answers": sample.answers.astype(np.float64),
        "asked": np.where(stayed, sample.steady_probes, 0.0),
        "answered": np.where(stayed, sample.steady_answers, 0.0),
    }
