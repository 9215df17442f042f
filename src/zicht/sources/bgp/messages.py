"""UPDATE messages opened as far as needed to know how they are written, no further.

A BGP message does not say how wide its AS numbers are, nor whether its prefixes carry path
identifiers: both were settled when the session opened. MRT records must say it.
"""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADER = 19
"""Length of the header of a BGP message (RFC 4271, section 4.1)."""
LONGEST = 65_535
"""The longest BGP message that can be written, extended ones included (RFC 8654, section 4)."""

OPEN = 1
UPDATE = 2
MARKER = b"\xff" * 16

IPV4_UNICAST = (1, 1)
AS_PATH = 2
MP_REACH = 14
MP_UNREACH = 15

_EXTENDED_LENGTH = 0x10
_SEGMENT_KINDS = frozenset({1, 2, 3, 4})  # RFC 4271, section 4.3; RFC 5065, section 3


class Attribute(NamedTuple):
    """A path attribute: its type, its value, and all of its bytes."""

    kind: int
    value: bytes
    whole: bytes


class Update(NamedTuple):
    """The parts of an UPDATE (RFC 4271, section 4.3), their lengths taken off."""

    withdrawn: bytes
    attributes: tuple[Attribute, ...]
    announced: bytes


def write_message(kind: int, body: bytes) -> bytes:
    """A BGP message with its header (RFC 4271, section 4.1).

    Raises:
        ValueError: it is longer than a BGP message can be.
    """
    if HEADER + len(body) > LONGEST:
        raise ValueError(f"a BGP message of {HEADER + len(body)} bytes; at most {LONGEST} fit")
    return MARKER + struct.pack(">HB", HEADER + len(body), kind) + body


def write_update(withdrawn: bytes = b"", attributes: bytes = b"", announced: bytes = b"") -> bytes:
    """An UPDATE message of its three parts, already encoded (RFC 4271, section 4.3).

    Raises:
        ValueError: it is longer than a BGP message can be.
    """
    lengths = struct.pack(">H", len(withdrawn)), struct.pack(">H", len(attributes))
    return write_message(UPDATE, lengths[0] + withdrawn + lengths[1] + attributes + announced)


def message_length(data: bytes) -> int:
    """How long the BGP message at the begin of ``data`` is by its header; 0 where none begins."""
    return int.from_bytes(data[16:18]) if data.startswith(MARKER) else 0


def is_message(data: bytes, kind: int | None = None) -> bool:
    """Whether ``data`` is one whole BGP message (of type ``kind``), by its header."""
    return len(data) >= HEADER and message_length(data) == len(data) and kind in {None, data[18]}


def read_update(message: bytes) -> Update | None:
    """The parts of a whole UPDATE message, or ``None`` where its lengths do not add up."""
    body = message[HEADER:]
    try:
        (withdrawn,) = struct.unpack_from(">H", body)
        (attributes,) = struct.unpack_from(">H", body, 2 + withdrawn)
    except struct.error:
        return None
    begin = 4 + withdrawn
    if begin + attributes > len(body):
        return None
    read = _read_attributes(body[begin : begin + attributes])
    if read is None:
        return None
    return Update(body[2 : 2 + withdrawn], read, body[begin + attributes :])


def fits_as_size(message: bytes, size: int) -> bool:
    """Whether the AS_PATH of an UPDATE can be read with AS numbers of ``size`` bytes.

    True where there is none, and where the message is damaged: then nothing speaks against it.
    """
    update = read_update(message)
    paths = [one.value for one in update.attributes if one.kind == AS_PATH] if update else []
    return all(_fits(path, size) for path in paths)


def split_by(
    message: bytes, is_add_path: Callable[[tuple[int, int]], bool]
) -> Iterator[tuple[bytes, bool]]:
    """An UPDATE as messages whose prefixes all carry path identifiers, or all do not.

    ``is_add_path`` says of an address family (AFI, SAFI) whether its prefixes carry them (RFC 7911,
    section 4). One message nearly always speaks of one family and comes back as it is; a record of
    RFC 8050 cannot hold a mixture.
    """
    update = read_update(message)
    if update is None:
        yield message, is_add_path(IPV4_UNICAST)
        return
    parts = sorted(_parts(update, is_add_path), key=lambda part: part[0])
    if len({flag for flag, _ in parts}) < 2:  # noqa: PLR2004
        yield message, parts[0][0] if parts else is_add_path(IPV4_UNICAST)
        return
    common = [one.whole for one in update.attributes if one.kind not in {MP_REACH, MP_UNREACH}]
    for flag, group in groupby(parts, key=lambda part: part[0]):
        withdrawn, multi, announced = (
            b"".join(piece) for piece in zip(*(part for _, part in group), strict=True)
        )
        yield write_update(withdrawn, b"".join(common) + multi, announced), flag


def _parts(
    update: Update, is_add_path: Callable[[tuple[int, int]], bool]
) -> Iterator[tuple[bool, tuple[bytes, bytes, bytes]]]:
    """What an UPDATE says, family by family: (withdrawn, multiprotocol attribute, announced)."""
    if update.withdrawn or update.announced:
        yield is_add_path(IPV4_UNICAST), (update.withdrawn, b"", update.announced)
    for one in update.attributes:
        if one.kind in {MP_REACH, MP_UNREACH} and len(one.value) >= 3:  # noqa: PLR2004
            afi, safi = struct.unpack_from(">HB", one.value)
            yield is_add_path((afi, safi)), (b"", one.whole, b"")


def _read_attributes(data: bytes) -> tuple[Attribute, ...] | None:
    """Path attributes one by one (RFC 4271, section 4.3); ``None`` where they do not add up."""
    found = []
    at = 0
    while at < len(data):
        form = ">BBH" if data[at] & _EXTENDED_LENGTH else ">BBB"
        begin = at + struct.calcsize(form)
        if begin > len(data):
            return None
        _, kind, length = struct.unpack_from(form, data, at)
        if begin + length > len(data):
            return None
        found.append(Attribute(kind, data[begin : begin + length], data[at : begin + length]))
        at = begin + length
    return tuple(found)


def _fits(path: bytes, size: int) -> bool:
    at = 0
    while at + 2 <= len(path):
        if path[at] not in _SEGMENT_KINDS or path[at + 1] == 0:
            return False
        at += 2 + size * path[at + 1]
    return at == len(path)
