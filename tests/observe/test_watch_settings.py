"""The settings of a watch: each is documented, and what is wrong is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from zicht.errors import InputError
from zicht.observe.services import MEASURED, SERVICES
from zicht.observe.settings import Settings, read_settings
from zicht.observe.watch_settings import SourceName, SourceSettings, WatchSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")


def documented(head: str) -> dict[str, str]:
    """The keys of a table of the page, with their defaults."""
    table = PAGE.split(f"| key of {head} | default | what |\n")[1].split("\n\n")[0]
    rows = [row.split(" | ") for row in table.splitlines()[1:]]
    return {key.strip("| `"): default.strip(" `") for key, default, *_ in rows}


@pytest.mark.parametrize(
    ("head", "kind"), [("`[watch]`", WatchSettings), ("a `[[source]]`", SourceSettings)]
)
def test_every_option_is_documented_and_none_besides(head: str, kind: type[msgspec.Struct]) -> None:
    said = documented(head)
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    assert said.keys() == fields.keys()
    for name, one in fields.items():
        if isinstance(one.default, int | float):
            assert float(said[name]) == one.default


def test_the_sources_are_those_that_can_be_fetched() -> None:
    assert sorted(get_args(SourceName)) == sorted((*SERVICES, *MEASURED))
    told = next(line for line in PAGE.splitlines() if line.startswith("| `name`"))
    assert set(re.findall(r"`(\w+)`", told)) - {"name"} == {*SERVICES, *MEASURED}


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(PAGE.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    settings = read_settings(path)
    assert settings.watch.metrics_port == 9464
    assert [one.name for one in settings.source] == ["ioda", "radar", "bgp"]
    assert settings.source[1].cadence_minutes == 60
    assert settings.source[2].collectors == ("rrc00", "rrc01")
    assert Settings().source == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[watch]\nentitys = []\n", r"line 2, watch\.entitys: .*Did you mean 'entities'"),
        ('[watch]\nentities = ["Atlantis 9"]\n', r"line 2, watch\.entities: "),
        ("[watch]\nhistory_days = 0\n", r"line 2, watch\.history_days: expected `float` >= 1"),
        ('[[source]]\nname = "ida"\n', r"line 2, source\[1\]\.name: .*Did you mean 'ioda'"),
        ('[[source]]\nname = "tor"\n[[source]]\nname = "tor"\n', r"line 4, .*twice"),
        ('[[source]]\nname = "tor"\naddress = "ftp://a"\n', r"line 3, source\[1\]\.address: "),
        ('[[source]]\nname = "bgp"\n', r"line 2, source\[1\]\.name: there is nothing to follow"),
        (
            '[[source]]\nname = "bgp"\ncollectors = ["rc00"]\n',
            r"line 3, source\[1\]\.collectors: .*Did you mean 'rrc00'",
        ),
        (
            '[[source]]\nname = "bgp"\ncollectors = ["route-views2"]\n',
            r"line 3, .*no collector of RIS",
        ),
        ('[[source]]\nname = "bgp"\nbmp = "here"\n', r"line 3, source\[1\]\.bmp: 'here' is no"),
        (
            '[[source]]\nname = "bgp"\nbmp = "[::1]:0"\ncadence_minutes = 5\n',
            r"line 4, source\[1\]\.cadence_minutes: .*'step_seconds'",
        ),
        ('[[source]]\nname = "bgp"\nstep_seconds = 2\n', r"line 3, .*step_seconds"),
        ('[[source]]\nname = "tor"\ncollectors = ["rrc00"]\n', r"line 3, .*of 'bgp' alone"),
        ('[[source]]\nname = "probe"\naddress = "http://a"\n', r"looked at as it comes"),
        ("[watch]\noperators = -1\n", r"line 2, watch\.operators: "),
        ("[[source]]\ncadence_minutes = 5\n", r"line 1, .*the key 'name' is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_settings(path)
