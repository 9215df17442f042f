"""IODA's signals side by side, as its dashboard exports them: a column each, units in the header.

Such an export is of one entity, which it does not name. The dashboard draws all signals on the rows
of the finest: one that is coarser (Mozilla's is hourly) has blanks between its values that are no
gaps. A normalised export gives each signal in percent of its maximum within the export.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import InputError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.time import MICROSECONDS
from zicht.sources.country import need_country
from zicht.sources.ioda.signals import (
    BGP,
    MERIT_TELESCOPE,
    MOZILLA,
    PING,
    UCSD_TELESCOPE,
    at_step,
    for_product,
    normalised,
)
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import OnBad, Parsed
from zicht.sources.steps import commonest_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.model.signal import Signal
    from zicht.sources.rows import Rows

_TIME = re.compile(r"(?:date|time|date ?time|timestamp)\b.*", re.IGNORECASE)
_KNOWN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Signal]], ...] = (
    (re.compile(r"bgp\b.*"), lambda _: BGP),
    (re.compile(r"active probing\b.*"), lambda _: PING),
    (re.compile(r".*\bucsd\b.*|darknet\b.*"), lambda _: UCSD_TELESCOPE),
    (re.compile(r"(?:network )?telescope\b.*|merit\b.*"), lambda _: MERIT_TELESCOPE),
    (re.compile(r"google \(([a-z]+)\)"), lambda match: for_product(match[1])),
    (re.compile(r"mozilla\b.*"), lambda _: MOZILLA),
)
_LISTED = "BGP, Active Probing, Telescope, UCSD Telescope, Google (Search), Mozilla"
_FULL = 100.0
_ROUNDING = 1e-6
_ENOUGH = 3  # values that tell a step by their distances


def is_wide(rows: Rows) -> bool:
    """Whether the first row is the header of such an export."""
    return any(_TIME.fullmatch(word) for word in rows.first) and any(
        _find_signal(word) for word in rows.first
    )


def parse_wide(rows: Rows, *, country: str | None, entity: str | None, on_bad: OnBad) -> Parsed:
    """Read the rows.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: a column is of no known signal.
        UsageError: neither ``country`` nor ``entity`` says what the export is of.
    """
    rows.take_header()
    of = _entity(rows, country, entity)
    time_column = _time_column(rows)
    columns = [i for i in range(len(rows.cells)) if i != time_column]
    signals = [_need_signal(rows, i) for i in columns]
    times = rows.times(time_column)
    values = [rows.numbers(i, low=0, gaps=True) for i in columns]
    step = commonest_gap(times[rows.good])
    is_normalised = _is_normalised(values)
    specs, drafts = [], []
    for code, (column, signal, series) in enumerate(zip(columns, signals, values, strict=True)):
        own, on_grid = _own_step(times, series, rows.good, step or signal.step, signal.step)
        specs.append(normalised(signal, own) if is_normalised else at_step(signal, own))
        at = np.flatnonzero(on_grid)
        drafts.append((np.full(len(at), code), times[at], series[at], at, np.full(len(at), column)))
    code_of, time_of, value_of, row_of, column_of = map(np.concatenate, zip(*drafts, strict=True))
    names = [spec.name for spec in specs]
    entity_of = np.zeros(len(row_of), dtype=np.int64)
    draft = Draft(names, code_of, [of], entity_of, time_of, value_of, row_of, column_of)
    observations, bad = assemble(rows, draft, on_bad)
    kind = "percentages of each signal's maximum" if is_normalised else "counts"
    notes = (f"{rows.name}: the values are taken for {kind}.",)
    return Parsed(observations, tuple(specs), (), bad, notes)


def _entity(rows: Rows, country: str | None, entity: str | None) -> str:
    if entity is not None:
        return str(parse_entity(entity))
    if country is None:
        raise UsageError(
            f"{rows.name} does not say what it is of.",
            "Name the country, for example --country IR, or another --entity such as asn/44244.",
        )
    return need_country(country, name=rows.name, what="signals")


def _time_column(rows: Rows) -> int:
    header = rows.header or ()
    column = next(i for i, word in enumerate(header) if _TIME.fullmatch(word))
    zone = re.search(r"\((.*)\)", header[column])
    if zone and zone[1].upper() not in ("UTC", "GMT", "Z"):
        raise InputError(f"{rows.name}: the times are in {zone[1]!r}.", "Export them in UTC.")
    return column


def _find_signal(word: str) -> Signal | None:
    for pattern, signal in _KNOWN:
        if match := pattern.fullmatch(word.casefold()):
            return signal(match)
    return None


def _need_signal(rows: Rows, column: int) -> Signal:
    word = (rows.header or ())[column]
    signal = _find_signal(word)
    if signal is None:
        raise InputError(
            f"{rows.name}, line {rows.line(-1)}, column {column + 1}: {word!r} is no known signal;"
            f" known are {_LISTED}.",
            "Leave the column out, or import it by itself with: zicht import table.",
        )
    return signal


def _is_normalised(values: list[NDArray[np.float64]]) -> bool:
    """Percentages end at 100 and are hardly ever whole; counts are whole or go beyond."""
    known = np.concatenate([series[~np.isnan(series)] for series in values])
    if len(known) == 0:
        return True
    return bool(known.max() <= _FULL + _ROUNDING and (np.floor(known) != known).any())


def _own_step(
    times: NDArray[np.int64],
    series: NDArray[np.float64],
    good: NDArray[np.bool_],
    step: int,
    usual: int,
) -> tuple[int, NDArray[np.bool_]]:
    """The step of one signal in seconds, and bool[n]: the rows that are on its grid.

    It is that of the rows, or the commonest distance of its values where that is coarser and all of
    them are on it. Too few values to tell are on the signal's usual step.
    """
    known = times[good & ~np.isnan(series)]
    own = (commonest_gap(known) if len(known) >= _ENOUGH else usual) or step
    phases = np.unique(known % (own * MICROSECONDS))
    if own <= step or own % step or len(phases) > 1:
        return step, np.ones(len(times), dtype=np.bool_)
    phase = phases[0] if len(phases) else 0
    return own, times % (own * MICROSECONDS) == phase
