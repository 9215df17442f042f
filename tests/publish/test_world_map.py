from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from pictures import parsed

from zicht.cli import run
from zicht.errors import NotFoundError, UsageError
from zicht.model.belief import PlaneBelief
from zicht.model.status import PlaneStatus, Status
from zicht.observe.world import draw_map_to_file, world
from zicht.publish.inline.world import STATES, Standing, map_key, state_words, world_map
from zicht.publish.inline.world import world as shapes
from zicht.publish.language import language
from zicht.publish.page import world_page
from zicht.publish.standing import standing_of, standings, state_of, state_word, worst_plane
from zicht.publish.world_picture import draw_world, world_title
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.publish.inline.world import State

SVG = "{http://www.w3.org/2000/svg}"
WORDS = language("en")
TIME = datetime(2030, 3, 7, 12, tzinfo=UTC)


def status(code: str, **planes: tuple[float | None, float]) -> Status:
    """A country's status: percent and belief of each plane."""
    return Status(
        entity=f"country/{code}",
        time=TIME,
        signal=None,
        connectivity_percent=None,
        planes={
            plane: [
                PlaneStatus(
                    signal=f"{plane}.one",
                    connectivity_percent=percent,
                    belief_outage=belief,
                    last=TIME,
                    health="ok" if percent is not None else "its source is sick",
                )
            ]
            for plane, (percent, belief) in planes.items()
        },
        belief_outage=None,
        since=None,
        health="ok",
        plane_beliefs={
            plane: PlaneBelief(belief_outage=belief, signals=(), groups=1, groups_down=0)
            for plane, (percent, belief) in planes.items()
            if percent is not None
        },
    )


def test_every_country_of_the_world_can_be_shown() -> None:
    countries = shapes().countries
    listed = {
        code
        for code in map(str, WORDS.locale.territories)
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    assert listed - countries.keys() == set()


_NO_COUNTRIES = {
    *("AC", "CP", "CQ", "DG", "EA", "IC", "TA"),  # parts of others, by exception
    *("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"),  # no places
    *("AQ", "BV", "GS", "HM", "IO", "TF", "UM"),  # where nobody lives
}


def test_countries_without_room_are_dots() -> None:
    countries = shapes().countries
    assert all(countries[code].small for code in ("SG", "MV", "MT", "TV", "VA", "GI"))
    assert not any(countries[code].small for code in ("KZ", "IR", "NL"))


def test_shapes_lie_within_the_map() -> None:
    held = shapes()
    for code, shape in held.countries.items():
        assert 0 <= shape.x <= held.width, code
        assert 0 <= shape.y <= held.height, code


def test_the_map_is_light() -> None:
    everybody = {code: Standing(code, "ordinary", code, f"/{code}") for code in shapes().countries}
    drawn = world_map(WORDS, everybody, key="m", title="The world")
    assert len(gzip.compress(drawn.encode())) < 25_000


def test_a_state_is_told_by_fill_pattern_and_mark() -> None:
    told = {
        code: Standing(code, state, f"{code} is {state}", f"/country/{code}")
        for code, state in zip(("KZ", "IR", "TR", "NL"), STATES, strict=True)
    }
    svg = parsed(world_map(WORDS, told, key="m", title="The world"))
    kinds = {
        str(one.get("class")): one.get("fill")
        for one in svg.iter(f"{SVG}path")
        if "country" in str(one.get("class"))
    }
    assert kinds == {
        "country outage": None,
        "country disturbed": "url(#m-below)",
        "country unknown": "url(#m-sick)",
        "country ordinary": None,
    }
    assert [one.get("class") for one in svg.iter(f"{SVG}path")].count("pointer") == 1


def test_countries_link_to_their_pages_and_calm_ones_do_not_stop_the_keyboard() -> None:
    told = {
        "KZ": Standing("KZ", "outage", "Kazakhstan: outage", "/country/KZ"),
        "NL": Standing("NL", "ordinary", "Netherlands: ordinary", "/country/NL"),
    }
    svg = parsed(world_map(WORDS, told, key="m", title="The world"))
    assert svg.get("role") == "group"
    links = {one.get("href"): one for one in svg.iter(f"{SVG}a")}
    assert links["/country/KZ"].get("aria-label") == "Kazakhstan: outage"
    assert links["/country/KZ"].get("tabindex") is None
    assert links["/country/NL"].get("tabindex") == "-1"


def test_hostile_labels_are_text() -> None:
    told = {"KZ": Standing("KZ", "outage", '"><script>alert(1)</script>', '"onload="x')}
    drawn = world_map(WORDS, told, key="m", title="</title><script>")
    assert "<script" not in drawn
    parsed(drawn)


def test_the_key_names_every_state() -> None:
    key = map_key(WORDS, "m")
    assert all(text in key for text in state_words(WORDS).values())
    assert "not measured" in key


@pytest.mark.parametrize(
    ("planes", "state"),
    [
        ({"data": (4.0, 0.99), "control": (99.0, 0.01)}, "outage"),
        ({"data": (71.0, 0.99)}, "disturbed"),
        ({"data": (40.0, 0.7)}, "disturbed"),
        ({"data": (99.0, 0.02), "user": (93.0, 0.1)}, "ordinary"),
        ({"data": (None, 0.0)}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_worst_plane_of_which_anything_is_known_decides(
    planes: dict[str, tuple[float | None, float]], state: State
) -> None:
    assert state_of(status("KZ", **planes)) == state


def test_a_standing_says_the_plane_and_the_figure() -> None:
    told = status("KZ", data=(4.0, 0.99), control=(99.0, 0.01))
    worst = worst_plane(told)
    assert worst is not None
    assert worst[0] == "data"
    assert standing_of(WORDS, told, "Kazakhstan").label == (
        "Kazakhstan: outage, packets at 4% of ordinary"
    )
    assert standing_of(WORDS, status("KZ"), "Kazakhstan").label == "Kazakhstan: unknown"


def test_only_countries_stand_on_the_map() -> None:
    found = standings(WORDS, [status("KZ"), status("NL", data=(99.0, 0.0))], lambda one: f"/{one}")
    assert {code: one.href for code, one in found.items()} == {
        "KZ": "/country/KZ",
        "NL": "/country/NL",
    }


@pytest.mark.parametrize(
    ("states", "title"),
    [
        (["outage", "ordinary"], "Outage in Kazakhstan"),
        (["disturbed"], "Connectivity is disturbed in 1 country"),
        (["ordinary", "ordinary"], "No outage in the 2 countries that could be seen"),
        (["unknown"], "Nothing can be seen"),
        (["outage"] * 6, "6 countries are in an outage"),
    ],
)
def test_the_title_says_what_goes_on(states: list[State], title: str) -> None:
    codes = ("KZ", "IR", "TR", "NL", "BE", "LU")
    told = {code: Standing(code, state, code) for code, state in zip(codes, states, strict=False)}
    assert world_title(WORDS, told) == title


def test_each_state_has_a_word() -> None:
    assert len({state_word(WORDS, state) for state in STATES}) == len(STATES)


def test_a_picture_alone_has_title_key_sources_and_date() -> None:
    told = {"KZ": Standing("KZ", "outage", "Kazakhstan: outage", "/country/KZ")}
    drawn = draw_world(WORDS, told, time=TIME, sources=["Source: us."], simulated=True)
    svg = ET.fromstring(drawn.svg)  # noqa: S314 - drawn by us
    texts = [str(one.text) for one in svg.iter(f"{SVG}text")]
    assert "Outage in Kazakhstan" in texts
    assert "Source: us." in texts
    assert any("7 March 2030 12:00 UTC" in text for text in texts)
    assert any("Natural Earth" in text for text in texts)
    assert any("NOT A MEASUREMENT" in text for text in texts)
    assert not re.search(r"<a |var\(|https?://(?!www\.w3\.org)", drawn.svg)
    assert drawn.png().startswith(b"\x89PNG")


def test_a_page_has_the_map_and_says_the_same_in_a_table() -> None:
    told = {"KZ": Standing("KZ", "outage", "Kazakhstan: outage")}
    page = world_page(WORDS, draw_world(WORDS, told, time=TIME))
    assert page.count("Kazakhstan: outage") >= 2
    assert "default-src" in page
    assert "<script" not in page


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from test_publishing_commands import observations  # noqa: PLC0415
    from worlds import LAB, blackout  # noqa: PLC0415

    path = tmp_path_factory.mktemp("map") / "store"
    opened = open_store(path, create=True)
    for one in blackout().assessments:
        opened.append(
            observations(one),
            signals=[one.series.signal],
            origin=LAB,
            known_at=datetime(2030, 3, 13, tzinfo=UTC),
        )
    return path


def test_the_command_writes_the_map_of_a_time(store: Path, tmp_path: Path) -> None:
    for name in ("world.svg", "world.png", "world.html"):
        file = tmp_path / name
        words = ["--store", str(store), "map", "--at", "2030-03-07T15:00", "-o", str(file)]
        assert run(words) == 0
        assert file.stat().st_size > 10_000
    assert "Outage in Kazakhstan" in (tmp_path / "world.svg").read_text()


def test_a_map_is_written_as_its_name_says_or_not_at_all(store: Path, tmp_path: Path) -> None:
    drawn = world(open_store(store), at=TIME)
    assert draw_map_to_file(drawn, tmp_path / "w.svg").countries == 1
    with pytest.raises(UsageError, match=r"w\.gif"):
        draw_map_to_file(drawn, tmp_path / "w.gif")


def test_a_store_without_countries_has_no_map(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds no country"):
        world(open_store(tmp_path / "empty", create=True))
