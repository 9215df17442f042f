"""Health: stretches in which a source could not see, told from what it says of all its entities.

When all that a signal sees is gone in the same bin, its source is suspect. It is held to be sick
when others contradict it: entities of several countries vanish together, or other signals that
watch the same entities see nothing happen at that time. Where neither can be told, the values stand
as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.health import Sickness
from zicht.model.series import stack
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from zicht.model.series import Series

_ALIVE = 3  # vanishing together says little of fewer entities than that
_BEFORE = 3600  # seconds of the past in which an entity must have been alive
_SEVERAL_COUNTRIES = 3
_WITNESS_HOURS = 1  # within an hour of the vanishing another signal would show it too
_WITNESS_LOSS = 0.2  # a witness that loses a fifth or more has seen something


@dataclass(frozen=True)
class _Panel:
    """All series of one signal on one grid: ``values`` is float64[entities, bins]."""

    name: str
    step: int  # microseconds
    start: int
    entities: tuple[str, ...]
    values: NDArray[np.float64]


def find_sickness(
    series_list: Sequence[Series], country_of: Callable[[str], str | None]
) -> list[Sickness]:
    """Find the stretches in which a signal vanished for all of its entities at once.

    Args:
        series_list: all series that are at hand.
        country_of: the country of an entity's text, or ``None``.
    """
    found = []
    for name, group in _by_signal(series_list):
        panel = _panel(name, group)
        witnesses = [one for one in series_list if one.signal.name != name]
        for first, last in _vanishings(panel):
            alive = _alive_before(panel, first)
            countries = {country_of(panel.entities[i]) for i in np.flatnonzero(alive)} - {None}
            start = panel.start + first * panel.step
            if len(countries) >= _SEVERAL_COUNTRIES:
                why = (
                    f"all {alive.sum()} entities, of {len(countries)} countries, read zero at once"
                )
            elif _witnesses_saw_nothing(witnesses, start):
                why = f"all {alive.sum()} entities read zero at once, and no other signal moved"
            else:
                continue
            end = panel.start + (last + 1) * panel.step
            found.append(
                Sickness(
                    signal=name,
                    start=from_microseconds(start),
                    end=from_microseconds(end),
                    reason=why,
                )
            )
    return found


def sick_bins(series: Series, sicknesses: Iterable[Sickness]) -> NDArray[np.bool_]:
    """bool[n]: the bins of a series that lie in a sickness of its signal."""
    begins = series.times
    sick = np.zeros(len(begins), dtype=bool)
    for one in sicknesses:
        if one.signal == series.signal.name:
            start, end = to_microseconds(one.start), to_microseconds(one.end)
            sick |= (begins >= start) & (begins < end)
    return sick


def _by_signal(series_list: Sequence[Series]) -> list[tuple[str, list[Series]]]:
    ordered = sorted(
        (one for one in series_list if len(one.values)), key=lambda one: one.signal.name
    )
    return [
        (name, list(group)) for name, group in groupby(ordered, key=lambda one: one.signal.name)
    ]


def _panel(name: str, group: Sequence[Series]) -> _Panel:
    step = group[0].signal.step * MICROSECONDS
    start = min(one.start for one in group)
    values = stack(group)
    return _Panel(name, step, start, tuple(one.entity for one in group), values)


def _vanishings(panel: _Panel) -> list[tuple[int, int]]:
    """First and last bin of each stretch in which every value that is there reads zero.

    Bins in which values are missing do not end a stretch: the next zeros would else begin one
    before which nobody was alive.
    """
    known = ~np.isnan(panel.values)
    quiet = ~(known & (panel.values != 0)).any(axis=0)
    gone = quiet & (known.sum(axis=0) >= _ALIVE)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    stretches = [
        begin + np.flatnonzero(gone[begin:end])
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [
        (int(bins[0]), int(bins[-1]))
        for bins in stretches
        if len(bins) and _alive_before(panel, int(bins[0])).sum() >= _ALIVE
    ]


def _alive_before(panel: _Panel, first: int) -> NDArray[np.bool_]:
    """bool[entities]: had values above zero in each known bin of the hour before."""
    bins = max(1, _BEFORE * MICROSECONDS // panel.step)
    past = panel.values[:, max(first - bins, 0) : first]
    known = ~np.isnan(past)
    return np.asarray(known.any(axis=1) & ((past > 0) | ~known).all(axis=1))


def _witnesses_saw_nothing(witnesses: Sequence[Series], time: int) -> bool:
    """Whether other signals were there around a time, and none of their series fell then."""
    changes = [change for one in witnesses if (change := _loss_at(one, time)) is not None]
    return bool(changes) and max(changes) < _WITNESS_LOSS


def _loss_at(series: Series, time: int) -> float | None:
    """Part of its own value of before that a series lost around a time; ``None`` is unknown.

    Values before are read an hour and more ahead of the time, since a witness may see it first.
    """
    step = series.signal.step * MICROSECONDS
    hours = max(_WITNESS_HOURS * 3600 * MICROSECONDS, 2 * step)
    middle = (time - series.start) // step
    width = hours // step
    before = series.values[max(middle - 2 * width, 0) : max(middle - width, 0)]
    after = series.values[max(middle + 1, 0) : max(middle + 1 + width, 0)]
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if len(before) == 0 or len(after) == 0 or np.median(before) <= 0:
        return None
    if series.signal.scale == "count" and np.median(before) < _WITNESS_COUNT:
        return None
    return float(1 - np.median(after) / np.median(before))


_WITNESS_COUNT = 10  # fewer than that come and go by chance
