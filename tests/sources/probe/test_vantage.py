from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings_world import FIRST, World, a_reading

from zicht.model.reading import CONTROL, READINGS
from zicht.sources.probe.panel import Panel, lay_out
from zicht.sources.probe.series import observations
from zicht.sources.probe.vantage import ALIKE, REASONS, Sick, find_sick

FOUR = {f"country/{code}": 2000 for code in ("KZ", "IR", "NL", "DE")}
OPERATORS = {"country/KZ": 5000, **{f"asn/{number}/KZ": 1000 for number in range(1, 8)}}


def sick_of(world: World) -> dict[str, list[Sick]]:
    panel = lay_out(world.readings(), ipv4=True)
    return {
        vantage: [Sick(why) for why in row]
        for vantage, row in zip(panel.vantages, find_sick(panel), strict=True)
    }


def told(world: World, *, first: int = 0, until: int | None = None) -> pa.Table:
    panel = lay_out(world.readings(), ipv4=True)
    until = world.minutes if until is None else until
    return observations(panel, find_sick(panel), FIRST + first, FIRST + until, ipv4=True)


def values(rows: pa.Table, signal: str, entity: str = "country/KZ") -> list[float | None]:
    chosen = rows.filter(
        pc.and_(pc.equal(rows["signal"], signal), pc.equal(rows["entity"], entity))
    )
    found: list[float | None] = chosen.sort_by("time")["value"].to_pylist()
    return found


def known(found: list[float | None]) -> list[float]:
    assert all(value is not None for value in found), found
    return [value for value in found if value is not None]


def test_what_all_see_is_nobody_s_sickness() -> None:
    world = World(blocks=FOUR, share=lambda _v, e, t: 0.05 if e == "country/KZ" and t > 8 else 0.95)
    assert {why for row in sick_of(world).values() for why in row} == {Sick.NO}
    minutes = known(values(told(world), "probe.up24.1m"))
    assert minutes[:9] == pytest.approx([1900] * 9, rel=0.05)
    assert minutes[9:] == pytest.approx([100] * 11, abs=60)


def test_a_vantage_point_without_its_control_blocks_is_sick_and_so_are_the_minutes_beside() -> None:
    world = World(
        vantages=("ams",),
        share=lambda _v, _e, t: 0.0 if 5 <= t <= 7 else 0.95,
        control_share=lambda _v, t: 0.0 if 5 <= t <= 7 else 1.0,
    )
    sick = sick_of(world)["ams"]
    assert [t for t, why in enumerate(sick) if why == Sick.CONTROLS] == [4, 5, 6, 7, 8]
    rows = told(world)
    minutes = values(rows, "probe.up24.1m")
    assert [t for t, value in enumerate(minutes) if value is None] == [4, 5, 6, 7, 8]
    assert known(values(rows, "probe.up24")) == pytest.approx([4750] * 4, rel=0.03)


def test_the_blackout_of_one_control_country_makes_nobody_sick() -> None:
    world = World(vantages=("ams",), control_share=lambda _v, _t: 0.8)
    assert set(sick_of(world)["ams"]) == {Sick.NO}


def test_who_alone_sees_several_countries_fall_is_sick() -> None:
    world = World(
        vantages=("ams", "fra"),
        blocks=FOUR,
        controls=0,
        share=lambda v, _e, t: 0.1 if v == "fra" and t == 12 else 0.95,
    )
    sick = sick_of(world)
    assert set(sick["ams"]) == {Sick.NO}
    assert [t for t, why in enumerate(sick["fra"]) if why == Sick.ALONE] == [11, 12, 13]


def test_of_three_one_may_differ_in_either_direction_over_the_operators_of_one_country() -> None:
    for wrong in (0.1, 1.0):
        world = World(
            blocks=OPERATORS,
            controls=0,
            share=lambda v, _e, t, wrong=wrong: wrong if v == "prg" and t == 12 else 0.5,  # type: ignore[misc]
        )
        sick = sick_of(world)
        assert set(sick["ams"]) == set(sick["fra"]) == {Sick.NO}
        assert [t for t, why in enumerate(sick["prg"]) if why == Sick.ALONE] == [11, 12, 13]


def test_two_that_differ_about_one_country_cannot_be_told_apart() -> None:
    world = World(
        vantages=("ams", "fra"),
        blocks=OPERATORS,
        controls=0,
        share=lambda v, _e, _t: 0.1 if v == "fra" else 0.95,
    )
    assert {why for row in sick_of(world).values() for why in row} == {Sick.NO}


def test_one_alone_that_hears_nobody_does_not_say_that_all_are_down() -> None:
    world = World(vantages=("ams",), controls=0, share=lambda _v, _e, t: 0.0 if t > 9 else 0.95)
    assert sick_of(world)["ams"][10:] == [Sick.SILENT] * 10
    assert values(told(world), "probe.up24.1m")[10:] == [None] * 10
    two = World(vantages=("ams", "fra"), controls=0, share=lambda _v, _e, t: 0.0 if t > 9 else 0.95)
    assert set(sick_of(two)["ams"]) == {Sick.NO}, "two that hear nobody bear each other out"
    assert values(told(two), "probe.up24.1m")[10:] == [0.0] * 10


def test_a_machine_that_could_not_send_is_sick() -> None:
    world = World(vantages=("ams",), unsent=lambda _v, t: 5000 if t == 3 else 0)
    assert [t for t, why in enumerate(sick_of(world)["ams"]) if why == Sick.UNSENT] == [2, 3, 4]


def test_every_reason_is_told() -> None:
    assert set(REASONS) == set(Sick) - {Sick.NO}


@settings(max_examples=60, deadline=None)
@given(
    share=st.floats(0.02, 0.98),
    wrong=st.floats(0.0, 1.0),
    seed=st.integers(0, 1000),
)
def test_no_single_one_of_three_moves_the_figure_much(
    share: float, wrong: float, seed: int
) -> None:
    blocks = {"country/KZ": 30_000}
    world = World(
        blocks=blocks,
        controls=0,
        minutes=3,
        seed=seed,
        share=lambda v, _e, _t: wrong if v == "prg" else share,
    )
    alone = World(
        vantages=("ams", "fra"), blocks=blocks, controls=0, minutes=3, seed=seed, share=world.share
    )
    moved = np.array(known(values(told(world), "probe.up24.1m")))
    moved -= known(values(told(alone), "probe.up24.1m"))
    noise = 3 * np.sqrt(0.25 * (1 / 6000 + 1 / 12_000))
    assert (np.abs(moved) / 30_000 <= (ALIKE + noise) / 3 + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(gone=st.sets(st.integers(0, 29)), seed=st.integers(0, 1000))
def test_a_vantage_point_that_is_absent_is_missing_and_not_zero(gone: set[int], seed: int) -> None:
    world = World(
        vantages=("ams",),
        minutes=30,
        seed=seed,
        absent=lambda _v, t: t in gone and t not in {0, 29},
    )
    rows = told(world)
    minutes = values(rows, "probe.up24.1m")
    missing = {t for t, value in enumerate(minutes) if value is None}
    assert missing == gone - {0, 29}
    for value in (*minutes, *values(rows, "probe.up24")):
        assert value is None or value == pytest.approx(4750, rel=0.05)
    both = World(
        vantages=("ams", "fra"),
        minutes=30,
        seed=seed,
        absent=lambda v, t: v == "ams" and t in gone,
    )
    assert None not in values(told(both), "probe.up24.1m")


@settings(max_examples=40, deadline=None)
@given(
    shares=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5),
    controls=st.sampled_from([0, 100]),
    seed=st.integers(0, 100),
)
def test_no_value_lies_beyond_what_is_known_or_seen(
    shares: list[float], controls: int, seed: int
) -> None:
    names = [f"v{row}" for row in range(len(shares))]
    world = World(
        vantages=tuple(names),
        blocks=OPERATORS,
        controls=controls,
        seed=seed,
        share=lambda v, _e, _t: shares[names.index(v)],
    )
    rows = told(world)
    for signal in ("probe.up24.1m", "probe.up24"):
        for entity, blocks in OPERATORS.items():
            for value in values(rows, signal, entity):
                assert value is None or 0 <= value <= blocks
    for value in (*values(rows, "probe.coverage"), *values(rows, "probe.loss")):
        assert value is None or 0 <= value <= 100


def test_a_round_holds_every_block_and_says_how_much_was_covered() -> None:
    rows = told(World(vantages=("ams",), blocks={"country/KZ": 5000, "asn/9198/KZ": 30}))
    assert known(values(rows, "probe.coverage")) == [100.0] * 4
    assert known(values(rows, "probe.rtt")) == [80.0] * 4
    assert known(values(rows, "probe.loss")) == pytest.approx([5] * 4, abs=0.2)
    assert values(rows, "probe.up24.1m", "asn/9198/KZ") == [None] * 20, "six say nothing"
    assert known(values(rows, "probe.up24", "asn/9198/KZ")) == pytest.approx([28.5] * 4, abs=4)
    part = told(World(vantages=("ams",), absent=lambda _v, t: t % 5 in {1, 3}))
    assert known(values(part, "probe.coverage")) == [60.0] * 4


def test_a_round_that_is_not_over_is_not_told() -> None:
    rows = told(World(vantages=("ams",), minutes=14), first=10)
    assert len(values(rows, "probe.up24.1m")) == 4
    assert values(rows, "probe.up24") == []


def test_small_operators_need_half_of_their_blocks() -> None:
    def of(judged: int) -> list[float | None]:
        rows = [a_reading("ams", CONTROL, 4, blocks=0, judged=0, up=0.0)]
        rows.append(
            a_reading(
                "ams", "asn/9198/KZ", 3, blocks=4, measured=judged, judged=judged, up=float(judged)
            )
        )
        rows.append(a_reading("ams", CONTROL, 3, blocks=0, judged=0, up=0.0))
        panel = lay_out(pa.Table.from_pylist(rows, READINGS), ipv4=True)
        return values(
            observations(panel, find_sick(panel), FIRST, FIRST + 5, ipv4=True),
            "probe.up24",
            "asn/9198/KZ",
        )

    assert of(1) == [None]
    assert of(2) == [4.0]


def test_of_no_readings_nothing_is_told() -> None:
    panel: Panel = lay_out(READINGS.empty_table(), ipv4=True)
    assert panel.present.shape == (0, 0)
    assert not observations(panel, find_sick(panel), FIRST, FIRST + 20, ipv4=True).num_rows
