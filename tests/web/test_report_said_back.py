"""What is wrong with a report is said in a line, whatever was sent; nothing of it steers a page."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from web_world import KNOWN, MEASURED, make_store

from zicht.publish.letters import LONGEST_SAID_BACK
from zicht.web.app import application
from zicht.web.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "The internet was cut almost completely in Kazakhstan on Tuesday, residents said."
DAY = {"published": "2030-03-20"}
TURNED = "\u202e\u2066\x1b[31m"
MARKED = f"<script>alert(1)</script>{TURNED}"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("said-back")
    desk = Desk(
        make_store(folder / "store", MEASURED), now=lambda: KNOWN, keep_reports=folder / "kept"
    )
    desk.refresh()
    with TestClient(application(desk), raise_server_exceptions=False) as one:
        yield one
    desk.readers.close()


def send(client: TestClient, of: str = "check", **fields: str) -> Any:
    return client.post(f"/en/{of}", files={name: (None, value) for name, value in fields.items()})


def wrong(page: str) -> str:
    """What a page says was wrong, without what stands in the fields of its form."""
    main = re.sub(r"<(textarea|select)\b.*?</\1>|<input\b[^>]*>", "", page, flags=re.DOTALL)
    return html.unescape(main)


def side(client: TestClient, line: str) -> str:
    """A side file that says something of the one claim."""
    checked = send(client, text=TEXT, **DAY, **{"as": "json"}).json()
    return f'confirmed_by = "a"\n[[claim]]\nid = "{checked["claims"][0]["id"]}"\n{line}\n'


SENT = {
    "published": {"published": MARKED},
    "a long published": {"published": "2022-01-05x" * 10},
    "an id": {"side": f"confirmed_by='a'\n[[claim]]\nid={json.dumps(MARKED)}\n"},
    "long ids": {"side": "confirmed_by='a'\n" + f"[[claim]]\nid='{'x' * 9_000}'\n" * 9},
    "a place": {"side": f"confirmed_by='a'\n[[claim]]\nid='a'\nplace={json.dumps(MARKED * 99)}\n"},
    "a key": {"side": f"confirmed_by='a'\n{json.dumps(MARKED)}=1\n"},
    "an endless number": {"side": f"confirmed_by='a'\n[[claim]]\nid='a'\nrepeated={'9' * 9_000}\n"},
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_what_was_wrong_is_said_back_short_and_visible(
    reader: TestClient, sent: dict[str, str]
) -> None:
    answer = send(reader, text=TEXT, **sent)
    assert answer.status_code in {400, 422}
    assert "<script>alert" not in answer.text
    told = wrong(answer.text)
    assert not set(TURNED[:3]) & set(told)
    empty = len(wrong(reader.get("/en/check").text))
    assert 20 < len(told) - empty < 2 * LONGEST_SAID_BACK + 200


@pytest.mark.parametrize(
    "published", ["0001-01-01", "9999-12-31", "9999-12", "9999-12-31T23:59-14:00", "\u00b2"]
)
def test_days_of_other_ages_are_refused_in_a_sentence(reader: TestClient, published: str) -> None:
    answer = send(reader, text=f"{TEXT} It was cut yesterday too.", published=published)
    assert answer.status_code == 400
    assert "own fault" not in answer.text
    body = {"text": TEXT, "published": published}
    assert reader.post("/api/v1/check", json=body).status_code == 400


def test_who_says_it_and_who_confirms_it_is_one_line_on_every_page(reader: TestClient) -> None:
    sent = side(reader, f"source = {json.dumps('A. ' + MARKED + chr(10) + 'B' * 9_000)}")
    sent = sent.replace('"a"', json.dumps(f"C. {TURNED} D." + "E" * 9_000), 1)
    page = send(reader, text=TEXT, side=sent, keep="yes", **DAY)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    again = TestClient(reader.app).get(page.url.path).text  # as whoever has the address sees it
    told = wrong(again)
    assert not set(TURNED[:3]) & set(told)
    assert "B" * 301 not in told
    assert "E" * 301 not in told
    card = send(reader, text=TEXT, side=sent, **DAY, **{"as": f"md {_id(sent)}"}).text
    assert not set(TURNED[:3]) & set(card)


def _id(sent: str) -> str:
    found = re.search(r'\nid = "([0-9a-f]+)"', sent)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("percent = nan", 422),
        ("repeated = -3", 422),
        ("from = 2030-03-20T00:00:00Z\nuntil = 2030-03-19T00:00:00Z", 422),
        ("from = 2199-12-31T23:59:59-14:00", 400),
        ("until = 1990-01-01T00:00:00+14:00", 400),
        ("from = 1990-01-01T00:00:00+14:00\nuntil = 2199-12-31T23:59:59-14:00", 200),
        ('place = "asn/4294967295"', 200),
        ("scope = []", 200),
    ],
)
def test_a_side_file_is_never_our_own_fault(reader: TestClient, line: str, status: int) -> None:
    sent = side(reader, line)
    for wanted in ("page", "json"):
        answer = send(reader, text=TEXT, side=sent, **DAY, **{"as": wanted})
        assert answer.status_code == status, line
