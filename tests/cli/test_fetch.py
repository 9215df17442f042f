"""``zicht fetch`` and the checks of ``zicht doctor``, with services on this machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from service_worlds import SPOKEN, Server, serving

from zicht.cli import run
from zicht.observe.service_checks import check_services
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 - of no service
BY_NAME = {one.source: one for one in SPOKEN}
TIME = ("--from", "2022-01-05", "--until", "2022-01-06")


@pytest.fixture
def tor() -> Iterator[Server]:
    with serving(BY_NAME["tor"]) as there:
        yield there


@pytest.fixture
def radar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", TOKEN)
    with serving(BY_NAME["radar"]) as there:
        yield there


def test_what_was_fetched_goes_to_standard_output(
    tor: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    words = ["--store", str(store), "--format", "json", "fetch", "tor", "KZ", *TIME]
    assert run([*words, "--base-url", tor.address]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["source"], record["new"], record["entities"]) == ("tor", 1, ["country/KZ"])
    assert (record["from"], record["until"]) == ("2022-01-05T00:00:00Z", "2022-01-06T00:00:00Z")
    assert not record["simulated"]
    assert open_store(store).keys() == [("tor.users", "country/KZ")]


def test_nothing_is_said_to_be_no_outage(
    tor: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tor.world.empty = True
    words = ["--store", str(tmp_path / "store"), "fetch", "tor", "KZ", *TIME]
    assert run([*words, "--base-url", tor.address]) == 0
    assert "That is no outage" in capsys.readouterr().err


def test_data_of_the_lab_are_marked(tor: Server, tmp_path: Path) -> None:
    words = ["--store", str(tmp_path / "store"), "fetch", "tor", "KZ", *TIME]
    assert run([*words, "--base-url", tor.address, "--simulated", "--licence", "CC0"]) == 0
    (origin,) = open_store(tmp_path / "store").origins().values()
    assert (origin.simulated, origin.licence) == (True, "CC0")


@pytest.mark.parametrize(
    ("fault", "code"), [("html", 3), ("code 403", 4), ("elsewhere http://127.0.0.2:1", 4)]
)
def test_a_token_is_in_no_message(
    radar: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    code: int,
) -> None:
    monkeypatch.setenv("ZICHT_DEBUG", "1")
    radar.faults = [fault]
    words = ["--store", str(tmp_path / "store"), "fetch", "radar", "KZ", *TIME]
    assert run([*words, "--base-url", radar.address]) == code
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert {headers["Authorization"] for _, headers in radar.asked} == {f"Bearer {TOKEN}"}
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or TOKEN.encode() not in file.read_bytes()


def test_a_token_that_is_refused_is_said_to_be(
    radar: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    radar.faults = ["code 401"]
    words = ["--store", str(tmp_path / "store"), "fetch", "radar", "KZ", *TIME]
    assert run([*words, "--base-url", radar.address]) == 4
    assert "refuses the token in ZICHT_RADAR_TOKEN" in capsys.readouterr().err


def test_what_others_saw_is_listed_apart(
    radar: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "store")]
    assert run([*store, "fetch", "radar", "KZ", *TIME, "--base-url", radar.address]) == 0
    capsys.readouterr()
    assert run([*store, "--format", "json", "events", "KZ", "--of-others"]) == 0
    (seen,) = json.loads(capsys.readouterr().out)
    assert (seen["source"], seen["cause"]) == ("radar", "CABLE_CUT")
    assert seen["description"] == "A cable was cut [/b]"
    assert run([*store, "events", "IR", "--of-others"]) == 0
    assert "radar" not in capsys.readouterr().out
    assert run([*store, "events", "--of-others", "--until", "2022-01-05"]) == 0
    assert "radar" not in capsys.readouterr().out
    assert run([*store, "events", "--of-others"]) == 0
    assert "CABLE_CUT" in capsys.readouterr().out


def test_an_unknown_source_and_a_time_ahead_are_usage_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "store")]
    assert run([*store, "fetch", "netblocks", "KZ", *TIME]) == 2
    assert "atlas, google, ioda" in capsys.readouterr().err
    assert run([*store, "fetch", "tor", "KZ", "--from", "2100-01-01"]) == 2
    assert "Nothing lies between" in capsys.readouterr().err


@pytest.mark.parametrize("source", BY_NAME)
def test_doctor_asks_each_service_for_a_small_answer(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_RADAR_TOKEN", TOKEN)
    with serving(BY_NAME[source]) as there:
        there.world.until = datetime(2100, 1, 1, tzinfo=UTC)
        monkeypatch.setenv(BY_NAME[source].service.variable, there.address)
        (finding,) = check_services(online=True, sources=[source])
        assert (finding.state, len(there.asked)) == ("ok", 1)
        assert there.address in finding.detail
        there.faults = ["html"]
        (finding,) = check_services(online=True, sources=[source])
        assert finding.state == "fault"
        assert "web page" in finding.detail
    (finding,) = check_services(online=True, sources=[source], pause=lambda _: None)
    assert finding.state == "fault"
    assert "could not be reached" in finding.detail


def test_doctor_says_which_token_is_missing_and_asks_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ZICHT_RADAR_TOKEN", raising=False)
    findings = {one.check: one for one in check_services()}
    assert findings["source radar"].state == "warning"
    assert "ZICHT_RADAR_TOKEN" in findings["source radar"].detail
    assert findings["source tor"].state == "ok"
    assert "not asked" in findings["source tor"].detail
