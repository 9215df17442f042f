"""Real recordings of RIS and RouteViews, from 1999 to 2024, go through the decoder."""

from __future__ import annotations

import bz2
import gzip
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.problems import Fault

if TYPE_CHECKING:
    from pathlib import Path

# What each holds: routes, announcements, withdrawals, changes of state; peers.
RECORDINGS = {
    "bview.64k_stream_overflow.gz": (23, 0, 0, 0, 54),
    "bview.ipv4_unicast_add_path.gz": (62, 0, 0, 0, 3),
    "bview.ipv6_unicast_add_path.gz": (62, 0, 0, 0, 3),
    "ris.rrc06.updates.1427846400.gz": (0, 1435, 122, 4, 3),
    "routeviews.route-views.jinx.updates.1427846400.bz2": (0, 8160, 451, 0, 4),
    "rrc01.updates.20241001.0055.gz": (0, 170373, 14555, 270, 158),
    "sydney.updates.20220601.0415.bz2": (0, 120431, 9826, 0, 21),
    "updates.19990903.1041.gz": (0, 65286, 25, 4, 1),
    "updates.20070211.0141.gz": (0, 51329, 2328, 0, 31),
    "updates.20071015.1505.gz": (0, 10111, 385, 0, 14),
    "updates.20160811.1600.gz": (0, 39256, 1956, 22, 40),
}
CUT_OFF = {
    "rib.20140523.0600_firstMB.bz2": (270005, 47),
    "rib6.20151101.0600_firstMB.bz2": (149578, 29),
}


def read(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return bz2.BZ2Decompressor().decompress(data)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_decoded_without_fault(data_folder: Path, name: str) -> None:
    decoder = Decoder(collector="rrc00", strict=True)
    kinds: Counter[int] = Counter()
    for elements in decoder.decode(read(data_folder / "bgp" / "mrt" / name)):
        kinds.update(elements.kind.tolist())
    decoder.close()
    assert decoder.problems.damaged == 0
    *counts, peers = RECORDINGS[name]
    expected = dict(
        zip((Kind.ROUTE, Kind.ANNOUNCE, Kind.WITHDRAW, Kind.STATE), counts, strict=True)
    )
    assert kinds == {kind: count for kind, count in expected.items() if count}
    assert len(decoder.peers) == peers
    assert {peer.collector for peer in decoder.peers} == {"rrc00"}


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_cut_off_recording_gives_all_before_the_cut_and_says_so(
    data_folder: Path, name: str
) -> None:
    decoder = Decoder()
    count = sum(map(len, decoder.decode(read(data_folder / "bgp" / "mrt" / name))))
    assert decoder.problems.damaged == 0
    decoder.close()
    assert (count, len(decoder.peers)) == CUT_OFF[name]
    assert decoder.problems.is_cut
    assert list(decoder.problems.counts) == [Fault.CUT]


@pytest.mark.parametrize("size", [1, 13, 4096, 100_000])
def test_pieces_of_any_size_give_the_same_elements(data_folder: Path, size: int) -> None:
    data = read(data_folder / "bgp" / "mrt" / "updates.20071015.1505.gz")[:200_000]

    def columns(size: int) -> list[list[int]]:
        decoder = Decoder()
        rows: list[list[int]] = []
        for begin in range(0, len(data), size):
            for elements in decoder.decode(data[begin : begin + size]):
                table = np.column_stack(
                    [
                        elements.time,
                        elements.peer,
                        elements.kind,
                        elements.prefix_high.view(np.int64),
                        elements.length,
                        elements.origin,
                        elements.path_length,
                        elements.record + elements.offset,
                        elements.attributes_begin + elements.offset,
                    ]
                )
                rows += table.tolist()
        return rows

    assert columns(size) == columns(len(data))
