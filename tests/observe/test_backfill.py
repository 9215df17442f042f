"""Fetching series of labelled outages, from a server on this machine that speaks as IODA does."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from zicht.cli import run
from zicht.errors import InputError, NotFoundError, SourceUnreachableError, UsageError
from zicht.http import get, user_agent
from zicht.model.label import Label
from zicht.observe.backfill import backfill
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STEPS = {"bgp": 300, "ping-slash24": 600}


class Ioda:
    """A server with a script: faults to give first, then answers made up for what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.make: Callable[[str, str, str, int, int], dict[str, Any] | None] = made_up
        ioda = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ioda.asked.append(self.path)
                ioda.agents.append(self.headers["User-Agent"])
                if ioda.faults:
                    code, headers = ioda.faults.pop(0)
                    self.answer(code, b"", headers)
                    return
                parts = urlsplit(self.path)
                _, _, _, _, kind, code_ = parts.path.split("/")
                query = {name: words[0] for name, words in parse_qs(parts.query).items()}
                series = ioda.make(
                    kind, code_, query["datasource"], int(query["from"]), int(query["until"])
                )
                if series is None:
                    self.answer(404, b"", {})
                else:
                    body = {"type": "signals", "error": None, "data": [[series]]}
                    self.answer(200, json.dumps(body).encode(), {})

            def answer(self, code: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/v2"


def made_up(kind: str, code: str, source: str, begin: int, until: int) -> dict[str, Any] | None:
    step = STEPS.get(source)
    if step is None or code == "XX":
        return None
    return {
        "entityType": kind,
        "entityCode": code,
        "datasource": source,
        "from": begin,
        "until": until,
        "step": step,
        "nativeStep": step,
        "values": [100.0] * ((until - begin) // step),
    }


@pytest.fixture
def ioda() -> Iterator[Ioda]:
    there = Ioda()
    thread = threading.Thread(target=there.server.serve_forever, daemon=True)
    thread.start()
    yield there
    there.server.shutdown()
    there.server.server_close()
    thread.join()


def label(entity: str, day: int) -> Label:
    begin, end = (datetime(2019, 11, day, hour, tzinfo=UTC) for hour in (14, 20))
    return Label(event=entity, entity=entity, begin=(begin, begin), end=(end, end))


def no_pause(_: float) -> None:
    pass


def test_a_labels_weeks_are_fetched_once(ioda: Ioda, tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    signals = ["ioda.bgp", "ioda.ping-slash24"]
    labels = [label("country/IR", 16), label("country/IR", 17)]
    fetched = backfill(store, labels, address=ioda.address, signals=signals, pause=no_pause)
    assert len(ioda.asked) == 2 * 3, "two signals, 2 to 19 November in pieces of a week"
    assert {one.signal for one in fetched} == set(signals)
    bgp = store.read("ioda.bgp", "country/IR")
    assert bgp.start == int(datetime(2019, 11, 2, tzinfo=UTC).timestamp()) * 1_000_000
    assert len(bgp.values) > 17 * 288
    assert store.origins()[next(iter(store.origins()))].licence == "no licence stated"
    again = backfill(store, labels, address=ioda.address, signals=signals, pause=no_pause)
    assert again == []
    assert len(ioda.asked) == 2 * 3, "what is stored is not asked for again"


def test_who_asks_is_said_and_requests_are_a_second_apart(ioda: Ioda, tmp_path: Path) -> None:
    pauses: list[float] = []
    backfill(
        open_store(tmp_path / "store", create=True),
        [label("asn/44244", 16)],
        address=ioda.address,
        signals=["ioda.bgp"],
        pause=pauses.append,
    )
    assert set(ioda.agents) == {user_agent()}
    assert user_agent().startswith("zicht/")
    assert pauses == [1.0] * len(ioda.asked)
    assert ioda.asked[0].startswith("/v2/signals/raw/asn/44244?from=1572652800&until=")


def test_faults_that_pass_are_waited_out(ioda: Ioda) -> None:
    ioda.faults = [(503, {}), (429, {"Retry-After": "7"}), (500, {})]
    pauses: list[float] = []
    address = f"{ioda.address}/signals/raw/country/IR?from=0&until=600&datasource=bgp"
    assert get(address, pause=pauses.append)
    assert len(pauses) == 3
    assert 1.5 <= pauses[0] <= 2.5
    assert pauses[1] == 7.0, "as it asked"
    assert 6.0 <= pauses[2] <= 10.0


def test_a_source_that_keeps_failing_is_unreachable(ioda: Ioda) -> None:
    ioda.faults = [(500, {})] * 4
    with pytest.raises(SourceUnreachableError, match="500"):
        get(f"{ioda.address}/x", pause=no_pause)
    ioda.faults = [(403, {})]
    with pytest.raises(SourceUnreachableError, match="403"):
        get(f"{ioda.address}/x", pause=no_pause)


def test_what_is_not_there_is_told_and_left_out(ioda: Ioda, tmp_path: Path) -> None:
    told: list[str] = []
    labels = [label("country/XX", 16), label("region/VE/zulia", 16), label("country/IR", 16)]
    fetched = backfill(
        open_store(tmp_path / "store", create=True),
        labels,
        address=ioda.address,
        signals=["ioda.bgp"],
        tell=told.append,
        pause=no_pause,
    )
    assert {one.entity for one in fetched} == {"country/IR"}
    assert any("nothing of country/XX" in text for text in told)
    assert any("1 labels of regions" in text for text in told)
    with pytest.raises(NotFoundError):
        get(f"{ioda.address}/signals/raw/country/XX?from=0&until=1&datasource=bgp", pause=no_pause)


def test_an_answer_of_another_shape_is_bad_input(ioda: Ioda, tmp_path: Path) -> None:
    ioda.make = lambda *_: {"values": "other"}
    with pytest.raises(InputError, match="service may have changed"):
        backfill(
            open_store(tmp_path / "store", create=True),
            [label("country/IR", 16)],
            address=ioda.address,
            pause=no_pause,
        )


def test_an_unknown_signal_and_an_odd_address_are_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    with pytest.raises(UsageError, match=r"ioda\.bgp"):
        backfill(store, [], signals=["ioda.bgb"])
    with pytest.raises(UsageError, match="http"):
        get("file:///etc/passwd", pause=no_pause)


def test_without_a_network_the_command_says_so_with_exit_code_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("zicht.http._FIRST_WAIT", 0.01)
    labels = tmp_path / "labels.csv"
    labels.write_text("entity,begin,end\nIR,2019-11-16,2019-11-17\n", encoding="utf-8")
    nobody = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{nobody.server_address[1]}/v2"
    nobody.server_close()
    words = ["score", "fetch", str(labels), "--address", address, "--store", str(tmp_path / "s")]
    assert run(words) == 4
    assert "could not be reached" in capsys.readouterr().err
