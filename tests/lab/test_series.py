"""Series of a world are deterministic, say what they are, and look like data with their faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.lab.scenario_file import scenario_names
from zicht.lab.sensing import bin_means
from zicht.lab.series import Recording, record
from zicht.lab.signals import CONNECTED, PROBED, TELESCOPE, TRAFFIC, VISIBLE
from zicht.lab.world import open_scenario
from zicht.model.series import OBSERVATIONS

if TYPE_CHECKING:
    from zicht.lab.scenario import Scenario

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def facts(world: Recording) -> Scenario:
    return world.world.scenario


@pytest.fixture(scope="module")
def world() -> Recording:
    return record(open_scenario("kazakhstan-2022"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def values(world: Recording, signal: str, entity: str, begin: str, end: str) -> np.ndarray:
    table = world.arrivals
    stamp = pa.timestamp("us", tz="UTC")
    rows = pc.and_(pc.equal(table["signal"], signal), pc.equal(table["entity"], entity))
    rows = pc.and_(rows, pc.greater_equal(table["time"], pa.scalar(at(begin), stamp)))
    rows = pc.and_(rows, pc.less(table["time"], pa.scalar(at(end), stamp)))
    return np.asarray(table.filter(rows)["value"].to_numpy())


def test_the_same_scenario_gives_the_same_numbers(world: Recording) -> None:
    again = record(open_scenario("kazakhstan-2022"))
    assert again.arrivals.equals(world.arrivals)
    assert again.origin == world.origin


def test_another_seed_gives_other_numbers_for_the_same_facts(world: Recording) -> None:
    other = record(open_scenario("kazakhstan-2022", seed=7))
    assert not other.arrivals.equals(world.arrivals)
    assert other.signals == world.signals


def test_everything_says_that_it_is_a_reconstruction(world: Recording) -> None:
    assert world.origin.simulated
    assert "reconstruction" in world.origin.citation.lower()
    for signal in world.signals.values():
        assert "reconstruction" in signal.title
        assert "no measurement" in signal.citation


def test_there_are_several_planes_steps_and_scales(world: Recording) -> None:
    signals = world.signals.values()
    assert {signal.plane for signal in signals} == {"control", "data", "user"}
    assert len({signal.step for signal in signals}) >= 4
    assert {signal.scale for signal in signals} >= {"count", "index"}


def test_ordinary_days_come_before(world: Recording, facts: Scenario) -> None:
    first = facts.chosen("mobile-begins")[0].begin
    assert first - world.world.begin >= timedelta(days=21)
    assert pc.min(world.arrivals["time"]).as_py() == world.world.begin


def test_routes_stay_up_while_packets_die(world: Recording) -> None:
    ordinary = np.nanmedian(
        values(world, VISIBLE, "country/KZ", "2021-12-20T00:00", "2021-12-27T00:00")
    )
    during = values(world, VISIBLE, "country/KZ", "2022-01-05T10:30", "2022-01-11T02:30")
    assert np.nanmin(during) / ordinary >= 0.95
    probed = values(world, PROBED, "country/KZ", "2022-01-05T12:00", "2022-01-05T17:00")
    before = values(world, PROBED, "country/KZ", "2022-01-03T12:00", "2022-01-03T17:00")
    assert 0.02 <= np.nanmean(probed) / np.nanmean(before) <= 0.05


def test_mobile_goes_first_in_the_traffic_of_users(world: Recording) -> None:
    evening = ("2022-01-04T17:00", "2022-01-04T23:00")
    before = ("2022-01-03T17:00", "2022-01-03T23:00")
    kcell = np.nanmean(values(world, TRAFFIC, "asn/29355", *evening))
    kazakhtelecom = np.nanmean(values(world, TRAFFIC, "asn/9198", *evening))
    assert kcell < 0.3 * np.nanmean(values(world, TRAFFIC, "asn/29355", *before))
    assert kazakhtelecom > 0.8 * np.nanmean(values(world, TRAFFIC, "asn/9198", *before))


def test_few_blocks_of_mobile_operators_answer(world: Recording) -> None:
    counts = values(world, PROBED, "asn/29355", "2021-12-14T00:00", "2021-12-20T00:00")
    assert np.nanmax(counts) < 10


def test_the_sick_source_is_zero_for_neighbours_too(world: Recording, facts: Scenario) -> None:
    sick = [row for row in facts.faults if row.kind == "zeros"]
    assert len(sick) == 2
    for row in sick:
        begin, end = row.begin.isoformat()[:16], (row.end or row.begin).isoformat()[:16]
        for entity in ("country/KZ", "country/KG", "country/UZ"):
            assert np.all(values(world, TELESCOPE, entity, begin, end) == 0)


def test_a_gap_has_no_rows_and_a_blank_has_no_values(world: Recording) -> None:
    gap = values(world, PROBED, "country/KZ", "2022-01-07T12:00", "2022-01-07T13:30")
    assert len(gap) == 0
    blank = values(world, VISIBLE, "country/KZ", "2022-01-06T19:00", "2022-01-06T21:20")
    assert len(blank) > 20
    assert np.all(np.isnan(blank))


def test_late_data_arrive_late(world: Recording) -> None:
    *_, (_, early) = world.deliveries([at("2022-01-09T10:55"), at("2022-01-09T13:00")])
    assert PROBED not in early["signal"].to_pylist()[-200:]
    assert pc.sum(pc.equal(early["signal"], TELESCOPE)).as_py() > 0
    *_, (_, later) = world.deliveries([at("2022-01-09T15:00"), at("2022-01-09T19:00")])
    times = later.filter(pc.equal(later["signal"], PROBED))["time"]
    assert pc.min(times).as_py() < at("2022-01-09T12:00")


def test_a_provisional_value_is_corrected_by_a_later_delivery(world: Recording) -> None:
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


def test_deliveries_bring_everything_once(world: Recording) -> None:
    begin, end = world.world.begin, world.world.end
    days = [begin + timedelta(days=day) for day in range((end - begin).days + 2)]
    parts = [table for _, table in world.deliveries(days)]
    assert all(part.schema == OBSERVATIONS for part in parts)
    whole = pa.concat_tables(parts)
    keys = world.arrivals.select(["signal", "entity", "time"])
    assert whole.group_by(keys.column_names).aggregate([]).num_rows == (
        keys.group_by(keys.column_names).aggregate([]).num_rows
    )


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_whatever_the_seed_values_are_sane(seed: int) -> None:
    table = record(open_scenario("kazakhstan-2022", seed=seed), ["KZ"]).arrivals
    known = table["value"].drop_null()
    assert pc.min(known).as_py() >= 0
    assert pc.all(pc.is_finite(known)).as_py()
    assert pc.all(pc.greater(table["arrives"], table["time"])).as_py()
    blanks = table.filter(pc.is_null(table["value"]))
    assert set(blanks["signal"].to_pylist()) == {VISIBLE, TRAFFIC}


@pytest.mark.parametrize("name", [one for one in scenario_names() if one != "planet"])
def test_every_scenario_has_series_of_all_its_countries(name: str) -> None:
    made = record(open_scenario(name))
    keys = {
        (row["signal"], row["entity"])
        for row in made.arrivals.group_by(["signal", "entity"]).aggregate([]).to_pylist()
    }
    for country in made.world.countries:
        for signal in (VISIBLE, PROBED, TRAFFIC, TELESCOPE):
            assert (signal, f"country/{country.code}") in keys
    assert {entity for _, entity in keys} <= {fact.entity for fact in made.entities}
    for operator in made.world.operators:
        own = {signal for signal, entity in keys if entity == f"asn/{operator.asn}"}
        assert not (operator.several and own)


def test_of_a_planet_some_countries_can_be_had() -> None:
    made = record(open_scenario("planet", size=0.01), ["AD"])
    assert {fact.country for fact in made.entities} == {"AD"}
    assert "country/AD" in made.arrivals["entity"].to_pylist()


def test_on_the_sick_day_each_source_is_sick_in_turn_and_for_everybody() -> None:
    made = record(open_scenario("sick-day"))

    def seen(signal: str, begin: str, end: str) -> list[np.ndarray]:
        return [
            values(made, signal, entity, f"2025-02-11T{begin}", f"2025-02-11T{end}")
            for entity in ("country/NL", "country/BE", "country/DK")
        ]

    assert not any(len(one) for one in seen(VISIBLE, "00:00", "02:00"))
    assert not any(one.any() for one in seen(PROBED, "04:00", "06:00"))
    half, whole = seen(PROBED, "06:00", "08:00"), seen(PROBED, "08:00", "10:00")
    for sick, well in zip(half, whole, strict=True):
        assert np.mean(sick) / np.mean(well) == pytest.approx(0.5, abs=0.02)
    assert not any(one.any() for one in seen(CONNECTED, "08:00", "10:00"))
    assert not any(one.any() for one in seen(TELESCOPE, "10:00", "12:00"))
    assert not any(len(one) for one in seen(TELESCOPE, "12:00", "14:00"))
    assert not any(one.any() for one in seen(TRAFFIC, "14:00", "16:00"))


def test_bins_are_means_of_their_minutes() -> None:
    assert bin_means(np.arange(10.0), 300).tolist() == [2.0, 7.0]
