"""A model that reads too, and pages from the network: neither is trusted."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from zicht.errors import InputError, SourceUnreachableError, UsageError
from zicht.observe.checking import check_report
from zicht.observe.model_reader import ask_model
from zicht.observe.report_fetch import fetch_report, is_address, is_public
from zicht.reports.extraction import KINDS, read_answer, request_of
from zicht.reports.reading import publication, read_report

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (
    "The internet was cut in Togo on Monday. Screens in the capital of Togo stayed grey on Tuesday"
    ", and no film would start."
)


def answered(**statements: list[tuple[int, str]]) -> bytes:
    """What a model says, in the shape that it was asked for."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for kind, said in statements.items():
        found[kind.replace("_", "-")] = [{"sentence": n, "words": words} for n, words in said]
    content = json.dumps({"statements": found})
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


class Standing(BaseHTTPRequestHandler):
    """A stand-in for a model's interface and for a page of news."""

    answers: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[bytes]

    def do_GET(self) -> None:
        self._say()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.asked.append(self.rfile.read(length))
        self._say()

    def _say(self) -> None:
        status, headers, body = self.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def standing(
    answers: dict[str, tuple[int, dict[str, str], bytes]],
) -> Iterator[tuple[str, list[bytes]]]:
    asked: list[bytes] = []
    handler = type("Handler", (Standing,), {"answers": answers, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_a_model_adds_what_it_quotes_and_its_lies_are_dropped_and_counted() -> None:
    lies = answered(
        shutdown=[
            (1, "The internet was cut in Togo on Monday."),  # read by the rules already
            (2, "Screens in the capital of Togo stayed grey on Tuesday"),
            (2, "The regime shot the cables"),  # nowhere in the text
            (99, "Screens"),  # no such sentence
            (1, "stayed grey"),  # in another sentence
            (2, ""),
        ]
    )
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {
        "/v1/chat/completions": (200, {}, lies)
    }
    with standing(answers) as (address, asked):
        checked = check_report(
            None,
            TEXT.encode(),
            name="a",
            published=publication("2022-01-06"),
            model=("stand-in", f"{address}/v1"),
        )
    assert [one.quote for one in checked.claims] == [
        "The internet was cut in Togo on Monday.",
        "Screens in the capital of Togo stayed grey on Tuesday",
    ]
    assert checked.claims[1].place.country == "TG"
    assert str(checked.claims[1].time.day) == "2022-01-04"
    assert checked.notes[0].values == {"model": "stand-in", "added": 1, "dropped": 4}
    assert "not in the text, and were dropped: 4" in checked.notes[0].text
    body = json.loads(asked[0])
    assert body["model"] == "stand-in"
    assert body["response_format"]["json_schema"]["strict"] is True


def test_what_a_model_is_asked_holds_numbered_sentences_and_a_schema() -> None:
    report = read_report(TEXT.encode(), name="a")
    asked = request_of(report, "m")
    assert asked["messages"][1]["content"].startswith("1. The internet was cut")
    assert asked["temperature"] == 0


def test_a_quote_is_compared_as_composed_letters() -> None:
    text = "Le réseau gris au Togo: plus rien ne s'affichait à Lomé lundi."
    report = read_report(text.encode(), name="a", language="fr")
    decomposed = "plus rien ne s'affichait a\u0300 Lome\u0301"
    found = read_answer(report, answered(shutdown=[(1, decomposed)]))
    assert (found.added, found.dropped) == (1, 0)


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"choices":[{"message":{"content":"Yes!"}}]}'])
def test_an_answer_of_another_shape_is_refused(answer: bytes) -> None:
    with pytest.raises(InputError):
        read_answer(read_report(TEXT.encode(), name="a"), answer)


def test_a_model_that_is_not_there_is_told() -> None:
    with standing({}) as (address, _), pytest.raises(UsageError):
        ask_model(read_report(TEXT.encode(), name="a"), model="m", address=address)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("224.0.0.1", False),
        ("8.8.8.8", True),
        ("2a00:1450:4001::1", True),
    ],
)
def test_only_addresses_of_the_public_internet_are_asked(address: str, public: bool) -> None:  # noqa: FBT001
    assert is_public(address) is public


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://user:secret@127.0.0.1/",
        "ftp://example.org/",
    ],
)
def test_a_machine_within_is_refused(address: str) -> None:
    with pytest.raises((UsageError, SourceUnreachableError)):
        fetch_report(address)


def test_a_page_is_fetched_and_each_redirect_is_checked() -> None:
    page = b"<html><body><article><p>The internet was cut in Togo.</p></article></body></html>"
    answers = {
        "/page": (200, {"Content-Type": "text/html"}, page),
        "/moved": (302, {"Location": "/page"}, b""),
        "/within": (302, {"Location": "http://10.0.0.1/"}, b""),
        "/circle": (302, {"Location": "/circle"}, b""),
        "/large": (200, {}, b"x" * ((10 << 20) + 2)),
        "/broken": (500, {}, b""),
    }

    def allowed(address: str) -> bool:
        return address == "127.0.0.1"

    with standing(answers) as (address, _):
        assert fetch_report(f"{address}/moved", allowed=allowed) == (page, f"{address}/page")
        with pytest.raises(UsageError, match="within a network"):
            fetch_report(f"{address}/within", allowed=allowed)
        with pytest.raises(SourceUnreachableError, match="redirects more"):
            fetch_report(f"{address}/circle", allowed=allowed)
        with pytest.raises(InputError, match="larger"):
            fetch_report(f"{address}/large", allowed=allowed)
        with pytest.raises(SourceUnreachableError, match="500"):
            fetch_report(f"{address}/broken", allowed=allowed)


def test_an_address_is_told_from_a_file() -> None:
    assert is_address("https://example.org/a")
    assert not is_address("report.html")
