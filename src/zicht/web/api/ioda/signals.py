"""Signals as IODA gives them: values on a grid, null where there is none."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.web.api.common import terms_of_origins
from zicht.web.api.ioda.asking import Asked, RefusedError, envelope
from zicht.web.api.ioda.entities import described, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zicht.model.series import Series
    from zicht.model.signal import Signal
    from zicht.web.desk import Desk

LONGEST = timedelta(days=400)
MOST_POINTS = 200_000
"""Values of one answer, at most; a shorter time or ``maxPoints`` makes fewer."""

_THEIRS = "ioda."
_GOOGLE = "gtr"
_SAME = {
    "bgp": ("bgp.visible24",),
    "ping-slash24": ("probe.up24",),
    _GOOGLE: ("google.search",),
}
"""Of IODA's data sources the signals of ours that count the same; IODA's own go before them."""


def datasource_of(signal: str, stored: Iterable[str]) -> tuple[str, str]:
    """The data source and the subtype by which IODA's clients know a signal.

    One that IODA does not have goes by its own name, and so does one of ours beside IODA's own.
    """
    known = set(stored)
    if signal.startswith(_THEIRS):
        name = signal.removeprefix(_THEIRS)
        if name == _GOOGLE:
            return _GOOGLE, "WEB_SEARCH"
        if name.startswith(f"{_GOOGLE}.") and name.count(".") == 1:
            return _GOOGLE, name.removeprefix(f"{_GOOGLE}.").upper()
        return name, ""
    for name, ours in _SAME.items():
        if signal in ours and f"{_THEIRS}{name}" not in known:
            return name, "WEB_SEARCH" if name == _GOOGLE else ""
    return signal, ""


def datasources(signals: Mapping[str, Signal]) -> list[dict[str, str]]:
    """The data sources that there are, as IODA lists them; each once."""
    found: dict[str, dict[str, str]] = {}
    for name, signal in sorted(signals.items()):
        datasource = datasource_of(name, signals)[0]
        found.setdefault(
            datasource, {"datasource": datasource, "name": signal.title, "units": signal.unit}
        )
    return list(found.values())


def list_datasources(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/datasources`` and ``/datasources/{name}``."""
    view = desk.view()
    name = asked.path.get("name")
    found = [one for one in datasources(view.signals) if name in {None, one["datasource"]}]
    return envelope("datasources", asked, found, now=desk.now())


def raw(desk: Desk, asked: Asked) -> dict[str, Any]:
    """``/signals/raw/{type}/{code}``: a list of series for each of the entities."""
    view = desk.view()
    begin, end = asked.period()
    if end - begin > LONGEST:
        raise RefusedError(f"at most {LONGEST.days} days can be asked for at once")
    kind = asked.kind() or ""
    entities = [one_of(view, kind, code) for code in asked.codes() or []]
    wanted = asked.text("datasource")
    names = [datasource_of(one, view.signals)[0] for one in view.signals]
    if wanted is not None and wanted not in names:
        listed = ", ".join(sorted(set(names)))
        raise RefusedError(f"invalid datasource {wanted} (must be one of the following [{listed}])")
    chosen = [
        name for name in view.signals if wanted in {None, datasource_of(name, view.signals)[0]}
    ]
    _check_size(asked, [view.signals[name] for name in chosen], len(entities), end - begin)
    found = desk.store.read_all(signals=chosen, entities=entities, start=begin, end=end)
    points = asked.number("maxPoints") or 0
    grids = [_Grid(one, to_microseconds(begin), to_microseconds(end), points) for one in found]
    data = [
        [
            grid.told(described(view, text), *datasource_of(grid.signal.name, view.signals))
            for grid in grids
            if grid.entity == text
        ]
        for text in entities
    ]
    return envelope(
        "signals",
        asked,
        data,
        now=desk.now(),
        sources=terms_of_origins((one.signal.name, one.origins) for one in found),
        simulated=any(one.simulated for one in found),
    )


def _check_size(asked: Asked, signals: list[Signal], entities: int, length: timedelta) -> None:
    points = asked.number("maxPoints")
    bins = [length.total_seconds() / one.step for one in signals]
    most = sum(min(one, points) if points else one for one in bins) * entities
    if sum(bins) * entities > 20 * MOST_POINTS or most > MOST_POINTS:
        raise RefusedError(
            f"that may be {most:.0f} values, and at most {MOST_POINTS} are given at once;"
            " ask for a shorter time, one datasource, or by maxPoints for coarser steps"
        )


class _Grid:
    """A series on the grid that IODA would answer with: from ``from`` on, nothing behind the end.

    Attributes:
        signal: its spec.
        entity: its entity's text.
        first: begin of the first bin, microseconds since 1970 UTC.
        step: seconds of a bin.
        values: of the bins; NaN is missing.
    """

    def __init__(self, series: Series, begin: int, end: int, points: int) -> None:
        self.signal, self.entity, self.step = series.signal, series.entity, series.signal.step
        step = self.step * MICROSECONDS
        phase = series.start % step
        self.first = -(-(begin - phase) // step) * step + phase
        length = max(0, -(-(end - self.first) // step))
        self.values = np.full(length, np.nan)
        known = np.flatnonzero(~np.isnan(series.values))
        at = (series.start - self.first) // step + known
        inside = (at >= 0) & (at < length)
        self.values[at[inside]] = series.values[known[inside]]
        self.values = self.values[: int(at[inside].max()) + 1 if inside.any() else 0]
        if 0 < points < len(self.values):
            self._coarsen(points)

    def _coarsen(self, points: int) -> None:
        """Means over so many bins that no more than ``points`` are left."""
        width = math.ceil(len(self.values) / points)
        bins = len(self.values) // width
        parts = self.values[: bins * width].reshape(bins, width)
        known = ~np.isnan(parts)
        counts = known.sum(axis=1)
        sums = np.where(known, parts, 0.0).sum(axis=1)
        self.values = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        self.step *= width

    def told(self, entity: dict[str, Any], datasource: str, subtype: str) -> dict[str, Any]:
        """The series as IODA tells it, with the signal's name."""
        first = self.first // MICROSECONDS
        return {
            "entityType": entity["type"],
            "entityCode": entity["code"],
            "entityName": entity["name"],
            "entityFqid": entity["attrs"]["fqid"],
            "datasource": datasource,
            "subtype": subtype,
            "from": first,
            "until": first + self.step * len(self.values),
            "step": self.step,
            "nativeStep": self.signal.step,
            "values": [_number(one) for one in self.values.tolist()],
            "signal": self.signal.name,
        }


def _number(value: float) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if value == int(value) else value
