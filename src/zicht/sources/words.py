"""Numbers and times out of columns of words: all at once, else each distinct word by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

GAPS = ("", "nan", "na", "n/a", "null", "none")
"""Words that say that there is no value, in lower case."""

EARLIEST = to_microseconds(datetime(1980, 1, 1, tzinfo=UTC))
LATEST = to_microseconds(datetime(2200, 1, 1, tzinfo=UTC))
"""Times outside are mistakes of unit or of a clock: nobody measured the internet then."""

LARGEST_ASN = 2**32 - 1  # RFC 6793

_ASN = re.compile(r"(?:AS)?(0|[1-9][0-9]{0,9})", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def read_numbers(
    words: pa.Array,
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Numbers with a decimal point.

    Returns:
        float64[n] values (NaN where there is none), bool[n] blank, bool[n] wrong.
    """
    blank_words = pc.is_in(pc.utf8_lower(words), value_set=pa.array(GAPS))
    blank = blank_words.to_numpy(zero_copy_only=False)
    try:
        cast = pc.cast(pc.if_else(blank_words, pa.scalar(None, pa.string()), words), pa.float64())
        values = cast.fill_null(np.nan).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        values = _each(words, _read_number).astype(np.float64)
    values = np.where(blank, np.nan, values)
    return values, blank, ~blank & ~np.isfinite(values)


def _read_number(word: str) -> float:
    return float(word) if _NUMBER.fullmatch(word) else np.nan


def read_asn(word: str) -> int | None:
    """The number of an operator, written ``44244`` or ``AS44244``; ``None`` where it is none."""
    match = _ASN.fullmatch(word)
    return int(match[1]) if match and int(match[1]) <= LARGEST_ASN else None


def read_times(
    words: pa.Array, zone: tzinfo | None = None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Times in ISO 8601; those without a zone are of ``zone``, or UTC where there is none.

    Returns:
        int64[n] microseconds since 1970 UTC (0 where wrong), bool[n] wrong.
    """
    quick = _read_times_quickly(words) if zone is None else None
    if quick is None:
        quick = _each(words, lambda word: _read_time(word, zone or UTC))
    times = quick.astype(np.int64)
    wrong = (times < EARLIEST) | (times >= LATEST)
    return np.where(wrong, 0, times), wrong


def _read_times_quickly(words: pa.Array) -> NDArray[np.int64] | None:
    for kind in (pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        try:
            times: NDArray[np.int64] = (
                pc.cast(words, kind).cast(pa.int64()).to_numpy(zero_copy_only=False)
            )
        except pa.ArrowInvalid:
            continue
        return times
    return None


def _read_time(word: str, zone: tzinfo) -> int:
    try:
        time = datetime.fromisoformat(word)
        return to_microseconds(time if time.tzinfo else time.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return 0


def read_epochs(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.

    Returns:
        int64[n] microseconds since 1970 UTC, 0 where that is no time from 1980 to 2199.
    """
    times = np.zeros(len(values), dtype=np.int64)
    with np.errstate(invalid="ignore"):
        for factor in (1e6, 1e3, 1.0, 1e-3):
            fits = (values >= EARLIEST / factor) & (values < LATEST / factor)
            times[fits] = np.rint(values[fits] * factor).astype(np.int64)
    return times


def local_to_utc(times: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    """Turn local times that pose as microseconds since 1970 UTC into such times.

    Of an hour that occurs twice the first is meant.
    """
    distinct, positions = np.unique(times, return_inverse=True)
    epoch = datetime(1970, 1, 1, tzinfo=zone)
    utc = [
        to_microseconds((epoch + timedelta(microseconds=time)).astimezone(UTC))
        for time in distinct.tolist()
    ]
    return np.array(utc, dtype=np.int64)[positions]


def _each(words: pa.Array, read: Callable[[str], float]) -> NDArray[Any]:
    encoded = words.dictionary_encode()
    distinct: NDArray[Any] = np.array([read(word) for word in encoded.dictionary.to_pylist()])
    positions = encoded.indices.to_numpy(zero_copy_only=False)
    return distinct[positions] if len(distinct) else distinct
