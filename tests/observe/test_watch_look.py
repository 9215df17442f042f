"""A watch that looks closely at few finds what looking at everybody finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from zicht.detect.status import status_of
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.model.time import to_microseconds
from zicht.observe import watch_look
from zicht.observe.watch_detection import detect_recent
from zicht.observe.watch_look import look
from zicht.observe.watch_mind import Mind, has_news
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from numpy.typing import NDArray

    from zicht.model.signal import Plane, Scale
    from zicht.model.status import Status
    from zicht.store import Store


def signal(name: str, *, step: int = 1800, plane: Plane = "data", scale: Scale = "count") -> Signal:
    source = name.partition(".")[0]
    return Signal(
        name=name,
        source=source,
        title=name,
        unit="",
        step=step,
        plane=plane,
        scale=scale,
        lag=0,
        licence="CC0",
        citation="made for a test",
    )


def ordinary(spec: Signal, days: int, *, level: float) -> NDArray[np.float64]:
    """A daily rhythm with noise, the same for the same arguments: float64[bins]."""
    hours = np.arange(days * 86_400 // spec.step) * spec.step / 3600
    noise = 0.01 * np.random.default_rng(7).standard_normal(len(hours))
    rhythm = 1 + 0.1 * np.sin(2 * np.pi * hours / 24)
    return np.asarray(level * rhythm * np.exp(noise))


BEGIN = datetime(2024, 3, 4, tzinfo=UTC)  # a Monday
STEP = timedelta(minutes=30)
DAYS = 8
LEARNT = 6 * 48  # bins that are there from the start
ROUTES = signal("my.routes", plane="control")
PACKETS = signal("my.packets")
HOURLY = signal("other.visits", step=3600, plane="user", scale="index")
SIGNALS = (ROUTES, PACKETS, HOURLY)
ORIGIN = Origin(
    id="made", source="my", name="made", sha256="0" * 64, licence="CC0", citation="made for a test"
)
OPERATORS = {f"asn/6451{n}": "KZ" for n in range(4)} | {f"asn/6452{n}": "NL" for n in range(3)}
FACTS = tuple(EntityFact(entity=text, country=code) for text, code in OPERATORS.items())
ENTITIES = ("country/KZ", "country/NL", "country/BE", *OPERATORS)


class World:
    """Values by signal and entity, and when each of them comes."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.rows: list[tuple[int, str, str, int, float]] = []
        sick = random.integers(0, 4)
        for spec in SIGNALS:
            bins = DAYS * 86_400 // spec.step
            live = LEARNT * 1800 // spec.step
            zeros = slice(live + int(random.integers(1, bins - live - 6)), None)
            zeros = slice(zeros.start, zeros.start + 3)
            for entity in ENTITIES:
                if spec is HOURLY and entity.startswith("asn/"):
                    continue
                if spec is PACKETS and entity == "country/NL":
                    continue  # seen through its operators alone
                values = ordinary(spec, DAYS, level=float(random.uniform(50, 5000)))
                values *= np.exp(0.01 * random.standard_normal(bins))
                if random.random() < 0.4:
                    begin = live + int(random.integers(-8, bins - live))
                    values[begin : begin + int(random.integers(1, 40))] *= random.uniform(0, 0.7)
                if sick == 0 and spec is PACKETS:
                    values[zeros] = 0.0
                if sick == 1 and spec is PACKETS:
                    values[zeros.start : zeros.start + 12] *= 0.5
                self._publish(spec, entity, np.rint(values), random)

    def _publish(self, spec: Any, entity: str, values: Any, random: Any) -> None:
        late = random.random() < 0.2
        for number, value in enumerate(values.tolist()):
            if random.random() < 0.02:
                continue
            time = number * spec.step
            arrives = time + spec.step + (int(random.integers(0, 43_200)) if late else 0)
            if random.random() < 0.01:
                self.rows.append((arrives, spec.name, entity, time, value * 0.9))
                arrives += int(random.integers(3600, 86_400))
            self.rows.append((arrives, spec.name, entity, time, value))

    def deliveries(self, hours: list[float]) -> Iterator[tuple[datetime, pa.Table]]:
        done = -1
        for hour in hours:
            until = int(hour * 3600)
            fresh = {row[1:4]: row[4] for row in sorted(self.rows) if done < row[0] <= until}
            done = until
            keys = list(fresh)
            begin = to_microseconds(BEGIN)
            yield (
                BEGIN + timedelta(hours=hour),
                pa.table(
                    [
                        pa.array([key[0] for key in keys]),
                        pa.array([key[1] for key in keys]),
                        pa.array([begin + key[2] * 1_000_000 for key in keys], pa.int64()).cast(
                            pa.timestamp("us", tz="UTC")
                        ),
                        pa.array(list(fresh.values()), pa.float64()),
                        pa.nulls(len(keys), pa.int64()),
                    ],
                    schema=OBSERVATIONS,
                ),
            )


def append(store: Store, rows: pa.Table, now: datetime) -> None:
    if rows.num_rows:
        store.append(rows, signals=SIGNALS, origin=ORIGIN, entities=FACTS, known_at=now)


def found(store: Store) -> dict[str, Any]:
    """All that was found, without how often it was said before."""
    records: dict[str, Any] = {one.id: msgspec.to_builtins(one) for one in store.outages()}
    records |= {one.id: msgspec.to_builtins(one) for one in store.events()}
    for one in records.values():
        del one["revision"]
        one.pop("as_of", None)
    records["sick"] = [msgspec.to_builtins(one) for one in store.sicknesses()]
    return records


@given(
    seed=st.integers(0, 2**32),
    restarts=st.sets(st.integers(0, 12)),
    pauses=st.lists(st.sampled_from([0.5, 1.0, 3.0, 6.0]), min_size=8, max_size=8),
)
@settings(
    max_examples=4,
    phases=[Phase.reuse, Phase.generate],  # each example is many looks: they are not shrunk
    suppress_health_check=[HealthCheck.too_slow],
)
def test_few_looked_at_closely_give_what_everybody_gives(
    tmp_path_factory: pytest.TempPathFactory, seed: int, restarts: set[int], pauses: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("stores")
    few, all_ = (open_store(folder / name, create=True) for name in ("few", "all"))
    hours = [LEARNT / 2 + sum(pauses[:number]) for number in range(len(pauses) + 1)]
    mind = Mind(few)
    statuses: dict[str, Status] = {}
    for number, (now, rows) in enumerate(World(seed).deliveries(hours)):
        for store in (few, all_):
            append(store, rows, now)
        if number in restarts:
            mind = Mind(few)
        statuses = look(mind, now=now, before=statuses).statuses
        detection = detect_recent(all_, None, now=now, known_at=now)
        assert found(few) == found(all_), now
        whole = status_of(detection.assessments, detection.outages, now)
        assert statuses.keys() == {one.entity for one in whole}
        for one in whole:
            known = [plane for own in one.planes.values() for plane in own]
            told = [plane for own in statuses[one.entity].planes.values() for plane in own]
            assert sorted(told, key=str) == sorted(known, key=str)
            assert statuses[one.entity].since == one.since


def lonely(tmp_path: Path) -> tuple[Store, Mind, datetime, list[float]]:
    """A store in which nothing is going on, and a mind that has looked at it."""
    store = open_store(tmp_path / "store", create=True)
    values = [np.rint(ordinary(ROUTES, DAYS, level=900 + n)).tolist() for n in range(len(ENTITIES))]
    now = BEGIN + timedelta(days=7)
    rows = [
        (ROUTES.name, entity, BEGIN + n * STEP, own[n], None)
        for entity, own in zip(ENTITIES, values, strict=True)
        for n in range(7 * 48)
    ]
    append(store, table(rows), now)
    mind = Mind(store)
    look(mind, now=now, before={})
    return store, mind, now, [own[7 * 48] for own in values]


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    arrays = [
        pa.array(column, field.type) for column, field in zip(columns, OBSERVATIONS, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=OBSERVATIONS)


def test_nobody_is_looked_at_closely_where_nothing_is_going_on(tmp_path: Path) -> None:
    store, mind, now, following = lonely(tmp_path)
    assert not has_news(mind)
    rows = [
        (ROUTES.name, one, now, value, None) for one, value in zip(ENTITIES, following, strict=True)
    ]
    append(store, table(rows), now + STEP)
    assert has_news(mind)
    seen = look(mind, now=now + STEP, before={})
    assert (seen.looked, seen.series) == (0, len(ENTITIES))
    assert {one.health for one in seen.statuses.values()} == {"ok"}
    assert not has_news(mind)


def test_who_is_suspicious_is_looked_at_with_its_country_and_nobody_else(tmp_path: Path) -> None:
    store, mind, now, following = lonely(tmp_path)
    rows = [
        (ROUTES.name, one, now, 3.0 if one == "asn/64510" else value, None)
        for one, value in zip(ENTITIES, following, strict=True)
    ]
    append(store, table(rows), now + STEP)
    assert look(mind, now=now + STEP, before={}).looked == 2


def test_more_suspects_than_one_look_takes_wait_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, mind, now, following = lonely(tmp_path)
    monkeypatch.setattr(watch_look, "AT_ONCE", 1)
    dark = {"asn/64510", "asn/64520"}
    for step in range(2):
        rows = [
            (ROUTES.name, one, now + step * STEP, 3.0 if one in dark else value, None)
            for one, value in zip(ENTITIES, following, strict=True)
        ]
        append(store, table(rows), now + (step + 1) * STEP)
    for _ in range(2):
        look(mind, now=now + 2 * STEP, before={})
    assert {one.entity for one in store.outages()} == dark
    assert not has_news(mind)
