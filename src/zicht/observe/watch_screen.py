"""The screen of a watch: the filter's state of every series, fed with new bins alone.

It tells which entities may have something going on; only those are looked at more closely. What is
kept of a series is its state (3.6 kB) and a few figures, whatever the length of its history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.detect.batch import new_states
from zicht.detect.constants import DATING
from zicht.detect.feeding import (
    ABOVE,
    BELIEF,
    EXPECTED_LAST,
    LAST,
    LEVELS,
    NEXT,
    feed,
    new_tracks,
)
from zicht.model.time import MICROSECONDS
from zicht.store.bins import same_as_before

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zicht.model.series import Series
    from zicht.model.signal import Signal

LONGEST_GAP = timedelta(days=56)
"""A series that was away as long as detection reads back begins anew."""

LATE = 3 * 3600 * MICROSECONDS
"""A bin that is late by more than three hours is never let go: the hour of day matters, ..."""

MISSED = 12
"""... nor are more than twelve bins of a series: its state is then made anew."""

_REMEMBERED = 2 * 86_400 * MICROSECONDS  # for how long zeros of all are counted
_ALIVE = 3  # reading zero together says little of fewer entities than that
_GROWTH = 1.25
_LEAST = 256


@dataclass
class Panel:
    """The series of one signal.

    Attributes:
        signal: the spec.
        entities: the entity of each row, in the order in which they appeared.
        rows: the row of each entity.
        states: float64[capacity, STATE_SIZE].
        tracks: float64[capacity, TRACK_SIZE].
        begun: when each entity that is suspicious, or was within two days, began to be.
        missed: how many bins of each entity came late and were let go, since its state was made.
        seen: how many values, and how many above zero, each bin of the last two days has.
    """

    signal: Signal
    entities: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    states: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    tracks: NDArray[np.float64] = field(default_factory=lambda: new_tracks(0))
    begun: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)

    def rows_of(self, entities: Sequence[str]) -> NDArray[np.int64]:
        """The rows of entities; those that are new get one."""
        for entity in entities:
            if entity not in self.rows:
                self.rows[entity] = len(self.entities)
                self.entities.append(entity)
        number, capacity = len(self.entities), len(self.tracks)
        if number > capacity:
            more = max(number, int(_GROWTH * capacity), _LEAST) - capacity
            fresh = new_states(self.signal, more)
            self.states = np.concatenate([self.states, fresh]) if capacity else fresh
            self.tracks = np.concatenate([self.tracks, new_tracks(more)])
        return np.array([self.rows[entity] for entity in entities], dtype=np.int64)


class Doubt(NamedTuple):
    """Bins in doubt.

    Attributes:
        first: begin of the first one, microseconds since 1970.
        last: of the last one.
        step: seconds of the longest of them.
    """

    first: int
    last: int
    step: int


@dataclass
class Taken:
    """What new rows told.

    Attributes:
        changed: entities of which something came.
        suspicious: the entities and signals that are, with the bins.
        unsettled: entities of which a bin may belong to an outage, and its begin.
        moved: entities of which belief went over a level at which something changes.
        late: those of which a bin came late, was revised or lies off the grid.
        vanished: the last bin in which all that a signal sees read zero, or ``None``.
        platforms: whether anything of single services came.
    """

    changed: set[str] = field(default_factory=set)
    suspicious: dict[tuple[str, str], Doubt] = field(default_factory=dict)
    unsettled: dict[str, int] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    late: dict[tuple[str, str], Doubt] = field(default_factory=dict)
    vanished: int | None = None
    platforms: bool = False


@dataclass
class Screen:
    """All panels, and the version of the store that they have taken in.

    Attributes:
        panels: by the signal's name.
        version: of the store.
        simulated: entities of which anything is of the lab.
    """

    panels: dict[str, Panel] = field(default_factory=dict)
    version: int = -1
    simulated: set[str] = field(default_factory=set)

    @property
    def series(self) -> int:
        """How many series there are."""
        return sum(len(one.entities) for one in self.panels.values())

    @property
    def as_of(self) -> int | None:
        """The end of the last bin of all, microseconds; ``None`` where there is none."""
        ends = [one.tracks[:, NEXT].max() for one in self.panels.values() if one.entities]
        return int(max(ends)) if ends else None

    def entities(self) -> set[str]:
        """All entities that have a series."""
        return {entity for one in self.panels.values() for entity in one.entities}


def take(
    screen: Screen,
    rows: pa.Table,
    signals: Mapping[str, Signal],
    made_up: Collection[str] = (),
    busy: Collection[str] | None = None,
) -> Taken:
    """Take rows in, each bin once.

    Args:
        screen: moved on.
        rows: with the schema ``SERIES``, sorted by signal, entity and time.
        signals: the specs by name.
        made_up: ids of origins that are simulated.
        busy: where it is given, a few ordinary bins that come late are let go, but for those of
            these entities: the state misses them, and what is looked at closely does not.
    """
    taken = Taken()
    made = rows.filter(pc.is_in(rows["origin"], pa.array(sorted(made_up), pa.string())))
    screen.simulated.update(made["entity"].unique().to_pylist())
    for name, own in _by_signal(rows):
        signal = signals[name]
        if signal.platform or signal.throughput:
            taken.platforms = True
        elif signal.tells_outages:
            panel = screen.panels.setdefault(name, Panel(signal))
            panel.signal = signal
            _take(panel, own, taken, busy)
    return taken


def _by_signal(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if not rows.num_rows:
        return
    begins = np.flatnonzero(~same_as_before(rows, ("signal",)))
    for begin, end in zip(begins, [*begins[1:], rows.num_rows], strict=True):
        yield rows["signal"][int(begin)].as_py(), rows.slice(begin, end - begin)


def _take(panel: Panel, own: pa.Table, taken: Taken, busy: Collection[str] | None) -> None:
    step = panel.signal.step * MICROSECONDS
    times = own["time"].cast(pa.int64()).to_numpy()
    values = own["value"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    encoded = own["entity"].combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    taken.changed.update(names)
    which = panel.rows_of(names)[encoded.indices.to_numpy()]
    firsts = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    following = panel.tracks[which[firsts], NEXT].astype(np.int64)
    following = np.where(following == 0, times[firsts], following)
    ahead = times - np.repeat(following, np.diff(np.append(firsts, len(which))))
    late = (ahead < 0) | (ahead % step != 0)
    _count_zeros(panel, times, values, late, taken)
    for place in np.flatnonzero(late):
        if busy is not None and _may_go(
            panel, int(which[place]), times[place], values[place], busy
        ):
            continue
        time = int(times[place])
        key = panel.entities[which[place]], panel.signal.name
        _note(taken.late, key, Doubt(time, time, panel.signal.step))
    which, times, values = which[~late], times[~late], values[~late]
    if not len(which):
        return
    firsts = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    rows = which[firsts]
    level = np.digitize(panel.tracks[rows, BELIEF], LEVELS)
    suspicious = feed(
        panel.signal,
        panel.states,
        panel.tracks,
        rows,
        np.append(firsts, len(which)),
        times,
        values,
        LONGEST_GAP // timedelta(microseconds=1),
    )
    moved = rows[level != np.digitize(panel.tracks[rows, BELIEF], LEVELS)]
    taken.moved.update(panel.entities[row] for row in moved)
    for place in np.flatnonzero(suspicious[:, 2]):
        entity = panel.entities[rows[place]]
        first, last, unsettled, begun = suspicious[place].tolist()
        if begun:
            panel.begun[entity] = begun
        taken.unsettled[entity] = max(unsettled, taken.unsettled.get(entity, 0))
        if first:
            key = entity, panel.signal.name
            _note(taken.suspicious, key, Doubt(first, last, panel.signal.step))


def _may_go(panel: Panel, row: int, time: int, value: float, busy: Collection[str]) -> bool:
    """Whether a late bin may be let go: it is ordinary, and not the newest one."""
    entity, track = panel.entities[row], panel.tracks[row]
    ordinary = value * 100 >= track[ABOVE] * track[EXPECTED_LAST] > 0
    if (
        entity in busy
        or track[BELIEF] >= DATING[0]
        or not ordinary
        or not track[NEXT] - LATE <= time < track[LAST]
        or panel.missed.get(entity, 0) >= MISSED
    ):
        return False
    panel.missed[entity] = panel.missed.get(entity, 0) + 1
    return True


def _note(noted: dict[tuple[str, str], Doubt], key: tuple[str, str], doubt: Doubt) -> None:
    before = noted.get(key, doubt)
    noted[key] = Doubt(
        min(before.first, doubt.first), max(before.last, doubt.last), max(before.step, doubt.step)
    )


def _count_zeros(
    panel: Panel,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    late: NDArray[np.bool_],
    taken: Taken,
) -> None:
    """Note the last bin of which all that came says zero, or a late zero that may make it one."""
    bins, places = np.unique(times, return_inverse=True)
    known = np.bincount(places, weights=~np.isnan(values), minlength=len(bins))
    above = np.bincount(places, weights=values > 0, minlength=len(bins))
    gone = [int(time) for time in times[late & (values == 0)]]
    for time, some, living in zip(bins.tolist(), known.tolist(), above.tolist(), strict=True):
        before = panel.seen.get(time, (0, 0))
        count = panel.seen[time] = (before[0] + int(some), before[1] + int(living))
        if count[0] >= _ALIVE and count[1] == 0:
            gone.append(time)
    oldest = max(panel.seen, default=0) - _REMEMBERED
    panel.begun = {entity: time for entity, time in panel.begun.items() if time >= oldest}
    panel.seen = {time: count for time, count in panel.seen.items() if time >= oldest}
    taken.vanished = max(
        [*gone, *([] if taken.vanished is None else [taken.vanished])], default=None
    )


def begin_anew(screen: Screen, series: Series) -> None:
    """Give a series the state that its values make, where late ones came among them."""
    panel = screen.panels.get(series.signal.name)
    if panel is None or not len(series.values):
        return
    row = panel.rows_of([series.entity])
    panel.tracks[row] = 0.0
    panel.missed.pop(series.entity, None)
    suspicious = feed(
        panel.signal,
        panel.states,
        panel.tracks,
        row,
        np.array([0, len(series.values)]),
        series.times,
        series.values,
        LONGEST_GAP // timedelta(microseconds=1),
    )
    if begun := int(suspicious[0, 3]):
        panel.begun[series.entity] = begun
