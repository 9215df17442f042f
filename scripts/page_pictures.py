"""Take the pictures of docs/pages.md and docs/reports.md: the demo's store in Debian's Chromium.

Usage: python scripts/page_pictures.py zicht-demo/store docs/pictures
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from playwright.sync_api import sync_playwright

from zicht.store import open_store
from zicht.web.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium"
_PATIENCE = 120_000  # milliseconds: kernels may have to be compiled first


class Picture(NamedTuple):
    """A page and how it is looked at: widths and heights in points."""

    name: str
    path: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture("page-first.png", "en/?as_of=2022-01-06T05:00Z", 1000, 1010),
    Picture("page-event.png", "en/event/KZ-20220104", 1000, 1240),
    Picture("page-event-fa.png", "fa/event/KZ-20220104", 420, 900, "dark"),
)


REPORT = """\
Kazakhstan offline for the second time

Almaty, 6 January. For the second time in two days the internet was cut across Kazakhstan, in the \
night from Wednesday to Thursday. Connectivity had fallen to about 3% of ordinary levels on \
Wednesday afternoon, monitors said, and was briefly restored on Wednesday evening.

"There is neither mobile data nor a phone line," a shopkeeper told us in Almaty. The authorities \
ordered the shutdown, she believes, to keep people from gathering.

Shops stayed closed on Thursday, and the price of gas was lowered again.
"""
"""Written for the picture; it is of no newspaper."""


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    with serving(open_store(given.store)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in PICTURES:
            _take(browser, address, picture, given.folder)
        _take_report(browser, address, given.folder / "page-report.png")
        browser.close()


def _take(browser: Browser, address: str, picture: Picture, folder: Path) -> None:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
        java_script_enabled=False,
    )
    page.goto(f"{address}{picture.path}", timeout=_PATIENCE)
    page.screenshot(path=folder / picture.name)
    page.close()


def _take_report(browser: Browser, address: str, target: Path) -> None:
    page = browser.new_page(viewport={"width": 1100, "height": 1250}, java_script_enabled=False)
    page.goto(f"{address}en/check", timeout=_PATIENCE)
    page.fill("textarea[name=text]", REPORT)
    page.fill("input[name=published]", "2022-01-06")
    page.locator("main form[method=post] button").first.click(timeout=_PATIENCE)
    page.wait_for_load_state(timeout=_PATIENCE)
    page.screenshot(path=target)
    page.close()


if __name__ == "__main__":
    main()
