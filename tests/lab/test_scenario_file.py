from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from zicht.errors import InputError, UsageError
from zicht.lab.scenario_file import load_scenario, parse_scenario, scenario_names

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """\
[scenario]
id = "small"
title = "Small"
summary = "Nothing."
seed = 1
begin = 2025-01-01T00:00:00Z
live_from = 2025-01-08T00:00:00Z
end = 2025-01-10T00:00:00Z
invented = "Everything."

[[country]]
code = "EE"

[[region]]
code = "EE-37"
name = "Harju"
share = 1.0

[[operator]]
asn = 4200000001
name = "One"
kind = "mobile"
country = "EE"
users = 10
blocks = 4

[[collector]]
name = "rrc00"
project = "ris"

[[happening]]
id = "cut"
cause = "shutdown"
who = ["country/EE"]
begin = 2025-01-09T00:00:00Z
end = 2025-01-09T06:00:00Z
left = { packets = 3 }

[[fault]]
source = "bgp/rrc00"
kind = "silent"
begin = 2025-01-09T00:00:00Z
end = 2025-01-09T06:00:00Z
"""


def said(old: str, new: str) -> str:
    """What is said of a small scenario in which one thing is another."""
    assert old in SMALL
    with pytest.raises(InputError) as error:
        parse_scenario(SMALL.replace(old, new, 1).encode(), name="my.toml")
    return error.value.message


def test_a_small_scenario_is_read() -> None:
    assert parse_scenario(SMALL.encode(), name="my.toml").happenings[0].left.packets == 3


def test_every_shipped_scenario_is_read_and_has_the_name_of_its_file() -> None:
    names = scenario_names()
    assert "cable-cut" in names
    assert [load_scenario(name).scenario.id for name in names] == list(names)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "users",
            "user",
            "line 24, operator[1].user: 'user' is no key here. Did you mean 'users'?",
        ),
        (
            'kind = "mobile"',
            'kind = "mobil"',
            (
                "line 22, operator[1].kind: "
                "'mobil' is none of fixed, mixed, mobile, transit. Did you mean "
                "'mobile'?"
            ),
        ),
        (
            "users = 10\n",
            "",
            "line 19, operator[1]: the key 'users' is missing.",
        ),
        (
            "users = 10",
            "users = 'ten'",
            "line 24, operator[1].users: expected `int`, got `str`.",
        ),
        (
            "packets = 3",
            "packet = 3",
            "line 37, happening[1].left.packet: 'packet' is no key here. Did you mean 'packets'?",
        ),
        (
            "packets = 3",
            "packets = 300",
            "line 37, happening[1].left.packets: expected `float` <= 100.0.",
        ),
        (
            "end = 2025-01-09T06:00:00Z\nleft",
            "end = 2025-01-09T06:00:00\nleft",
            "line 36, happening[1].end: a time needs its zone, as in 2025-03-12T09:00:00Z.",
        ),
        (
            "blocks = 4",
            "blocks = 99999999999999999999999999",
            "line 25, operator[1].blocks: expected `int` <= 16777216.",
        ),
        (
            "left = {",
            "return_minutes = inf\nleft = {",
            "line 37, happening[1].return_minutes: expected `float` <= 576000.0.",
        ),
        (
            'project = "ris"',
            'project = "ris"\npeers = 1_000_000_000',
            "line 30, collector[1].peers: expected `int` <= 1000.",
        ),
        (
            'project = "ris"',
            'project = "ris"\npartial = 9',
            "line 30, collector[1].partial: it is more than its peers.",
        ),
        (
            "left = {",
            'every = { from = "22:00+02:00", until = "05:00" }\nleft = {',
            ("line 37, happening[1].every.from: '22:00+02:00' is no local time of day, as 23:00."),
        ),
        (
            "begin = 2025-01-01T00:00:00Z",
            "begin = 0001-01-01T00:00:00Z",
            "line 6, scenario.begin: a world lies between 1990 and 2100.",
        ),
        (
            '"bgp/rrc00"',
            '"bgp/rrc00/\N{SUPERSCRIPT TWO}"',
            (
                "line 40, fault[1].source: "
                "'bgp/rrc00/\N{SUPERSCRIPT TWO}' is no source of this file. Did you mean "
                "'bgp/rrc00'?"
            ),
        ),
        (
            'who = ["country/EE"]',
            'who = ["country/EA"]',
            (
                "line 34, happening[1].who: "
                "'country/EA' is nobody in this file. Did you mean 'country/EE'?"
            ),
        ),
        (
            '"bgp/rrc00"',
            '"bgp/rrc01"',
            (
                "line 40, fault[1].source: "
                "'bgp/rrc01' is no source of this file. Did you mean 'bgp/rrc00'?"
            ),
        ),
        (
            "live_from = 2025-01-08",
            "live_from = 2026-01-08",
            "line 7, scenario.live_from: it does not lie between begin and end.",
        ),
        (
            'country = "EE"',
            'country = "ET"',
            "line 23, operator[1].country: 'ET' is no country of this file. Did you mean 'EE'?",
        ),
        (
            'code = "EE"',
            'code = "EE"\nzone = "Europe/Talinn"',
            (
                "line 13, country[1].zone: "
                "'Europe/Talinn' is no zone of the IANA database. Did you mean "
                "'Europe/Tallinn'?"
            ),
        ),
        (
            "blocks = 4",
            'networks = ["10.0.0.0/16"]',
            "line 25, operator[1].networks: '10.0.0.0/16' is not for the public internet.",
        ),
        (
            "blocks = 4",
            'networks = ["8.0.0.0/16", "8.0.4.0/24"]',
            (
                "line 25, operator[1].networks: "
                "'8.0.4.0/24' lies within 8.0.0.0/16; nested prefixes are not made."
            ),
        ),
        (
            "blocks = 4",
            "",
            (
                "line 19, operator[1]: "
                "give either blocks, a number, or networks, the prefixes themselves."
            ),
        ),
        (
            "end = 2025-01-09T06:00:00Z\nleft",
            "end = 2025-01-08T06:00:00Z\nleft",
            "line 36, happening[1].end: it does not come after begin.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_nearest_right_name(
    old: str, new: str, message: str
) -> None:
    assert said(old, new) == f"my.toml, {message}"


def test_what_is_no_toml_is_said(tmp_path: Path) -> None:
    path = tmp_path / "torn.toml"
    path.write_text("[scenario\n")
    with pytest.raises(InputError, match=r"torn.toml is no TOML: .*line 1"):
        load_scenario(path)


def test_a_name_that_nobody_ships_gets_the_nearest_that_somebody_does() -> None:
    with pytest.raises(UsageError, match="Did you mean 'cable-cut'"):
        load_scenario("cabel-cut")


def test_what_is_nested_without_end_is_no_scenario() -> None:
    with pytest.raises(InputError, match=r"deep\.toml is nested too deeply"):
        parse_scenario(b"a = " + b"[" * 20_000 + b"]" * 20_000, name="deep.toml")


def test_the_mark_that_some_editors_put_before_a_text_is_passed_over() -> None:
    marked = b"\xef\xbb\xbf" + SMALL.encode()
    assert parse_scenario(marked, name="my.toml") == parse_scenario(SMALL.encode(), name="my.toml")
