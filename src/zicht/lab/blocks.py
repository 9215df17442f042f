"""Blocks of addresses that answer pings: which, how many of their addresses, and how reliably.

The words are those of Trinocular (Quan, Heidemann and Pradkin, SIGCOMM 2013): E(b) is the set of a
/24 block's addresses that have ever answered, A(E(b)) how likely one of them answers when asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.lab import chance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.plan import Prefixes

_SMALLEST, _LARGEST = 8, 240
_DIURNAL_BLOCKS = 0.15  # of the blocks sleep at night
_USABLE = 254  # addresses of a block that are neither its own nor its broadcast address


@dataclass(frozen=True)
class Blocks:
    """The /24 blocks that answer, sorted by part and then by address; all arrays have one length.

    Attributes:
        address: uint32: the block's first address.
        part: int32: the place of its part in ``World.parts``.
        ever: uint16: how many of its addresses ever answer, E(b).
        available: float64: how likely one of these answers, A(E(b)).
        diurnal: float64: by how much of that it falls at local night.
        rank: float64: it can be reached while this is below the part's share of packets.
    """

    address: NDArray[np.uint32]
    part: NDArray[np.int32]
    ever: NDArray[np.uint16]
    available: NDArray[np.float64]
    diurnal: NDArray[np.float64]
    rank: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rank)


def make_blocks(prefixes: Prefixes, answering: NDArray[np.int64], seed: int) -> Blocks:
    """Choose which blocks of each part answer, and how.

    Args:
        prefixes: all that is announced.
        answering: int64[parts]: how many blocks of each part.
        seed: the world's.
    """
    rows = np.flatnonzero(prefixes.family == 4)  # noqa: PLR2004 - IPv4
    sizes = prefixes.sizes24()[rows]
    before = np.cumsum(sizes) - sizes
    holds = np.bincount(prefixes.part[rows], weights=sizes, minlength=len(answering))
    starts = np.cumsum(holds) - holds
    wanted = np.minimum(answering, holds.astype(np.int64))
    part = np.repeat(np.arange(len(wanted)), wanted)
    turn = chance.uniforms(seed, "answering", count=len(wanted))
    place = np.arange(len(part)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    # Evenly spread over the part from some place on, so that no block is chosen twice.
    place = -(-place * holds[part].astype(np.int64) // wanted[part])
    place = (place + (turn * holds)[part].astype(np.int64)) % holds[part].astype(np.int64)
    row = np.searchsorted(before, starts[part].astype(np.int64) + place, side="right") - 1
    inside = starts[part].astype(np.int64) + place - before[row]
    address = (prefixes.high[rows[row]] >> np.uint64(40)).astype(np.int64) + inside
    order = np.lexsort((address, part))
    return _described(address[order].astype(np.uint64), part[order].astype(np.int32), seed)


def _described(address: NDArray[np.uint64], part: NDArray[np.int32], seed: int) -> Blocks:
    def luck(what: str) -> NDArray[np.float64]:
        return chance.uniforms_at(chance.key(seed, "blocks", what), address)

    ever = _SMALLEST + np.floor((_LARGEST - _SMALLEST) * luck("ever") * luck("ever"))
    available = 0.25 + 0.7 * np.sqrt(luck("available"))
    sleeps = luck("sleeps") < _DIURNAL_BLOCKS
    return Blocks(
        address=(address << np.uint64(8)).astype(np.uint32),
        part=part.astype(np.int32),
        ever=ever.astype(np.uint16),
        available=available,
        diurnal=np.where(sleeps, 0.4 + 0.5 * luck("diurnal"), 0.0),
        rank=luck("rank"),
    )


def ever_answers(blocks: Blocks, addresses: NDArray[np.uint32], seed: int) -> NDArray[np.bool_]:
    """Whether an address is in E(b) of its block, bool[n]; never one that ends in 0 or 255."""
    row, known = _rows(blocks, addresses)
    last = (addresses & np.uint32(255)).astype(np.int64)
    block = (addresses >> np.uint32(8)).astype(np.uint64)
    place = (last - 1 + _turns(block, seed)) % _USABLE
    usable = (last > 0) & (last <= _USABLE)
    return np.asarray(known & usable & (place < blocks.ever[row]))


def first_places(blocks: Blocks, seed: int) -> NDArray[np.int64]:
    """By how many addresses each block's E(b) is turned, int64[n].

    E(b) is a run of addresses around the block's circle: those of which ``(last byte - 1 + turn) %
    254`` is below ``ever``.
    """
    return _turns(blocks.address.astype(np.uint64) >> np.uint64(8), seed)


def _turns(block: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    turn = chance.hashes(chance.key(seed, "turn"), block) % np.uint64(_USABLE)
    return turn.astype(np.int64)


def _rows(
    blocks: Blocks, addresses: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The row of each address' block, and whether it has one."""
    order = np.argsort(blocks.address, kind="stable")
    wanted = addresses & np.uint32(0xFFFFFF00)
    at = np.searchsorted(blocks.address[order], wanted)
    at = np.minimum(at, max(len(order) - 1, 0))
    row = order[at] if len(order) else np.zeros(len(addresses), dtype=np.int64)
    known = blocks.address[row] == wanted if len(order) else np.zeros(len(addresses), np.bool_)
    return row, np.asarray(known)
