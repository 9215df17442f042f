"""What the addresses of a world answer to pings and to TCP's SYN: packets in, packets out.

Some of a block's addresses ever answer, and of these each is there for an hour at a time or is not,
drawn by a hash of the address and the hour (Heidemann et al., "Census and survey of the visible
internet", IMC 2008; Quan, Heidemann and Pradkin, "Trinocular", SIGCOMM 2013, whose E(b) and A(E(b))
these are).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.lab.packets import (
    HEADER_4,
    HEADER_6,
    ICMP,
    IPV4,
    IPV6,
    TCP,
    echo,
    handshake,
    is_question,
    number,
    refuse,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Words = NDArray[np.uint64]
    Floats = NDArray[np.float64]

ROW = 512
"""Bytes of a packet at most: longer pings than that are cut, and go unanswered."""
USABLE = 254
"""Addresses of a block that are neither its own nor its broadcast address."""
_HOUR = 3600
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Blocks(NamedTuple):
    """Who answers at an instant, one entry a block, sorted by ``key``.

    Attributes:
        key: uint64[n]: the block's network as the first 64 bits of an address, an IPv4 address
            left-aligned; a /24 of IPv4 or a /48 of IPv6.
        ever: int64[n]: how many of its addresses ever answer, E(b); of IPv6, of those ``::1`` to
            ``::fe`` in its first /64.
        turn: int64[n]: these are a run around the circle of addresses, turned by so many.
        there: float64[n]: the chance that such an address answers now; 0 where the block is down.
        delay: float64[n]: the usual round trip in seconds.
        loss: float64[n]: the share of packets that are lost.
        refuses: bool[n]: where nobody is there, a router says so.
        open: float64[n]: the share of addresses that take a connection to a port.
    """

    key: Words
    ever: NDArray[np.int64]
    turn: NDArray[np.int64]
    there: Floats
    delay: Floats
    loss: Floats
    refuses: NDArray[np.bool_]
    open: Floats


class Instant(NamedTuple):
    """Who answers, as of a time of the world.

    Attributes:
        four: the blocks of IPv4.
        six: the blocks of IPv6.
        seed: the world's.
        time: of the world, in seconds since 1970.
    """

    four: Blocks
    six: Blocks
    seed: int
    time: int


class Replies(NamedTuple):
    """What is answered.

    Attributes:
        rows: uint8[m, ROW]: the packets.
        lengths: int64[m].
        delays: float64[m]: seconds after the question at which each is due.
    """

    rows: Rows
    lengths: NDArray[np.int64]
    delays: Floats


def answer(rows: Rows, lengths: NDArray[np.int64], instant: Instant, count: int) -> Replies:
    """What a world answers to packets; what it does not understand it does not answer.

    Args:
        rows: uint8[n, ROW]: the packets.
        lengths: int64[n]: how many bytes of each are the packet.
        instant: who answers.
        count: how many packets came before these: what is lost is drawn with it.
    """
    out = np.zeros((len(rows), ROW), dtype=np.uint8)
    sizes = np.zeros(len(rows), dtype=np.int64)
    delays = np.zeros(len(rows))
    four, six, seed, time = instant
    state = np.array([seed, time, count], dtype=np.int64).view(np.uint64)
    done = _answer_all(rows, lengths, four, six, state, out, sizes, delays)
    return Replies(out[:done], sizes[:done], delays[:done])


def prepare(instant: Instant) -> None:
    """Compile what answers, if need be, before anybody waits for an answer."""
    answer(np.zeros((1, ROW), dtype=np.uint8), np.zeros(1, dtype=np.int64), instant, 0)


@njit(cache=True, nogil=True)
def _answer_all(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    rows: Rows,
    lengths: NDArray[np.int64],
    four: Blocks,
    six: Blocks,
    state: Words,
    out: Rows,
    sizes: NDArray[np.int64],
    delays: Floats,
) -> int:
    done = 0
    for row in range(len(rows)):
        packet, length = rows[row], lengths[row]
        if length < HEADER_4 + ICMP or length >= ROW:
            continue
        version = packet[0] >> 4
        if version == IPV4:
            size, delay = _one(packet, length, four, state, np.uint64(row), out[done])
        elif version == IPV6 and length >= HEADER_6 + ICMP:
            size, delay = _one(packet, length, six, state, np.uint64(row), out[done])
        else:
            continue
        if size:
            sizes[done], delays[done] = size, delay
            done += 1
    return done


@njit(cache=True, nogil=True)
def _one(
    packet: Rows,
    length: int,
    blocks: Blocks,
    state: Words,
    row: int,
    out: Rows,
) -> tuple[int, float]:
    """Answer one packet: the answer's length, 0 for none, and its delay."""
    version = packet[0] >> 4
    if version == IPV4:
        high, low = number(packet, 16, 4) << np.uint64(32), np.uint64(0)
        network = high & np.uint64(0xFFFFFF0000000000)
        host = np.int64(high >> np.uint64(32) & np.uint64(0xFF))
        at, protocol = np.int64(packet[0] & np.uint8(15)) * 4, packet[9]
    else:
        high, low = number(packet, 24, 8), number(packet, 32, 8)
        network = high & np.uint64(0xFFFFFFFFFFFF0000)
        host = np.int64(low) if high == network and low <= np.uint64(USABLE) else 0
        at, protocol = HEADER_6, packet[6]
    block = np.searchsorted(blocks.key, network)
    if block == len(blocks.key) or blocks.key[block] != network:
        return 0, 0.0
    seed, time, count = state[0], state[1], state[2]
    own = _mixed(_mixed(seed ^ high) ^ low)
    luck = _mixed(own ^ _mixed(count + row))
    if _share(luck) < blocks.loss[block]:
        return 0, 0.0
    delay = blocks.delay[block] * (1.0 - 0.2 * np.log(1.0 - _share(_mixed(luck))))
    hours = (time + own % np.uint64(_HOUR)) // np.uint64(_HOUR)
    is_there = (
        0 < host <= USABLE
        and (host - 1 + blocks.turn[block]) % USABLE < blocks.ever[block]
        and _share(_mixed(own ^ _mixed(hours))) < blocks.there[block]
    )
    asked = is_question(packet, length, at, protocol, version)
    if not asked:
        return 0, 0.0
    if not is_there:
        if blocks.refuses[block] and blocks.there[block] == 0.0:
            return refuse(packet, length, version, out), delay
        return 0, 0.0
    if protocol == TCP:
        port = number(packet, at + 2, 2)
        takes = _share(_mixed(own ^ port)) < blocks.open[block]
        return handshake(packet, at, version, takes, luck, out), delay
    return echo(packet, length, at, version, out), delay


@njit(cache=True, nogil=True)
def _mixed(value: int) -> int:
    """A hash of 64 bits: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    value += _GOLDEN
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def _share(value: int) -> float:
    """A number from 0 to below 1."""
    return np.float64(value >> np.uint64(11)) / 9007199254740992.0
