from __future__ import annotations

import random
from collections import Counter
from ipaddress import ip_network

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.sources.probe.order import draw_order
from zicht.sources.probe.plan import Plan, Refusal
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.tally import Tally
from zicht.sources.probe.targets import Targets

TARGETS = Targets([ip_network("8.0.0.0/22")], ipv4=True)


def schedule(step: int = 0) -> tuple[Schedule, Tally]:
    order = draw_order(TARGETS.size, random.Random(7).randrange)  # noqa: S311 - the same each time
    tally = Tally(TARGETS)
    return Schedule(TARGETS, order, tally, step), tally


@settings(max_examples=30)
@given(st.integers(1, 300), st.integers(0, 20))
def test_each_target_is_asked_for_once_however_often_some_are_put_back(
    batch: int, put_back: int
) -> None:
    plan, tally = schedule()
    promised: Plan = plan
    now, counts = 0.0, Counter[int]()
    earliest: dict[int, float] = {}
    while not promised.done:
        now = max(promised.next(now), now)
        asked = promised.take(batch, now)
        assert len(asked.high) <= batch
        assert all(earliest.get(high, 0) <= now for high in asked.high.tolist())
        back = asked.where(slice(put_back if now < 5 else 0))
        sent = asked.where(slice(len(back.high), None))
        promised.put_back(back, np.full(len(back.high), now + 0.5))
        earliest |= dict.fromkeys(back.high.tolist(), now + 0.5)
        promised.note_sent(sent, now)
        counts.update(sent.high.tolist())
        now += 0.1
    assert len(counts) == 1024
    assert set(counts.values()) == {1}
    assert tally.sent == 1024


def test_a_schedule_goes_on_where_an_earlier_one_stopped() -> None:
    first, _ = schedule()
    before = first.take(300, 0.0)
    second, _ = schedule(first.step)
    after = second.take(2000, 0.0)
    assert second.done
    assert len(set(before.high.tolist()) | set(after.high.tolist())) == 1024
    assert len(before.high) + len(after.high) == 1024


def test_what_is_refused_is_not_counted_as_probed() -> None:
    plan, tally = schedule()
    asked = plan.take(10, 0.0)
    plan.note_refused(asked.where(slice(4)), Refusal.EXCLUDED)
    plan.note_refused(asked.where(slice(4, 6)), Refusal.UNSENDABLE)
    plan.note_sent(asked.where(slice(6, None)), 0.0)
    assert (tally.sent, tally.excluded) == (4, 4)
