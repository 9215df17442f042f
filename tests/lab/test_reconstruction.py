"""The reconstruction is deterministic, says what it is, and looks like data with their faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.lab.facts import Facts, load_facts
from zicht.lab.reconstruction import Reconstruction, reconstruct
from zicht.lab.signals import CONNECTED, PROBED, TELESCOPE, TRAFFIC, VISIBLE
from zicht.lab.timeline import Timeline
from zicht.lab.truth import TRUTH
from zicht.model.series import OBSERVATIONS

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


@pytest.fixture(scope="module")
def world(facts: Facts) -> Reconstruction:
    return reconstruct(facts)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def values(world: Reconstruction, signal: str, entity: str, begin: str, end: str) -> np.ndarray:
    table = world.arrivals
    stamp = pa.timestamp("us", tz="UTC")
    rows = pc.and_(pc.equal(table["signal"], signal), pc.equal(table["entity"], entity))
    rows = pc.and_(rows, pc.greater_equal(table["time"], pa.scalar(at(begin), stamp)))
    rows = pc.and_(rows, pc.less(table["time"], pa.scalar(at(end), stamp)))
    return np.asarray(table.filter(rows)["value"].to_numpy())


def test_the_same_table_gives_the_same_numbers(world: Reconstruction) -> None:
    again = reconstruct()
    assert again.arrivals.equals(world.arrivals)
    assert again.truth.equals(world.truth)
    assert again.origin == world.origin


def test_another_seed_gives_other_numbers_for_the_same_facts(
    world: Reconstruction, facts: Facts
) -> None:
    other = reconstruct(facts, seed=7)
    assert not other.arrivals.equals(world.arrivals)
    assert other.truth["entity"].unique().sort().equals(world.truth["entity"].unique().sort())


def test_everything_says_that_it_is_a_reconstruction(world: Reconstruction) -> None:
    assert world.origin.simulated
    assert "reconstruction" in world.origin.citation.lower()
    for signal in world.signals.values():
        assert "reconstruction" in signal.title
        assert "no measurement" in signal.citation


def test_there_are_several_planes_steps_and_scales(world: Reconstruction) -> None:
    signals = world.signals.values()
    assert {signal.plane for signal in signals} == {"control", "data", "user"}
    assert len({signal.step for signal in signals}) >= 4
    assert {signal.scale for signal in signals} >= {"count", "index"}


def test_ordinary_days_come_before(world: Reconstruction, facts: Facts) -> None:
    first = facts.chosen("mobile-begins")[0].begin
    assert first - facts.world.begin >= timedelta(days=21)
    assert pc.min(world.arrivals["time"]).as_py() == facts.world.begin


def test_routes_stay_up_while_packets_die(world: Reconstruction) -> None:
    ordinary = np.nanmedian(
        values(world, VISIBLE, "country/KZ", "2021-12-20T00:00", "2021-12-27T00:00")
    )
    during = values(world, VISIBLE, "country/KZ", "2022-01-05T10:30", "2022-01-11T02:30")
    assert np.nanmin(during) / ordinary >= 0.95
    probed = values(world, PROBED, "country/KZ", "2022-01-05T12:00", "2022-01-05T17:00")
    before = values(world, PROBED, "country/KZ", "2022-01-03T12:00", "2022-01-03T17:00")
    assert 0.02 <= np.nanmean(probed) / np.nanmean(before) <= 0.05


def test_mobile_goes_first_in_the_traffic_of_users(world: Reconstruction) -> None:
    evening = ("2022-01-04T17:00", "2022-01-04T23:00")
    before = ("2022-01-03T17:00", "2022-01-03T23:00")
    kcell = np.nanmean(values(world, TRAFFIC, "asn/29355", *evening))
    kazakhtelecom = np.nanmean(values(world, TRAFFIC, "asn/9198", *evening))
    assert kcell < 0.3 * np.nanmean(values(world, TRAFFIC, "asn/29355", *before))
    assert kazakhtelecom > 0.8 * np.nanmean(values(world, TRAFFIC, "asn/9198", *before))


def test_few_blocks_of_mobile_operators_answer(world: Reconstruction) -> None:
    counts = values(world, PROBED, "asn/29355", "2021-12-14T00:00", "2021-12-20T00:00")
    assert np.nanmax(counts) < 10


def test_the_sick_source_is_zero_for_neighbours_too(world: Reconstruction, facts: Facts) -> None:
    sick = [row for row in facts.assumptions if row.kind == "sick"]
    assert len(sick) == 2
    for row in sick:
        begin, end = row.begin.isoformat()[:16], row.end.isoformat()[:16]
        for entity in ("country/KZ", "country/KG", "country/UZ"):
            assert np.all(values(world, TELESCOPE, entity, begin, end) == 0)


def test_a_gap_has_no_rows_and_a_blank_has_no_values(world: Reconstruction) -> None:
    gap = values(world, PROBED, "country/KZ", "2022-01-07T12:00", "2022-01-07T13:30")
    assert len(gap) == 0
    blank = values(world, VISIBLE, "country/KZ", "2022-01-06T19:00", "2022-01-06T21:20")
    assert len(blank) > 20
    assert np.all(np.isnan(blank))


def test_late_data_arrive_late(world: Reconstruction) -> None:
    *_, (_, early) = world.deliveries([at("2022-01-09T10:55"), at("2022-01-09T13:00")])
    assert PROBED not in early["signal"].to_pylist()[-200:]
    assert pc.sum(pc.equal(early["signal"], TELESCOPE)).as_py() > 0
    *_, (_, later) = world.deliveries([at("2022-01-09T15:00"), at("2022-01-09T19:00")])
    times = later.filter(pc.equal(later["signal"], PROBED))["time"]
    assert pc.min(times).as_py() < at("2022-01-09T12:00")


def test_a_provisional_value_is_corrected_by_a_later_delivery(world: Reconstruction) -> None:
    def first_hour(table: pa.Table) -> dict[tuple[str, datetime], float]:
        rows = table.filter(pc.equal(table["signal"], TRAFFIC)).to_pylist()
        return {
            (row["entity"], row["time"]): row["value"]
            for row in rows
            if row["time"] in (at("2022-01-04T00:00"), at("2022-01-04T00:30"))
        }

    times = [at("2022-01-03T23:00"), at("2022-01-04T03:00"), at("2022-01-04T12:00")]
    (_, _), (_, first), (_, second) = world.deliveries(times)
    assert first_hour(first).keys() == first_hour(second).keys() != set()
    assert first_hour(first) != first_hour(second)


def test_deliveries_bring_everything_once(world: Reconstruction, facts: Facts) -> None:
    begin, end = facts.world.begin, facts.world.end
    days = [begin + timedelta(days=day) for day in range((end - begin).days + 2)]
    parts = [table for _, table in world.deliveries(days)]
    assert all(part.schema == OBSERVATIONS for part in parts)
    whole = pa.concat_tables(parts)
    keys = world.arrivals.select(["signal", "entity", "time"])
    assert whole.group_by(keys.column_names).aggregate([]).num_rows == (
        keys.group_by(keys.column_names).aggregate([]).num_rows
    )


def test_the_truth_has_a_schema_and_no_outage_of_routes_or_neighbours(
    world: Reconstruction,
) -> None:
    assert world.truth.schema == TRUTH
    assert "control" not in world.truth["plane"].to_pylist()
    assert not {"country/KG", "country/UZ"} & set(world.truth["entity"].to_pylist())


def test_the_truth_begins_where_the_chosen_facts_say(world: Reconstruction, facts: Facts) -> None:
    for signal, plane in ((PROBED, "data"), (TRAFFIC, "user"), (CONNECTED, "probes")):
        (fact,) = facts.chosen("blackout-begins", plane=plane)
        entity = "asn/9198" if signal == TRAFFIC else "country/KZ"
        rows = [
            row
            for row in world.truth.to_pylist()
            if (row["signal"], row["entity"]) == (signal, entity)
        ]
        step = timedelta(seconds=world.signals[signal].step)
        stagger = timedelta(minutes=facts.pace.stagger_minutes)
        assert abs(rows[0]["begin"] - fact.begin) <= step + stagger


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_whatever_the_seed_values_are_sane(seed: int) -> None:
    table = reconstruct(seed=seed).arrivals
    known = table["value"].drop_null()
    assert pc.min(known).as_py() >= 0
    assert pc.all(pc.is_finite(known)).as_py()
    assert pc.all(pc.greater(table["arrives"], table["time"])).as_py()
    blanks = table.filter(pc.is_null(table["value"]))
    assert set(blanks["signal"].to_pylist()) == {VISIBLE, TRAFFIC}


@given(
    kind=st.sampled_from(["mobile", "fixed", "mixed", "transit"]),
    plane=st.sampled_from(["data", "user"]),
    stagger=st.floats(0, 6),
)
@settings(max_examples=30, deadline=None)
def test_shares_lie_between_nothing_and_ordinary(kind: str, plane: str, stagger: float) -> None:
    share = Timeline(load_facts()).operator_share(kind, plane, stagger)  # type: ignore[arg-type]  # hypothesis draws plain strings
    assert share.min() > 0
    assert share.max() <= 1
    assert share[0] == share[-1] == 1
