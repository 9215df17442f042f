"""Weeks begin on Monday, whatever the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zicht.model.time import HOUR, WEEK, since_monday, to_microseconds


@pytest.mark.parametrize("year", [1969, 1970, 2024])
def test_a_week_is_counted_from_monday_to_the_microsecond(year: int) -> None:
    day = datetime(year, 7, 1, tzinfo=UTC)
    monday = day - timedelta(days=day.weekday())
    assert since_monday(to_microseconds(monday)) == 0
    assert since_monday(to_microseconds(monday) - 1) == WEEK - 1
    assert since_monday(to_microseconds(monday + timedelta(days=2, hours=5))) == 53 * HOUR
