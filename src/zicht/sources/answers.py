"""Answers in JSON: read against what is documented, with a clear word for what is not so.

Fields that are not known are passed over, for services add some; one that is missing, or of another
type, is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np
import pyarrow as pa

from zicht.errors import InputError, ZichtError
from zicht.model.series import OBSERVATIONS
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.sources.words import EARLIEST, LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

_T = TypeVar("_T")

_HINT = "The service may have changed, or something between answers in its place."
LARGEST_VALUE = 1e15
"""Nothing that is counted comes near; what is larger is a fault of the service."""

_GAPS = (None, "", "NaN", "nan", "null", "None")


def decode(data: bytes, kind: type[_T], *, name: str, service: str) -> _T:
    """An answer as ``kind``.

    Raises:
        InputError: it is a web page, no JSON, or not of this kind. The message says which field.
    """
    head = data[:512].lstrip().lower()
    if not head:
        raise InputError(f"{service} answers to {name} with nothing.", _HINT)
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise InputError(f"{service} answers to {name} with a web page, not with JSON.", _HINT)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{name} is no answer of {service} that is known: {error}.", _HINT
        ) from None


def number(value: Any, *, name: str, field: str) -> float:
    """A value that is not negative; NaN for null and other words for nothing.

    Services write some numbers as words.

    Raises:
        InputError: it is no such number.
    """
    if isinstance(value, str | None) and value in _GAPS:
        return np.nan
    try:
        found = np.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = np.nan
    if not 0 <= found <= LARGEST_VALUE:
        shown = repr(value)
        shown = shown if len(shown) <= 40 else f"{shown[:37]}..."  # noqa: PLR2004 - a line's room
        raise InputError(
            f"{name} has {shown} for {field}, which is no number from 0 to {LARGEST_VALUE:.0e}.",
            _HINT,
        )
    return found


def check_time(seconds: int, *, name: str, field: str) -> int:
    """Seconds since 1970, if they are of a time that anything was measured at.

    Raises:
        InputError: they are not.
    """
    if not EARLIEST <= seconds * MICROSECONDS < LATEST:
        raise InputError(f"{name} has {seconds} for {field}, which is no time since 1980.", _HINT)
    return seconds


def refused(error: ZichtError, service: str) -> InputError:
    """The error of a table that a service gave, which nobody here can mend."""
    return InputError(f"{service} gives what cannot be read: {error.message}", _HINT)


def observations(rows: Iterable[tuple[str, str, int, float, float]]) -> pa.Table:
    """Rows of signal, entity, time (microseconds), value and samples (NaN is none) as a table.

    They are sorted; of several rows of one bin the last counts, a gap only where there is no value.
    """
    found: dict[tuple[str, str, int], tuple[float, float]] = {}
    for signal, entity, time, value, samples in rows:
        if not np.isnan(value) or (signal, entity, time) not in found:
            found[signal, entity, time] = (value, samples)
    keys = sorted(found)
    return to_observations(
        [key[0] for key in keys],
        [key[1] for key in keys],
        np.array([key[2] for key in keys], dtype=np.int64),
        np.array([found[key][0] for key in keys], dtype=np.float64),
        np.array([found[key][1] for key in keys], dtype=np.float64),
    )


def to_observations(
    signals: Sequence[str],
    entities: Sequence[str],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    samples: NDArray[np.float64] | None = None,
) -> pa.Table:
    """Columns of equal length as a table with the schema ``OBSERVATIONS``; NaN becomes null."""
    if samples is None:
        samples = np.full(len(times), np.nan)
    counted = pa.array(np.nan_to_num(samples).astype(np.int64), mask=np.isnan(samples))
    columns = [
        pa.array(signals, pa.string()),
        pa.array(entities, pa.string()),
        pa.array(times).cast(pa.timestamp("us", tz="UTC")),
        pa.array(values, mask=np.isnan(values)),
        counted,
    ]
    return pa.table(columns, schema=OBSERVATIONS)


def within(table: pa.Table, start: datetime, end: datetime) -> pa.Table:
    """The observations whose bins begin in ``[start, end)``; services give what lies around too."""
    times = table["time"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    kept = (times >= to_microseconds(start)) & (times < to_microseconds(end))
    return table.filter(pa.array(kept))
