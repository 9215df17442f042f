"""Packs are whole or say what is wrong with them; signatures and time stamps hold or do not."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stamping import make_authority, openssl, stamped

from zicht.errors import InputError, SourceUnreachableError
from zicht.publish.pack import Manifest, build_pack, manifest_bytes, members_of, read_pack
from zicht.publish.signing import public_text, read_or_make_key, sign, signer_of
from zicht.publish.timestamps import check_answer, stamped_at, timestamp_request, vouches

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"event.json": b"{}\n", "series.parquet": bytes(range(256)) * 4}


def manifest(files: dict[str, bytes] = FILES) -> Manifest:
    return Manifest(
        event="KZ-20220105",
        entity="country/KZ",
        revision=1,
        simulated=True,
        known_at="2022-01-05T12:00:00Z",
        until="2022-01-05T11:50:00Z",
        made_at="2022-02-01T00:00:00Z",
        zicht="0.1.0",
        code="0" * 64,
        libraries={"python": "3.11"},
        settings={"ORDINARY_LOSS": 0.2},
        files=members_of(files),
    )


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def test_a_pack_gives_back_what_was_put_in() -> None:
    written = manifest_bytes(manifest())
    pack = read_pack(build_pack(written, FILES, signature=b"s", timestamp=b"t"), "x.zip")
    assert pack.manifest == manifest()
    assert pack.manifest_bytes == written
    assert pack.files == FILES
    assert not pack.faults
    assert (pack.signature, pack.timestamp) == (b"s", b"t")


def test_the_same_contents_give_the_same_bytes_in_any_order() -> None:
    written = manifest_bytes(manifest())
    backwards = dict(reversed(FILES.items()))
    assert build_pack(written, FILES) == build_pack(written, backwards)


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"event.json": b"{}\n"}, "series.parquet is missing"),
        (FILES | {"event.json": b"{ }\n"}, "event.json is not what the manifest says"),
        (FILES | {"more.txt": b""}, "more.txt is not named in the manifest"),
    ],
)
def test_each_file_that_is_not_as_stated_is_named(files: dict[str, bytes], fault: str) -> None:
    pack = read_pack(build_pack(manifest_bytes(manifest()), files), "x.zip")
    assert pack.faults == (fault,)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a zip"),
        (b"PK\x03\x04 something", "not a zip"),
        (zipped({"a": b""}), "it has no manifest.json"),
        (zipped({"manifest.json": b"{"}), "cannot be read"),
        (zipped({"manifest.json": b"\xff"}), "cannot be read"),
        (zipped({"manifest.json": b"[1]"}), "cannot be read"),
        (
            zipped(
                {
                    "manifest.json": msgspec.json.encode(
                        msgspec.structs.replace(manifest(), version=2)
                    )
                }
            ),
            "version 2",
        ),
        (
            zipped(
                {
                    "manifest.json": msgspec.json.encode(
                        msgspec.structs.replace(manifest(), format="other")
                    )
                }
            ),
            "'other'",
        ),
        (zipped({"manifest.json": bytes(2 << 20)}), "too large"),
        (zipped({f"{name}": b"" for name in range(200)}), "200 files"),
    ],
)
def test_what_is_no_pack_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_pack(data, "x.zip")


def test_a_pack_that_names_a_file_twice_is_refused() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("event.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("event.json", b"{ }")
    with pytest.raises(InputError, match="twice"):
        read_pack(sink.getvalue(), "x.zip")


@given(st.data())
def test_a_pack_altered_anywhere_is_refused_or_names_the_fault(data: st.DataObject) -> None:
    key_bytes = build_pack(manifest_bytes(manifest()), FILES)
    place = data.draw(st.integers(0, len(key_bytes) - 1))
    altered = bytearray(key_bytes)
    altered[place] ^= data.draw(st.integers(1, 255))
    try:
        pack = read_pack(bytes(altered), "x.zip")
    except InputError:
        return
    same = pack.files == FILES and pack.manifest_bytes == manifest_bytes(manifest())
    assert pack.faults or same  # else the ZIP's own times and attributes alone are altered


def test_a_signature_holds_for_its_bytes_and_its_key_alone(tmp_path: Path) -> None:
    key, made = read_or_make_key(tmp_path / "keys" / "key.pem")
    again, made_again = read_or_make_key(tmp_path / "keys" / "key.pem")
    assert (made, made_again) == (True, False)
    assert (tmp_path / "keys" / "key.pem").stat().st_mode & 0o077 == 0
    signature = sign(b"some bytes", key)
    assert signer_of(b"some bytes", signature) == public_text(key) == public_text(again)
    assert signer_of(b"other bytes", signature) is None
    other, _ = read_or_make_key(tmp_path / "other.pem")
    stolen = signature.replace(public_text(key).encode(), public_text(other).encode())
    assert signer_of(b"some bytes", stolen) is None


@pytest.mark.parametrize("written", [b"", b"{}", b"\xff", b'{"public_key":"00","signature":"zz"}'])
def test_what_is_no_signature_does_not_hold(written: bytes) -> None:
    assert signer_of(b"some bytes", written) is None


def test_a_key_of_openssl_signs_and_another_kind_is_refused(tmp_path: Path) -> None:
    for name in ("ed25519", "x25519"):
        openssl(f"genpkey -algorithm {name} -out {name}", tmp_path)
    key, made = read_or_make_key(tmp_path / "ed25519")
    assert not made
    assert signer_of(b"x", sign(b"x", key)) == public_text(key)
    with pytest.raises(InputError, match="no key that can sign"):
        read_or_make_key(tmp_path / "x25519")
    (tmp_path / "text").write_text("no key at all")
    with pytest.raises(InputError, match="no key that can sign"):
        read_or_make_key(tmp_path / "text")


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be read or made"):
        read_or_make_key(tmp_path / "file" / "key.pem")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_authority(folder)
    return folder


def test_a_time_stamp_states_when_and_of_what(authority: Path) -> None:
    answer = stamped(authority, timestamp_request(b"a manifest"))
    time = stamped_at(b"a manifest", answer)
    assert time is not None
    assert abs(time - datetime.now(UTC)) < timedelta(minutes=5)
    assert stamped_at(b"another manifest", answer) is None
    assert check_answer(b"a manifest", answer, "example.org") == time


def test_a_time_stamp_is_vouched_for_by_its_own_root_alone(authority: Path) -> None:
    answer = stamped(authority, timestamp_request(b"a manifest"))
    root, stranger = ((authority / f"{name}.pem").read_bytes() for name in ("root", "stranger"))
    assert vouches(b"a manifest", answer, root) is None
    assert vouches(b"a manifest", answer, stranger)
    assert vouches(b"another manifest", answer, root)
    with pytest.raises(InputError, match="no certificates"):
        vouches(b"a manifest", answer, b"no PEM")


@pytest.mark.parametrize("answer", [b"", b"\x30\x00", b"<html>", b"\x30\x82\xff\xff"])
def test_what_is_no_time_stamp_is_not_taken_for_one(answer: bytes) -> None:
    assert stamped_at(b"a manifest", answer) is None
    with pytest.raises(SourceUnreachableError, match="gave no time stamp"):
        check_answer(b"a manifest", answer, "example.org")
