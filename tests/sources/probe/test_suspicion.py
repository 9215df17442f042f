from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.learning import GONE_AFTER, frozen_blocks
from zicht.sources.probe.readings import Membership, no_sample
from zicht.sources.probe.suspicion import Suspicion

if TYPE_CHECKING:
    from zicht.sources.probe.samples import Sample

BLOCKS = 40  # the first half of one operator, the second of another
MEMBERSHIP = Membership(
    entities=("asn/1/KZ", "asn/2/KZ"),
    of_block=np.repeat([0, 1], BLOCKS // 2).astype(np.int32)[:, None],
)


def a_minute(
    down: list[int], number: int = 100
) -> tuple[Sample, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    belief = np.ones(BLOCKS, dtype=np.float32)
    belief[down] = 0.1
    return no_sample(number)._replace(block=np.arange(BLOCKS, dtype=np.int32), up=belief), belief


def suspected(suspicion: Suspicion) -> set[int]:
    return set(np.flatnonzero(suspicion.since >= 0).tolist())


def test_a_block_that_is_down_is_suspected_alone() -> None:
    suspicion = Suspicion(MEMBERSHIP)
    suspicion.follow(*a_minute([3]), ())
    assert suspected(suspicion) == {3}
    assert suspicion.operator_up().all()


def test_all_blocks_of_an_operator_that_fell_are_suspected() -> None:
    suspicion = Suspicion(MEMBERSHIP)
    suspicion.follow(*a_minute(list(range(8))), ())
    assert suspected(suspicion) == set(range(20))
    assert not suspicion.operator_up()[19]
    assert suspicion.operator_up()[20]


def test_detection_and_sickness_freeze_too() -> None:
    suspicion = Suspicion(MEMBERSHIP)
    suspicion.follow(*a_minute([]), {"asn/2/KZ"})
    assert suspected(suspicion) == set(range(20, 40))
    suspicion.follow(*a_minute([]), (), sick=True)
    assert suspected(suspicion) == set(range(40))


def test_suspicion_keeps_its_begin_until_it_ends() -> None:
    suspicion = Suspicion(MEMBERSHIP)
    assert suspected(suspicion) == set()
    suspicion.follow(*a_minute([3], 100), ())
    suspicion.follow(*a_minute([3, 4], 101), ())
    assert suspicion.since[[3, 4]].tolist() == [6_000_000_000, 6_060_000_000]
    suspicion.follow(*a_minute([4], 102), ())
    assert suspected(suspicion) == {4}


def test_a_block_that_moved_is_let_go_of_in_the_end() -> None:
    suspicion = Suspicion(MEMBERSHIP)
    suspicion.follow(*a_minute([3]), ())
    now = int(suspicion.since[3]) + GONE_AFTER
    assert frozen_blocks(suspicion.since, suspicion.operator_up(), now)[3]
    assert not frozen_blocks(suspicion.since, suspicion.operator_up(), now + 1)[3]
