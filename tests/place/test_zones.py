"""Countries' clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zicht.errors import UsageError
from zicht.model.time import HOUR, to_microseconds
from zicht.place.zones import capital_zone, clock_of, offsets_at, zones_of


def test_a_country_with_one_zone_keeps_it() -> None:
    assert zones_of("IR") == ("Asia/Tehran",)
    assert str(capital_zone("NL")) == "Europe/Amsterdam"


def test_the_capital_comes_first_where_there_are_several() -> None:
    assert zones_of("RU")[0] == "Europe/Moscow"
    assert len(zones_of("RU")) > 20


def test_kazakhstan_had_two_times_in_2022_and_has_one_since() -> None:
    then = offsets_at("KZ", datetime(2022, 1, 5, tzinfo=UTC))
    assert list(then) == [timedelta(hours=6), timedelta(hours=5)]
    assert then[timedelta(hours=6)][0] == "Asia/Almaty"
    assert "Asia/Aqtau" in then[timedelta(hours=5)]
    assert list(offsets_at("KZ", datetime(2025, 1, 5, tzinfo=UTC))) == [timedelta(hours=5)]


def test_every_country_with_several_zones_has_a_capital_among_them() -> None:
    from zicht.place import zones  # noqa: PLC0415 - its tables are looked into

    for country, names in zones._zones().items():  # noqa: SLF001 - the table itself is tested
        if len(names) > 1 and country not in ("AQ", "UM"):  # no capital at all
            assert zones._CAPITALS[country] in names, country  # noqa: SLF001


def test_an_unknown_country_is_said() -> None:
    with pytest.raises(UsageError, match="'ZZ'"):
        capital_zone("ZZ")


def test_a_clock_says_to_the_minute_when_it_was_moved() -> None:
    begin, end = datetime(2025, 1, 1, 7, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    moved = [datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)]
    times = [to_microseconds(one) for one in (begin, *moved)]
    assert clock_of("NL", begin, end) == tuple(zip(times, (HOUR, 2 * HOUR, HOUR), strict=True))
    assert clock_of("IR", begin, end) == ((to_microseconds(begin), 7 * HOUR // 2),)
