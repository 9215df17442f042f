"""Bins as numbers: what sorts and compares rows by signal, entity and time quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST = 2**62


def bin_numbers(rows: pa.Table) -> NDArray[np.int64]:
    """int64[n]: a number for each row's bin; they sort as signal, entity and time do."""
    times = rows["time"].cast(pa.int64()).to_numpy()
    if len(times):
        times = times - times.min()
        times //= max(1, int(np.gcd.reduce(times)))
    return _combined(series_numbers(rows), times)


def series_numbers(rows: pa.Table) -> NDArray[np.int64]:
    """int64[n]: a number for each row's signal and entity; they sort as the texts do."""
    signals, entities = _ranks(rows["signal"]), _ranks(rows["entity"])
    return _combined(signals, entities)


def _combined(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n]: numbers that sort as the pairs do; neither may be negative."""
    if not len(first):
        return first
    many = int(second.max()) + 1
    if (int(first.max()) + 1) * many > _LARGEST:
        distinct, second = np.unique(second, return_inverse=True)
        many = len(distinct)
    if (int(first.max()) + 1) * many > _LARGEST:
        first = np.unique(first, return_inverse=True)[1]
    combined: NDArray[np.int64] = first * many + second
    return combined


def sorted_by(rows: pa.Table, numbers: NDArray[np.int64]) -> tuple[pa.Table, NDArray[np.int64]]:
    """The rows sorted by a number each, and the numbers in that order; equal ones keep theirs."""
    if (numbers[1:] >= numbers[:-1]).all():
        return rows, numbers
    # A merge sort, which is quick here: files are sorted, so their rows come in long runs.
    order = np.argsort(numbers, kind="stable")
    return rows.take(pa.array(order)), numbers[order]


def newest(rows: pa.Table, numbers: NDArray[np.int64]) -> pa.Table:
    """The newest row of each number, sorted by the numbers.

    The highest revision is the newest. Writers of one host never give a revision twice; should two
    hosts have done so, the later ``known_at``, then the larger value and origin decide, so that
    everybody reads the same.
    """
    ages = _combined(numbers, rows["revision"].to_numpy().astype(np.int64))
    order = np.argsort(ages, kind="stable")
    _settle_ties(rows, ages, order)
    numbers = numbers[order]
    newest_rows = order[np.append(numbers[1:] != numbers[:-1], True)[: len(order)]]
    if len(newest_rows) == len(order) and (order[1:] > order[:-1]).all():
        return rows
    return rows.take(pa.array(newest_rows))


def _settle_ties(rows: pa.Table, ages: NDArray[np.int64], order: NDArray[np.intp]) -> None:
    """Put rows of one bin and one revision into the order that holds everywhere."""
    ages = ages[order]
    tied = ages[1:] == ages[:-1]
    if not tied.any():
        return
    places = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
    chosen = rows.take(pa.array(order[places]))
    by_content = np.lexsort(
        (
            _ranks(chosen["origin"]),
            pc.fill_null(chosen["value"], -np.inf).to_numpy(),
            chosen["known_at"].cast(pa.int64()).to_numpy(),
            ages[places],
        )
    )
    order[places] = order[places][by_content]


def _ranks(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """int64[n]: the position of each text among the column's distinct texts in their order."""
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    ranks: NDArray[np.int64] = rank[encoded.indices.to_numpy()]
    return ranks


def same_as_before(rows: pa.Table, columns: tuple[str, ...]) -> NDArray[np.bool_]:
    """bool[n]: whether a row equals the one before it in the columns; null equals null."""
    same = np.ones(rows.num_rows, bool)
    same[:1] = False
    for name in columns:
        column = rows[name].combine_chunks()
        same[1:] &= both_same(column[1:], column[:-1])
    return same


def both_same(
    one: pa.Array | pa.ChunkedArray, other: pa.Array | pa.ChunkedArray
) -> NDArray[np.bool_]:
    """bool[n]: where two columns are equal; null equals null."""
    equal = pc.fill_null(pc.equal(one, other), False)  # noqa: FBT003 - the fill is the value
    same: NDArray[np.bool_] = pc.or_(equal, pc.and_(one.is_null(), other.is_null())).to_numpy(
        zero_copy_only=False
    )
    return same
