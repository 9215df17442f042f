"""A million damaged records: no crash, no hang, nothing out of bounds, no memory without end."""

from __future__ import annotations

import ctypes
import gzip
import mmap
import struct
import tracemalloc
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.lab import mrt
from zicht.sources.bgp.attributes import read_attributes
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.memory import BATCH, MOST_IN_RECORD, MOST_PEERS
from zicht.sources.bgp.records import HEADER_SIZE, LONGEST_RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zicht.sources.bgp.elements import Elements

ROUNDS = 20
RECORDS = 60_000  # in a round
RECORDINGS = ("updates.20071015.1505.gz", "bview.ipv6_unicast_add_path.gz")
TIME = 1_700_000_000_000_000
MOST_MEMORY = 40 << 20  # bytes: a record, what it grows in, and the decoder's own
FEW = 50  # elements a batch whose attributes are read in full


def made() -> bytes:
    """Some of every kind of record."""
    speakers = [
        mrt.Speaker(IPv4Address("10.0.0.1"), 65001, IPv4Address(1)),
        mrt.Speaker(IPv6Address("2001:db8::1"), 65002, IPv4Address(2)),
    ]
    ipv4, ipv6 = IPv4Network("10.1.0.0/16"), IPv6Network("2001:db8:8000::/33")
    path: mrt.Path = ((2, (65001, 1, 2)), (1, (3, 4)))
    common = {"path": path, "next_hop": IPv4Address(7), "med": 5, "communities": [(1, 2)] * 70}
    attributes = mrt.attributes(**common)  # type: ignore[arg-type] # any of them
    old = mrt.attributes(
        **common,  # type: ignore[arg-type] # as above
        as_size=2,
        as4_path=((2, (70_000, 3)),),
        aggregator=(23456, IPv4Address(7)),
        as4_aggregator=(70_000, IPv4Address(7)),
    )
    reach = mrt.reach_value(IPv6Address("2001:db8::1"), mrt.prefix(ipv6) * 3)
    unreach = mrt.unreach_value(mrt.prefix(ipv6) * 3, safi=2)
    entries = [mrt.Entry(peer, 0, attributes, 9) for peer in (0, 1, 0)]
    parts = [mrt.index_table(TIME, speakers, view=b"view")]
    for network in (ipv4, ipv6):
        parts += [
            mrt.rib(TIME, network, entries),
            mrt.rib(TIME, network, entries, add_path=True),
            mrt.rib_generic(TIME, network, entries, safi=2),
            mrt.table_dump(TIME, network, speakers[network.version == 6], old),
        ]
    body = mrt.update_body(
        withdrawn=mrt.prefix(ipv4) * 5,
        path_attributes=mrt.attributes(path=path, reach=reach, unreach=unreach),
        announced=mrt.prefix(ipv4) * 5,
    )
    old_body = mrt.update_body(path_attributes=old, announced=mrt.prefix(ipv4) * 5)
    for speaker in speakers:
        for add_path in (False, True):
            message = mrt.message(mrt.UPDATE, body)
            parts.append(mrt.bgp4mp(TIME, speaker, message, add_path=add_path, extended=True))
        parts.append(mrt.bgp4mp(TIME, speaker, mrt.message(mrt.UPDATE, old_body), as_size=2))
        parts.append(mrt.state_change(TIME, speaker, 1, 6))
    parts += [
        mrt.old_update(TIME, speakers[0], old_body),
        mrt.old_state_change(TIME, speakers[0], 1, 6),
    ]
    return b"".join(parts)


def places(data: bytes) -> NDArray[np.int64]:
    """Where the records begin, and where the last ends."""
    begins, at = [], 0
    while at < len(data):
        begins.append(at)
        at += HEADER_SIZE + int.from_bytes(data[at + 8 : at + 12], "big")
    return np.array([*begins, at])


def mutate(data: bytes, random: np.random.Generator) -> bytes:
    """Damage most records: bytes are changed, most often to telling values; some are cut out."""
    array = np.frombuffer(data, np.uint8).copy()
    begins = places(data)
    count = len(begins) - 1
    for _ in range(int(random.integers(1, 4))):
        low, high = begins[:-1] + HEADER_SIZE, begins[1:]
        spots = low + (random.random(count) * np.maximum(high - low, 1)).astype(np.int64)
        spots = np.minimum(spots, len(array) - 1)
        telling = random.choice(np.array([0, 1, 2, 4, 0x7F, 0x80, 0xFF], np.uint8), count)
        noise = random.integers(0, 256, count, dtype=np.uint8)
        array[spots] = np.where(random.random(count) < 0.5, telling, noise)
    headers = random.choice(begins[:-1], count // 200) + random.integers(0, 12, count // 200)
    array[headers] ^= random.integers(0, 256, count // 200, dtype=np.uint8)
    cut = random.integers(0, len(array), 20)
    return np.delete(array, cut).tobytes()


def mutate_one(record: bytes, random: np.random.Generator) -> bytes:
    """Damage one record, and let its header say how long it then is."""
    array = bytearray(record)
    for _ in range(int(random.integers(0, 3))):
        array[int(random.integers(4, len(array)))] = int(random.integers(0, 256))
    del array[int(random.integers(HEADER_SIZE, len(array) + 1)) :]
    return bytes(array[:8]) + struct.pack(">I", len(array) - HEADER_SIZE) + bytes(array[12:])


def check(elements: Elements, peers: int, random: np.random.Generator) -> None:
    """Every column is within its bounds, and attributes can be read."""
    n, size = len(elements), len(elements.data)
    assert n <= BATCH + MOST_IN_RECORD
    assert n <= size
    assert np.all(elements.kind <= max(Kind))
    assert np.all((elements.peer >= 0) & (elements.peer < peers))
    begin, end = elements.attributes_begin, elements.attributes_end
    assert np.all((elements.record >= 0) & (elements.record < begin))
    assert np.all((begin <= end) & (end <= size))
    assert np.all(np.diff(elements.record) >= 0)
    has_prefix = elements.kind <= Kind.WITHDRAW
    assert np.all(np.isin(elements.family[has_prefix], (4, 6)))
    assert np.all(np.isin(elements.safi[has_prefix], (1, 2)))
    assert np.all(elements.length <= np.where(elements.family == 4, 32, 128))
    assert np.all(elements.length[~has_prefix] == 0)
    assert np.all(elements.path_id >= -1)
    full = np.uint64(2**64 - 1)
    ones = np.minimum(elements.length, 64).astype(np.uint64)
    beyond = np.where(ones == 64, np.uint64(0), full >> np.minimum(ones, np.uint64(63)))
    assert not np.any(elements.prefix_high[ones > 0] & beyond[ones > 0])
    for row in random.integers(0, n, FEW).tolist():
        data = elements.data[begin[row] : end[row]]
        read_attributes(data, as4=bool(elements.as4[row]))


def seeds(folder: Path) -> list[bytes]:
    """What is damaged: records that we made, and real ones."""
    real = [gzip.decompress((folder / "bgp" / "mrt" / name).read_bytes()) for name in RECORDINGS]
    return [made(), *real]


def guarded(data: bytes) -> NDArray[np.uint8]:
    """The same bytes, right before a page that nobody may touch: to read beyond them kills."""
    page = mmap.PAGESIZE
    size = -(-len(data) // page) * page
    memory = mmap.mmap(-1, size + page)
    array = np.frombuffer(memory, np.uint8)
    array[size - len(data) : size] = np.frombuffer(data, np.uint8)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mprotect(ctypes.c_void_p(array.ctypes.data + size), page, 0) == 0
    return array[size - len(data) : size]


def test_damaged_records_are_survived(data_folder: Path) -> None:
    random = np.random.default_rng(4)
    fed = given = 0
    sources = seeds(data_folder)
    repeated = [source * (RECORDS // (len(places(source)) - 1) + 1) for source in sources]
    for round_ in range(ROUNDS):
        source = repeated[round_ % len(repeated)]
        whole = guarded(mutate(source[: int(places(source)[RECORDS])], random))
        decoder = Decoder()
        cuts = [0, *sorted(random.integers(0, len(whole), 9).tolist()), len(whole)]
        for begin, end in pairwise(cuts):
            for elements in decoder.decode(whole[begin:end]):
                given += len(elements)
                check(elements, len(decoder.peers), random)
        decoder.close()
        assert len(decoder.peers) <= MOST_PEERS
        assert decoder.problems.damaged > 0
        assert all(0 <= problem.offset <= len(whole) for problem in decoder.problems.first)
        fed += RECORDS
    assert fed >= 1_000_000
    assert given > fed / 10


def test_nothing_is_read_beyond_the_end(data_folder: Path) -> None:
    random = np.random.default_rng(6)
    for source in seeds(data_folder):
        begins = places(source)
        for begin, end in pairwise(begins[:1000]):
            record = mutate_one(source[begin:end], random)
            decoder = Decoder()
            for elements in decoder.decode(guarded(record)):
                check(elements, len(decoder.peers), random)
            decoder.close()


def test_noise_is_survived() -> None:
    random = np.random.default_rng(5)
    decoder = Decoder()
    for _ in range(20):
        for elements in decoder.decode(random.bytes(1 << 20)):
            check(elements, len(decoder.peers), random)
    decoder.close()
    assert decoder.problems.damaged > 0


def test_no_input_makes_it_take_memory_without_end() -> None:
    claims_most = struct.pack(">IHHI", 1, 13, 2, LONGEST_RECORD)
    claims_more = struct.pack(">IHHI", 1, 13, 2, 2**32 - 1)
    decoder = Decoder()
    piece = np.zeros(1 << 16, np.uint8)
    tracemalloc.start()
    try:
        for header in (claims_most, claims_more):
            for elements in decoder.decode(header):
                pytest.fail(f"{len(elements)} elements in a header")
            for _ in range(2 * LONGEST_RECORD // len(piece)):
                list(decoder.decode(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY
