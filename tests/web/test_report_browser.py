"""Reports brought in a real browser: pasted, uploaded, corrected, cited, with scripts and without.

Debian's Chromium is driven; what the console complains of is a failure.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright
from test_browser import GUARD, serious
from test_report_pages import HOSTILE, TEXT
from web_world import MEASURED, make_store

from zicht.web.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

LONG = f"{TEXT} Shops stayed open. On Wednesday the internet came back in Kazakhstan.\n\n" * 60
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Site:
    """A served store whose data count as measured, and a browser."""

    browser: Browser
    address: str

    def url(self, path: str) -> str:
        return self.address.rstrip("/") + path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    folder = tmp_path_factory.mktemp("brought")
    store = make_store(folder / "store", MEASURED)
    kept = folder / "kept"
    with serving(store, keep_reports=kept) as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, timeout=GUARD)
        yield Site(browser, address)
        browser.close()


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
    opened.on("dialog", lambda one: faults.append(one.message))
    opened.on("request", lambda one: hosts.add(urlsplit(one.url).netloc))
    yield opened
    context.close()
    assert faults == []
    assert hosts <= {urlsplit(site.address).netloc, ""}


def check(site: Site, page: Page, text: str = TEXT, *, path: str = "/en/check") -> None:
    """Paste a text and send it."""
    page.goto(site.url(path))
    page.locator("textarea[name=text]").fill(text)
    page.locator("input[name=published]").fill("2030-03-20")
    send(page)


def send(page: Page) -> None:
    page.locator("button.main").click()
    page.locator("form#again").wait_for(state="attached")


def test_the_forms_stand_in_nobodys_way(site: Site, page: Page) -> None:
    for path in ("/en/check", "/fa/check", "/en/ledger"):
        page.goto(site.url(path))
        assert serious(page) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_checked_text_stands_in_nobodys_way(site: Site, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    check(site, page)
    assert page.locator("mark.supported").count() == 1
    assert page.locator("article svg.picture").count() >= 3
    assert serious(page) == []


@pytest.mark.parametrize("code", ["en", "fa"])
def test_a_long_report_fits_a_phone(site: Site, page: Page, code: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    check(site, page, LONG, path=f"/{code}/check")
    assert page.locator("article.claim").count() >= 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("article svg.picture").count() <= 6  # each stretch of time once
    if code == "fa":
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert page.locator(".told").evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_the_text_and_the_measurements_lead_to_one_another(site: Site, page: Page) -> None:
    check(site, page)
    page.locator("#text-1 a").click()
    page.wait_for_url("**#claim-1")
    page.locator("#claim-1 h3 a").click()
    page.wait_for_url("**#text-1")


def test_without_scripts_a_file_is_checked_corrected_and_cited(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(f"<!doctype html><html><body><p>{TEXT}</p></body></html>", encoding="utf-8")
    context = site.browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.set_default_timeout(GUARD)
    reader = context.new_page()
    reader.goto(site.url("/en/check"))
    reader.locator("input[name=file]").set_input_files(file)
    reader.locator("input[name=published]").fill("2030-03-20")
    send(reader)
    assert reader.locator("h1").inner_text() == "report.html"
    side = reader.locator("textarea[name=side]")
    side.fill(side.input_value().replace('confirmed_by = ""', 'confirmed_by = "A. Reader"'))
    send(reader)
    reader.get_by_text("confirmed by A. Reader").first.wait_for()
    with reader.expect_download() as loaded:
        reader.get_by_role("button", name="Card of claim 1 as Markdown").click()
    card = loaded.value.path().read_text("utf-8")
    assert "**supported**" in card
    assert "confirmed by A. Reader" in card
    reader.get_by_role("button", name="Nederlands").click()
    reader.wait_for_url("**/nl/check")
    assert reader.locator("mark.supported").count() == 1
    context.close()


def test_a_hostile_text_does_nothing_in_a_browser(site: Site, page: Page) -> None:
    check(site, page, HOSTILE * 3)
    assert "<script>alert" in page.locator(".told").inner_text()
    assert page.locator("main script, main img").count() == 0


def test_a_report_is_kept_and_deleted_by_hand(site: Site, page: Page) -> None:
    page.goto(site.url("/en/check"))
    page.locator("textarea[name=text]").fill(TEXT)
    page.get_by_label("Keep the report").check()
    send(page)
    page.wait_for_url("**/en/kept/*")
    assert serious(page) == []
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url("**/en/check")


def test_a_ledger_is_laid_out_of_several_files(site: Site, page: Page, tmp_path: Path) -> None:
    for name, count in (("a.txt", 8), ("b.txt", 13)):
        said = f"In Kazakhstan {count} police officers were killed on Tuesday."
        (tmp_path / name).write_text(said, encoding="utf-8")
    page.goto(site.url("/en/ledger"))
    page.locator("input[name=file]").set_input_files([tmp_path / "a.txt", tmp_path / "b.txt"])
    send(page)
    assert page.locator("table.ledger tbody").count() == 2
    assert serious(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
