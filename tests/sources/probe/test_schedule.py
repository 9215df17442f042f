from __future__ import annotations

import random
from collections import Counter
from ipaddress import ip_network

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.sources.probe.exclusions import Exclusions
from zicht.sources.probe.order import draw_order
from zicht.sources.probe.pacing import BlockLimit
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.targets import Targets

PUBLIC = ip_network("8.0.0.0/22")


def schedule(per_minute: float) -> tuple[Schedule, Targets]:
    targets = Targets([PUBLIC], ipv4=True)
    order = draw_order(targets.size, random.Random(7).randrange)  # noqa: S311 - the same each time
    return Schedule(targets, order, BlockLimit(per_minute)), targets


@settings(max_examples=15)
@given(st.sampled_from([60, 600, 1e6]), st.integers(1, 300), st.booleans())
def test_each_target_comes_once_and_no_block_too_often(
    per_minute: float,
    batch: int,
    excluded: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    plan, _ = schedule(per_minute)
    exclusions = Exclusions([ip_network("8.0.1.0/24")] if excluded else [])
    now, given_, left_out = 0.0, [], []
    last: dict[int, float] = {}
    while not plan.done:
        now = max(plan.next(now), now)
        taken = plan.take(batch, now, exclusions)
        left_out += taken.excluded.tolist()
        given_ += taken.positions.tolist()
        for block in (taken.high >> np.uint64(40)).tolist():
            assert now - last.get(block, -1e9) >= 60 / per_minute - 1e-6
            last[block] = now
        now += 0.001
    assert sorted(given_ + left_out) == list(range(1024))
    assert len(left_out) == (256 if excluded else 0)


def test_what_was_not_sent_comes_again() -> None:
    plan, _ = schedule(1e9)
    none = Exclusions([])
    first = plan.take(10, 0.0, none)
    plan.put_back(first.positions[4:], 0.0)
    counts: Counter[int] = Counter(first.positions[:4].tolist())
    now = 0.0
    while not plan.done:
        now += 0.001
        counts.update(plan.take(100, now, none).positions.tolist())
    assert len(counts) == 1024
    assert set(counts.values()) == {1}
