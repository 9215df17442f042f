"""Damaged records are written out too: nothing is read out of bounds, and JSON stays JSON."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from test_fuzz import guarded, mutate, mutate_one, places, seeds

from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.feeds import count_feeds
from zicht.sources.bgp.json_lines import to_json_lines
from zicht.sources.bgp.text import to_lines

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROUNDS = 3  # of each source
MOST_LINES = 3000  # of each round, that are looked into


def write_all(data: NDArray[np.uint8]) -> list[bytes]:
    """Write all that is decoded of some bytes in every form; give the lines of JSON."""
    decoder = Decoder(collector="rrc00")
    lines: list[bytes] = []
    for batch in decoder.decode(data):
        ours = b"".join(map(bytes, to_lines([batch], decoder.peers)))
        json_lines = b"".join(map(bytes, to_json_lines([batch], decoder.peers))).splitlines()
        feeds = count_feeds([batch], decoder.peers)
        assert ours.count(b"\n") == np.count_nonzero(batch.kind != Kind.END_OF_RIB)
        assert len(json_lines) == len(batch) == sum(feed.elements for feed in feeds)
        lines += json_lines
    decoder.close()
    return lines


def test_damaged_records_are_written_out(data_folder: Path) -> None:
    random = np.random.default_rng(8)
    for source in seeds(data_folder):
        for _ in range(ROUNDS):
            for line in write_all(guarded(mutate(source, random)))[:MOST_LINES]:
                assert "time" in msgspec.json.decode(line)


def test_nothing_is_read_beyond_the_end_while_writing(data_folder: Path) -> None:
    random = np.random.default_rng(9)
    for source in seeds(data_folder):
        for begin, end in pairwise(places(source)[:1000]):
            for line in write_all(guarded(mutate_one(source[begin:end], random))):
                msgspec.json.decode(line)
