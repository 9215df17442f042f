"""What came of one pass over targets: what was sent, what answered, block by block.

It keeps some counts of each block, a bit of each address, and what answered: ten bytes an answer.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.sources.probe.plan import Refusal
from zicht.sources.probe.targets import address_text, block_text
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Rows
    from zicht.sources.probe.plan import Asked
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.targets import Targets


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the targets in one block.

    Attributes:
        block: a /24, or a /48 of IPv6.
        targets: addresses to probe.
        excluded: those that were left alone.
        probed: those that a probe went to.
        answered: those that answered in time.
        errors: ICMP errors that a router or host sent about them.
        rtt_median_ms: the median round trip of the answers, ``None`` without any.
    """

    block: str
    targets: int
    excluded: int
    probed: int
    answered: int
    errors: int
    rtt_median_ms: float | None


class Tally:
    """Counts of one space of targets.

    Attributes:
        counts: what came for these targets: ``answered``, ``late``, ``duplicate``, ``error``; and
            ``foreign``, right answers of who was never asked.
        icmp_errors: ICMP errors by type and code, such as ``3/13``.
        sent: how many probes went out.
        excluded: how many targets were left alone.
    """

    def __init__(self, targets: Targets) -> None:
        self.counts: Counter[str] = Counter()
        self.icmp_errors: Counter[str] = Counter()
        self.sent = 0
        self.excluded = 0
        self._targets = targets
        self._probed = np.zeros(targets.blocks, dtype=np.uint32)
        self._excluded = np.zeros(targets.blocks, dtype=np.uint32)
        self._errors = np.zeros(targets.blocks, dtype=np.uint32)
        self._answered = np.zeros(targets.size // 8 + 1, dtype=np.uint8)  # a bit an address
        self._answers: list[NDArray[np.uint32]] = []
        self._trips: list[NDArray[np.float32]] = []

    def note_sent(self, asked: Asked) -> None:
        """Probes went out to these targets."""
        self.sent += len(asked.high)
        np.add.at(self._probed, self._targets.block_of(*asked), np.uint32(1))

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These targets are not probed."""
        if why != Refusal.UNSENDABLE:
            self.excluded += len(asked.high)
            np.add.at(self._excluded, self._targets.block_of(*asked), np.uint32(1))

    def note_heard(self, judged: Judged) -> None:
        """These messages came."""
        at = self._targets.positions(judged.high, judged.low)
        ours = at >= 0
        answers = np.flatnonzero(ours & (judged.verdict == Verdict.ANSWER))
        _, index = np.unique(at[answers], return_index=True)
        first = answers[index]
        first = first[~self._has_answered(at[first])]
        where = at[first]
        np.bitwise_or.at(self._answered, where >> 3, _BIT[where & 7])
        self._answers.append(where.astype(np.uint32))
        self._trips.append(judged.round_trip[first].astype(np.float32))
        errors = np.flatnonzero(ours & (judged.verdict == Verdict.ERROR))
        blocks = self._targets.block_of(judged.high[errors], judged.low[errors])
        np.add.at(self._errors, blocks, np.uint32(1))
        self.counts["answered"] += len(first)
        self.counts["duplicate"] += len(answers) - len(first)
        self.counts["late"] += int((ours & (judged.verdict == Verdict.LATE)).sum())
        self.counts["foreign"] += int((~ours).sum())
        self.counts["error"] += len(errors)
        for icmp in zip(
            judged.icmp_type[errors].tolist(), judged.icmp_code[errors].tolist(), strict=True
        ):
            self.icmp_errors["{}/{}".format(*icmp)] += 1

    def blocks(self) -> list[Block]:
        """What came of each block, in the order of addresses."""
        targets = self._targets
        where, trips = self._heard()
        block = targets.block_of(*targets.addresses(where.astype(np.uint64)))
        return [
            Block(
                block=block_text(first, ipv4=targets.ipv4),
                targets=size,
                excluded=excluded,
                probed=probed,
                answered=answered,
                errors=errors,
                rtt_median_ms=median,
            )
            for first, size, excluded, probed, answered, errors, median in zip(
                targets.block_highs().tolist(),
                targets.block_sizes().tolist(),
                self._excluded.tolist(),
                self._probed.tolist(),
                np.bincount(block, minlength=targets.blocks).tolist(),
                self._errors.tolist(),
                _medians(block, trips, targets.blocks),
                strict=True,
            )
        ]

    def answered_addresses(self) -> Iterator[str]:
        """The addresses that answered, in their order."""
        found = np.sort(self._heard()[0]).astype(np.uint64)
        for high, low in zip(
            *(part.tolist() for part in self._targets.addresses(found)), strict=True
        ):
            yield address_text(high, low, ipv4=self._targets.ipv4)

    def _has_answered(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray((self._answered[at >> 3] & _BIT[at & 7]) != 0)

    def _heard(self) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        if not self._answers:
            return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32)
        self._answers = [np.concatenate(self._answers)]
        self._trips = [np.concatenate(self._trips)]
        return self._answers[0], self._trips[0]


_BIT: Rows = np.left_shift(1, np.arange(8)).astype(np.uint8)


def _medians(
    block: NDArray[np.int64], trips: NDArray[np.float32], blocks: int
) -> list[float | None]:
    """The median of each block's round trips, in ms."""
    timed = np.flatnonzero(~np.isnan(trips))
    order = timed[np.lexsort((trips[timed], block[timed]))]
    size = np.bincount(block[order], minlength=blocks)
    begin = np.cumsum(size) - size
    medians: list[float | None] = [None] * blocks
    for row in np.flatnonzero(size).tolist():
        part = trips[order[begin[row] : begin[row] + size[row]]]
        medians[row] = round(float(np.median(part)) * 1e3, 3)
    return medians
