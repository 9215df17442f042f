from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pictures
import pytest
import worlds

from zicht.model.entity import EntityFact
from zicht.publish import letters
from zicht.publish.chart_data import Window
from zicht.publish.language import language
from zicht.publish.page import chart_page

SVG = "{http://www.w3.org/2000/svg}"
ONE_DAY = Window(worlds.ONSET.replace(hour=0), worlds.LIFTED)
HOSTILE = [
    "<script>alert(1)</script>",
    "</desc></svg><img src=x onerror=alert(1)>",
    "\u202egnirts\u2066 a\x00b\x1b[31m",
    "A" * 1_000_000,
    "{place} {0} %(x)s {{ 7*7 }}",
]


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own picture


@pytest.mark.parametrize("code", ["en", "nl"])
@pytest.mark.parametrize("operators", [False, True])
def test_a_picture_tells_those_who_cannot_see_it_what_it_shows(code: str, operators: bool) -> None:  # noqa: FBT001 - a parameter of the test
    chart = pictures.draw(worlds.blackout(), code=code, operators=operators)
    root = parse(chart.svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == chart.title
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert len(description.text or "") > 300


def test_the_description_has_the_figures() -> None:
    text = " ".join(pictures.draw(worlds.blackout()).description)
    for figure in ("4.1%", "7 March 2030 between 09:00 and 09:10 UTC", "14:00–14:10 in Almaty"):
        assert figure in text
    assert "Source sick, so unknown" in text
    assert "No data from" in text


def test_a_picture_asks_for_nothing_from_elsewhere_and_runs_nothing() -> None:
    svg = pictures.draw(worlds.blackout()).svg
    assert not re.search(r"(href|src|@import|<script|<image|<foreignObject|\bon\w+=)", svg)
    assert set(re.findall(r"https?://[^\"'\s)]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {
        f"#{one}" for one in re.findall(r'id="([^"]+)"', svg)
    }


def test_a_picture_is_the_same_in_every_run_and_every_time_zone() -> None:
    program = (
        "import pictures, worlds, sys;"
        "pictures.draw(worlds.blackout(), operators=True);"
        "sys.stdout.write(pictures.draw(worlds.blackout()).svg)"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=Path(__file__).parent,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout.decode()
        for zone in ("Asia/Tehran", "America/St_Johns")
    }
    assert drawn == {pictures.draw(worlds.blackout()).svg}


def test_a_picture_is_what_it_was() -> None:
    chart = pictures.draw(worlds.blackout(), window=ONE_DAY, signals=("probe.answering",))
    assert pictures.same_as_golden("chart.svg", chart.svg)


def test_what_is_simulated_says_so_first_in_every_picture() -> None:
    notice = "RECONSTRUCTION — NOT A MEASUREMENT"
    simulated, measured = (
        pictures.draw(worlds.blackout(simulated=one)).svg for one in (True, False)
    )
    assert simulated.count(notice) >= 3  # banner, footer, description
    assert "RECONSTRUCTION" not in measured


def test_the_title_is_a_statement() -> None:
    world = worlds.blackout()
    assert pictures.draw(world).title == (
        "Kazakhstan fell to 4.1% of ordinary while its routes stayed up"
    )
    assert pictures.draw(world, operators=True).title == (
        "Outages seen at 2 of 2 operators in Kazakhstan"
    )
    assert pictures.draw(replace(world, outages=[])).title == "No outage seen in Kazakhstan"
    before = Window(worlds.START.replace(year=2029), worlds.END.replace(year=2029))
    assert pictures.draw(world, window=before).title == "Kazakhstan: no data"


def test_mobile_and_fixed_stand_apart() -> None:
    svg = pictures.draw(worlds.blackout(), operators=True).svg
    assert svg.index(">Mobile<") < svg.index("Qala Mobile", svg.index(">Mobile<"))
    assert svg.index(">Mobile<") < svg.index(">Fixed<")


def test_labels_of_many_outages_do_not_lie_upon_each_other() -> None:
    hour = timedelta(hours=1)
    outages = [
        worlds.outage(
            worlds.PINGS,
            "country/KZ",
            worlds.START + n * 9 * hour,
            worlds.START + (n * 9 + 4) * hour,
            n,
        )
        for n in range(20)
    ]
    svg = pictures.draw(
        replace(worlds.blackout(), outages=outages), signals=("probe.answering",)
    ).svg
    labels = re.findall(r"translate\(([\d.]+),17\)[^>]*>(to [^<]+)<", svg)
    spans = sorted(
        (float(x) - width / 2, float(x) + width / 2)
        for x, width in ((x, letters.width(text, 12, bold=True)) for x, text in labels)
    )
    assert len(spans) > 4
    assert all(left <= start for (_, left), (start, _) in pairwise(spans))


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_hostile_names_do_no_harm(name: str) -> None:
    world = worlds.blackout()
    fact = EntityFact(entity="asn/64500", name=name, country="KZ", kind="mobile")
    chart = pictures.draw(replace(world, facts=world.facts | {"asn/64500": fact}), operators=True)
    parse(chart.svg)
    page = chart_page(language("en"), chart)
    assert "<script" not in page
    assert "<img" not in page
    assert "onerror=alert(1)>" not in page
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", page)
    assert len(page) < 400_000


class Loads(HTMLParser):
    """Everything that a page would load or run, and its tags as they open and close."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "data", "action", "xlink:href"} or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name == "href" and not (value or "").startswith(("#", "data:text/csv")):
                self.found.append(f"{tag} {value}")


@pytest.mark.parametrize("code", ["en", "nl"])
def test_a_page_works_without_scripts_and_without_a_network(code: str) -> None:
    page = chart_page(language(code), pictures.draw(worlds.blackout(), code=code))
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert not {"script", "link", "iframe", "object", "embed"} & set(loads.tags)
    assert f'<html lang="{code}" dir="ltr">' in page
    assert "@import" not in page
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


def test_a_page_is_small_and_has_the_figures_as_a_table_and_as_csv() -> None:
    page = chart_page(language("en"), pictures.draw(worlds.blackout()))
    assert len(gzip.compress(page.encode())) <= 50_000
    link = re.search(r'href="data:text/csv;charset=utf-8,([^"]+)"', page)
    assert link
    lines = unquote(link[1]).splitlines()
    assert lines[0].startswith("entity,signal,time,lowest_percent")
    assert len(lines) > 200
    assert "<td>source sick: unknown" in page
    assert "<td>no data" in page


def test_a_png_is_at_least_twice_the_size() -> None:
    png = pictures.draw(worlds.blackout(), window=ONE_DAY).png()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") >= 1400


def test_names_in_cyrillic_are_drawn() -> None:
    world = worlds.blackout()
    names = [
        EntityFact(entity="asn/64500", name=name, country="KZ", kind="mobile")
        for name in ("Қазақтелеком", "\U000e0041\U000e0042")
    ]
    drawn = [
        pictures.draw(replace(world, facts=world.facts | {"asn/64500": fact}), operators=True).png()
        for fact in names
    ]
    assert drawn[0] != drawn[1]
