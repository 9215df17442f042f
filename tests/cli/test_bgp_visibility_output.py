"""``zicht bgp visibility``: what people and programs get of files of routes."""

from __future__ import annotations

import csv
import io
import json
import struct
from concurrent.futures import CancelledError
from threading import Event
from typing import TYPE_CHECKING

import pytest

from zicht.cli import run
from zicht.observe.routes_files import digest_file

if TYPE_CHECKING:
    from pathlib import Path

TIME = 1_600_000_200  # a full five minutes


def announcement(time: int, *prefixes: bytes, asn: int = 64500) -> bytes:
    """A record of BGP4MP (RFC 6396): a peer announces prefixes, as they stand in an UPDATE."""
    path = bytes([0x40, 1, 1, 0, 0x40, 2, 6, 2, 1]) + struct.pack(">I", asn)
    attributes = path + bytes([0x40, 3, 4, 11, 0, 0, 1])
    update = struct.pack(">HH", 0, len(attributes)) + attributes + b"".join(prefixes)
    message = b"\xff" * 16 + struct.pack(">HB", 19 + len(update), 2) + update
    body = struct.pack(">IIHH", asn, 65000, 0, 1) + bytes([11, 0, 0, 1, 11, 0, 0, 2]) + message
    return struct.pack(">IHHI", time, 16, 4, len(body)) + body


def words(folder: Path, *more: str) -> list[str]:
    return ["bgp", "visibility", "--store", str(folder / "store"), *more]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_programs_get_all_entities_and_nothing_where_it_is_unknown(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = tmp_path / "single"
    single.write_bytes(announcement(TIME, b"\x10\x05\x00", b"\x18\x06\x00\x01"))
    assert run(words(tmp_path, str(single), "--from-nothing", "--format", form)) == 0
    out = capsys.readouterr().out
    (row,) = (
        list(csv.DictReader(io.StringIO(out)))
        if form == "csv"
        else [json.loads(line) for line in out.splitlines()]
        if form == "jsonl"
        else json.loads(out)
    )
    text = form == "csv"
    assert row == {
        "time": "2020-09-13T12:30:00Z",
        "entity": "asn/64500",
        "visible24": "257" if text else 257,
        "visible6": "" if text else None,
        "visible48": "" if text else None,
        "voters4": "1" if text else 1,
        "voters6": "0" if text else 0,
    }


def sixty(tmp_path: Path) -> str:
    """A peer whose routes lead to sixty operators."""
    file = tmp_path / "sixty"
    records = []
    for n in range(60):
        record = bytearray(announcement(TIME, bytes([24, 6, 0, n]), asn=64500 + n))
        record[12:16] = struct.pack(">I", 64499)  # the peer is one, the paths differ
        records.append(bytes(record))
    records.append(announcement(TIME, b"\x10\x05\x00", asn=64499))
    file.write_bytes(b"".join(records))
    return str(file)


def test_a_table_shows_the_largest_and_says_that_there_are_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sixty(tmp_path)
    assert run(words(tmp_path, file, "--from-nothing")) == 0
    shown = capsys.readouterr()
    assert shown.out.count("asn/") == 50
    assert "asn/64499" in shown.out
    assert "the 50 largest of the entities are shown" in shown.err
    assert run(words(tmp_path, file, "--from-nothing", "--format", "csv")) == 0
    shown = capsys.readouterr()
    assert shown.out.count("asn/") == 61
    assert "largest" not in shown.err
    assert run(words(tmp_path, file, "--from-nothing", "--entity", "asn/64559")) == 0
    shown = capsys.readouterr()
    assert "asn/64559" in shown.out
    assert "largest" not in shown.err


def test_what_is_unknown_and_what_nobody_tells_of_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, time in enumerate((TIME, TIME + 400, TIME + 90_000)):
        (tmp_path / str(number)).write_bytes(announcement(time, b"\x10\x05\x00"))
    files = [str(tmp_path / str(number)) for number in range(3)]
    assert run(words(tmp_path, *files, "--format", "csv")) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1
    said = [line for line in shown.err.splitlines() if line.startswith("2020")]
    assert [line.partition(": ")[0] for line in said] == [
        "2020-09-13T13:35:00Z to 2020-09-14T13:30:00Z",
        "2020-09-13T12:30:00Z to 2020-09-14T13:35:00Z",
    ]
    assert "left out, no file tells of it" in said[0]
    assert "Give the dump of tables before it" in said[1]


def test_a_file_that_is_wanted_no_longer_is_not_read_to_its_end(tmp_path: Path) -> None:
    file, stop = sixty(tmp_path), Event()

    def look_up() -> None:
        if stop.is_set():
            raise CancelledError

    assert digest_file(file, "", look_up=look_up).elements == 61
    stop.set()
    with pytest.raises(CancelledError):
        digest_file(file, "", look_up=look_up)


def test_an_entity_that_was_never_seen_is_unknown_and_no_nought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, wanted = sixty(tmp_path), ("--entity", "asn/64500", "--entity", "asn/7")
    assert run(words(tmp_path, file, "--from-nothing", *wanted, "--format", "csv")) == 0
    shown = capsys.readouterr()
    assert [line.split(",")[1] for line in shown.out.splitlines()[1:]] == ["asn/64500"]
    assert "asn/7: unknown, no route to it was seen" in shown.err
    assert "asn/64500" not in shown.err


def test_registries_of_which_there_is_no_file_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delegated = tmp_path / "delegated-ripencc"
    delegated.write_text(
        "2|ripencc|20200901|1|19830705|20200901|+0000\n"
        "ripencc|*|ipv4|*|1|summary\n"
        "ripencc|KZ|ipv4|5.0.0.0|65536|20100603|allocated\n"
    )
    assert run(["place", "import", str(delegated), "--store", str(tmp_path / "store")]) == 0
    capsys.readouterr()
    assert run(words(tmp_path, sixty(tmp_path), "--from-nothing", "--entity", "country/KZ")) == 0
    shown = capsys.readouterr()
    assert "256" in shown.out
    assert "No file of afrinic, apnic, arin, lacnic is kept" in shown.err
