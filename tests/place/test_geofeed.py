"""Geofeeds and tables of locations."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from zicht.errors import BadRowError, InputError
from zicht.place.geofeed import Geofeed, parse_geofeed

DAY = date(2022, 1, 5)


def parse(text: str, kind: Literal["geofeed", "geolocation"] = "geofeed") -> Geofeed:
    return parse_geofeed(text.encode(), name="f", as_of=DAY, kind=kind)


def test_a_geofeed_says_where_prefixes_are() -> None:
    feed = parse(
        "# of an operator\n"
        "192.0.2.0/25,KZ,KZ-ALA,Almaty,\n"
        "192.0.2.128/25, kz ,,,\n"
        "2001:db8::/48,NL,NL-NH,Amsterdam,1000\n"
        "198.51.100.0/24,,,,\n"
        "203.0.113.7,KZ\n"
    )
    assert feed.places == ("region/KZ-75", "country/KZ", "region/NL-NH")
    assert feed.place.tolist() == [0, 1, 2, -1, 1]
    assert feed.family.tolist() == [4, 4, 6, 4, 4]
    assert feed.first[0] == 0xC0000200 << 32
    assert feed.last[0] == (0xC0000280 << 32) - 1
    assert feed.last[2] - feed.first[2] == 2**16 - 1


def test_codes_are_read_as_of_the_day_of_the_file() -> None:
    text = b"192.0.2.0/24,IR,IR-07,,\n"
    then = parse_geofeed(text, name="f", as_of=date(2019, 11, 16))
    now = parse_geofeed(text, name="f", as_of=DAY)
    assert (then.places, now.places) == (("region/IR-23",), ("region/IR-07",))


def test_a_table_of_locations_names_its_columns() -> None:
    table = parse(
        "Network,country,region\n192.0.2.0/24,KZ,75\n198.51.100.0/24,KZ,\n", "geolocation"
    )
    assert table.places == ("region/KZ-75", "country/KZ")
    table = parse("first,last,country\n192.0.2.3,192.0.2.9,KZ\n", "geolocation")
    assert table.places == ("country/KZ",)
    assert table.last[0] - table.first[0] == 7 * 2**32 - 1
    table = parse(
        "first,last,country\n2001:db8::,2001:db8::ffff:ffff:ffff:ffff,KZ\n", "geolocation"
    )
    assert table.last[0] == table.first[0]


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("192.0.2.1/24,KZ,,,", "prefix", "a prefix such as"),
        ("2001:db8::1/128,KZ,,,", "prefix", "64 bits or fewer"),
        ("192.0.2.0/24,XX,,,", "country", "ISO 3166-1"),
        ("192.0.2.0/24,KZ,Almaty,,", "region", "ISO 3166-2"),
        ("192.0.2.0/24,KZ,NL-NH,,", "region", "a region of KZ"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(row: str, column: str, expected: str) -> None:
    with pytest.raises(BadRowError) as raised:
        parse(f"# a feed\n\n{row}\n")
    assert (raised.value.line, raised.value.column) == (3, column)
    assert expected in raised.value.expected


@pytest.mark.parametrize(
    "row",
    [
        "192.0.2.9,192.0.2.3,KZ",
        "192.0.2.9,2001:db8::,KZ",
        "192.0.2.9,x,KZ",
        "2001:db8::1,2001:db8::2,KZ",
    ],
)
def test_a_bad_range_is_named_by_its_end(row: str) -> None:
    with pytest.raises(BadRowError) as raised:
        parse(f"first,last,country\n{row}\n", "geolocation")
    assert (raised.value.line, raised.value.column) == (2, "last")


def test_bad_rows_can_be_left_out() -> None:
    text = b"x,KZ,,,\n192.0.2.0/24,KZ,,,\n"
    feed = parse_geofeed(text, name="f", as_of=DAY, on_bad="skip")
    assert len(feed) == 1
    assert [row.line for row in feed.bad_rows] == [1]


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"\xff\xfe\n"])
def test_a_file_without_rows_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^f"):
        parse_geofeed(data, name="f", as_of=DAY)


def test_a_table_that_does_not_say_which_addresses_is_refused() -> None:
    with pytest.raises(InputError, match="columns ip, where"):
        parse("ip,where\n192.0.2.0,KZ\n", "geolocation")
