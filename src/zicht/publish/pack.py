"""Packs: the evidence of an event in one file that anybody can open, check and replay.

A pack is a ZIP archive. ``manifest.json`` names every other file with its length and SHA-256, so
that whoever signs the manifest signs all of it; ``signature.json`` holds a signature of the
manifest's bytes and ``timestamp.tsr`` an answer of a time-stamping authority about them (RFC 3161).
The same contents give the same bytes. Nothing is ever unpacked onto a disk.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "zicht-pack"
VERSION = 1

MANIFEST, SIGNATURE, TIMESTAMP = "manifest.json", "signature.json", "timestamp.tsr"
_BESIDE = (MANIFEST, SIGNATURE, TIMESTAMP)
_LARGEST = 1 << 30  # bytes of all files together, unpacked
_LARGEST_BESIDE = 1 << 20  # bytes of the manifest, of a signature, of a time stamp
_MOST_FILES = 100
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,  # a way to compress that is not known
    RuntimeError,  # encrypted
    EOFError,
    ValueError,
    OSError,
)
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive can state


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a pack.

    Attributes:
        bytes: its length.
        sha256: its hash, in hexadecimal.
    """

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack is, and what is in it. Times are ISO 8601 in UTC.

    Attributes:
        format: ``zicht-pack``.
        version: of the format.
        event: the event's id.
        entity: the event's entity.
        revision: the event's revision.
        simulated: the data are of the lab and no measurement.
        known_at: when the event was known so; the replay takes what was known then.
        since: only bins that begin at or after it were taken into account; ``None`` is all.
        until: only bins that begin before it were.
        made_at: when the pack was made.
        zicht: the version of Zicht that made it.
        code: SHA-256 over the sources of that Zicht, in hexadecimal.
        libraries: the versions of Python and of the libraries that compute.
        settings: the constants of detection.
        files: the files by name.
    """

    format: str = FORMAT
    version: int = VERSION
    event: str
    entity: str
    revision: int
    simulated: bool
    known_at: str
    since: str | None = None
    until: str
    made_at: str
    zicht: str
    code: str
    libraries: dict[str, str]
    settings: dict[str, float | str]
    files: dict[str, Member]


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that was read.

    Attributes:
        manifest: what it says of itself.
        manifest_bytes: the manifest as it stands in the pack: what is signed.
        files: the other files by name.
        faults: files that are missing, not named, or other than the manifest says.
        signature: the bytes of the signature's file, or ``None``.
        timestamp: the bytes of the time stamp's file, or ``None``.
    """

    manifest: Manifest
    manifest_bytes: bytes
    files: dict[str, bytes]
    faults: tuple[str, ...]
    signature: bytes | None
    timestamp: bytes | None


def members_of(files: Mapping[str, bytes]) -> dict[str, Member]:
    """The lengths and hashes of files, by name."""
    return {
        name: Member(bytes=len(data), sha256=sha256(data).hexdigest())
        for name, data in sorted(files.items())
    }


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it stands in a pack."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"


def build_pack(
    manifest: bytes,
    files: Mapping[str, bytes],
    *,
    signature: bytes | None = None,
    timestamp: bytes | None = None,
) -> bytes:
    """The bytes of a pack.

    Args:
        manifest: what ``manifest_bytes`` gave.
        files: the files that it names.
        signature: what ``sign`` gave for the manifest.
        timestamp: the answer of a time-stamping authority for the manifest.
    """
    beside = {SIGNATURE: signature, TIMESTAMP: timestamp}
    whole = {MANIFEST: manifest} | {name: data for name, data in beside.items() if data is not None}
    whole |= dict(sorted(files.items()))
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in whole.items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return sink.getvalue()


def read_pack(data: bytes, name: str) -> Pack:
    """Read a pack and hold its files against its manifest; nothing in it is trusted.

    Args:
        data: the bytes of the file.
        name: its name, for errors.

    Raises:
        InputError: it is no pack, of a version that is not known, or larger than any pack is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = _read_members(archive, name)
    except _UNREADABLE as error:
        raise InputError(
            f"{name} is no pack: {error}.", "`zicht archive EVENT` makes one."
        ) from error
    written = found.pop(MANIFEST, None)
    if written is None:
        raise InputError(f"{name} is no pack: it has no {MANIFEST}.")
    manifest = _read_manifest(written, name)
    signature, timestamp = (found.pop(beside, None) for beside in (SIGNATURE, TIMESTAMP))
    return Pack(
        manifest=manifest,
        manifest_bytes=written,
        files=found,
        faults=tuple(_faults(manifest, found)),
        signature=signature,
        timestamp=timestamp,
    )


def _read_members(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(names) != len(set(names)):
        raise InputError(f"{name} is no pack: it names a file twice.")
    size = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_FILES or size > _LARGEST:
        raise InputError(
            f"{name} is no pack: it would unpack to {len(entries):,} files and {size >> 20:,} MiB."
        )
    found = {}
    for entry in entries:
        largest = _LARGEST_BESIDE if entry.filename in _BESIDE else entry.file_size
        if entry.file_size > largest:
            raise InputError(f"{name} is no pack: its {entry.filename} is too large.")
        with archive.open(entry) as file:
            found[entry.filename] = file.read(largest + 1)  # no more, whatever it unpacks to
    return found


def _read_manifest(written: bytes, name: str) -> Manifest:
    try:
        manifest = msgspec.json.decode(written, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is no pack: its {MANIFEST} cannot be read ({error}).") from error
    if manifest.format != FORMAT:
        raise InputError(f"{name} is no pack of Zicht, but {manifest.format[:80]!r}.")
    if manifest.version != VERSION:
        raise InputError(
            f"{name} is a pack of version {manifest.version}, and this Zicht reads {VERSION}.",
            "Use the Zicht that the manifest names.",
        )
    return manifest


def _faults(manifest: Manifest, found: Mapping[str, bytes]) -> list[str]:
    members = members_of(found)
    return [
        f"{name} is missing"
        if name not in members
        else f"{name} is not named in the manifest"
        if name not in manifest.files
        else f"{name} is not what the manifest says"
        for name in sorted(members.keys() | manifest.files.keys())
        if members.get(name) != manifest.files.get(name)
    ]
