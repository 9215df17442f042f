"""Tables and updates as large as a collector's, generated: the same seed gives the same bytes.

Paths, communities and prefixes are random, but shaped like those of RIS and RouteViews: most
prefixes are /24, neighbouring prefixes often share an origin and its paths, peers have habits of
their own, a few peers send but a part of the table.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import mrt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

START = 1_700_000_000
PARTIAL_PEERS = 5
LENGTHS = (24, 23, 22, 21, 20, 19, 18, 16)
LENGTH_CHANCES = (0.61, 0.09, 0.11, 0.05, 0.05, 0.04, 0.03, 0.02)
RUN = 2.2  # neighbouring prefixes that share their paths, on average
TAILS = 256  # what follows the path: next hop and communities, of each peer
POOL = 100_000  # AS numbers


class World:
    """Peers with their habits, and a pool of AS numbers."""

    def __init__(self, peers: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.asns = self.random.integers(1, 400_000, POOL).astype(">u4")
        self.pool = self.asns.tobytes()
        self.speakers = [
            mrt.Speaker(IPv4Address(0x0A00_0001 + k), 3000 + k, IPv4Address(0x0A00_0001 + k))
            for k in range(peers)
        ]
        self.tails = [self._tails(speaker) for speaker in self.speakers]
        self.usual_length = self.random.integers(3, 6, peers).tolist()

    def _tails(self, speaker: mrt.Speaker) -> list[bytes]:
        habit = self.random.integers(0, 9)
        tails = []
        for _ in range(TAILS):
            count = int(self.random.poisson(habit))
            pairs = self.random.integers(0, 65_536, (count, 2)).tolist()
            tails.append(
                mrt.attributes(
                    origin=None,
                    next_hop=IPv4Address(int(speaker.address)),
                    med=int(habit) if habit % 3 == 0 else None,
                    communities=[(high, low) for high, low in pairs],
                )
            )
        return tails

    def attributes(self, peer: int, origin: bytes, draws: NDArray[np.int64]) -> bytes:
        """ORIGIN, AS_PATH and the rest; ``draws`` are four random numbers."""
        hops = self.usual_length[peer] + int(draws[0]) % 4 - 2
        begin = 4 * (int(draws[1]) % (POOL - 8))
        path = struct.pack(">BB", 2, hops + 2) + struct.pack(">I", 3000 + peer)
        path += self.pool[begin : begin + 4 * hops] + origin
        return (
            b"\x40\x01\x01\x00\x40\x02"
            + bytes([len(path)])
            + path
            + self.tails[peer][int(draws[2]) % TAILS]
        )


def make_prefixes(count: int, random: np.random.Generator) -> list[IPv4Network]:
    """Prefixes from 1.0.0.0 on, in order, some of them within others."""
    lengths = random.choice(LENGTHS, count, p=LENGTH_CHANCES)
    gaps = np.where(random.random(count) < 0.1, 1, 0)  # noqa: PLR2004 - one in ten
    prefixes, at = [], 0x0100_0000
    for length, gap in zip(lengths.tolist(), gaps.tolist(), strict=True):
        size = 1 << (32 - length)
        at = -(-at // size) * size
        prefixes.append(IPv4Network((at, length)))
        at += size * (1 + gap)
    return prefixes


def make_rib(prefixes: int, peers: int = 40, seed: int = 1) -> Iterator[bytes]:
    """Give a table of TABLE_DUMP_V2, in pieces of a few records."""
    world = World(peers, seed)
    random = world.random
    yield mrt.index_table(START * 1_000_000, world.speakers, view=b"bench")
    networks = make_prefixes(prefixes, random)
    at = sequence = 0
    while at < len(networks):
        run = networks[at : at + int(random.geometric(1 / RUN))]
        at += len(run)
        origin = int(random.choice(world.asns)).to_bytes(4, "big")
        draws = random.integers(0, 1 << 30, (peers, 4))
        entries = []
        for peer in range(peers):
            if peer >= peers - PARTIAL_PEERS and draws[peer, 3] % 10:
                continue
            attributes = world.attributes(peer, origin, draws[peer])
            entries.append(struct.pack(">HIH", peer, START, len(attributes)) + attributes)
        body = struct.pack(">H", len(entries)) + b"".join(entries)
        parts = []
        for network in run:
            head = struct.pack(">I", sequence) + mrt.prefix(network)
            parts.append(mrt.record(START * 1_000_000, mrt.TABLE_DUMP_V2, 2, head + body))
            sequence += 1
        yield b"".join(parts)


def make_updates(messages: int, peers: int = 40, seed: int = 2) -> Iterator[bytes]:
    """Give updates of BGP4MP, some in ten with withdrawals and three in ten of IPv6."""
    world = World(peers, seed)
    random = world.random
    prefixes = [mrt.prefix(network) for network in make_prefixes(100_000, random)]
    next_hop = bytes(15) + b"\1"
    chosen = random.integers(0, len(prefixes) - 12, messages).tolist()
    counts = np.minimum(random.geometric(1 / 2.4, messages), 12).tolist()
    kinds = random.random(messages).tolist()
    senders = random.integers(0, peers, messages).tolist()
    draws = random.integers(0, 1 << 30, (messages, 4))
    for k in range(messages):
        begin, peer = chosen[k], senders[k]
        some = b"".join(prefixes[begin : begin + counts[k]])
        if kinds[k] < 0.1:  # noqa: PLR2004 - one in ten
            body = mrt.update_body(withdrawn=some)
        else:
            at = 4 * (begin % POOL)
            attributes = world.attributes(peer, world.pool[at : at + 4], draws[k])
            if kinds[k] < 0.4:  # noqa: PLR2004 - three in ten
                value = b"\0\2\1\x10" + next_hop + b"\0" + some
                body = mrt.update_body(path_attributes=attributes + mrt.attribute(14, value))
            else:
                body = mrt.update_body(path_attributes=attributes, announced=some)
        time = (START + k // 4000) * 1_000_000
        yield mrt.bgp4mp(time, world.speakers[peer], mrt.message(mrt.UPDATE, body))
