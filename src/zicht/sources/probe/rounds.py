"""Round after round over the blocks of a history, each asked as often as its belief needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.belief import belief_of
from zicht.sources.probe.blocks import MOST_ADDRESSES, from_table, new_blocks, to_table
from zicht.sources.probe.chances import ROUND, hour_of
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.recovery import Recovery
from zicht.sources.probe.samples import Minutes
from zicht.sources.probe.spread import spread
from zicht.sources.probe.turns import SENT, TAKEN
from zicht.sources.probe.under_way import Answers, give_up, go_on, pick, reply, start
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from zicht.sources.probe.history import BlockHistory
    from zicht.sources.probe.replies import Judged
    from zicht.sources.probe.samples import Sample

    Rows = NDArray[np.int32]

WAIT = 3.0
"""Seconds that an answer is waited for, and the least time between two probes to a block, so that
it never gets more than 20 a minute (Trinocular waits three seconds too)."""
_LATE = 2.0
"""Seconds that turns may be behind their time and still be made up for. What was missed for longer,
as while the machine slept, is put off and not made up for."""
_STALL = 1.0
"""Without a tick for so many seconds answers may lie unread, so silence is judged so much later."""
_APART = 0.05  # seconds between two looks at all turns under way
_HOUR = 3600
_TO_BLOCK_4, _TO_BLOCK_6 = np.uint64(40), np.uint64(16)


class Rounds:
    """A plan that never ends: every block has its turn each ``ROUND`` seconds.

    The order is drawn once and kept, so that the time between two turns of a block is always the
    same; it is random, and any stretch of it holds its share of every operator.

    Args:
        history: the blocks; those of which no address ever answered are left out.
        operator: int32[n]: who runs each block, any numbers.
        seed: of the order and of the walks through blocks; kept over a restart.
        utc: seconds since 1970 at the time 0 of the run's clock.
        state: what ``state`` gave when an earlier run stopped; None at the first.

    Raises:
        InputError: the state is none.
    """

    def __init__(
        self,
        history: BlockHistory,
        operator: NDArray[np.int32],
        seed: int,
        *,
        utc: float,
        state: pa.Table | None = None,
    ) -> None:
        self._history = history
        self._utc = utc
        self._blocks = (
            new_blocks(history, 0.0, seed)
            if state is None
            else from_table(state, history, 0.0, utc, seed)
        )
        probed = np.flatnonzero(self._blocks.size > 0)
        self._recovery = Recovery(operator, self._blocks)
        self._order = probed[spread(operator[probed], seed)].astype(np.int32)
        self._slot = self._first_slot()
        self._begin = -self._slot * ROUND / max(len(self._order), 1)
        self._under_way = np.empty(0, dtype=np.int32)
        self._soonest = np.inf
        self._now = self._looked = self._ticked = 0.0
        self._minutes = Minutes(utc, self._blocks)
        self._hour_of_day = -1
        self._hour = hour_of(history, 0)
        self._keep_hour(0.0)

    @property
    def ipv4(self) -> bool:
        """Whether its addresses are of IPv4, or of IPv6."""
        return self._history.ipv4

    @property
    def done(self) -> bool:
        """Never, but where there is nothing to probe."""
        return not len(self._order)

    @property
    def belief(self) -> NDArray[np.float32]:
        """float32[n]: the belief that each block is up, NaN of those never probed."""
        judged = np.isfinite(self._blocks.began)
        return np.where(judged, belief_of(self._blocks.odds), np.float32(np.nan))

    def next(self, now: float) -> float:
        """The earliest time at which ``take`` may give anything."""
        if self.done:
            return np.inf
        return max(now, min(self._soonest, self._due()))

    def take(self, count: int, now: float) -> Asked:
        """At most ``count`` addresses to probe now; turns under way go before new ones."""
        self._now = now
        picked = self._pick(count, now) if self._soonest <= now else self._under_way[:0]
        left = count - len(picked)
        if left and not self.done and self._due() <= now:
            self._start(left, now)
            picked = np.concatenate([picked, self._pick(left, now)])
        return self._addresses(picked)

    def note_sent(self, asked: Asked, now: float) -> None:
        """Probes went out to these."""
        rows = self._rows(asked)
        rows = rows[self._blocks.phase[rows] == TAKEN]
        self._blocks.phase[rows] = SENT
        self._wait(rows, np.full(len(rows), now + WAIT))

    def note_refused(self, asked: Asked, why: Refusal) -> None:
        """These are not probed: others are asked in their stead, and they count for nothing."""
        now = self._now
        again = now + WAIT if why == Refusal.UNSENDABLE else now
        rows = self._rows(asked)
        ended = give_up(rows, self._blocks, self._history.active, self._hour, now, again)
        self._over(ended, now)
        self._wait(rows, np.full(len(rows), again))

    def put_back(self, asked: Asked, again: NDArray[np.float64]) -> None:
        """These were not sent; ask for each from its time ``again`` on."""
        rows = self._rows(asked)
        taken = self._blocks.phase[rows] == TAKEN
        self._blocks.phase[rows[taken]] -= np.uint8(1)
        self._wait(rows[taken], again[taken])

    def note_heard(self, judged: Judged, now: float) -> None:
        """These messages came. Errors of routers are no answers."""
        late = judged.verdict == Verdict.LATE
        told = late | (judged.verdict == Verdict.ANSWER)
        if not told.any():
            return
        rows, at = self._places(Asked(judged.high[told], judged.low[told]))
        known = at >= 0
        answers = Answers(rows[known], at[known], late[told][known], judged.round_trip[told][known])
        ended = reply(answers, self._blocks, self._history.active, self._hour, now)
        self._over(ended, now)

    def tick(self, now: float) -> None:
        """Judge silence, and know the hour."""
        stalled = now - self._ticked
        self._ticked = now
        if stalled > _STALL:
            sent = self._under_way[self._blocks.phase[self._under_way] == SENT]
            self._blocks.due[sent] += stalled
        self._keep_hour(now)
        if self._soonest <= now and now >= self._looked + _APART:
            self._looked = now
            self._go_on(now)

    def samples(self, now: float) -> list[Sample]:
        """What the minutes told that are past and whose turns are over: each once, oldest first.

        A turn takes up to 45 s, so that a minute is told a minute after its end at the latest.
        """
        return self._minutes.finished(now)

    def withdraw(self, sample: Sample) -> None:
        """Forget what a sample made believe, since the line that it came over was itself sick.

        Belief returns to what it was before; blocks that have had another turn since keep theirs.
        """
        rows = sample.block
        same = self._blocks.began[rows] == sample.began - self._utc
        rows = rows[same & (self._blocks.phase[rows] == 0)]
        self._blocks.odds[rows] = self._blocks.before[rows]
        self._blocks.spent[rows] &= ~self._blocks.tried[rows]

    def state(self, now: float) -> pa.Table:
        """All that a later run needs to go on as if it had not stopped."""
        return to_table(self._blocks, self._history.high, now, self._utc + now)

    def _first_slot(self) -> int:
        """After the block that had its turn last."""
        began = self._blocks.began[self._order]
        if not len(began) or not np.isfinite(began).any():
            return 0
        return int(np.argmax(began) + 1) % len(began)

    def _due(self) -> float:
        return self._begin + self._slot * ROUND / len(self._order)

    def _start(self, count: int, now: float) -> None:
        if now - self._due() > _LATE:
            self._begin += now - self._due()
        n = len(self._order)
        reached = int((now - self._begin) * n / ROUND) + 1
        until = min(max(reached, self._slot + 1), n, self._slot + count)
        rows = self._order[self._slot : until]
        self._slot = until
        if until == n:
            self._slot, self._begin = 0, self._begin + ROUND
            self._recovery.count()
        self._minutes.go_to(now)
        brief = self._recovery.brief(rows)
        begun = start(rows, brief, self._blocks, self._history.active, self._hour, now)
        self._minutes.begun(len(begun), now)
        self._under_way = np.concatenate([self._under_way, begun])

    def _pick(self, count: int, now: float) -> Rows:
        picked, self._soonest = pick(self._under_way, self._blocks, count, now)
        return picked

    def _go_on(self, now: float) -> None:
        kept, soonest, ended = go_on(
            self._under_way, self._blocks, self._history.active, self._hour, now
        )
        self._under_way = self._under_way[:kept]
        self._soonest = soonest
        self._over(ended, now)

    def _over(self, rows: Rows, now: float) -> None:
        if len(rows):
            self._minutes.over(rows)
            self._recovery.over(rows, now)

    def _wait(self, rows: Rows, until: NDArray[np.float64]) -> None:
        if len(rows):
            self._blocks.due[rows] = until
            self._soonest = min(self._soonest, float(until.min()))

    def _keep_hour(self, now: float) -> None:
        hour = int((self._utc + now) // _HOUR)
        if hour != self._hour_of_day:
            self._hour_of_day = hour
            self._hour = hour_of(self._history, hour % 24)

    def _addresses(self, rows: Rows) -> Asked:
        at = self._blocks.at[rows].astype(np.uint64)
        if self.ipv4:
            return Asked(self._history.high[rows] + (at << np.uint64(32)), np.zeros_like(at))
        place = self._history.first[rows] + at.astype(np.int64)
        return Asked(self._history.address_high[place], self._history.address_low[place])

    def _rows(self, asked: Asked) -> Rows:
        """The blocks of addresses that ``take`` gave."""
        return self._places(asked)[0]

    def _places(self, asked: Asked) -> tuple[Rows, NDArray[np.int64]]:
        """The block of each address, and which of its addresses; -1 where it is of none."""
        shift = _TO_BLOCK_4 if self.ipv4 else _TO_BLOCK_6
        first = asked.high >> shift << shift
        rows = np.minimum(np.searchsorted(self._history.high, first), len(self._history) - 1)
        of_block = self._history.high[rows] == first
        if self.ipv4:
            at = ((asked.high >> np.uint64(32)) & np.uint64(0xFF)).astype(np.int64)
        else:
            at = self._blocks.at[rows].astype(np.int64)
            place = self._history.first[rows] + at
            of_block &= self._history.address_high[place] == asked.high
            of_block &= self._history.address_low[place] == asked.low
        at = np.where(of_block & (at < MOST_ADDRESSES), at, -1)
        return rows.astype(np.int32), at
