"""What came of probing: what was sent, what answered, and all else that came."""

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
        errors: those of which a router or host sent an ICMP error.
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
    """

    def __init__(self, targets: Targets) -> None:
        self.counts: Counter[str] = Counter()
        self.icmp_errors: Counter[str] = Counter()
        self._targets = targets
        self._probed = np.zeros(targets.size, dtype=np.bool_)
        self._excluded = np.zeros(targets.size, dtype=np.bool_)
        self._answered = np.zeros(targets.size, dtype=np.bool_)
        self._errors = np.zeros(targets.size, dtype=np.bool_)
        self._rtt = np.full(targets.size, np.nan, dtype=np.float32)

    def note_sent(self, asked: Asked) -> None:
        """Probes went out to these targets."""
        self._probed[self._targets.positions(*asked)] = True

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These targets are not probed."""
        if why != Refusal.UNSENDABLE:
            self._excluded[self._targets.positions(*asked)] = True

    def note_heard(self, judged: Judged) -> None:
        """These messages came."""
        verdict = judged.verdict.copy()
        at = self._targets.positions(judged.high, judged.low)
        ours = (verdict == Verdict.ANSWER) | (verdict == Verdict.ERROR)
        verdict[ours & (at < 0)] = Verdict.FOREIGN  # a right token of what was never a target
        answers = np.flatnonzero(verdict == Verdict.ANSWER)
        first = answers[np.unique(at[answers], return_index=True)[1]]
        first = first[~self._answered[at[first]]]
        self._answered[at[first]] = True
        self._rtt[at[first]] = judged.round_trip[first]
        errors = verdict == Verdict.ERROR
        self._errors[at[errors]] = True
        self.counts["answered"] += len(first)
        self.counts["duplicate"] += len(answers) - len(first)
        for which in (Verdict.LATE, Verdict.FOREIGN):
            self.counts[which.name.lower()] += int((verdict == which).sum())
        self.counts["error"] += int(errors.sum())
        for icmp in zip(
            judged.icmp_type[errors].tolist(), judged.icmp_code[errors].tolist(), strict=True
        ):
            self.icmp_errors["{}/{}".format(*icmp)] += 1

    @property
    def sent(self) -> int:
        """How many targets a probe went to."""
        return int(self._probed.sum())

    @property
    def excluded(self) -> int:
        """How many targets were left alone."""
        return int(self._excluded.sum())

    def blocks(self) -> list[Block]:
        """What came of each block, in the order of addresses."""
        high, _ = self._targets.addresses(np.arange(self._targets.size, dtype=np.uint64))
        shift = np.uint64(40 if self._targets.ipv4 else 16)
        _, row, inverse = np.unique(high >> shift, return_index=True, return_inverse=True)
        totals = [
            np.bincount(inverse, weights=what, minlength=len(row)).astype(int).tolist()
            for what in (
                np.ones(self._targets.size),
                self._excluded,
                self._probed,
                self._answered,
                self._errors,
            )
        ]
        medians = self._medians(inverse, len(row))
        return [
            Block(
                block=block_text(first, ipv4=self._targets.ipv4),
                targets=targets,
                excluded=excluded,
                probed=probed,
                answered=answered,
                errors=errors,
                rtt_median_ms=median,
            )
            for first, targets, excluded, probed, answered, errors, median in zip(
                high[row].tolist(), *totals, medians, strict=True
            )
        ]

    def answered_addresses(self) -> Iterator[str]:
        """The addresses that answered, in their order."""
        found = np.flatnonzero(self._answered).astype(np.uint64)
        for high, low in zip(
            *(part.tolist() for part in self._targets.addresses(found)), strict=True
        ):
            yield address_text(high, low, ipv4=self._targets.ipv4)

    def _medians(self, block: NDArray[np.intp], blocks: int) -> list[float | None]:
        timed = np.flatnonzero(~np.isnan(self._rtt))
        order = timed[np.lexsort((self._rtt[timed], block[timed]))]
        size = np.bincount(block[order], minlength=blocks)
        begin = np.cumsum(size) - size
        medians: list[float | None] = [None] * blocks
        for row in np.flatnonzero(size).tolist():
            part = self._rtt[order[begin[row] : begin[row] + size[row]]]
            medians[row] = round(float(np.median(part)) * 1e3, 3)
        return medians
