"""What is known of blocks from earlier rounds: which addresses ever answered, and how often.

E(b) is the set of addresses of a block that ever answered, A(E(b)) the share of probes to them that
are answered while the block is up (Quan, Heidemann and Pradkin, "Trinocular", SIGCOMM 2013, section
4). Addresses are nobody's business: a history stays in its own file (``observe.probe_histories``)
and goes into no export, log or message.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zicht.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

BITS = 256
"""Addresses of a /24."""
HOURS = 24
_BYTES = BITS // 8
_FORM = "1"  # counted up when a table means something else
_BELOW = {True: np.uint64(2**40 - 1), False: np.uint64(2**16 - 1)}  # /24, /48
_BELOW_ADDRESS_4 = np.uint64(2**32 - 1)


class BlockSort(IntEnum):
    """What a block is to a prober, which decides how it is probed (``sorts``)."""

    UNKNOWN = 0
    """Not measured well enough to be told."""
    DENSE = 1
    """Enough addresses answer often enough: a few adaptive probes decide."""
    SPARSE = 2
    """Few addresses answer, or seldom: one round decides nothing."""
    DIURNAL = 3
    """Answers by day and not by night, or the other way round."""
    LONE = 4
    """One or two addresses answer."""
    SILENT = 5
    """None answers any longer."""


@dataclass(frozen=True)
class BlockHistory:
    """What earlier rounds told of n blocks of one family: /24 of IPv4, /48 of IPv6.

    Attributes:
        ipv4: which family.
        high: uint64[n], ascending: the first 64 bits of each block's first address; an IPv4 address
            is the uppermost 32 of them.
        active: uint8[n, 32]: E(b) of IPv4: bit a % 8 of byte a // 8 is address a of the block; of
            IPv6 uint8[0, 32].
        first: int64[n + 1]: E(b) of IPv6: block b has the addresses ``first[b]:first[b + 1]`` of
            the next two; of IPv4 zeros.
        address_high: uint64[m]: their first 64 bits.
        address_low: uint64[m]: their last 64; ascending within a block.
        availability: float32[n]: A(E(b)), 0 to 1; NaN where not measured.
        rounds: int32[n]: how many rounds are behind it.
        hourly: float32[n, 24]: the same by hour of UTC, NaN where not measured; float32[n, 0] where
            nothing is known of hours.
        sort: uint8[n]: a ``BlockSort``.
        seen: int64[n]: when the block was last learned of, microseconds since 1970 UTC.
        weight: float32[n]: how many probes A(E(b)) rests on, as far as they are remembered; no
            rows where it rests on none.
        asked: float32[n]: probes since addresses were last let go of; no rows for none.
        recent: uint8[n, 32]: like ``active``: the addresses that answered since then; no rows for
            none. Of IPv6 uint8[0, 32].
        address_recent: bool[m]: likewise of IPv6; no rows for none.
    """

    ipv4: bool
    high: NDArray[np.uint64]
    active: NDArray[np.uint8]
    first: NDArray[np.int64]
    address_high: NDArray[np.uint64]
    address_low: NDArray[np.uint64]
    availability: NDArray[np.float32]
    rounds: NDArray[np.int32]
    hourly: NDArray[np.float32]
    sort: NDArray[np.uint8]
    seen: NDArray[np.int64]
    weight: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    asked: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    recent: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, _BYTES), np.uint8))
    address_recent: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    def __len__(self) -> int:
        return len(self.high)

    @property
    def ever_active(self) -> NDArray[np.int64]:
        """int64[n]: how many addresses E(b) has."""
        if self.ipv4:
            bits: NDArray[np.int64] = np.bitwise_count(self.active).sum(axis=1, dtype=np.int64)
            return bits
        return np.diff(self.first)


def no_history(*, ipv4: bool) -> BlockHistory:
    """The history of no blocks."""
    return unmeasured(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64), ipv4=ipv4)


def unmeasured(
    high: NDArray[np.uint64], low: NDArray[np.uint64], *, ipv4: bool, seen: int = 0
) -> BlockHistory:
    """The history of addresses that are known to have answered, and nothing else.

    Args:
        high: uint64[m]: the first 64 bits of each address, in any order; the same may come twice.
        low: uint64[m]: the last 64; 0 for IPv4.
        ipv4: which family.
        seen: microseconds since 1970 UTC.
    """
    order = np.lexsort((low, high))
    high, low = high[order], low[order]
    fresh = np.ones(len(high), dtype=np.bool_)
    fresh[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    high, low = high[fresh], low[fresh]
    blocks, begins = np.unique(high & ~_BELOW[ipv4], return_index=True)
    n = len(blocks)
    active = np.zeros((n if ipv4 else 0, _BYTES), dtype=np.uint8)
    first = np.zeros(n + 1, dtype=np.int64)
    if ipv4:
        row = np.repeat(np.arange(n), np.diff(np.append(begins, len(high))))
        last = ((high & _BELOW[True]) >> np.uint64(32)).astype(np.int64)
        np.bitwise_or.at(active, (row, last >> 3), (1 << (last & 7)).astype(np.uint8))
        high = low = np.empty(0, dtype=np.uint64)
    else:
        first[:] = np.append(begins, len(high))
    return BlockHistory(
        ipv4=ipv4,
        high=blocks,
        active=active,
        first=first,
        address_high=high,
        address_low=low,
        availability=np.full(n, np.nan, dtype=np.float32),
        rounds=np.zeros(n, dtype=np.int32),
        hourly=np.empty((n, 0), dtype=np.float32),
        sort=np.full(n, BlockSort.UNKNOWN, dtype=np.uint8),
        seen=np.full(n, seen, dtype=np.int64),
    )


def check(history: BlockHistory) -> BlockHistory:
    """Give a history back that is one.

    Raises:
        InputError: its columns do not belong together, or hold what cannot be.
    """
    for true, wrong in _faults(history):
        if not true:
            raise InputError(f"This is no history of blocks: {wrong}.")
    return history


def _faults(history: BlockHistory) -> list[tuple[bool, str]]:
    n, m, ipv4 = len(history.high), len(history.address_high), history.ipv4
    shapes: dict[str, list[tuple[int, ...]]] = {
        "high": [(n,)],
        "active": [(n if ipv4 else 0, _BYTES)],
        "first": [(n + 1,)],
        "address_high": [(0 if ipv4 else m,)],
        "address_low": [(0 if ipv4 else m,)],
        "availability": [(n,)],
        "rounds": [(n,)],
        "hourly": [(n, 0), (n, HOURS)],
        "sort": [(n,)],
        "seen": [(n,)],
        "weight": [(0,), (n,)],
        "asked": [(0,), (n,)],
        "recent": [(0, _BYTES), (n if ipv4 else 0, _BYTES)],
        "address_recent": [(0,), (m,)],
    }
    faults = [
        (getattr(history, name).shape in allowed, f"{name} has a length of its own")
        for name, allowed in shapes.items()
    ]
    if not all(true for true, _ in faults):
        return faults
    high, first, below = history.high, history.first, _BELOW[ipv4]
    share, hourly = history.availability, history.hourly
    faults += [
        (not (high & below).any(), "a block begins in the middle of another"),
        (bool((high[1:] > high[:-1]).all()), "the blocks are not in order"),
        (_shares(share) and _shares(hourly), "an availability is none"),
        (bool((history.rounds >= 0).all()), "there are rounds below zero"),
        (bool((history.sort <= max(BlockSort)).all()), "a block is of an unknown sort"),
        (first[0] == 0 and first[-1] == m and bool((np.diff(first) >= 0).all()), "first is wrong"),
    ]
    if not ipv4 and all(true for true, _ in faults):
        faults.append((_in_their_blocks(history), "an address is in no order or another's block"))
    if ipv4 and len(history.recent):
        faults.append((not (history.recent & ~history.active).any(), "recent is not of E(b)"))
    return faults


def _shares(values: NDArray[np.float32]) -> bool:
    return bool((np.isnan(values) | ((values >= 0) & (values <= 1))).all())


def _in_their_blocks(history: BlockHistory) -> bool:
    block = np.repeat(history.high, np.diff(history.first))
    high, low = history.address_high, history.address_low
    ascending = (high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))
    return bool(((high & ~_BELOW[False]) == block).all() and ascending.all())


def to_table(history: BlockHistory) -> pa.Table:
    """A history as an Arrow table, a row each block.

    ``active`` is 32 bytes of IPv4, and a list of addresses of 16 bytes in network order of IPv6.
    """
    columns: dict[str, pa.Array] = {"high": pa.array(history.high)}
    if history.ipv4:
        columns["active"] = _binary(history.active)
        columns["recent"] = _binary(_rows(history.recent, len(history), _BYTES))
    else:
        pairs = np.stack([history.address_high, history.address_low], axis=1).astype(">u8")
        bounds = pa.array(history.first)
        recent = history.address_recent
        if not len(recent):
            recent = np.zeros(len(pairs), dtype=np.bool_)
        columns["active"] = pa.LargeListArray.from_arrays(bounds, _binary(pairs.view(np.uint8)))
        columns["recent"] = pa.LargeListArray.from_arrays(bounds, pa.array(recent))
    for name in ("availability", "rounds", "sort", "seen"):
        columns[name] = pa.array(getattr(history, name))
    for name in ("weight", "asked"):
        columns[name] = pa.array(_rows(getattr(history, name), len(history)))
    if history.hourly.shape[1]:
        flat = pa.array(history.hourly.reshape(-1))
        columns["hourly"] = pa.FixedSizeListArray.from_arrays(flat, HOURS)
    family = "4" if history.ipv4 else "6"
    return pa.table(columns).replace_schema_metadata({"form": _FORM, "family": family})


def from_table(table: pa.Table) -> BlockHistory:
    """The history that ``to_table`` wrote down.

    Raises:
        InputError: it is no such table, or holds what cannot be.
    """
    said = table.schema.metadata or {}
    if said.get(b"form") != _FORM.encode() or said.get(b"family") not in {b"4", b"6"}:
        raise InputError("This is no history of blocks, or one of another version of Zicht.")
    ipv4 = said[b"family"] == b"4"
    try:
        return check(_read(table.combine_chunks(), ipv4=ipv4))
    except (KeyError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
        raise InputError(f"This is no history of blocks: {error}.") from None


def _read(table: pa.Table, *, ipv4: bool) -> BlockHistory:
    n = table.num_rows
    plain = {
        item.name: np.asarray(table[item.name]).astype(kind, casting="same_kind")
        for item in fields(BlockHistory)
        if (kind := _KINDS.get(item.name)) is not None
    }
    hourly = np.empty((n, 0), dtype=np.float32)
    if "hourly" in table.column_names:
        hourly = np.asarray(_whole(table, "hourly").flatten()).reshape(n, HOURS)
    first, none = np.zeros(n + 1, dtype=np.int64), np.empty(0, dtype=np.uint64)
    active, recent = _whole(table, "active"), _whole(table, "recent")
    if ipv4:
        return BlockHistory(
            ipv4=True,
            **plain,
            active=_unbinary(active, _BYTES),
            recent=_unbinary(recent, _BYTES),
            first=first,
            address_high=none,
            address_low=none,
            hourly=hourly,
        )
    first = np.asarray(active.offsets).astype(np.int64)
    pairs = _unbinary(active.flatten(), 16).view(">u8").astype(np.uint64)
    return BlockHistory(
        ipv4=False,
        **plain,
        active=np.zeros((0, _BYTES), dtype=np.uint8),
        first=first - first[0],
        address_high=pairs[:, 0],
        address_low=pairs[:, 1],
        address_recent=np.asarray(recent.flatten()).astype(np.bool_),
        hourly=hourly,
    )


_KINDS: dict[str, DTypeLike] = {
    "high": np.uint64,
    "availability": np.float32,
    "rounds": np.int32,
    "sort": np.uint8,
    "seen": np.int64,
    "weight": np.float32,
    "asked": np.float32,
}


def _whole(table: pa.Table, name: str) -> Any:
    """A column in one piece."""
    column = table[name]
    if column.null_count:
        raise ValueError(f"{name} has gaps")
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _binary(rows: NDArray[np.uint8]) -> pa.Array:
    width = rows.shape[1]
    data = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(rows), [None, data])


def _unbinary(array: pa.Array, width: int) -> NDArray[np.uint8]:
    if array.type != pa.binary(width):
        raise TypeError(f"{array.type} is not {width} bytes")
    if not len(array):
        return np.empty((0, width), dtype=np.uint8)
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8)
    return data[array.offset * width : (array.offset + len(array)) * width].reshape(-1, width)


def _rows(values: NDArray[Any], n: int, *width: int) -> NDArray[Any]:
    return values if len(values) == n else np.zeros((n, *width), dtype=values.dtype)
