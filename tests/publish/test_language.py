from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

import pictures
import pytest
import worlds

from zicht.errors import UsageError
from zicht.publish.bulletin_formats import bulletin_page
from zicht.publish.language import Language, language

ROOT = Path(__file__).parents[2]
TIME = datetime(2030, 3, 7, 21, 5, tzinfo=UTC)


def test_the_catalogues_have_every_message_of_the_code_and_none_is_guessed() -> None:
    process = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "messages.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr


class Strict(NullTranslations):
    """Asked only for what a catalogue lacks."""

    MADE_UP = frozenset({"Visible routes", "Answers to probes", "Search traffic", "CC0 1.0"})

    def gettext(self, message: str) -> str:
        assert message in self.MADE_UP, f"not translated: {message}"
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        pytest.fail(f"not translated: {msgid1} / {msgid2} ({n})")


def test_nothing_that_is_said_goes_untranslated(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Language("nl")
    strict._translations.add_fallback(Strict())  # noqa: SLF001 - what the catalogue lacks
    monkeypatch.setattr(pictures, "language", lambda _code: strict)
    world = worlds.blackout()
    pictures.draw(world, code="nl", operators=True)
    bulletin_page(strict, pictures.write(world, code="nl"), pictures.draw(world, code="nl"))


def test_numbers_dates_and_names_are_written_as_the_language_does() -> None:
    english, dutch = language("en"), language("nl")
    assert (english.percent(4.13), dutch.percent(4.13)) == ("4.1%", "4,1%")
    assert (english.compact(13_941.2), dutch.compact(13_941.2)) == ("13,900", "13.900")
    assert (english.moment(TIME), dutch.moment(TIME)) == (
        "7 March 2030 21:05",
        "7 maart 2030 21:05",
    )
    assert dutch.moment(TIME, ZoneInfo("Asia/Tehran")) == "8 maart 2030 00:35"
    assert (english.country("KZ"), dutch.country("KZ")) == ("Kazakhstan", "Kazachstan")
    assert english.country("QZ") == "QZ"
    assert dutch.join(["a", "b", "c"]) == "a, b en c"


@pytest.mark.parametrize(
    ("percent", "written"),
    [
        (0.0, "0%"),
        (0.004, "<\u202f0.1%"),
        (0.1, "0.1%"),
        (9.94, "9.9%"),
        (9.96, "10%"),
        (62.4, "62%"),
    ],
)
def test_a_little_is_never_written_as_nothing(percent: float, written: str) -> None:
    assert language("en").percent(percent) == written


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=5, hours=3, minutes=10), "5 d 3 h"),
        (timedelta(days=1, hours=23, minutes=50), "2 d"),
    ],
)
def test_lengths_of_time_have_two_units_at_most(length: timedelta, written: str) -> None:
    assert language("en").duration(length) == written


def test_a_language_that_nothing_is_written_in_is_refused() -> None:
    with pytest.raises(UsageError, match="en, nl"):
        language("tlh")


def test_figures_are_written_in_the_numerals_of_the_language() -> None:
    persian = language("fa")
    assert persian.percent(3.14) == "۳٫۱٪"  # noqa: RUF001 - Persian
    assert persian.number(12_345) == "۱۲٬۳۴۵"
    assert persian.moment(datetime(2022, 1, 5, 3, 4, tzinfo=UTC)) == "۵ ژانویهٔ ۲۰۲۲ ۰۳:۰۴"  # noqa: RUF001 - Persian
    assert "۳۰" in persian.duration(timedelta(minutes=30))
    assert language("ar").number(12_345) == "12,345"
