from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from zicht.model.series import OBSERVATIONS
from zicht.store.bins import bin_numbers

Bin = tuple[str, str, datetime]

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

names = st.sampled_from(["a", "b", "é", "asn/9", "asn/10"])
times = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
bins = st.tuples(names, names, times)


def numbered(given_bins: list[Bin]) -> list[int]:
    rows = [
        {"signal": signal, "entity": entity, "time": time, "value": 1.0, "samples": None}
        for signal, entity, time in given_bins
    ]
    numbers: list[int] = bin_numbers(pa.Table.from_pylist(rows, OBSERVATIONS)).tolist()
    return numbers


@given(st.lists(bins, max_size=30))
def test_numbers_sort_and_compare_as_bins_do(given_bins: list[Bin]) -> None:
    by_bin = sorted(zip(given_bins, numbered(given_bins), strict=True))
    for (bin_, number), (next_bin, next_number) in pairwise(by_bin):
        assert number == next_number if bin_ == next_bin else number < next_number


def test_many_series_over_all_times_to_the_microsecond_do_not_overflow() -> None:
    given_bins = [
        ("a", f"asn/{number:05}", time)
        for number in range(2000)
        for time in (FIRST, FIRST + timedelta(microseconds=1), LAST)
    ]
    numbers = numbered(given_bins)
    assert all(number < next_number for number, next_number in pairwise(numbers))
