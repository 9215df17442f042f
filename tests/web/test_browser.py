"""Pages in a real browser: no fault in the console, nothing from elsewhere, readable by everybody.

Debian's Chromium is driven; ``.ci/run`` installs it. Axe looks for what stands in the way of those
who use a screen reader or a keyboard (Deque's rules for WCAG 2.2).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import pytest
from playwright.sync_api import sync_playwright
from web_world import KNOWN, make_store

from zicht.web.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from zicht.store import Store
    from zicht.web.desk import Desk

GUARD = 60_000  # milliseconds; a busy machine is slow
PAGES = {
    "home": "/en/",
    "country": "/en/country/KZ",
    "operator": "/en/asn/64500/KZ",
    "chart": "/en/chart/country/KZ?signal=probe.up24&mark=2030-03-19T10:00Z~Cut",
    "frame": "/en/embed/chart/country/KZ?signal=probe.up24",
    "compare": "/en/compare?a=country/KZ&b=country/IR",
    "event": "/en/event/{event}",
    "map": "/en/map",
    "framed map": "/en/embed/map",
    "persian": "/fa/country/KZ",
    "arabic": "/ar/event/{event}",
    "russian": "/ru/chart/country/KZ",
    "events": "/en/events",
    "health": "/en/health",
    "method": "/en/method",
    "words": "/en/words",
    "search": "/en/search?q=kazachstan",
    "nowhere": "/en/nowhere",
}
PICTURED = ("home", "country", "chart", "event", "compare")


@dataclass(frozen=True)
class Site:
    """A served store, and a browser."""

    browser: Browser
    address: str
    event: str

    def url(self, name: str) -> str:
        return self.address.rstrip("/") + PAGES.get(name, name).format(event=self.event)


@pytest.fixture(scope="module")
def site(store: Store, desk: Desk) -> Iterator[Site]:
    """One browser and one server for all of these tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    event = next(one.id for one in desk.view().events if one.entity == "country/KZ")
    with serving(store) as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, timeout=GUARD)
        site = Site(browser, address, event)
        opened = browser.new_page()
        opened.goto(site.url("home"), timeout=GUARD)
        opened.wait_for_function(_KNOWN, timeout=GUARD, polling=500)
        opened.close()
        yield site
        browser.close()


_KNOWN = "() => fetch('/en/').then(r => r.text()).then(t => !t.includes('being worked out'))"


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """A page of a reader who has scripts; whatever is wrong in its console is a failure."""
    context = site.browser.new_context()
    context.set_default_timeout(GUARD)
    opened = context.new_page()
    faults: list[str] = []
    hosts: set[str] = set()
    opened.on("console", lambda one: faults.append(one.text) if one.type != "log" else None)
    opened.on("pageerror", lambda one: faults.append(str(one)))
    opened.on("request", lambda one: hosts.add(urlsplit(one.url).netloc))
    yield opened
    context.close()
    expected = [one for one in faults if "404" in one and opened.url.endswith("/nowhere")]
    assert faults == expected
    assert hosts <= {urlsplit(site.address).netloc, ""}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_in_nobodys_way(site: Site, page: Page, name: str) -> None:
    page.goto(site.url(name))
    assert serious(page) == []


@pytest.mark.parametrize("name", PICTURED)
def test_a_dark_page_can_be_read(site: Site, page: Page, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(site.url(name))
    assert serious(page, rules=("color-contrast", "link-in-text-block")) == []


@pytest.mark.parametrize("name", [*PICTURED, "persian", "russian", "events", "health"])
def test_a_page_fits_a_phone(site: Site, page: Page, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url(name))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", PICTURED)
def test_letters_in_pictures_keep_their_size_and_do_not_leave_them(
    site: Site, page: Page, name: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url(name))
    assert page.evaluate(_SIZES) in ([], ["12px"], ["12px", "22px"])
    assert page.evaluate(_OUTSIDE) == []


_SIZES = """() => [...new Set([...document.querySelectorAll('svg.picture text')]
  .map(one => getComputedStyle(one).fontSize))].sort()"""

_OUTSIDE = """() => [...document.querySelectorAll('svg.picture text')]
  .filter(one => one.getClientRects().length)
  .filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.left < -1 || box.right > innerWidth + 1);
  }).map(one => one.textContent)"""


@pytest.mark.parametrize("name", ["persian", "arabic"])
def test_pages_run_from_right_to_left_and_time_from_left_to_right(
    site: Site, page: Page, name: str
) -> None:
    page.goto(site.url(name))
    assert page.locator("html").get_attribute("dir") == "rtl"
    heading = page.locator("h1").bounding_box()
    chart = page.locator("svg.picture text.level").first.bounding_box()
    picture = page.locator("svg.picture:has(text.level)").first.bounding_box()
    assert heading is not None
    assert chart is not None
    assert picture is not None
    assert heading["x"] + heading["width"] > 900  # at the right edge
    assert chart["x"] - picture["x"] < 60  # labels of the scale at the left one
    days = page.locator("svg.picture:has(text.level) g.wide text.day").evaluate_all(
        "all => all.slice(0, 4).map(one => one.getBoundingClientRect().left)"
    )
    assert days == sorted(days)


def test_without_scripts_everything_is_there(site: Site) -> None:
    context = site.browser.new_context(java_script_enabled=False)
    context.set_default_timeout(GUARD)
    reader = context.new_page()
    reader.goto(site.url("country"))
    assert reader.locator("svg.picture:visible").count() >= 4
    reader.get_by_role("link", name="This chart alone").first.click()
    reader.wait_for_url("**/chart/country/KZ?**")
    reader.get_by_label("When (UTC)").fill("2030-03-19T10:00")
    reader.get_by_label("Text").fill("Cut <b>here</b>")
    reader.get_by_role("button", name="Add").click()
    reader.wait_for_url("**note=**")
    assert reader.locator("svg.picture text.noted.wide").first.text_content() == "Cut <b>here</b>"
    reader.get_by_role("searchbox").fill("Казахстан")
    reader.get_by_role("searchbox").press("Enter")
    reader.wait_for_url("**/search?**")
    assert "Kazakhstan" in reader.locator("main").inner_text()
    context.close()


def test_the_keyboard_goes_through_a_page_in_its_order(site: Site, page: Page) -> None:
    page.goto(site.url("country"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    tops = []
    for _ in range(25):
        page.keyboard.press("Tab")
        place = page.evaluate(_FOCUSED)
        assert place["width"] > 0, place
        assert place["outline"] != "none", place
        tops.append(place["index"])
    assert tops == sorted(tops)
    assert page.locator("[tabindex]").evaluate_all(
        "all => all.every(one => Number(one.getAttribute('tabindex')) <= 0)"
    )


_FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const all = [...document.querySelectorAll('*')];
  return {what: one.outerHTML.slice(0, 120), width: box.width, index: all.indexOf(one),
          outline: getComputedStyle(one).outlineStyle};
}"""


def test_a_country_on_the_map_leads_to_its_page(site: Site, page: Page) -> None:
    page.goto(site.url("home"))
    page.locator("svg.world a[href='/en/country/IR']").press("Enter")
    page.wait_for_url("**/en/country/IR")
    assert page.locator("h1").inner_text() == "Iran"


def test_a_chart_prints_without_what_only_a_screen_needs(site: Site, page: Page) -> None:
    page.goto(site.url("country"))
    page.emulate_media(media="print")
    assert page.locator("svg.picture:visible").count() >= 4
    assert page.locator(".ranges:visible, form:visible").count() == 0


def serious(page: Page, rules: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    """What axe holds to be serious or critical: the rule, and where."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        (one["id"], one["impact"], [node["target"] for node in one["nodes"]][:5])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def test_news_is_shown_as_it_comes(site: Site, tmp_path: Path) -> None:
    own = make_store(tmp_path / "store")
    event = next(one for one in own.events() if one.entity == "country/KZ")
    page = site.browser.new_page()
    with serving(own) as address:
        page.goto(f"{address}en/events", timeout=GUARD)
        page.get_by_text("Kazakhstan fell to").wait_for(timeout=GUARD)
        told = msgspec.structs.replace(event, depth_percent=1.0)
        own.write_detection(outages=[], events=[told], sicknesses=[], known_at=KNOWN)
        page.get_by_text("Kazakhstan fell to 1% of").wait_for(timeout=GUARD)
        page.close()
