from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.model.reading import CONTROL, READINGS
from zicht.sources.probe.panel import lay_out
from zicht.sources.probe.readings import Membership, Minute, read_minute

MEMBERSHIP = Membership(
    entities=("country/KZ", "asn/9198/KZ", CONTROL),
    block=np.array([0, 0, 1, 2, 4]),
    entity=np.array([0, 1, 0, 2, 0]),
    probed=np.array([True, True, True, True, False]),
)
AVAILABILITY = np.array([0.5, np.nan, 0.9, 1.0, 1.0])


def a_minute(block: list[int], up: list[float], unsent: int = 0) -> Minute:
    count = len(block)
    return Minute(
        number=27_000_000,
        block=np.array(block, dtype=np.int64),
        up=np.array(up),
        probes=np.full(count, 4),
        answers=np.array([2 if share > 0.5 else 0 for share in up]),
        rtt=np.array(
            [
                0.08 + place / 100 if share > 0.5 else np.nan
                for place, share in zip(block, up, strict=True)
            ]
        ),
        unsent=unsent,
    )


def rows(minute: Minute, membership: Membership = MEMBERSHIP) -> dict[str, dict[str, object]]:
    table = read_minute(
        minute, membership, AVAILABILITY, vantage="ams", ipv4=True, known_at=1_620_000_060_000_000
    )
    assert table.schema == READINGS
    return {row["entity"]: row for row in table.to_pylist()}


def test_a_block_counts_for_each_of_its_entities() -> None:
    found = rows(a_minute([0, 1, 2], [1.0, 0.0, 0.9]))
    country = found["country/KZ"]
    assert (country["blocks"], country["judged"], country["up"]) == (2, 2, 1.0)
    assert (country["probes"], country["answers"]) == (8, 2)
    assert country["due"] == pytest.approx(0.5 * 4 + 0), "what was not measured owes nothing"
    assert found["asn/9198/KZ"]["judged"] == 1
    assert found["asn/9198/KZ"]["rtt"] == pytest.approx(80.0)
    assert found[CONTROL]["up"] == pytest.approx(0.9)


def test_an_entity_of_which_nothing_was_judged_has_no_reading_but_the_controls_have() -> None:
    found = rows(a_minute([1], [1.0], unsent=3))
    assert set(found) == {"country/KZ", CONTROL}
    assert (found[CONTROL]["judged"], found[CONTROL]["blocks"], found[CONTROL]["unsent"]) == (
        0,
        1,
        3,
    )


def test_without_control_blocks_the_minute_is_still_told_as_watched() -> None:
    alone = Membership(("country/KZ",), np.array([0]), np.array([0]), np.ones(5, dtype=bool))
    found = rows(a_minute([], [], unsent=7), alone)
    assert set(found) == {CONTROL}
    assert (found[CONTROL]["blocks"], found[CONTROL]["unsent"]) == (0, 7)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=60))
def test_sums_are_those_of_the_judgements(judged: list[tuple[int, float]]) -> None:
    found = rows(a_minute([block for block, _ in judged], [up for _, up in judged]))
    of_country = [up for block, up in judged if block in {0, 1}]
    if not of_country:
        assert "country/KZ" not in found
        return
    assert found["country/KZ"]["judged"] == len(of_country)
    assert found["country/KZ"]["up"] == pytest.approx(sum(of_country))


@given(st.lists(st.floats(0.001, 5.0), min_size=1, max_size=30))
def test_the_round_trip_is_the_median(seconds: list[float]) -> None:
    count = len(seconds)
    minute = Minute(
        27_000_000,
        np.zeros(count, dtype=np.int64),
        np.ones(count),
        np.ones(count, dtype=np.int64),
        np.ones(count, dtype=np.int64),
        np.array(seconds),
    )
    assert rows(minute)["country/KZ"]["rtt"] == pytest.approx(1e3 * float(np.median(seconds)))


def test_readings_can_be_laid_out() -> None:
    table = read_minute(
        a_minute([0, 2], [1.0, 1.0]),
        MEMBERSHIP,
        AVAILABILITY,
        vantage="ams",
        ipv4=False,
        known_at=0,
    )
    panel = lay_out(table, ipv4=False)
    assert panel.entities == ("asn/9198/KZ", "country/KZ")
    assert panel.controls["judged"].tolist() == [[1.0]]
