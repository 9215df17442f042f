"""Reports that readers bring: read beside the pages, answered, and forgotten."""

from __future__ import annotations

import html
import json
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from web_world import KNOWN, MEASURED, make_store

from zicht.web.app import application
from zicht.web.desk import Desk
from zicht.web.guard import Guard, Terms
from zicht.web.reports import keeping
from zicht.web.reports.readers import BODIES_EACH
from zicht.web.reports.receiving import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = "The internet was cut almost completely in Kazakhstan on Tuesday, residents said."
UP = "The internet was shut down completely in the Netherlands on Tuesday."
DAY = {"published": "2030-03-20"}
HOSTILE = (
    '<script>alert("a")</script> The internet was cut in Kazakhstan on Tuesday, said'
    ' <img src=x onerror=alert(1)> "the \u202epolice\u202c" {{ 7*7 }} </textarea></form>.'
)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk over a store whose data count as measured, and that keeps what it is asked to."""
    folder = tmp_path_factory.mktemp("measured")
    store = make_store(folder / "store", MEASURED)
    desk = Desk(store, now=lambda: KNOWN, keep_reports=folder / "kept")
    desk.refresh()
    yield desk
    desk.readers.close()


@pytest.fixture
def reader(measured: Desk) -> Iterator[TestClient]:
    with TestClient(application(measured), raise_server_exceptions=False) as one:
        yield one


def send(client: TestClient, of: str = "check", **fields: str) -> Any:
    """Send the form of a page, as a browser does."""
    files = {name: (None, value) for name, value in fields.items()}
    return client.post(f"/en/{of}", files=files)


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that carries the text, and the side file."""
    found = re.findall(r'<input type="hidden" name="(again[a-z_]*)" value="([^"]*)">', page)
    side = re.search(
        r'<textarea form="again"[^>]*name="side"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    )
    assert side is not None
    return dict(found) | {"side": html.unescape(side[1])}


def test_a_pasted_text_comes_back_marked_beside_what_was_measured(reader: TestClient) -> None:
    answer = send(reader, text=f"News.\r\n\r\n{TEXT}", **DAY)
    assert answer.status_code == 200
    page = answer.text
    assert '<mark id="text-1" class="supported">The internet was cut' in page
    assert '<span class="verdict supported">supported</span>' in page
    assert page.count("<svg") >= 3
    assert "/en/chart/country/KZ?from=2030-03-" in page
    assert "20 March 2030" in page


def test_what_use_shows_to_have_been_ordinary_contradicts(reader: TestClient) -> None:
    assert 'class="verdict contradicted"' in send(reader, text=UP, **DAY).text


def test_nobody_may_keep_an_answer_and_it_has_no_name_to_ask_for(reader: TestClient) -> None:
    for wanted in ("page", "json", "toml"):
        answer = send(reader, text=TEXT, **DAY, **{"as": wanted})
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert "last-modified" not in answer.headers
    assert "'unsafe-inline'" not in answer.headers.get("content-security-policy", "")


def test_the_text_is_in_no_cache_and_no_log(
    measured: Desk, reader: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    rare = "Zqxj in Kazakhstan."
    send(reader, text=f"{TEXT} {rare}")
    send(reader, text=rare, side=f"{rare} = [")
    held = measured.kept._held.values()  # noqa: SLF001 - the memory is what is tested
    assert all(b"Zqxj" not in one.body for one in held)
    assert "Zqxj" not in caplog.text


def test_a_page_names_no_option_of_the_command_line(reader: TestClient) -> None:
    page = send(reader, text="Nearly all of Fiji was offline this morning, police said.").text
    assert "The day of publication is not known; say it. Nothing is guessed." in page
    assert "Say when the report was published." in page
    assert "(--" not in page


def test_a_claim_can_be_had_as_a_card_and_all_as_json(reader: TestClient) -> None:
    told = send(reader, text=TEXT, **DAY, **{"as": "json"})
    assert told.headers["content-disposition"] == 'attachment; filename="check.json"'
    checked = told.json()
    claim = checked["claims"][0]
    assert claim["verdict"] == "supported"
    assert checked["text"][claim["start"] : claim["end"]] == claim["quote"]
    card = send(reader, text=TEXT, **DAY, **{"as": f"md {claim['id']}"})
    assert "**supported**" in card.text
    assert "confirmed by nobody" in card.text
    picture = send(reader, text=TEXT, **DAY, **{"as": f"png {claim['id']}"})
    assert picture.content.startswith(b"\x89PNG")
    assert f"claim-{claim['id']}.png" in picture.headers["content-disposition"]


def test_on_simulated_data_everything_reads_simulated_and_there_is_no_card(
    client: TestClient,
) -> None:
    page = send(client, text=TEXT, **DAY).text
    assert "SIMULATED: nothing below was measured" in page
    assert 'class="verdict supported"' not in page
    assert "Card to cite" not in page
    claim = send(client, text=TEXT, **DAY, **{"as": "json"}).json()["claims"][0]
    assert claim["verdict"] == "simulated"
    refused = send(client, text=TEXT, **DAY, **{"as": f"md {claim['id']}"})
    assert refused.status_code == 400
    assert "no card" in refused.text


def test_a_person_corrects_what_was_read_and_the_verdict_follows(reader: TestClient) -> None:
    first = send(reader, text=TEXT, **DAY).text
    again = fields_of(first)
    assert '# place = "country/KZ"' in again["side"]
    corrected = again["side"].replace('confirmed_by = ""', 'confirmed_by = "A. Reader"')
    corrected = corrected.replace('# place = "country/KZ"', 'place = "country/NL"')
    page = send(reader, **again | {"side": corrected}, **DAY).text
    assert 'class="verdict contradicted"' in page
    assert "confirmed by A. Reader" in page
    assert fields_of(page)["side"] == corrected
    removed = again["side"].replace("# remove = true", "remove = true")
    assert "No claim on connectivity was found." in send(reader, **again | {"side": removed}).text


def test_a_side_file_of_another_text_or_of_no_sense_is_refused_and_told(
    reader: TestClient,
) -> None:
    side = fields_of(send(reader, text=TEXT, **DAY).text)["side"]
    refused = send(reader, text=f"{TEXT} More.", side=side)
    assert refused.status_code == 422
    assert "of another text" in refused.text
    assert "More." in refused.text  # nothing that was typed is lost
    assert send(reader, text=TEXT, side="claim = 3").status_code == 422


def test_a_skeleton_as_it_was_given_confirms_nothing(reader: TestClient) -> None:
    again = fields_of(send(reader, text=TEXT, **DAY).text)
    page = send(reader, **again, **DAY).text
    assert "confirmed by" not in page
    assert fields_of(page) == again


def test_files_of_several_kinds_are_read(reader: TestClient) -> None:
    page = f"<!doctype html><html><body><article><h1>N</h1><p>{TEXT}</p></article></body></html>"
    for name, data in (("a.html", page), ("a.md", f"# N\n\n{TEXT}"), ("a.txt", TEXT)):
        answer = reader.post("/en/check", files={"file": (name, data)}, data=DAY)
        assert 'class="verdict supported"' in answer.text, name
        assert f"<bdi>{name}</bdi>" in answer.text


def test_a_hostile_text_is_text_and_nothing_else(reader: TestClient) -> None:
    page = send(reader, text=HOSTILE, name='"><script>alert(2)</script>', **DAY).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page
    assert "\u202e" not in page
    assert page.count("</form>") == 2  # that of the search, and that which carries the text
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bytes(range(256)) * 40, "is no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "is a picture"),
        (b"... --- ...", "holds no words"),
        (b"<!doctype html><html></html>", "article"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(
    reader: TestClient, data: bytes, said: str
) -> None:
    answer = reader.post("/en/check", files={"file": ("a.bin", data)})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text


def test_a_text_that_is_too_large_is_refused_before_it_is_read(reader: TestClient) -> None:
    for of in ("check", "ledger"):
        answer = send(reader, of, text="a" * (LARGEST_BODY + 1))
        assert answer.status_code == 413
        assert "at most 4 MB" in answer.text
    answer = reader.post("/api/v1/check", json={"text": "a" * (LARGEST_BODY + 1)})
    assert answer.status_code == 413
    assert answer.json()["type"] == "/api/v1/problems/too-large"


def test_what_is_no_form_is_refused(reader: TestClient) -> None:
    assert reader.post("/en/check", data={"text": TEXT}).status_code == 415
    assert send(reader, text="").status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert reader.post("/en/check", content=b"--x\r\nab", headers=broken).status_code == 422
    assert reader.post("/en/check", content=b"", headers=broken).status_code == 422


def test_a_text_that_takes_too_long_ends_the_process_and_the_next_is_read(
    measured: Desk, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(reader, text=TEXT).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(measured.readers.worker, "seconds", 0.0)
        answer = send(reader, text=f"{TEXT} " * 2_000)
    assert answer.status_code == 422
    assert "takes too long" in answer.text
    assert send(reader, text=TEXT).status_code == 200


def test_a_process_that_was_ended_by_others_is_started_again(
    measured: Desk, reader: TestClient
) -> None:
    assert send(reader, text=TEXT).status_code == 200
    process = measured.readers.worker._process  # noqa: SLF001 - as the machine would end it
    assert process is not None
    process.kill()
    process.join()
    assert send(reader, text=TEXT).status_code == 200


def test_only_so_many_texts_are_taken_in_at_once(measured: Desk, reader: TestClient) -> None:
    present = measured.readers._present  # noqa: SLF001 - as if they were being sent
    present[""] = BODIES_EACH
    try:
        for answer in (send(reader, text=TEXT), reader.post("/api/v1/check", json={"text": TEXT})):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
    finally:
        present.clear()


def test_pages_are_answered_while_a_text_is_read(
    measured: Desk, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = f"{TEXT} " * 20_000
    monkeypatch.setattr(measured.readers.worker, "seconds", 4.0)
    answers: list[int] = []
    read = threading.Thread(target=lambda: answers.append(send(reader, text=long).status_code))
    read.start()
    shown = 0
    with TestClient(application(measured)) as other:
        while read.is_alive():
            assert other.get("/en/words").status_code == 200
            shown += 1
    assert answers[0] in {200, 422}
    assert shown > 1


def test_the_ledger_says_who_reported_which_figure(reader: TestClient) -> None:
    first = "In Kazakhstan 8 police officers were killed on Tuesday, the ministry said."
    second = "In Kazakhstan 13 police officers were killed on Tuesday."
    files = [
        ("file", ("a.txt", first)),
        ("file", ("b.txt", second)),
        ("published", (None, "2030-03-20")),
    ]
    page = reader.post("/en/ledger", files=files).text
    assert "<strong>8</strong>" in page
    assert "<strong>13</strong>" in page
    assert "the ministry" in page
    assert '<strong class="dark">yes</strong>' in page
    hidden = re.findall(r'<input type="hidden" name="(again[a-z_]*)" value="([^"]*)">', page)
    parts = [*((name, (None, value)) for name, value in hidden), ("as", (None, "json"))]
    rows = reader.post("/en/ledger", files=parts).json()
    assert [one["value_low"] for one in rows] == [8, 13]
    assert {one["report"] for one in rows} == {"a.txt", "b.txt"}


def test_the_api_answers_what_the_pages_do(reader: TestClient) -> None:
    told = reader.post("/api/v1/check", json={"text": TEXT, **DAY})
    assert told.headers["cache-control"] == "no-store"
    assert told.json()["claims"][0]["verdict"] == "supported"
    pasted = json.loads(send(reader, text=TEXT, **DAY, **{"as": "json"}).text)
    assert told.json() == pasted
    report = {"text": "In Kazakhstan 8 people died on Tuesday.", "name": "a"}
    rows = reader.post("/api/v1/ledger", json={"reports": [report], **DAY}).json()
    assert rows["simulated"] is False
    assert rows["data"][0]["value_low"] == 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text": "\\ud800"}', 400),
        (b'{"text": ', 400),
        (b"[" * 100_000, 400),
        (b'{"text": "a", "address": "http://127.0.0.1/"}', 400),
        (b'{"text": "The internet.", "published": "2030-02-31"}', 400),
        (b'{"text": "The internet.", "side": "x ="}', 422),
        (b'{"text": "..."}', 422),
        (b'\xff\xfe{"text": "a"}', 400),
    ],
)
def test_a_body_that_makes_no_sense_is_a_problem(
    reader: TestClient, body: bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    answer = reader.post("/api/v1/check", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_address_is_not_fetched(reader: TestClient) -> None:
    answer = send(reader, text="http://127.0.0.1:1/report", name="http://127.0.0.1:1/report")
    assert answer.status_code == 200
    assert "No claim on connectivity was found." in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://127.0.0.1:9"},
        {"origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "http://elsewhere.example"},
    ],
)
def test_a_form_of_another_site_is_refused(measured: Desk, headers: dict[str, str]) -> None:
    guarded = TestClient(Guard(application(measured)), base_url="http://127.0.0.1:8600")
    for path in ("/en/check", "/ledger", "/api/v1/check", f"/kept/{'a' * 32}"):
        answer = guarded.post(path, headers=headers, content=b"x")
        assert answer.status_code == 403
        assert answer.json()["type"] == "/api/v1/problems/not-for-others"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8600"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_form_of_our_own_and_a_program_are_answered(
    measured: Desk, headers: dict[str, str]
) -> None:
    guarded = TestClient(Guard(application(measured)), base_url="http://127.0.0.1:8600")
    answer = guarded.post("/api/v1/check", headers=headers, json={"text": "Nothing was said."})
    assert answer.status_code == 200


def test_a_form_of_a_published_name_is_ours_whatever_name_the_proxy_asks_by(
    measured: Desk,
) -> None:
    terms = Terms(names=frozenset({"observatory.example"}), public=True)
    guarded = TestClient(Guard(application(measured), terms), base_url="http://127.0.0.1:8600")
    for origin, status in (("https://observatory.example", 200), ("https://x.example", 403)):
        headers = {"origin": origin}
        answer = guarded.post("/api/v1/check", headers=headers, json={"text": "Nothing was said."})
        assert answer.status_code == status


def test_a_body_is_taken_only_where_texts_are_read_and_only_with_its_length(
    measured: Desk,
) -> None:
    guarded = TestClient(Guard(application(measured)), base_url="http://127.0.0.1:8600")
    assert guarded.post("/en/", content=b"x").status_code == 405
    assert guarded.post("/en/check/x", content=b"x").status_code == 405
    refused = guarded.get("/api/v1/check")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "POST, OPTIONS"
    assert guarded.post("/en/check", content=iter([b"x"])).status_code == 411


def test_nothing_is_kept_where_the_server_was_not_started_for_it(client: TestClient) -> None:
    assert 'name="keep"' not in client.get("/en/check").text
    answer = send(client, text=TEXT, keep="yes")
    assert answer.status_code == 200
    assert "/kept/" not in answer.text
    assert client.get(f"/en/kept/{'a' * 32}").status_code == 404


def test_a_report_is_kept_if_asked_for_and_gone_when_it_is_deleted(
    measured: Desk, reader: TestClient
) -> None:
    form = reader.get("/en/check").text
    assert '<input type="checkbox" name="keep" value="yes">' in form  # off unless ticked
    answer = send(reader, text=TEXT, keep="yes", **DAY)
    address = answer.url.path
    assert re.fullmatch(r"/en/kept/[A-Za-z0-9_-]{32}", address)
    assert "as known on 22 March 2030" in answer.text
    assert 'class="verdict supported"' in answer.text
    shown = reader.get(address)
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-robots-tag"] == "noindex"
    assert measured.keeping is not None
    [path] = measured.keeping._folder.iterdir()  # noqa: SLF001 - what is on the disk
    assert path.stat().st_mode & 0o077 == 0
    assert address.rpartition("/")[2] not in path.name
    gone = reader.post(address, files={"x": (None, "")})
    assert gone.url.path == "/en/check"
    assert reader.get(address).status_code == 404
    assert list(measured.keeping._folder.iterdir()) == []  # noqa: SLF001 - likewise


def test_what_is_kept_is_bounded_in_number_and_size(
    tmp_path: Path, reader: TestClient, measured: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    del tmp_path
    monkeypatch.setattr(keeping, "MOST", 1)
    kept = send(reader, text=TEXT, keep="yes").url.path
    refused = send(reader, text=TEXT, keep="yes")
    assert refused.status_code == 400
    assert "kept here already" in refused.text
    reader.post(kept, files={"x": (None, "")})
    large = send(reader, text=f"{TEXT} {'a ' * keeping.LARGEST}", keep="yes")
    assert large.status_code == 400
    assert measured.keeping is not None
    for token in ("../x", "", "a" * 31, "a" * 33, "é" * 32):
        assert reader.get(f"/en/kept/{token}").status_code == 404
