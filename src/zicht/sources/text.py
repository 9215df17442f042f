"""The text of a file: decoded, and told apart from what is no table at all."""

from __future__ import annotations

import codecs

import numpy as np

from zicht.errors import InputError

LONGEST_LINE = 1_000_000
"""No row of any source comes near; a longer line is no row but another kind of file."""

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SNIFFED = 1024


def read_text(data: bytes, *, name: str) -> bytes:
    """The text of a file as UTF-8 without a byte order mark.

    UTF-16 is understood where its byte order mark says so.

    Raises:
        InputError: the file is empty, no text, or in another encoding.
    """
    data = _decode_utf16(data, name) if data.startswith(_UTF16_MARKS) else data
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise InputError(f"{name} is empty.", "Give a file with at least one row.")
    if b"\0" in data:
        raise InputError(
            f"{name}, line {_line_at(data, data.index(0))}: a NUL byte, so this is no text.",
            "Give the table as text, in UTF-8.",
        )
    _check_utf8(data, name)
    _check_lines(data, name)
    return data


def read_table_text(data: bytes, *, name: str) -> bytes:
    """As ``read_text``, for a file that is to be a table of separated values.

    Raises:
        InputError: it is a web page or JSON instead.
    """
    text = read_text(data, name=name)
    start = text[:_SNIFFED].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise InputError(
            f"{name} is a web page, not a table.",
            "The address that it was fetched from may have answered with an error; look into it.",
        )
    if start.startswith((b"{", b"[")):
        raise InputError(f"{name} is JSON, not a table.", "Give the export as CSV.")
    return text


def _decode_utf16(data: bytes, name: str) -> bytes:
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise InputError(
            f"{name} begins as UTF-16 and is not.", "Write the file as UTF-8."
        ) from None


def _check_utf8(data: bytes, name: str) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}, line {_line_at(data, error.start)}: byte 0x{data[error.start]:02x} is not"
            " UTF-8.",
            "If it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8.",
        ) from None


def _check_lines(data: bytes, name: str) -> None:
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((raw == ord("\n")) | (raw == ord("\r")))
    lengths = np.diff(np.concatenate(([-1], ends, [len(raw)]))) - 1
    if lengths.max() > LONGEST_LINE:
        start = int(np.concatenate(([-1], ends))[int(np.argmax(lengths))]) + 1
        raise InputError(
            f"{name}, line {_line_at(data, start)}: the line is {int(lengths.max()):,} bytes long,"
            " so this is no table.",
            "Give a file with one row a line.",
        )


def _line_at(data: bytes, position: int) -> int:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1
