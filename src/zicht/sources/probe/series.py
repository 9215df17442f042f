"""The healthy vantage points' readings joined into series.

What is told is the share of the blocks measured that is up, scaled up to all that are known of the
entity: as it was at the end of each minute, and on average in each round of five minutes. Missing
is not zero: where no healthy vantage point judged enough, there is no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from zicht.model.series import OBSERVATIONS
from zicht.model.time import MICROSECONDS
from zicht.sources.probe.signals import MINUTE, ROUND, SIGNALS_4, SIGNALS_6
from zicht.sources.probe.vantage import ALIKE, FEWEST_JUDGED, Sick, apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.model.signal import Signal
    from zicht.sources.probe.panel import Panel

    Floats = NDArray[np.float64]

MINUTES = ROUND // MINUTE
_MAJORITY = 3  # so many vantage points can outvote one
_MOST_NEEDED = 0.5  # of a small operator half of the blocks must be judged


class Joined(NamedTuple):
    """What the vantage points saw together of E entities in B bins.

    Attributes:
        value: float64[E, B]: blocks that answer; NaN is unknown.
        samples: float64[E, B]: blocks judged.
        used: bool[V, E, B]: whose readings went into it.
    """

    value: Floats
    samples: Floats
    used: NDArray[np.bool_]


def join(
    blocks: Floats, judged: Floats, up: Floats, healthy: NDArray[np.bool_], needed: Floats
) -> Joined:
    """Join what vantage points saw in bins.

    Where three or more saw an entity and one differs from the others, which agree, it is left out:
    so no single one of three moves the value by more than a third of ``ALIKE`` and of the noise of
    samples.

    Args:
        blocks: float64[V, E, B]: blocks that each knows of each entity; 0 where it read nothing.
        judged: float64[V, E, B]: blocks judged; only of healthy minutes.
        up: float64[V, E, B]: sums of belief, likewise.
        healthy: bool[V, B]: where any is.
        needed: float64[E, B]: blocks that must be judged for a value.
    """
    used = healthy[:, None, :] & (judged > 0)
    judged, up = np.where(used, judged, 0.0), np.where(used, up, 0.0)
    if len(judged) >= _MAJORITY:
        enough = (judged >= FEWEST_JUDGED).sum(axis=0) >= _MAJORITY
        unlike = np.stack([apart(judged, up, row, ALIKE)[0] != 0 for row in range(len(judged))])
        used &= ~(unlike & enough & (unlike.sum(axis=0) == 1))
        judged, up = np.where(used, judged, 0.0), np.where(used, up, 0.0)
    samples = judged.sum(axis=0)
    known = blocks.max(axis=0, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(samples >= np.maximum(needed, 1), known * up.sum(axis=0) / samples, np.nan)
    return Joined(value, samples, used)


def observations(
    panel: Panel, sick: NDArray[np.uint8], first: int, until: int, *, ipv4: bool
) -> pa.Table:
    """What is known of minutes, and of the rounds in which they lie, as series have it.

    Args:
        panel: all readings there are, from the begin of the round in which the first minute lies
            to a minute after the last.
        sick: what ``find_sick`` gives.
        first: number of the first minute to tell.
        until: number of the first minute of which not all is known yet.
        ipv4: of IPv4, or of IPv6.

    Returns:
        a table with the schema ``zicht.model.series.OBSERVATIONS``. Null where nothing is known:
        that takes back what was said before.
    """
    minute, *of_round = SIGNALS_4 if ipv4 else SIGNALS_6
    healthy = panel.present & (sick == Sick.NO)
    tables = [
        _rows(minute, panel.entities, numbers, one.value, one.samples)
        for numbers, one in _minutes(panel, healthy, first, until)
    ]
    begin, end = first // MINUTES * MINUTES, until // MINUTES * MINUTES
    if end > begin:
        numbers = np.arange(begin, end, MINUTES)
        values, samples = _of_rounds(panel, healthy, begin, len(numbers))
        for signal, value in zip(of_round, values, strict=True):
            tables.append(_rows(signal, panel.entities, numbers, value, samples))
    return pa.concat_tables(tables) if tables else OBSERVATIONS.empty_table()


def _minutes(
    panel: Panel, healthy: NDArray[np.bool_], first: int, until: int
) -> Iterator[tuple[NDArray[np.int64], Joined]]:
    length = panel.present.shape[1]
    window = slice(min(max(first - panel.first, 0), length), max(until - panel.first, 0))
    numbers = panel.minutes[window]
    if len(numbers):
        blocks, judged, up = (panel.sums[c][:, :, window] for c in ("blocks", "judged", "up"))
        needed = np.full(judged.shape[1:], float(FEWEST_JUDGED))
        yield numbers, join(blocks, judged, up, healthy[:, window], needed)


def _of_rounds(
    panel: Panel, healthy: NDArray[np.bool_], begin: int, rounds: int
) -> tuple[tuple[Floats, ...], Floats]:
    """Blocks up, coverage, round trip and loss of each entity and round; and the samples."""
    well = healthy[:, None, :]
    counted = ("judged", "up", "asked", "answered")
    judged, up, asked, answered = (
        _by_round(np.where(well, panel.sums[column], 0.0), panel, begin, rounds).sum(axis=-1)
        for column in counted
    )
    blocks = _by_round(panel.sums["blocks"], panel, begin, rounds).max(axis=-1)
    any_healthy = _by_round(healthy.astype(np.float64), panel, begin, rounds).max(axis=-1) > 0
    known = blocks.max(axis=0, initial=0.0)
    needed = np.minimum(FEWEST_JUDGED, _MOST_NEEDED * known)
    one = join(blocks, judged, up, any_healthy, needed)
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.minimum(np.where(one.used, judged / blocks, 0.0).max(axis=0, initial=0.0), 1.0)
        asked = np.where(one.used, asked, 0.0).sum(axis=0)
        answered = np.where(one.used, answered, 0.0).sum(axis=0)
        loss = 1 - answered / np.where(asked > 0, asked, np.nan)
    coverage = np.where(any_healthy.any(axis=0) & (known > 0), 100 * covered, np.nan)
    rtt = _round_trips(panel, well, one.used, begin, rounds)
    return (one.value, coverage, rtt, 100 * loss), one.samples


def _round_trips(
    panel: Panel,
    well: NDArray[np.bool_],
    used: NDArray[np.bool_],
    begin: int,
    rounds: int,
) -> Floats:
    """The minutes' medians averaged by their answers, and the median of the vantage points."""
    rtt, answers = panel.sums["rtt"], panel.sums["answers"]
    weight = np.where(well & ~np.isnan(rtt), answers, 0.0)
    total = _by_round(weight * np.nan_to_num(rtt), panel, begin, rounds).sum(axis=-1)
    weights = _by_round(weight, panel, begin, rounds).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(used & (weights > 0), total / weights, np.nan)
    return _median(own)


def _median(values: Floats) -> Floats:
    """The median over the first axis of what is known: NaN where nothing is."""
    ordered = np.sort(values, axis=0)  # NaN last
    number = (~np.isnan(values)).sum(axis=0)
    if not len(values):
        return np.full(values.shape[1:], np.nan)
    middle = (np.maximum(number - 1, 0) // 2, np.minimum(number // 2, len(values) - 1))
    pair = [np.take_along_axis(ordered, place[None], axis=0)[0] for place in middle]
    return np.where(number > 0, (pair[0] + pair[1]) / 2, np.nan)


def _by_round(values: Floats, panel: Panel, begin: int, rounds: int) -> Floats:
    """The minutes of each round on an axis of their own; what lies outside the panel is 0."""
    shape = (*values.shape[:-1], rounds * MINUTES)
    laid = np.zeros(shape)
    length = values.shape[-1]
    low, high = max(panel.first, begin), min(panel.first + length, begin + rounds * MINUTES)
    if high > low:
        laid[..., low - begin : high - begin] = values[..., low - panel.first : high - panel.first]
    return laid.reshape(*values.shape[:-1], rounds, MINUTES)


def _rows(
    signal: Signal,
    entities: tuple[str, ...],
    minutes: NDArray[np.int64],
    value: Floats,
    samples: Floats,
) -> pa.Table:
    """Rows of one signal; ``value`` and ``samples`` are float64[E, B], ``minutes`` int64[B]."""
    times = np.tile(minutes * MINUTE * MICROSECONDS, len(entities))
    return pa.Table.from_arrays(
        [
            pa.repeat(signal.name, len(times)),
            pa.array(np.repeat(np.array(entities, dtype=object), len(minutes)), pa.string()),
            pa.array(times).cast(OBSERVATIONS.field("time").type),
            pa.array(value.ravel(), from_pandas=True),
            pa.array(samples.ravel().astype(np.int64)),
        ],
        schema=OBSERVATIONS,
    )
