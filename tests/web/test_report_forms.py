"""Forms are read in memory, whatever is sent as one."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from zicht.errors import InputError, UsageError, ZichtError
from zicht.web.reports.brought import LARGEST_SIDE, MOST_FILES, again, pasted, question_of
from zicht.web.reports.forms import MOST_PARTS, boundary_of, read_form
from zicht.web.reports.receiving import LARGEST_TEXT

MARK = "----mark"
TYPE = f"multipart/form-data; boundary={MARK}"


def form(*parts: tuple[str, bytes | str], files: tuple[tuple[str, str, bytes], ...] = ()) -> bytes:
    """A form as a browser writes it: fields, and files with their names."""
    made = b""
    for name, value in parts:
        data = value.encode() if isinstance(value, str) else value
        made += f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        made += data + b"\r\n"
    for name, file, data in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file}"'
        made += f"--{MARK}\r\n{head}\r\nContent-Type: text/plain\r\n\r\n".encode() + data + b"\r\n"
    return made + f"--{MARK}--\r\n".encode()


@given(st.text(), st.binary())
def test_fields_and_files_come_out_as_they_went_in(text: str, data: bytes) -> None:
    written = text.encode("utf-8", "replace")
    if MARK.encode() in data or MARK in text:
        return
    read = read_form(form(("text", written), files=(("file", "a.txt", data),)), MARK)
    assert read.text("text") == written.decode("utf-8", "replace")
    assert read.files == ({"file": [("a.txt", data)]} if data else {})


@given(st.binary(max_size=300), st.text(max_size=80))
def test_nothing_that_is_sent_as_a_form_brings_the_reading_down(body: bytes, kind: str) -> None:
    boundary_of(kind)
    for sent in (body, b"--m" + body, form(("text", "a"))[:-4] + body):
        with suppress(InputError):
            assert read_form(sent, "m")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--" + MARK.encode(),
        form(("text", "a"))[:-8],
        b"--" + MARK.encode() + b"\r\nContent-Disposition: form-data\r\n\r\nx\r\n------mark--",
        b"--" + MARK.encode() + b"\r\nno blank line\r\n--" + MARK.encode() + b"--\r\n",
        form(*[("text", "a")] * (MOST_PARTS + 1)),
    ],
)
def test_a_form_that_is_broken_or_has_too_many_parts_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        read_form(body, MARK)


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        (TYPE, MARK),
        ('multipart/form-data; charset=x; boundary="a b"', "a b"),
        ("multipart/mixed; boundary=x", None),
        ("application/x-www-form-urlencoded", None),
        ("", None),
    ],
)
def test_only_forms_of_browsers_are_forms(kind: str, mark: str | None) -> None:
    assert boundary_of(kind) == mark


def test_a_pasted_text_has_the_line_ends_of_files_and_a_name() -> None:
    question, _ = question_of(form(("text", "One.\r\nTwo."), ("name", "")), TYPE, "check")
    assert question.files[0].data == b"One.\nTwo."
    assert question.files[0].name == "pasted text"
    assert question.files[0].kind == "plain"
    assert pasted("<!DOCTYPE html><p>One.").kind == "html"


def test_the_path_and_what_turns_lines_around_are_taken_out_of_a_files_name() -> None:
    sent = form(files=(("file", "C:\\a\\../b\u202e.txt", b"One."),))
    question, _ = question_of(sent, TYPE, "check")
    assert question.files[0].name == "b.txt"


@given(st.binary(min_size=1, max_size=2_000))
def test_a_text_that_is_sent_again_is_the_same_to_the_byte(data: bytes) -> None:
    first, _ = question_of(form(files=(("file", "a.html", data),)), TYPE, "check")
    [hidden] = again(first.files)
    sent = form(("again", hidden["data"]), ("again_name", "a.html"), ("again_kind", ""))
    assert question_of(sent, TYPE, "check")[0].files == first.files


@pytest.mark.parametrize(
    "body",
    [
        form(),
        form(("text", " \r\n ")),
        form(("text", "a"), files=(("file", "a.txt", b"b"),)),
        form(("again", "no base64!")),
    ],
)
def test_one_text_is_checked_neither_none_nor_two(body: bytes) -> None:
    with pytest.raises(UsageError):
        question_of(body, TYPE, "check")


def test_a_ledger_is_of_several_texts_up_to_a_bound() -> None:
    files = tuple(("file", f"{n}.txt", b"One.") for n in range(MOST_FILES))
    assert len(question_of(form(files=files), TYPE, "ledger")[0].files) == MOST_FILES
    with pytest.raises(UsageError):
        question_of(form(("text", "One more."), files=files), TYPE, "ledger")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (form(("text", "a" * (LARGEST_TEXT + 1))), TYPE, 413),
        (form(("text", "a"), ("side", "#" * (LARGEST_SIDE + 1))), TYPE, 413),
        (b"text=a", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_too_large_or_no_form_has_its_status(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(HTTPException) as refused:
        question_of(body, kind, "check")
    assert refused.value.status_code == status


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_choices_that_there_are_not_are_left_out(wanted: str, claim: str, language: str) -> None:
    sent = form(("text", "a"), ("as", f"{wanted} {claim}"), ("language", language))
    try:
        question, _ = question_of(sent, TYPE, "check")
    except ZichtError:
        return  # a part that cannot be read
    assert question.wanted in {"page", "json", "toml", "md", "png"}
    assert question.language in {"", "en", "nl", "fr", "de", "es", "ru", "ar", "fa"}
    assert question.claim == "" or set(question.claim) <= set("0123456789abcdef")
    assert base64.b64decode(again(question.files)[0]["data"]) == b"a"
