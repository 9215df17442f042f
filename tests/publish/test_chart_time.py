from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from zicht.publish.chart_data import Window
from zicht.publish.chart_time import ticks
from zicht.publish.language import language

BEGIN = datetime(2026, 11, 22, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [5, 13, 20, 59, 60, 119, 179, 180, 600, 1440, 14400])
def test_every_window_has_marks_and_not_too_many(minutes: int) -> None:
    window = Window(BEGIN, BEGIN + timedelta(minutes=minutes))
    for zone in (UTC, ZoneInfo("Asia/Kathmandu")):
        found = ticks(window, zone, language("en"), most=12)
        assert 2 <= len(found) <= 13
        times = [tick.time for tick in found]
        assert times == sorted(set(times))


def test_some_minutes_are_marked_at_round_minutes() -> None:
    window = Window(BEGIN, BEGIN + timedelta(minutes=13))
    found = ticks(window, UTC, language("en"), most=12)
    assert [tick.label for tick in found] == [f"11:{minute}" for minute in range(10, 24, 2)]
