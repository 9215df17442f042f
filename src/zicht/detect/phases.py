"""Phases: what class an event has in each of its stretches, plane by plane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import HANDFUL, PACKETS_DEAD, ROUTES_UP
from zicht.model.outage import EventClass, Outage, Phase, PlaneState
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.model.signal import Plane

_SHORTEST_STEP = 1800  # seconds: finer phases than half an hour are not told apart
_SHORTEST_PHASE = 2  # steps: a shorter one belongs to what was before
_STALE = 6 * 3600  # seconds after which the last value of a plane tells nothing any more


@dataclass(frozen=True)
class RankedPhase:
    """A phase with the lowest connectivity that any plane showed in it, in percent."""

    phase: Phase
    depth: float


@dataclass(frozen=True)
class _PlaneTrack:
    """One plane of an entity over an event's steps.

    Attributes:
        signal: whose it is.
        percent: of ordinary; NaN is unknown.
        least: the fifth percentile of what is believed to be left, in percent: of a series that
            varies much by itself it is low even where the value is high.
        down: whether it is in an outage.
        begin: microseconds since 1970 UTC at which the first of the bins behind a step begins.
        end: at which the last of them ends.
    """

    signal: str
    percent: NDArray[np.float64]
    least: NDArray[np.float64]
    down: NDArray[np.bool_]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def classify(
    control: tuple[float, bool] | None,
    data: tuple[float, bool] | None,
    user: tuple[float, bool] | None,
) -> EventClass | None:
    """The class of an instant from its planes; ``None`` where all that is known is ordinary.

    Each plane is percent of ordinary and whether it is in an outage, or ``None`` when unknown; of
    the user plane it is the least that the best service surely keeps, and whether any is in an
    outage: that people are served while packets are dead is a claim, and wants proof.
    """
    routes_up = control is not None and control[0] >= ROUTES_UP
    if data is not None and data[1] and data[0] < PACKETS_DEAD:
        if user is not None and user[0] >= PACKETS_DEAD:
            return "filtered-access"
        if control is None:
            return "data-plane"
        return "routes-up-packets-dead" if routes_up else "total"
    if control is not None and not routes_up:
        return "control-plane"
    if data is not None and data[1]:
        return "data-plane"
    if control is not None and control[1]:
        return "control-plane"
    if user is not None and user[1]:
        return "traffic-drop"
    return "unknown" if control is None and data is None and user is None else None


def find_phases(
    entity: str, outages: Sequence[Outage], assessments: Sequence[Assessment], as_of: datetime
) -> list[RankedPhase]:
    """The phases of an event of an entity, in order of time; ordinary stretches are left out.

    Args:
        entity: the event's entity.
        outages: the entity's own outages.
        assessments: all series that were assessed.
        as_of: the end of an event that goes on.
    """
    own = [one for one in assessments if one.series.entity == entity and len(one.expected)]
    if not own:
        return []
    begin = min(one.onset[0] for one in outages)
    end = max(as_of if one.end is None else one.end[1] for one in outages)
    step = timedelta(seconds=max(_SHORTEST_STEP, min(one.series.signal.step for one in own)))
    begin = _floor(begin, step)
    count = max(1, -int((begin - end) // step))
    edges = to_microseconds(begin) + np.arange(count + 1) * (step // timedelta(microseconds=1))
    tracks, worst_user = _tracks(own, edges)
    classes = _settle([_class_at(tracks, i) for i in range(count)])
    last_is_open = any(one.end is None for one in outages)
    return _ranked(classes, tracks, worst_user, edges, last_is_open=last_is_open)


def _floor(time: datetime, step: timedelta) -> datetime:
    whole = to_microseconds(time) // (step // timedelta(microseconds=1))
    return from_microseconds(whole * (step // timedelta(microseconds=1)))


def _tracks(
    own: Sequence[Assessment], edges: NDArray[np.int64]
) -> tuple[dict[Plane, _PlaneTrack], _PlaneTrack | None]:
    """For each plane the track that speaks for it: the steadiest signal's that has data.

    Of the user plane it is that of the service that is surely best off (some may be up), marked
    down where any is; the worst service's is given beside it. A day's count of which an hour was
    dead tells nothing of that hour.
    """
    tracks: dict[Plane, _PlaneTrack] = {}
    worst_user = None
    for plane in ("control", "data", "user"):
        members = [one for one in own if one.series.signal.plane == plane]
        if not members:
            continue
        members.sort(key=ordinary_spread)
        candidates = [_track(one, edges) for one in members]
        if plane == "user":
            dead = _dead(tracks.get("data"), len(edges) - 1)
            candidates = [_unmixed(one, dead, edges) for one in candidates]
            tracks[plane], worst_user = _best_of(candidates), _worst_of(candidates)
        else:
            tracks[plane] = _first_known(candidates)
    return tracks, worst_user


def _dead(data: _PlaneTrack | None, count: int) -> NDArray[np.bool_]:
    """bool[count]: the steps in which packets are dead."""
    if data is None:
        return np.zeros(count, dtype=bool)
    return np.asarray(data.down & (data.percent < PACKETS_DEAD))


def _unmixed(track: _PlaneTrack, dead: NDArray[np.bool_], edges: NDArray[np.int64]) -> _PlaneTrack:
    """Where packets are dead, only what was counted while they were."""
    unknown = np.zeros(len(dead), dtype=bool)
    for i in np.flatnonzero(dead & ~np.isnan(track.percent)):
        first, last = np.searchsorted(edges, [track.begin[i], track.end[i]], side="right") - 1
        last -= edges[last] == track.end[i]
        whole = first >= 0 and last < len(dead) and dead[first : last + 1].all()
        unknown[i] = not whole
    percent, least = (np.where(unknown, np.nan, one) for one in (track.percent, track.least))
    return replace(track, percent=percent, least=least)


def ordinary_spread(assessment: Assessment) -> float:
    """The usual ratio of the upper end of ordinary values to what is expected; less is steadier."""
    known = ~np.isnan(assessment.expected)
    if not known.any():
        return np.inf
    relative = assessment.expected_high[known] / assessment.expected[known]
    return float(np.median(relative))


def is_handful(assessment: Assessment) -> bool:
    """Whether so few are counted that others speak first: behind carrier NAT five blocks answer."""
    if assessment.series.signal.scale != "count" or np.isnan(assessment.expected).all():
        return False
    return bool(np.nanmedian(assessment.expected) < HANDFUL)


def _track(assessment: Assessment, edges: NDArray[np.int64]) -> _PlaneTrack:
    """Medians over each step; between values the last one holds for a while."""
    series = assessment.series
    step = series.signal.step * MICROSECONDS
    known = np.flatnonzero(~np.isnan(assessment.connectivity))
    times = series.times[known]
    percent, least = np.full(len(edges) - 1, np.nan), np.full(len(edges) - 1, np.nan)
    down = np.zeros(len(edges) - 1, dtype=bool)
    first, last = edges[:-1].copy(), edges[1:].copy()
    for i, (start, end) in enumerate(pairwise(edges)):
        low, high = np.searchsorted(times, [start, end])
        if high > low:
            inside = known[low:high]
        elif high > 0 and start - times[high - 1] < max(step, _STALE * MICROSECONDS):
            inside = known[high - 1 : high]
        else:
            continue
        percent[i] = median(assessment.connectivity[inside].tolist())
        least[i] = median(assessment.share_low[inside].tolist())
        first[i], last[i] = series.times[inside[0]], series.times[inside[-1]] + step
        down[i] = median(assessment.belief_outage_later[inside].tolist()) >= 0.5  # noqa: PLR2004
    return _PlaneTrack(series.signal.name, percent, least, down, first, last)


def _best_of(candidates: Sequence[_PlaneTrack]) -> _PlaneTrack:
    return _chosen(candidates, np.stack([one.least for one in candidates]), np.nanargmax)


def _worst_of(candidates: Sequence[_PlaneTrack]) -> _PlaneTrack:
    return _chosen(candidates, np.stack([one.percent for one in candidates]), np.nanargmin)


def _chosen(
    candidates: Sequence[_PlaneTrack],
    by: NDArray[np.float64],
    choose: Callable[..., NDArray[np.int64]],
) -> _PlaneTrack:
    """Step by step the chosen one's, under the name of that chosen most; down where any is."""
    known = ~np.isnan(by).all(axis=0)
    chosen = np.zeros(by.shape[1], dtype=np.int64)
    chosen[known] = choose(by[:, known], axis=0)
    counts = np.bincount(chosen[known], minlength=len(candidates))
    steps = np.arange(len(chosen))
    return replace(
        candidates[int(counts.argmax())],
        percent=np.stack([one.percent for one in candidates])[chosen, steps],
        least=np.stack([one.least for one in candidates])[chosen, steps],
        down=np.asarray(np.stack([one.down for one in candidates]).any(axis=0)),
    )


def _first_known(candidates: Sequence[_PlaneTrack]) -> _PlaneTrack:
    track = candidates[0]
    for one in candidates[1:]:
        fill = np.isnan(track.percent)
        track = replace(
            track,
            percent=np.where(fill, one.percent, track.percent),
            least=np.where(fill, one.least, track.least),
            down=np.where(fill, one.down, track.down),
        )
    return track


def _class_at(tracks: dict[Plane, _PlaneTrack], i: int) -> EventClass | None:
    def state(plane: Plane) -> tuple[float, bool] | None:
        track = tracks.get(plane)
        if track is None or np.isnan(track.percent[i]):
            return None
        left = track.least[i] if plane == "user" else track.percent[i]
        return float(left), bool(track.down[i])

    return classify(state("control"), state("data"), state("user"))


def _settle(classes: list[EventClass | None]) -> list[EventClass | None]:
    """Give stretches that are too short to the one before them, and the first to the next."""
    runs = [(one, len(list(group))) for one, group in groupby(classes)]
    while len(runs) > 1 and runs[0][1] < _SHORTEST_PHASE:
        (_, first), (second, length) = runs[:2]
        runs[:2] = [(second, first + length)]
    settled: list[EventClass | None] = []
    for number, (one, length) in enumerate(runs):
        short = length < _SHORTEST_PHASE and 0 < number < len(runs) - 1
        settled += [settled[-1] if short else one] * length
    return settled


def _ranked(
    classes: list[EventClass | None],
    tracks: dict[Plane, _PlaneTrack],
    worst_user: _PlaneTrack | None,
    edges: NDArray[np.int64],
    *,
    last_is_open: bool,
) -> list[RankedPhase]:
    phases = []
    i = 0
    while i < len(classes):
        j = i
        while j < len(classes) and classes[j] == classes[i]:
            j += 1
        event_class = classes[i]
        if event_class is not None:
            shown = dict(tracks)
            if event_class == "traffic-drop" and worst_user is not None:
                shown["user"] = worst_user
            planes: dict[str, PlaneState] = {
                plane: _plane_state(track, i, j) for plane, track in shown.items()
            }
            known = [one.connectivity_percent for one in planes.values()]
            open_end = j == len(classes) and last_is_open
            phase = Phase(
                start=from_microseconds(edges[i]),
                end=None if open_end else from_microseconds(edges[j]),
                event_class=event_class,
                planes=planes,
            )
            depth = min((one for one in known if one is not None), default=np.inf)
            phases.append(RankedPhase(phase, depth))
        i = j
    return phases


def _plane_state(track: _PlaneTrack, first: int, end: int) -> PlaneState:
    known = track.percent[first:end]
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return PlaneState(signal=track.signal, connectivity_percent=None)
    low, middle, high = (round(float(one), 1) for one in np.quantile(known, (0, 0.5, 1)))
    return PlaneState(signal=track.signal, connectivity_percent=middle, range_percent=(low, high))
