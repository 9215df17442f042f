"""Ranges of numbers that overlap, made into ranges that do not, and those into CIDR blocks.

All numbers are of 64 bits: the first 64 bits of an address. Ranges include their last number.
"""

from __future__ import annotations

import heapq
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_BITS = 64


def flatten(
    first: NDArray[np.uint64],
    last: NDArray[np.uint64],
    value: NDArray[np.int32],
    rank: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int32]]:
    """Ranges that do not overlap: each number has the value of the highest rank that covers it.

    Neighbours of one value become one range. Most ranges of real data overlap no other; these are
    taken as they are, and only the others gone through one by one.

    Args:
        first: uint64[n]: the first number of each range.
        last: uint64[n]: the last one.
        value: int32[n]: what the numbers of the range are.
        rank: int64[n]: which range wins where several overlap; no two the same.

    Returns:
        ``first``, ``last`` and ``value`` of the ranges, in their order.
    """
    order = np.lexsort((last, first))
    first, last, value, rank = first[order], last[order], value[order], rank[order]
    if not len(first):
        return first, last, value
    reach = np.maximum.accumulate(last)
    begins = np.ones(len(first), np.bool_)  # a bunch of ranges that overlap
    begins[1:] = first[1:] > reach[:-1]
    starts = np.flatnonzero(begins)
    alone = np.diff(np.append(starts, len(first))) == 1
    taken = starts[alone]
    pieces = [(first[taken], last[taken], value[taken])]
    ends = np.append(starts[1:], len(first))
    for begin, end in zip(starts[~alone].tolist(), ends[~alone].tolist(), strict=True):
        part = slice(begin, end)
        found = list(_sweep(first[part], last[part], value[part], rank[part]))
        lows, highs, values = zip(*found, strict=True)
        pieces.append(
            (np.array(lows, np.uint64), np.array(highs, np.uint64), np.array(values, np.int32))
        )
    columns = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    order = np.argsort(columns[0])
    return _join(columns[0][order], columns[1][order], columns[2][order])


def cidrs(
    first: NDArray[np.uint64], last: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64]]:
    """The fewest CIDR blocks that cover ranges exactly.

    Returns:
        The first number and the length in bits of each block, and the index of its range; in no
        particular order.
    """
    blocks: list[tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64]]] = []
    at = first.copy()
    rest = last - first  # one less than what remains, so that 2**64 fits
    open_ = np.arange(len(first))

    def take(chosen: NDArray[np.int64], bits: int) -> None:
        nonlocal open_
        blocks.append(
            (at[chosen], np.full(len(chosen), _BITS - bits, np.uint8), chosen.astype(np.int64))
        )
        size = np.uint64((1 << bits) - 1)
        done = rest[chosen] == size
        more = chosen[~done]
        at[more] = at[more] + size + np.uint64(1)
        rest[more] = rest[more] - size - np.uint64(1)
        if done.any():
            open_ = np.setdiff1d(open_, chosen[done], assume_unique=True)

    whole = open_[(at == 0) & (rest == np.uint64(2**_BITS - 1))]
    if len(whole):
        take(whole, _BITS)
    for bits in range(_BITS):  # up to where the next larger block would begin
        size = np.uint64((1 << bits) - 1)
        fits = (at[open_] & (size + np.uint64(1)) != 0) & (rest[open_] >= size)
        if fits.any():
            take(open_[fits], bits)
    for bits in range(_BITS - 1, -1, -1):  # and down to the end
        fits = rest[open_] >= np.uint64((1 << bits) - 1)
        if fits.any():
            take(open_[fits], bits)
    if not blocks:
        return at, np.zeros(0, np.uint8), np.zeros(0, np.int64)
    begins, lengths, ranges = zip(*blocks, strict=True)
    return np.concatenate(begins), np.concatenate(lengths), np.concatenate(ranges)


def _sweep(
    first: NDArray[np.uint64],
    last: NDArray[np.uint64],
    value: NDArray[np.int32],
    rank: NDArray[np.int64],
) -> Iterator[tuple[int, int, int]]:
    """The ranges of a bunch, from its first number to its last, which are all covered."""
    firsts, lasts, values, ranks = first.tolist(), last.tolist(), value.tolist(), rank.tolist()
    cuts = sorted({*firsts, *(number + 1 for number in lasts)})
    reaching: list[tuple[int, int, int]] = []  # the highest rank on top
    following = 0
    for begin, end in pairwise(cuts):
        while following < len(firsts) and firsts[following] == begin:
            heapq.heappush(reaching, (-ranks[following], lasts[following], values[following]))
            following += 1
        while reaching[0][1] < begin:
            heapq.heappop(reaching)
        yield begin, end - 1, reaching[0][2]


def _join(
    first: NDArray[np.uint64], last: NDArray[np.uint64], value: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int32]]:
    """Neighbours of one value become one range."""
    apart = np.ones(len(first), np.bool_)
    apart[1:] = (first[1:] - np.uint64(1) != last[:-1]) | (value[1:] != value[:-1])
    starts = np.flatnonzero(apart)
    ends = np.append(starts[1:], len(first)) - 1
    return first[starts], last[ends], value[starts]


def prefix_mask(length: int) -> np.uint64:
    """The first ``length`` bits of 64."""
    return np.uint64(2**_BITS - (1 << (_BITS - length)))


def prefix_ranges(
    high: NDArray[np.uint64], length: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first and the last number of each prefix of at most 64 bits."""
    masks = np.array([prefix_mask(n) for n in range(_BITS + 1)], dtype=np.uint64)
    return high, high | ~masks[length]
