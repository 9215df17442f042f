"""Files that say which addresses are where: fetched, taken in, chosen by the day, and told of."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from zicht.cli import run
from zicht.errors import (
    BadRowError,
    InputError,
    NotFoundError,
    SourceUnreachableError,
    StoreError,
    UsageError,
)
from zicht.observe.place_show import PlaceSize, PlaceStatement, show_place
from zicht.observe.place_update import FOLDERS, update_places
from zicht.observe.places import import_places, kept_places, load_blocks, places_in_force
from zicht.place.delegated import REGISTRIES
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESSES = {"afrinic": 41, "apnic": 1, "arin": 3, "lacnic": 177, "ripencc": 2}
CODES = {"afrinic": "ZA", "apnic": "CN", "arin": "US", "lacnic": "BR", "ripencc": "KZ"}


def made(registry: str, day: str, code: str | None = None) -> bytes:
    """A file of a registry that delegated a /8 and an AS number."""
    number = ADDRESSES[registry]
    lines = (
        f"2|{registry}|1|2|19830705|{day}|+0000",
        f"{registry}|*|ipv4|*|1|summary",
        f"{registry}|{code or CODES[registry]}|ipv4|{number}.0.0.0|16777216|20100603|allocated|x",
        f"{registry}|{code or CODES[registry]}|asn|{number}|1|20100603|allocated|x",
        "",
    )
    return "\n".join(lines).encode()


class Mirror:
    """A server of files, and what was asked of it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                body = mirror.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/stats/"

    def publish(self, registry: str, data: bytes, sum_: bytes | None = None) -> None:
        path = f"/stats/{registry}/delegated-{registry}-extended-latest"
        self.files[path] = data
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest().encode()
        self.files[f"{path}.md5"] = sum_ if sum_ is not None else digest + b"  file-20240718\n"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror()
    thread = threading.Thread(target=mirror.server.serve_forever, daemon=True)
    thread.start()
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return open_store(tmp_path / "store", create=True).path


def file(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def update(store: Path, mirror: Mirror) -> list[str]:
    told: list[str] = []
    update_places(store, mirror=mirror.address, tell=told.append, pause=lambda _: None)
    return told


def test_the_five_registries_files_are_fetched_and_kept_by_their_days(
    store: Path, mirror: Mirror
) -> None:
    for registry in REGISTRIES:
        day = "20240717" if registry == "arin" else "20240718"
        mirror.publish(registry, made(registry, day))
    update(store, mirror)
    kept = [(file.name, file.as_of) for file in kept_places(store)]
    assert [name for name, _ in kept] == list(REGISTRIES)
    assert dict(kept)["arin"] == date(2024, 7, 17)
    blocks = load_blocks(store)
    assert blocks.places == tuple(sorted(f"country/{code}" for code in CODES.values()))
    assert blocks.as_of == date(2024, 7, 18)


def test_every_registry_has_an_address_of_its_own() -> None:
    assert tuple(FOLDERS) == REGISTRIES
    assert all(address.startswith("https://") for address in FOLDERS.values())


def test_a_registry_that_cannot_be_had_keeps_the_others_from_nothing(
    store: Path, mirror: Mirror
) -> None:
    for registry in REGISTRIES[1:]:
        mirror.publish(registry, made(registry, "20240718"))
    with pytest.raises(SourceUnreachableError, match=r"afrinic could not be had; 4 of 5"):
        update(store, mirror)
    assert [file.name for file in kept_places(store)] == list(REGISTRIES[1:])


def test_a_file_that_its_sum_does_not_fit_is_not_taken(store: Path, mirror: Mirror) -> None:
    for registry in REGISTRIES:
        mirror.publish(registry, made(registry, "20240718"))
    mirror.publish("arin", made("arin", "20240718"), b"MD5 (x) = " + b"0" * 32)
    with pytest.raises(SourceUnreachableError, match="arin could not be had"):
        update(store, mirror)
    asked = [path for path in mirror.asked if path.endswith("arin-extended-latest")]
    assert len(asked) == 2  # it may have been replaced between the two requests
    assert "arin" not in [file.name for file in kept_places(store)]


def test_a_file_without_a_sum_is_taken_and_that_is_said(store: Path, mirror: Mirror) -> None:
    for registry in REGISTRIES:
        mirror.publish(registry, made(registry, "20240718"))
    del mirror.files["/stats/lacnic/delegated-lacnic-extended-latest.md5"]
    told = update(store, mirror)
    assert any("lacnic" in text and "no MD5 sum" in text for text in told)


def test_a_page_of_an_error_is_not_taken_for_a_file(store: Path, mirror: Mirror) -> None:
    for registry in REGISTRIES:
        mirror.publish(registry, made(registry, "20240718"))
    mirror.publish("apnic", b"<html>Try later</html>")
    with pytest.raises(SourceUnreachableError, match="apnic could not be had"):
        update(store, mirror)


def test_the_day_chooses_the_files_of_each_registry(store: Path, tmp_path: Path) -> None:
    for day, code in (("20200101", "RU"), ("20220101", "KZ"), ("20240101", "UZ")):
        import_places(store, [file(tmp_path, day, made("ripencc", day, code))])
    import_places(store, [file(tmp_path, "a", made("afrinic", "20230101"))])
    told: list[str] = []

    def countries(as_of: date | None) -> list[str]:
        return [
            place.removeprefix("country/")
            for place in load_blocks(store, as_of, told.append).places
        ]

    missing = "No file of apnic, arin, lacnic is kept: where their addresses are is not known."
    assert countries(None) == ["UZ", "ZA"]
    assert told == [missing]
    told.clear()
    assert countries(date(2022, 1, 5)) == ["KZ", "ZA"]
    assert told.pop() == missing
    assert told == [
        "afrinic: nothing is kept of 2022-01-05 or before; the places are those of 2023-01-01."
    ]
    assert countries(date(2021, 12, 31)) == ["RU", "ZA"]


def test_a_file_that_is_taken_in_twice_is_kept_once(store: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "f.gz", gzip.compress(made("ripencc", "20240718")))
    (first,) = import_places(store, [path])
    (second,) = import_places(store, [path])
    assert (first.new, second.new) == (True, False)
    assert (first.name, first.records, first.unknown) == ("ripencc", 2, 0)
    assert len(kept_places(store)) == 1


def test_blocks_are_made_once_and_anew_when_a_file_changes(store: Path, tmp_path: Path) -> None:
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718"))])
    folder = store / "place" / "delegated-20240718"
    blocks = load_blocks(store)
    (kept,) = folder.glob("blocks-*.npz")
    again = load_blocks(store)
    for column in ("family", "high", "length", "place"):
        assert np.array_equal(getattr(blocks, column), getattr(again, column))
    assert (blocks.places, blocks.sources) == (again.places, again.sources)
    kept.write_bytes(b"damaged")
    assert load_blocks(store).places == ("country/KZ",)
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718", "NL"))])
    assert load_blocks(store).places == ("country/NL",)
    (new,) = folder.glob("blocks-*.npz")
    assert new != kept


def test_what_is_bad_is_not_kept(store: Path, tmp_path: Path) -> None:
    bad = made("ripencc", "20240718") + b"ripencc|KZ|ipv4|x|1|20100603|allocated\n"
    path = file(tmp_path, "bad", bad)
    with pytest.raises(BadRowError, match="line 5"):
        import_places(store, [path])
    with pytest.raises(InputError):
        import_places(store, [file(tmp_path, "page", b"<html>")])
    with pytest.raises(NotFoundError, match="zicht place update"):
        places_in_force(store)
    (taken,) = import_places(store, [path], on_bad="skip")
    assert (taken.records, taken.skipped) == (2, 1)
    assert len(load_blocks(store)) == 1


def test_a_damaged_file_is_said(store: Path, tmp_path: Path) -> None:
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718"))])
    (kept,) = kept_places(store)
    kept.path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="cannot be read"):
        load_blocks(store)


def test_an_address_is_told_with_its_record(store: Path, tmp_path: Path) -> None:
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718"))])
    assert show_place(store, "2.72.0.1") == [
        PlaceStatement(
            range="2.0.0.0/8",
            place="country/KZ",
            share_percent=100.0,
            status="allocated",
            since=date(2010, 6, 3),
            source="ripencc",
            as_of=date(2024, 7, 18),
            line=3,
        )
    ]
    (number,) = show_place(store, "AS2")
    assert isinstance(number, PlaceStatement)
    assert (number.range, number.place) == ("AS2", "country/KZ")
    with pytest.raises(NotFoundError, match="anything of 9"):
        show_place(store, "9.0.0.0/8")
    for wrong in ("2.72.0.1/8", "1.2.3", "Atlantis"):
        with pytest.raises(UsageError):
            show_place(store, wrong)


def test_a_prefix_is_told_with_the_share_that_each_statement_decides(
    store: Path, tmp_path: Path
) -> None:
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718"))])
    feed = file(tmp_path, "my feed.csv", b"2.0.0.0/9,KZ,KZ-ALA,,\n2.0.0.0/10,KZ,KZ-ALM,,\n")
    import_places(store, [feed], kind="geofeed", day=date(2022, 1, 5))
    shares = {
        (row.source, row.place): row.share_percent
        for row in show_place(store, "2.0.0.0/8")
        if isinstance(row, PlaceStatement)
    }
    assert shares == {
        ("my-feed", "region/KZ-75"): 25.0,
        ("my-feed", "region/KZ-19"): 25.0,
        ("ripencc", "country/KZ"): 50.0,
    }


def test_a_region_is_told_with_its_codes_and_counts_in_its_country(
    store: Path, tmp_path: Path
) -> None:
    import_places(store, [file(tmp_path, "f", made("ripencc", "20240718"))])
    told: list[str] = []
    (region,) = show_place(store, "KZ-ALA", tell=told.append)
    assert isinstance(region, PlaceSize)
    assert (region.place, region.ipv4_addresses) == ("region/KZ-75", 0)
    assert [change.old for change in region.formerly] == ["KZ-ALA"]
    assert told[1:] == [
        "Registries know countries only; regions need a geofeed or a table of locations."
    ]
    feed = file(tmp_path, "feed.csv", b"2.0.0.0/9,KZ,KZ-75,,\n2001:db8::/32,KZ,KZ-75,,\n")
    import_places(store, [feed], kind="geofeed", day=date(2023, 1, 5))
    (region,) = show_place(store, "region/KZ-75")
    (country,) = show_place(store, "KZ")
    assert isinstance(region, PlaceSize)
    assert isinstance(country, PlaceSize)
    assert (region.ipv4_addresses, region.ipv6_48s) == (2**23, 2**16)
    assert country.ipv4_addresses == 2**24
    (cagliari,) = show_place(store, "region/1906")
    assert isinstance(cagliari, PlaceSize)
    assert (cagliari.place, cagliari.ioda) == ("region/IT-CA", 1906)
    with pytest.raises(NotFoundError, match="number 1"):
        show_place(store, "region/1")


def test_the_commands_do_the_same(
    tmp_path: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "new"), "--format", "json"]
    for registry in REGISTRIES:
        mirror.publish(registry, made(registry, "20240718"))
    assert run(["place", "update", "--mirror", mirror.address, *store]) == 0
    fetched = json.loads(capsys.readouterr().out)
    assert [record["name"] for record in fetched] == list(REGISTRIES)
    path = file(tmp_path, "old", made("ripencc", "20100101", "RU"))
    assert run(["place", "import", path, *store]) == 0
    capsys.readouterr()
    assert run(["place", "show", "2.72.0.1", "--as-of", "2012-01-01", *store]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)[0]["place"] == "country/RU"
    assert "arin: nothing is kept of 2012-01-01 or before" in output.err
    assert run(["place", "show", "KZ", *store]) == 0
    assert json.loads(capsys.readouterr().out)[0]["ipv4_addresses"] == 2**24
    assert run(["place", "list", *store]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6


def test_the_command_says_what_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = file(tmp_path, "bad", b"hello")
    assert run(["place", "import", bad, "--store", str(tmp_path / "new")]) == 3
    assert "does not begin with a version line" in capsys.readouterr().err


def test_the_real_files_are_told_of(store: Path, data_folder: Path) -> None:
    folder = data_folder / "place"
    names = ("delegated-afrinic.txt", "delegated-ripencc-extended-latest.gz")
    taken = import_places(store, [str(folder / name) for name in names])
    assert [(one.name, one.records, one.unknown) for one in taken] == [
        ("afrinic", 16338, 0),
        ("ripencc", 111223, 1167),
    ]
    (row,) = show_place(store, "AS9198")
    assert isinstance(row, PlaceStatement)
    assert (row.place, row.since) == ("country/KZ", date(1999, 2, 23))
