"""``zicht check`` and ``zicht ledger``, from a store to every output."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from zicht.cli import run
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

from datetime import UTC, datetime, timedelta

import numpy as np

BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
TEXT = """Offline

Almost all of Kazakhstan was offline on Wednesday, according to NetBlocks.

Eight officers were killed in Kazakhstan on Wednesday. Phone lines there were cut on Tuesday.
"""


def fill(folder: Path, *, simulated: bool) -> None:
    """A store with two weeks of a country that is down for half a day."""
    signal = Signal(
        name="table.made",
        source="table",
        title="Made",
        unit="things",
        step=1800,
        plane="data",
        scale="index",
        lag=0,
        licence="CC0",
        citation="made",
    )
    bins = 14 * 48
    values = 1000 * np.random.default_rng(3).normal(1, 0.01, bins)
    values[4 * 48 + 20 : 4 * 48 + 44] *= 0.04
    times = [BEGIN + timedelta(minutes=30) * place for place in range(bins)]
    rows = pa.table(
        {
            "signal": ["table.made"] * bins,
            "entity": ["country/KZ"] * bins,
            "time": pa.array(times, pa.timestamp("us", tz="UTC")),
            "value": values,
            "samples": pa.nulls(bins, pa.int64()),
        },
        schema=OBSERVATIONS,
    )
    origin = Origin(
        id="o",
        source="table",
        name="o.csv",
        sha256="",
        licence="CC0",
        citation="made",
        simulated=simulated,
    )
    store = open_store(folder, create=True)
    store.append(rows, signals=[signal], origin=origin, known_at=BEGIN + timedelta(days=15))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("stores")
    for name in ("measured", "simulated"):
        fill(folder / name, simulated=name == "simulated")
        assert run(["--store", str(folder / name), "detect"]) == 0
    return {name: str(folder / name) for name in ("measured", "simulated")}


@pytest.fixture
def report(tmp_path: Path) -> str:
    path = tmp_path / "report.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["--format", "json", "check", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_claims_come_with_their_verdicts_and_numbers(
    stores: dict[str, str], report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checked(capsys, report, "--published", "2022-01-06", "--store", stores["measured"])
    first, second = found["claims"]
    assert (first["type"], first["verdict"]) == ("shutdown", "supported")
    assert first["source"] == "NetBlocks"
    assert [one["quote"] for one in first["also"]] == ["Offline"]
    assert second["verdict"] == "not measurable"
    assert second["subclaims"][-1]["verdict"] == "not measurable"
    for one in found["claims"]:
        assert found["text"][one["start"] : one["end"]] == one["quote"]


def test_a_terminal_shows_quote_verdict_and_figures(
    stores: dict[str, str], report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["check", report, "--published", "2022-01-06", "--store", stores["measured"]]) == 0
    shown = capsys.readouterr().out
    assert "“Almost all of Kazakhstan was offline on Wednesday, according to NetBlocks.”" in shown
    assert "verdict: supported" in shown
    assert "lowest 3." in shown or "lowest 4" in shown


def test_an_unknown_day_is_told_by_the_event_or_asked_for(
    stores: dict[str, str],
    report: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = checked(capsys, report, "--store", stores["measured"])
    assert "measured event" in found["published"]["inferred_from"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Togo was offline on Monday.")))
    found = checked(capsys, "-", "--store", stores["measured"])
    assert found["published"] is None
    assert found["claims"][0]["verdict"] == "insufficient data"
    assert "--published" in found["notes"][0]["text"]


def test_a_page_shows_the_text_beside_the_measurements_and_keeps_it_tame(
    stores: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "<script>alert(1)</script> Kazakhstan was offline on Wednesday <img src=x onerror=y>.",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    arguments = ["check", str(hostile), "--published", "2022-01-06", "-o", str(page)]
    assert run([*arguments, "--store", stores["measured"]]) == 0
    html = page.read_text(encoding="utf-8")
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert '<mark id="text-1" class=' in html
    assert "<svg" in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    capsys.readouterr()


def test_a_card_is_of_one_measured_claim_and_says_who_confirmed_it(
    stores: dict[str, str], report: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = [report, "--published", "2022-01-06", "--store", stores["measured"]]
    claim = checked(capsys, *base)["claims"][0]["id"]
    side = tmp_path / "side.toml"
    side.write_text(f'confirmed_by = "A. Reader"\n[[claim]]\nid = "{claim}"\n', encoding="utf-8")
    card = tmp_path / "card.md"
    assert run(["check", *base, "--side", str(side), "--claim", claim, "-o", str(card)]) == 0
    text = card.read_text(encoding="utf-8")
    assert "**supported**" in text
    assert "confirmed by A. Reader" in text
    picture = tmp_path / "card.png"
    assert run(["check", *base, "--claim", claim, "-o", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run(["check", *base, "-o", str(tmp_path / "other.md")]) == 2


def test_whoever_measured_is_cited_with_the_licence(
    stores: dict[str, str], report: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the screen, in JSON, on a card and on a page: what is passed on carries its licence."""
    base = [report, "--published", "2022-01-06", "--store", stores["measured"]]
    found = checked(capsys, *base)
    assert found["sources"] == [
        {"citation": "made", "licence": "CC0", "signals": ["table.made"]},
    ]
    said = "Source: made. Licence: CC0."
    assert run(["check", *base]) == 0
    assert capsys.readouterr().out.rstrip().endswith(said)
    for name in ("card.md", "page.html"):
        file = tmp_path / name
        assert run(["check", *base, "--claim", found["claims"][0]["id"], "-o", str(file)]) == 0
        assert said in file.read_text(encoding="utf-8")


def test_a_claim_without_a_file_for_its_card_is_refused(
    report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", report, "--read-only", "--claim", "0000000000"]) == 2
    assert "Name it with -o card.md" in capsys.readouterr().err


def test_a_text_that_cannot_be_read_is_not_said_to_claim_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "report.txt"
    text.write_text("Az internetet lekapcsolták Kazahsztánban szerdán", encoding="utf-8")
    assert run(["check", str(text), "--read-only"]) == 0
    assert capsys.readouterr().out == "Nothing was read out of this text.\n"


def test_the_ledger_says_what_it_could_not_read(
    report: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Az internetet lekapcsolták Kazahsztánban szerdán", encoding="utf-8")
    assert run(["ledger", report, str(other), "--read-only", "--published", "2022-01-06"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("other.txt: The language is none of")
    assert said.count("\n") == 1


def test_against_simulated_data_there_is_no_card(
    stores: dict[str, str], report: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = [report, "--published", "2022-01-06", "--store", stores["simulated"]]
    found = checked(capsys, *base)
    assert {one["verdict"] for one in found["claims"]} == {"simulated"}
    claim = found["claims"][0]["id"]
    assert run(["check", *base, "--claim", claim, "-o", str(tmp_path / "card.png")]) == 2
    assert "cannot confirm published reports" in capsys.readouterr().err
    assert not (tmp_path / "card.png").exists()


def test_the_ledger_flags_what_is_dated_within_the_blackout(
    stores: dict[str, str], report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["ledger", report, "--published", "2022-01-06", "--store", stores["measured"]]
    capsys.readouterr()
    assert run(["--format", "json", *base]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["value_low"], one["during_blackout"]) for one in rows] == [
        ("dead", 8, True)
    ]
    assert run(base) == 0
    assert "security forces" in capsys.readouterr().out


def test_what_cannot_be_read_is_told(
    stores: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing.txt")
    assert run(["check", missing, "--store", stores["measured"]]) == 3
    assert "cannot be read" in capsys.readouterr().err


def test_a_side_file_to_fill_in_is_written_and_confirms_when_it_is_signed(
    stores: dict[str, str], report: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = [report, "--published", "2022-01-06", "--store", stores["measured"]]
    side = tmp_path / "side.toml"
    assert run(["check", *base, "-o", str(side)]) == 0
    text = side.read_text(encoding="utf-8")
    capsys.readouterr()
    assert checked(capsys, *base, "--side", str(side))["claims"][0]["confirmed_by"] is None
    side.write_text(text.replace('confirmed_by = ""', 'confirmed_by = "A. Reader"'), "utf-8")
    assert checked(capsys, *base, "--side", str(side))["claims"][0]["confirmed_by"] == "A. Reader"
