"""The last weeks of the few series that are looked at closely, kept while they are.

What is read once is moved on by new rows, so that the store is not read again at each look.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.store.laying import series_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from zicht.model.series import Series
    from zicht.store import Store

MOST = 4000
"""Series that are kept; of eight weeks of five minutes each takes 260 kB."""


@dataclass
class History:
    """Series by entity.

    Attributes:
        kept: all series of an entity, the entity used last at the end.
    """

    kept: dict[str, list[Series]] = field(default_factory=dict)

    def read(
        self, store: Store, entities: Collection[str], since: datetime, *, signals: Collection[str]
    ) -> list[Series]:
        """All series of entities since a time, sorted by signal and entity, as the store has them.

        Raises:
            StoreError: the store cannot be read.
        """
        missing = sorted(set(entities) - self.kept.keys())
        if missing:
            for entity in missing:
                self.kept[entity] = []
            for one in store.read_all(signals=signals, entities=missing, start=since):
                self.kept[one.entity].append(one)
        for entity in sorted(entities):
            self.kept[entity] = self.kept.pop(entity)
        found = [_since(one, since) for entity in entities for one in self.kept[entity]]
        self._forget(set(entities))
        found = [one for one in found if len(one.values)]
        return sorted(found, key=lambda one: (one.signal.name, one.entity))

    def _forget(self, used: set[str]) -> None:
        """Let go of what was not used for the longest time."""
        number = sum(map(len, self.kept.values()))
        for entity in list(self.kept):
            if number <= MOST or entity in used:
                return
            number -= len(self.kept.pop(entity))

    def move_on(self, store: Store, rows: pa.Table) -> None:
        """Take new rows in, each bin once, sorted as ``Store.table`` gives them.

        Raises:
            StoreError: the store cannot be read.
        """
        if not self.kept:
            return
        chosen = np.isin(rows["entity"].to_numpy(zero_copy_only=False), list(self.kept))
        own = rows.filter(pa.array(chosen))
        for entity in own.filter(pc.is_null(own["value"]))["entity"].unique().to_pylist():
            del self.kept[entity]  # a value was taken back: it is read anew
        for fresh in series_of(own, store.signals(), store.origins()):
            known = self.kept.get(fresh.entity)
            if known is None:
                continue
            names = [one.signal.name for one in known]
            if fresh.signal.name not in names:
                known.append(fresh)
                continue
            place = names.index(fresh.signal.name)
            joined = _joined(known[place], fresh)
            if joined is None:
                del self.kept[fresh.entity]
            else:
                known[place] = joined


def _since(series: Series, time: datetime) -> Series:
    """From the first bin with a row at or after a time."""
    step = series.signal.step * MICROSECONDS
    first = max(0, -((series.start - to_microseconds(time)) // step))
    there = np.flatnonzero(~np.isnan(series.values[first:]))
    first = first + int(there[0]) if len(there) else len(series.values)
    return replace(
        series,
        start=series.start + first * step,
        values=series.values[first:],
        samples=series.samples[first:],
    )


def _joined(before: Series, fresh: Series) -> Series | None:
    """A series with new bins in it; ``None`` where they lie off its grid or before its begin."""
    step = before.signal.step * MICROSECONDS
    offset, astray = divmod(fresh.start - before.start, step)
    if astray or offset < 0:
        return None
    length = max(len(before.values), offset + len(fresh.values))
    values, samples = np.full((2, length), np.nan)
    values[: len(before.values)] = before.values
    samples[: len(before.values)] = before.samples
    came = np.flatnonzero(~np.isnan(fresh.values))
    values[offset + came], samples[offset + came] = fresh.values[came], fresh.samples[came]
    origins = {one.id: one for one in (*before.origins, *fresh.origins)}
    return replace(
        before,
        signal=fresh.signal,
        values=values,
        samples=samples,
        origins=tuple(origins[name] for name in sorted(origins)),
    )
