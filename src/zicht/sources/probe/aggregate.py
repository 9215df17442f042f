"""From samples of blocks to figures of operators, regions and countries, minute by minute.

In one minute a fifth of all blocks has its turn. The others are carried forward: each keeps the
chance that it is up, changed by how many blocks of its operator were seen to go down or come back
in this minute's sample (a model-assisted estimate: Särndal, Swensson and Wretman, "Model Assisted
Survey Sampling", 1992). So a figure moves in the minute in which something happens, and yet does
not shake with who happens to be in the sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.sources.probe.transitions import Pace, Rates, Seen, rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.samples import Sample

    Doubles = NDArray[np.float64]

FEWEST = 20
"""Blocks of an operator in a sample, with fewer of which it is taken together with other small
ones."""
FRESH = 660.0
"""Seconds: a block whose last turn is longer ago is no longer measured."""
_STRANGE = 1e-6  # how likely an answer is to be of a block that is down
_MINUTE = 60.0
_STILL = Pace(0.0, 0.0, event=False)


class Panel(NamedTuple):
    """What is known of n blocks at the end of a minute.

    Attributes:
        up: float64[n]: the chance that each is up; NaN of those that never had a turn.
        mean: float64[n]: the part of the minute for which it was up, as expected; NaN likewise.
        turn: float64[n]: when its last turn began, seconds since 1970; NaN likewise.
        pool: int32[n]: with which others it was carried forward.
        carried: float64[n]: how much of ``up`` rests on those others: its standard error, which all
            of a pool share; 0 of those that had their turn in this minute.
        moved: when the last event was, seconds since 1970; negative infinity before the first.
        pace: what happened to all blocks in the minute.
    """

    up: Doubles
    mean: Doubles
    turn: Doubles
    pool: NDArray[np.int32]
    carried: Doubles
    moved: float
    pace: Pace


def new_panel(n: int) -> Panel:
    """A panel of blocks that had no turn yet."""
    unknown = np.full(n, np.nan)
    none = np.zeros(n)
    return Panel(
        unknown, unknown.copy(), unknown.copy(), none.astype(np.int32), none, -np.inf, _STILL
    )


def advance(panel: Panel, sample: Sample, stratum: NDArray[np.int32]) -> Panel:
    """The panel a minute later.

    Args:
        panel: of n blocks, at the begin of the minute.
        sample: the minute's.
        stratum: int32[n]: the operator of each block, from 0 on.
    """
    rows = sample.block
    pool = _pools(stratum, rows)
    was_up = panel.up[rows]
    first_seen = np.isnan(was_up)
    was_up = np.where(first_seen, _first_guess(panel, pool)[pool[rows]], was_up)
    answered = sample.answers > 0
    if_up = np.where(answered, 1.0, np.exp(sample.silence.astype(np.float64)))
    if_down = np.where(answered, _STRANGE, 1.0)
    part = np.clip((sample.began - sample.time) / _MINUTE, 0, 1)

    old = ~first_seen  # of what was never seen none can be said to have changed
    order = np.flatnonzero(old)[np.lexsort((part[old], pool[rows[old]]))]
    pools = int(pool.max(initial=0)) + 1
    first = np.searchsorted(pool[rows[order]], np.arange(pools + 1))
    seen = Seen(was_up[order], if_up[order], if_down[order], part[order])
    moving = sample.time - panel.moved <= FRESH
    told, pace = rates(seen, first, panel.pace if moving else None)

    of_all, of_sampled = _of(told, pool), _of(told, pool[rows])
    up = _moved(panel.up, of_all, 1.0)
    middle = of_all.since + of_all.width / 2
    mean = panel.up * middle + up * (1 - middle)
    of_pool = panel.up * of_all.fell_error + (1 - panel.up) * of_all.rose_error
    carried = np.nan_to_num(of_pool)
    over = np.where(first_seen, 1.0, _done(part, of_sampled))
    then, was_up = _at_turn(was_up, np.where(first_seen, 0, over), of_sampled, if_up, if_down)
    up[rows] = _moved(then, of_sampled, 1 - over)
    mean[rows] = part * (was_up + then) / 2 + (1 - part) * (then + up[rows]) / 2
    carried[rows] *= 1 - over
    turn = panel.turn.copy()
    turn[rows] = sample.began
    moved = sample.time if pace.event else panel.moved
    return Panel(up, mean, turn, pool, carried, moved, pace)


class Figures(NamedTuple):
    """Figures of g groups for a minute.

    Attributes:
        up24: float64[g]: how many of the measured blocks were up, the mean over the minute; NaN
            where none is measured.
        measured: int64[g]: blocks that had a turn within ``FRESH`` seconds.
        coverage: float64[g]: the share of these in all blocks of the group; NaN of empty groups.
        error: float64[g]: standard error of ``up24``.
        rtt: float64[g]: median of the round trips in the sample, seconds; NaN without any.
        loss: float64[g]: the share of probes without an answer among those to addresses, of blocks
            that are up, which had answered lately; hosts that left count too. NaN without any.
        samples: int64[g]: blocks that had their turn in this minute.
    """

    up24: Doubles
    measured: NDArray[np.int64]
    coverage: Doubles
    error: Doubles
    rtt: Doubles
    loss: Doubles
    samples: NDArray[np.int64]


def aggregate(panel: Panel, sample: Sample, group: NDArray[np.int32], groups: int) -> Figures:
    """Figures of groups of blocks.

    Args:
        panel: of n blocks, after ``advance``.
        sample: the minute's.
        group: int32[n]: the group of each block, -1 for none.
        groups: how many there are.
    """
    of_some = group >= 0
    fresh = of_some & (sample.time + _MINUTE - panel.turn <= FRESH)
    up = panel.mean[fresh]
    measured = np.bincount(group[fresh], minlength=groups)
    up24 = np.bincount(group[fresh], weights=up, minlength=groups)
    alone = np.bincount(group[fresh], weights=up * (1 - up), minlength=groups)
    together = _together(panel, group, fresh, groups)
    everyone = np.bincount(group[of_some], minlength=groups)
    sampled = group[sample.block]
    with np.errstate(invalid="ignore"):
        coverage = np.where(everyone > 0, measured / everyone, np.nan)
    return Figures(
        up24=np.where(measured > 0, up24, np.nan),
        measured=measured,
        coverage=coverage,
        error=np.where(measured > 0, np.sqrt(alone + together), np.nan),
        rtt=_medians(sample.rtt.astype(np.float64), sampled, groups),
        loss=_losses(sample, sampled, groups),
        samples=np.bincount(sampled[sampled >= 0], minlength=groups),
    )


def _pools(stratum: NDArray[np.int32], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """int32[n]: the operators with enough blocks in the sample, from 1 on, and the others as 0."""
    strata = int(stratum.max(initial=0)) + 1
    enough = np.bincount(stratum[rows], minlength=strata) >= FEWEST
    number = np.where(enough, np.cumsum(enough), 0).astype(np.int32)
    return number[stratum]


def _first_guess(panel: Panel, pool: NDArray[np.int32]) -> Doubles:
    """The chance that a block which never had a turn is up: as the others of its pool."""
    known = ~np.isnan(panel.up)
    pools = int(pool.max(initial=0)) + 1
    total = np.bincount(pool[known], weights=panel.up[known], minlength=pools)
    guess: Doubles = (total + 1) / (np.bincount(pool[known], minlength=pools) + 2)
    return guess


def _of(told: Rates, pool: NDArray[np.int32]) -> Rates:
    """What happened to the pool of each block."""
    return Rates(*(column[pool] for column in told))


def _done(part: Doubles, told: Rates) -> Doubles:
    """How much of what happened in a minute, 0 to 1, was over at a part of it."""
    width = np.maximum(told.width, 1e-9)
    over: Doubles = np.clip((part - told.since) / width, 0, 1)
    return over


def _moved(up: Doubles, told: Rates, over: Doubles | float) -> Doubles:
    """The chances after so much of what happened."""
    moved: Doubles = up * (1 - told.fell * over) + (1 - up) * told.rose * over
    return moved


def _at_turn(
    was_up: Doubles, over: Doubles, told: Rates, if_up: Doubles, if_down: Doubles
) -> tuple[Doubles, Doubles]:
    """The chances that blocks were up at their turn, and before the minute, by all that is told."""
    fell, rose = told.fell * over, told.rose * over
    stayed, fallen = was_up * (1 - fell) * if_up, was_up * fell * if_down
    risen, lay = (1 - was_up) * rose * if_up, (1 - was_up) * (1 - rose) * if_down
    total = stayed + fallen + risen + lay
    return (stayed + risen) / total, (stayed + fallen) / total


def _together(
    panel: Panel, group: NDArray[np.int32], fresh: NDArray[np.bool_], groups: int
) -> Doubles:
    """The variance by what the blocks of a pool have in common."""
    pools = int(panel.pool.max(initial=0)) + 1
    key = group[fresh].astype(np.int64) * pools + panel.pool[fresh]
    keys, inverse = np.unique(key, return_inverse=True)
    common = np.bincount(inverse, weights=panel.carried[fresh], minlength=len(keys))
    variance = np.bincount(keys // pools, weights=common**2, minlength=groups)
    return variance.astype(np.float64)


def _medians(values: Doubles, group: NDArray[np.int32], groups: int) -> Doubles:
    known = np.flatnonzero((group >= 0) & ~np.isnan(values))
    order = known[np.lexsort((values[known], group[known]))]
    first = np.searchsorted(group[order], np.arange(groups + 1))
    count = np.diff(first)
    medians = np.full(groups, np.nan)
    some = count > 0
    low, high = (first[:-1] + (count - 1) // 2)[some], (first[:-1] + count // 2)[some]
    medians[some] = (values[order[low]] + values[order[high]]) / 2
    return medians


def _losses(sample: Sample, group: NDArray[np.int32], groups: int) -> Doubles:
    stayed = (group >= 0) & (sample.answers > 0) & (sample.was_up > 0.5)  # noqa: PLR2004 - likelier up
    asked, answered = (
        np.bincount(group[stayed], weights=counts[stayed], minlength=groups)
        for counts in (sample.steady_probes, sample.steady_answers)
    )
    with np.errstate(invalid="ignore"):
        return np.where(asked > 0, 1 - answered / asked, np.nan)
