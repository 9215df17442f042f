"""Observations on their way in: checked, sorted, each bin once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import InputError
from zicht.model.series import OBSERVATIONS
from zicht.model.time import format_time, to_microseconds
from zicht.store.bins import bin_numbers, same_as_before, sorted_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def prepare(observations: pa.Table) -> pa.Table:
    """Check observations and sort them by signal, entity and time.

    NaN becomes null. Rows that say the same of the same bin become one.

    Returns:
        a table with the schema ``zicht.model.series.OBSERVATIONS``.

    Raises:
        InputError: a column is absent or of another type, a key is null or empty, a value is
            infinite, a time lies outside 1970 to 2200, or two rows contradict each other.
    """
    table = _typed(observations)
    _check_keys(table)
    _check_values(table)
    return _each_bin_once(*sorted_by(table, bin_numbers(table)))


def _typed(observations: pa.Table) -> pa.Table:
    missing = [name for name in OBSERVATIONS.names if name not in observations.column_names]
    if missing:
        raise InputError(
            f"The observations lack the column {missing[0]!r}.",
            f"Give the columns {', '.join(OBSERVATIONS.names)}.",
        )
    columns = []
    for field in OBSERVATIONS:
        try:
            columns.append(observations.column(field.name).cast(field.type).combine_chunks())
        except pa.ArrowException as error:
            raise InputError(
                f"The observations' column {field.name!r} is not {field.type}: {error}"
            ) from error
    value = columns[3]
    columns[3] = pc.if_else(pc.is_nan(value), pa.scalar(None, pa.float64()), value)
    return pa.Table.from_arrays(
        [pa.chunked_array([column]) for column in columns], schema=_NULLABLE
    )


_NULLABLE = pa.schema([field.with_nullable(nullable=True) for field in OBSERVATIONS])


def _check_keys(table: pa.Table) -> None:
    for name in ("signal", "entity", "time"):
        if table[name].null_count:
            raise InputError(f"An observation has no {name}.", "Leave it out, or complete it.")
    for name in ("signal", "entity"):
        if pc.any(pc.equal(table[name], "")).as_py():
            raise InputError(f"An observation has an empty {name}.", "Leave it out or complete it.")
    times = table["time"].cast(pa.int64())
    low, high = to_microseconds(EARLIEST), to_microseconds(LATEST)
    outside = pc.or_(pc.less(times, low), pc.greater_equal(times, high))
    if (row := _first(outside)) is not None:
        raise InputError(
            f"{_named(table, row)}: the time {_time_text(times[row].as_py())} lies outside 1970 to"
            " 2200.",
            "Look at its unit: times are microseconds since 1970 in UTC.",
        )


def _check_values(table: pa.Table) -> None:
    if (row := _first(pc.is_inf(table["value"]))) is not None:
        raise InputError(
            f"{_named(table, row)} at {_time_text(table['time'].cast(pa.int64())[row].as_py())}:"
            " the value is infinite.",
            "Leave the row out, or give it no value where there is none.",
        )


def _each_bin_once(table: pa.Table, numbers: NDArray[np.int64]) -> pa.Table:
    again = np.append(False, numbers[1:] == numbers[:-1])[: len(numbers)]
    if not again.any():
        return table
    alike = same_as_before(table, ("value", "samples"))
    contradictions = np.flatnonzero(again & ~alike)
    if len(contradictions):
        row = int(contradictions[0])
        time = table["time"].cast(pa.int64())[row].as_py()
        raise InputError(
            f"{_named(table, row)} at {_time_text(time)} is given twice, as"
            f" {_content(table, row - 1)} and as {_content(table, row)}.",
            "Keep one of the rows. Where the later one corrects the earlier, append them one after"
            " the other.",
        )
    return table.filter(pa.array(~again))


def _first(mask: pa.ChunkedArray) -> int | None:
    row: int = pc.index(mask, pa.scalar(True)).as_py()  # noqa: FBT003 - the value that is sought
    return None if row < 0 else row


def _named(table: pa.Table, row: int) -> str:
    return f"{table['signal'][row].as_py()} of {table['entity'][row].as_py()}"


def _content(table: pa.Table, row: int) -> str:
    value, samples = table["value"][row].as_py(), table["samples"][row].as_py()
    shown = "none" if value is None else f"{value!r}"
    return shown if samples is None else f"{shown} of {samples} samples"


def _time_text(microseconds: int) -> str:
    try:
        return format_time(datetime.fromtimestamp(microseconds / 1e6, UTC))
    except (ValueError, OverflowError, OSError):
        return f"{microseconds} µs"
