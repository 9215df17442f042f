"""UPDATE messages opened as far as needed to know how they are written, no further.

A BGP message does not say how wide its AS numbers are, nor whether its prefixes carry path
identifiers: both were settled when the session opened. MRT records must say it.
"""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

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

_BITS = {1: 32, 2: 128}  # of addresses, by AFI
_PLAIN_SAFIS = frozenset({1, 2})  # unicast and multicast: prefixes and nothing else

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


class Part(NamedTuple):
    """An UPDATE whose prefixes all carry path identifiers, or all do not.

    Attributes:
        message: the whole message.
        add_path: whether they do.
        is_as_agreed: whether that is what the session had agreed upon.
    """

    message: bytes
    add_path: bool
    is_as_agreed: bool


class _Field(NamedTuple):
    """What an UPDATE says of one family: how it reads, and its bytes in the three parts."""

    add_path: bool
    is_as_agreed: bool
    withdrawn: bytes = b""
    attribute: bytes = b""
    announced: bytes = b""


def split_by(message: bytes, agreed: Container[tuple[int, int]]) -> Iterator[Part]:
    """An UPDATE as messages whose prefixes all carry path identifiers, or all do not.

    ``agreed`` holds the families (AFI, SAFI) whose prefixes should carry them (RFC 7911, section
    4). Where prefixes cannot be read so and can be read otherwise, they are: GoBGP tells its
    tables after policy without the identifiers that came with the routes, and some Cisco routers
    their Loc-RIB with identifiers that no OPEN announced. One message nearly always speaks of one
    family and comes back as it is; a record of RFC 8050 holds no mixture.
    """
    update = read_update(message)
    fields = sorted(_fields(update, agreed)) if update else []
    flags = {field.add_path for field in fields}
    if len(flags) < 2:  # noqa: PLR2004
        add_path = flags.pop() if flags else IPV4_UNICAST in agreed
        yield Part(message, add_path, all(field.is_as_agreed for field in fields))
        return
    attributes = update.attributes if update else ()
    common = [one.whole for one in attributes if one.kind not in {MP_REACH, MP_UNREACH}]
    for add_path, group in groupby(fields, key=lambda field: field.add_path):
        these = list(group)
        whole = write_update(
            b"".join(field.withdrawn for field in these),
            b"".join(common) + b"".join(field.attribute for field in these),
            b"".join(field.announced for field in these),
        )
        yield Part(whole, add_path, all(field.is_as_agreed for field in these))


def _fields(update: Update, agreed: Container[tuple[int, int]]) -> Iterator[_Field]:
    if update.withdrawn or update.announced:
        should = IPV4_UNICAST in agreed
        add_path = _reads_with(should, update.withdrawn, update.announced, bits=32)
        yield _Field(add_path, add_path == should, update.withdrawn, b"", update.announced)
    for one in update.attributes:
        if one.kind in {MP_REACH, MP_UNREACH} and len(one.value) >= 3:  # noqa: PLR2004
            afi, safi = struct.unpack_from(">HB", one.value)
            begin = 3 if one.kind == MP_UNREACH else 5 + int.from_bytes(one.value[3:4])
            should = (afi, safi) in agreed
            add_path = should
            if afi in _BITS and safi in _PLAIN_SAFIS:
                add_path = _reads_with(should, one.value[begin:], bits=_BITS[afi])
            yield _Field(add_path, add_path == should, b"", one.whole, b"")


def _reads_with(should: bool, *prefixes: bytes, bits: int) -> bool:  # noqa: FBT001
    """Whether prefixes are to be read with path identifiers; ``should`` unless only not so."""
    if all(_fits_prefixes(part, bits, add_path=should) for part in prefixes):
        return should
    other = not should
    return other if all(_fits_prefixes(part, bits, add_path=other) for part in prefixes) else should


def _fits_prefixes(data: bytes, bits: int, *, add_path: bool) -> bool:
    """Whether bytes can be prefixes as speakers write them.

    Bits beyond a prefix's length are zero, the default route comes at most once, and if it does its
    path identifier does not begin with a byte that could be the length of a prefix.
    """
    at = defaults = 0
    while at < len(data):
        begin = at + (5 if add_path else 1)
        if begin > len(data):
            return False
        length = data[begin - 1]
        end = begin + (length + 7) // 8
        if length > bits or end > len(data):
            return False
        if length % 8 and data[end - 1] & (0xFF >> length % 8):
            return False
        if length == 0:
            defaults += 1
            if defaults > 1 or (add_path and data[at]):
                return False
        at = end
    return True


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
