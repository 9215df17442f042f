from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.model.reading import CONTROL, READINGS
from zicht.sources.probe.aggregate import advance, new_panel
from zicht.sources.probe.panel import lay_out
from zicht.sources.probe.readings import Membership, no_sample, read_minute

if TYPE_CHECKING:
    from zicht.sources.probe.samples import Sample

FIRST = 27_000_000
MEMBERSHIP = Membership(
    entities=("country/KZ", "asn/9198/KZ", CONTROL),
    of_block=np.array([[0, 1], [0, -1], [2, -1], [-1, -1], [0, 1]], dtype=np.int32),
)
BLOCKS = len(MEMBERSHIP.of_block)


def a_sample(up: dict[int, float], minute: int = FIRST) -> Sample:
    count = len(up)
    belief = np.array(list(up.values()), dtype=np.float32)
    answered = belief > 0.5
    return no_sample(minute)._replace(
        block=np.array(list(up), dtype=np.int32),
        began=np.full(count, minute * 60.0 + 30),
        up=belief,
        was_up=np.ones(count, dtype=np.float32),
        probes=np.where(answered, 2, 15).astype(np.uint8),
        answers=answered.astype(np.uint8),
        silence=np.where(answered, -0.5, -30.0).astype(np.float32),
        steady_probes=np.full(count, 2, dtype=np.uint8),
        steady_answers=answered.astype(np.uint8),
        rtt=np.where(answered, 0.08 + np.array(list(up)) / 100, np.nan).astype(np.float32),
    )


def rows(
    sample: Sample, membership: Membership = MEMBERSHIP, unsent: int = 0
) -> dict[str, dict[str, object]]:
    panel = advance(new_panel(BLOCKS), sample, np.zeros(BLOCKS, dtype=np.int32))
    table = read_minute(
        sample, panel, membership, vantage="ams", ipv4=True, unsent=unsent, known_at=0
    )
    assert table.schema == READINGS
    return {row["entity"]: row for row in table.to_pylist()}


def test_a_block_counts_for_each_of_its_entities() -> None:
    found = rows(a_sample({0: 1.0, 1: 0.0, 2: 0.9}))
    country = found["country/KZ"]
    assert (country["blocks"], country["measured"], country["judged"]) == (3, 2, 2)
    assert country["up"] == pytest.approx(1.0, abs=0.05)
    assert (country["probes"], country["answers"]) == (17, 1)
    assert (country["asked"], country["answered"]) == (2, 1), "of blocks that are up"
    assert found["asn/9198/KZ"]["judged"] == 1
    assert found["asn/9198/KZ"]["rtt"] == pytest.approx(80.0)


def test_what_befalls_one_small_operator_is_not_laid_on_another() -> None:
    membership = Membership(
        ("country/KZ", "asn/1/KZ", "asn/2/KZ"),
        np.array([[0, 1 + block // 50] for block in range(100)], dtype=np.int32),
    )
    panel, none = new_panel(100), np.zeros(100, dtype=np.int32)
    for minute in range(5):
        turn = dict.fromkeys(range(minute, 100, 5), 1.0)
        panel = advance(panel, a_sample(turn, FIRST + minute), none)
    cut = a_sample({block: float(block < 50) for block in range(0, 100, 5)}, FIRST + 5)
    panel = advance(panel, cut, none)
    table = read_minute(cut, panel, membership, vantage="ams", ipv4=True, unsent=0, known_at=0)
    share = {row["entity"]: row["up"] / max(row["measured"], 1) for row in table.to_pylist()}
    assert share["country/KZ"] == pytest.approx(0.5, abs=0.1)
    assert share["asn/1/KZ"] == pytest.approx(1.0)
    assert share["asn/2/KZ"] == pytest.approx(0.0)


def test_control_blocks_are_read_as_they_were_in_this_minute() -> None:
    before = a_sample({2: 1.0})
    panel = advance(new_panel(BLOCKS), before, np.zeros(BLOCKS, dtype=np.int32))
    now = a_sample({2: 0.25}, FIRST + 1)
    panel = advance(panel, now, np.zeros(BLOCKS, dtype=np.int32))
    table = read_minute(now, panel, MEMBERSHIP, vantage="ams", ipv4=True, unsent=3, known_at=0)
    (control,) = table.to_pylist()
    assert (control["entity"], control["measured"], control["up"]) == (CONTROL, 1, 0.25)
    assert control["unsent"] == 3


def test_an_entity_whose_turn_it_was_not_has_no_reading_but_the_controls_have() -> None:
    found = rows(a_sample({1: 1.0}))
    assert set(found) == {"country/KZ", CONTROL}
    assert (found[CONTROL]["judged"], found[CONTROL]["blocks"]) == (0, 1)


def test_without_control_blocks_the_minute_is_still_told_as_watched() -> None:
    alone = Membership(("country/KZ",), np.zeros((BLOCKS, 1), dtype=np.int32))
    found = rows(no_sample(FIRST), alone, unsent=7)
    assert set(found) == {CONTROL}
    assert (found[CONTROL]["blocks"], found[CONTROL]["unsent"]) == (0, 7)


@given(st.dictionaries(st.integers(0, BLOCKS - 1), st.sampled_from([0.0, 1.0])))
def test_no_more_is_up_than_is_measured_and_no_more_measured_than_known(
    up: dict[int, float],
) -> None:
    for reading in rows(a_sample(up)).values():
        numbers = [reading[name] for name in ("up", "measured", "blocks")]
        assert all(isinstance(number, int | float) for number in numbers)
        assert numbers == sorted(numbers)  # type: ignore[type-var]
        assert reading["judged"] == sum(
            1
            for block in up
            if MEMBERSHIP.entities.index(str(reading["entity"])) in MEMBERSHIP.of_block[block]
        )


def test_readings_can_be_laid_out() -> None:
    sample = a_sample({0: 1.0, 1: 1.0, 2: 1.0})
    panel = advance(new_panel(BLOCKS), sample, np.zeros(BLOCKS, dtype=np.int32))
    table = read_minute(sample, panel, MEMBERSHIP, vantage="ams", ipv4=False, unsent=0, known_at=0)
    laid = lay_out(table, ipv4=False)
    assert laid.entities == ("asn/9198/KZ", "country/KZ")
    assert laid.controls["judged"].tolist() == [[1.0]]
    assert laid.sums["up"][0, :, 0] == pytest.approx([1.0, 2.0], rel=0.05)
