from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from store_bench import START, STEP, bench_at

from zicht.model.health import Sickness
from zicht.store.holdings import Holding

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_store_holds_nothing(place: Path | str) -> None:
    assert bench_at(place).store.holdings() == []


def test_holdings_count_revisions_and_entities_and_tell_the_span(place: Path | str) -> None:
    bench = bench_at(place)
    bench.append((0, 5.0), (1, 6.0), hour=1)
    bench.append((1, 9.0), hour=2)
    bench.append((4, 1.0), hour=1, entity="asn/9198")
    assert bench.store.holdings() == [
        Holding(
            signal=bench.signal.name,
            rows=4,
            entities=2,
            first=START,
            last=START + 4 * STEP,
            known_at=START + timedelta(hours=2),
        )
    ]


def test_days_with_values_are_told_of_an_entity(place: Path | str) -> None:
    bench = bench_at(place)
    assert bench.store.days("country/KZ") == []
    day = timedelta(days=1)
    bins = int(day / STEP)
    bench.append((0, 5.0), (1, 6.0), (3 * bins, 7.0), hour=1)
    bench.append((bins, 9.0), hour=1, entity="asn/9198")
    first = START.date()
    entity = "country/KZ"
    assert bench.store.days(entity) == [first, first + 3 * day]
    assert bench.store.days("asn/9198") == [first + day]
    assert bench.store.days(entity, as_of=START) == []


def test_series_are_known_as_they_come_by_any_process_and_through_merges(
    place: Path | str,
) -> None:
    bench, other = bench_at(place), bench_at(place)
    name = bench.signal.name
    assert bench.store.keys() == []
    bench.append((0, 5.0), hour=1)
    assert bench.store.keys() == [(name, "country/KZ")]
    other.append((0, 5.0), hour=1, entity="asn/9198")
    assert bench.store.keys() == [(name, "asn/9198"), (name, "country/KZ")]
    for hour in range(2, 40):
        other.append((hour, 5.0), hour=hour)
    other.append((0, 1.0), hour=40, entity="country/IR")
    bench.store.maintain()
    everybody = [(name, "asn/9198"), (name, "country/IR"), (name, "country/KZ")]
    assert bench.store.keys() == everybody
    assert bench.store.keys() == other.store.keys() == everybody


def test_what_a_time_rests_on_changes_with_its_values_and_with_findings_alone(
    place: Path | str,
) -> None:
    bench = bench_at(place)
    bench.append((0, 5.0), (1, 6.0), hour=1)
    early = {"start": START, "end": START + 10 * STEP}
    before = bench.store.basis(**early)
    bench.append((100, 7.0), hour=2)
    assert bench.store.basis(**early) == before
    assert bench.store.basis() != before
    bench.append((1, 9.0), hour=3)
    revised = bench.store.basis(**early)
    assert revised != before
    sick = Sickness(signal=bench.signal.name, start=START, end=START + STEP, reason="made up")
    bench.store.write_health([sick], known_at=START + timedelta(hours=4))
    assert bench.store.basis(**early) != revised
