"""What is kept of each block from round to round, and how it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from zicht.errors import InputError
from zicht.sources.probe.belief import DOWN_ODDS, HIGHEST_ODDS, PROBES_PER_HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.history import BlockHistory

STEADY = 4
"""Addresses of a block that are remembered because they answer. The silence of four, of which nine
in ten stay, weighs as much as silence of all together may (``turns.TOGETHER``)."""
SAVED = 48.0 * PROBES_PER_HOUR
"""Probes that a block may save up for an outage: those of two days. It begins with as many."""
MOST_ADDRESSES = 256
"""Of a block that are probed: all of a /24, the first of a /48."""
_FORM = "1"  # counted up when a table means something else

# Larger than any size and prime, so that a stride reaches every address of E(b) before the first
# comes again.
_STRIDES = np.array(
    [257, 263, 269, 271, 277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347, 349],
    dtype=np.uint16,
)


class Blocks(NamedTuple):
    """The state of n blocks, an array each. Times are seconds of the run's clock.

    What lasts:

    Attributes:
        odds: float32[n]: log-odds of the belief that the block is up.
        began: float64[n]: when its last turn began; negative infinity before the first.
        heard: float64[n]: when it last answered.
        allowance: float32[n]: probes that it may still get now, so that the average stays low.
        size: uint16[n]: how many addresses E(b) has; 0 for a block that is not probed.
        stride: uint16[n]: the walk through E(b): which address comes next.
        cursor: uint32[n]: how far the walk is.
        usual: float32[n]: A(E(b)) from history.
        asked: float32[n]: probes of the walk lately, those of late weighing most.
        answered: float32[n]: answers to them.
        steady: uint8[n, STEADY]: addresses that answered and are asked again.
        steadies: uint8[n]: how many of them there are.
        steady_asked: float32[n]: probes lately to them while the block was up.
        steady_answered: float32[n]: answers to them.
        spent: uint8[n]: a bit each steady address that was silent since the block was last up.
        silent: uint16[n]: probes of the walk without an answer since the block was last up.
        turns: uint32[n]: how many turns it has had.

    Of the turn under way:

        phase: uint8[n]: a ``Phase``.
        due: float64[n]: when the next probe may go out, or the last is no longer waited for.
        at: uint8[n]: which address, as the last byte (IPv6: as the place in E(b)).
        place: int8[n]: which of the steady addresses that is; -1 for the walk.
        counts: bool[n]: whether its silence says anything.
        before: float32[n]: the log-odds with which the turn began.
        brief: bool[n]: of a block that is down, whether one probe is all that it gets.
        tried: uint8[n]: a bit each steady address that was asked.
        probes: uint8[n]: probes of which the end is known.
        voids: uint8[n]: those that never went out.
        answers: uint8[n]: answers.
        repeats: uint8[n]: steady addresses that were asked once more.
        steady_probes: uint8[n]: probes to steady addresses.
        steady_answers: uint8[n]: answers of them.
        silence: float32[n]: how much likelier no answer was were the block up than down, as a
            logarithm; 0 or below.
        rtt: float32[n]: of the last answer, seconds; NaN without one.
    """

    odds: NDArray[np.float32]
    began: NDArray[np.float64]
    heard: NDArray[np.float64]
    allowance: NDArray[np.float32]
    size: NDArray[np.uint16]
    stride: NDArray[np.uint16]
    cursor: NDArray[np.uint32]
    usual: NDArray[np.float32]
    asked: NDArray[np.float32]
    answered: NDArray[np.float32]
    steady: NDArray[np.uint8]
    steadies: NDArray[np.uint8]
    steady_asked: NDArray[np.float32]
    steady_answered: NDArray[np.float32]
    spent: NDArray[np.uint8]
    silent: NDArray[np.uint16]
    turns: NDArray[np.uint32]
    phase: NDArray[np.uint8]
    due: NDArray[np.float64]
    at: NDArray[np.uint8]
    place: NDArray[np.int8]
    counts: NDArray[np.bool_]
    before: NDArray[np.float32]
    brief: NDArray[np.bool_]
    tried: NDArray[np.uint8]
    probes: NDArray[np.uint8]
    voids: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    repeats: NDArray[np.uint8]
    steady_probes: NDArray[np.uint8]
    steady_answers: NDArray[np.uint8]
    silence: NDArray[np.float32]
    rtt: NDArray[np.float32]


_OF_A_TURN = Blocks._fields.index("phase")
_KEPT = tuple(
    name
    for name in Blocks._fields[:_OF_A_TURN]
    if name not in {"size", "stride", "usual", "began", "heard"}
)


def new_blocks(history: BlockHistory, now: float, seed: int) -> Blocks:
    """Blocks of which nothing is known but their history: as up as can be believed.

    A block whose availability was never measured counts as one of which a tenth answers.

    Args:
        history: of n blocks.
        now: the time.
        seed: of the walks through E(b).
    """
    n = len(history)
    draw = np.random.default_rng(seed)
    usual = np.nan_to_num(history.availability, nan=0.1).astype(np.float32)
    size = np.minimum(history.ever_active, MOST_ADDRESSES).astype(np.uint16)
    size[usual <= 0] = 0

    def zeros(kind: type) -> NDArray[np.float32]:
        return np.zeros(n, dtype=kind)

    blocks = {
        name: zeros(kind)
        for kind, names in (
            (np.uint8, "steadies spent phase at tried probes voids answers"),
            (np.uint8, "repeats steady_probes steady_answers"),
            (np.uint16, "silent"),
            (np.uint32, "turns"),
            (np.float32, "asked answered steady_asked steady_answered silence"),
            (np.float64, "due"),
            (np.bool_, "counts brief"),
        )
        for name in names.split()
    }
    return Blocks(
        odds=np.full(n, HIGHEST_ODDS, dtype=np.float32),
        began=np.full(n, -np.inf),
        heard=np.full(n, now),
        allowance=np.full(n, SAVED, dtype=np.float32),
        size=size,
        stride=_STRIDES[draw.integers(len(_STRIDES), size=n)],
        cursor=draw.integers(MOST_ADDRESSES, size=n, dtype=np.uint32),
        usual=usual,
        steady=np.zeros((n, STEADY), dtype=np.uint8),
        place=np.full(n, -1, dtype=np.int8),
        before=np.full(n, HIGHEST_ODDS, dtype=np.float32),
        rtt=np.full(n, np.nan, dtype=np.float32),
        **blocks,  # type: ignore[arg-type]
    )


def to_table(blocks: Blocks, high: NDArray[np.uint64], now: float, utc: float) -> pa.Table:
    """What lasts of blocks, a row each, with times in seconds since 1970.

    A turn under way is left out as if it had not begun, so that nothing counts twice.

    Args:
        blocks: n.
        high: uint64[n]: the first 64 bits of each block's first address.
        now: the time by the run's clock.
        utc: the same time in seconds since 1970.
    """
    under_way = blocks.phase != 0
    columns: dict[str, pa.Array] = {"high": pa.array(high)}
    for name in _KEPT:
        values = getattr(blocks, name)
        if name == "odds":
            values = np.where(under_way, blocks.before, blocks.odds)
        columns[name] = pa.array(values.reshape(-1)) if values.ndim == 1 else _binary(values)
    columns["began"] = pa.array(blocks.began - now + utc)
    columns["heard"] = pa.array(blocks.heard - now + utc)
    return pa.table(columns).replace_schema_metadata({"form": _FORM})


def from_table(table: pa.Table, history: BlockHistory, now: float, utc: float, seed: int) -> Blocks:
    """Blocks as ``to_table`` wrote them down; those that the table has not are new.

    Addresses remembered of a block whose E(b) has changed are forgotten.

    Args:
        table: what was written.
        history: of n blocks; others than those written down.
        now: the time by the run's clock.
        utc: the same time in seconds since 1970.
        seed: the one with which the run was begun.

    Raises:
        InputError: it is no such table, or of another version.
    """
    if (table.schema.metadata or {}).get(b"form") != _FORM.encode():
        raise InputError("This is no state of probed blocks, or one of another version of Zicht.")
    blocks = new_blocks(history, now, seed)
    try:
        written = np.asarray(table["high"]).astype(np.uint64, casting="same_kind")
        row = np.minimum(np.searchsorted(written, history.high), max(len(written) - 1, 0))
        known = written[row] == history.high if len(written) else np.zeros(len(history), np.bool_)
        for name in _KEPT:
            into = getattr(blocks, name)
            into[known] = _values(table, name, into)[row[known]]
        for name in ("began", "heard"):
            at = np.asarray(table[name]).astype(np.float64, casting="same_kind")
            getattr(blocks, name)[known] = at[row[known]] - utc + now
    except (KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise InputError(f"This is no state of probed blocks: {error}.") from None
    gone = blocks.steadies > STEADY
    blocks.steadies[gone | ~_known_addresses(blocks, history)] = 0
    return blocks


def _known_addresses(blocks: Blocks, history: BlockHistory) -> NDArray[np.bool_]:
    """bool[n]: whether all steady addresses of a block are of its E(b)."""
    if history.ipv4:
        rows = np.arange(len(history))[:, None]
        of_block = history.active[rows, blocks.steady >> 3] >> (blocks.steady & 7) & 1
    else:
        of_block = blocks.steady < blocks.size[:, None]
    unused = np.arange(STEADY) >= blocks.steadies[:, None]
    known: NDArray[np.bool_] = (of_block.astype(np.bool_) | unused).all(axis=1)
    return known


def is_down(blocks: Blocks) -> NDArray[np.bool_]:
    """bool[n]: which are believed to be down."""
    down: NDArray[np.bool_] = blocks.odds < np.float32(DOWN_ODDS)
    return down


def _binary(rows: NDArray[np.uint8]) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, data])


def _values(table: pa.Table, name: str, like: NDArray[np.float32]) -> NDArray[np.float32]:
    column = table[name]
    if column.null_count:
        raise ValueError(f"{name} has gaps")
    if like.ndim == 1:
        return np.asarray(column).astype(like.dtype, casting="same_kind")
    if column.type != pa.binary(STEADY):
        raise TypeError(f"{name} is not {STEADY} bytes")
    joined = b"".join(column.to_pylist())
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, STEADY)  # type: ignore[return-value]
