"""How everybody stands, kept by a watch for whoever shows it."""

from __future__ import annotations

import io
import json
import resource
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zicht.cli import run
from zicht.errors import StoreError
from zicht.lab.series import record
from zicht.lab.world import open_scenario
from zicht.model.entity import EntityFact
from zicht.model.status import PlaneStatus, Status
from zicht.observe.standing import (
    FILE,
    FRESH,
    read_standing,
    read_written,
    standing_now,
    state_of,
    write_standing,
)
from zicht.observe.watch_clock import Clock
from zicht.observe.watch_desk import Desk
from zicht.observe.watch_log import open_log
from zicht.observe.watch_state import FOLDER
from zicht.store import open_store
from zicht.store.location import lake_of

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
FACTS = {"asn/9198": EntityFact(entity="asn/9198", country="KZ")}


def status(entity: str, **other: object) -> Status:
    one = Status(
        entity=entity,
        time=NOW,
        signal="bgp.visible24",
        connectivity_percent=97.5,
        planes={
            "control": [
                PlaneStatus(
                    signal="bgp.visible24",
                    connectivity_percent=97.5,
                    belief_outage=0.01,
                    last=NOW - timedelta(minutes=5),
                    health="ok",
                )
            ]
        },
        belief_outage=0.01,
        since=None,
        health="ok",
    )
    return msgspec.structs.replace(one, **other)


DARK = status("country/KZ", since=NOW - timedelta(hours=2), connectivity_percent=3.0)
OPERATOR = status("asn/9198")
REGION = status("region/IR/tehran", connectivity_percent=None, health="no data since yesterday")
NEW = status("country/NL", connectivity_percent=None, health="bgp.visible24: no expectation yet")
ALL = (OPERATOR, DARK, NEW, REGION)


def written(folder: Path) -> Path:
    write_standing(lake_of(folder), reversed(ALL), FACTS, written_at=NOW, version=7)
    return folder


def test_what_is_written_is_read_sorted_by_entity(tmp_path: Path) -> None:
    standing = read_standing(lake_of(written(tmp_path)))
    assert standing is not None
    assert standing.statuses == ALL
    assert (standing.written_at, standing.version) == (NOW, 7)
    assert read_written(lake_of(tmp_path)) == (NOW, 7)


def test_a_country_brings_its_operators_and_regions(tmp_path: Path) -> None:
    standing = read_standing(lake_of(written(tmp_path)), entities=["KZ"])
    assert standing is not None
    assert standing.statuses == (OPERATOR, DARK)
    standing = read_standing(lake_of(tmp_path), entities=["IR", "AS9198"])
    assert standing is not None
    assert standing.statuses == (OPERATOR, REGION)


def test_types_can_be_asked_for_alone(tmp_path: Path) -> None:
    standing = read_standing(lake_of(written(tmp_path)), types=["country"])
    assert standing is not None
    assert standing.statuses == (DARK, NEW)
    standing = read_standing(lake_of(tmp_path), entities=["KZ"], types=["asn"])
    assert standing is not None
    assert standing.statuses == (OPERATOR,)


def test_other_tools_read_the_file(tmp_path: Path) -> None:
    rows = pq.read_table(written(tmp_path) / FOLDER / FILE)
    assert rows["state"].to_pylist() == ["ordinary", "outage", "warming up", "unknown"]
    assert rows["country"].to_pylist() == ["KZ", "KZ", "NL", "IR"]
    assert json.loads(rows["record"][1].as_py())["connectivity_percent"] == 3.0


def test_the_state_is_a_word() -> None:
    assert [state_of(one) for one in ALL] == ["ordinary", "outage", "warming up", "unknown"]


def test_nothing_is_known_where_no_watch_was_or_the_file_is_damaged(tmp_path: Path) -> None:
    assert read_standing(lake_of(tmp_path)) is None
    file = written(tmp_path) / FOLDER / FILE
    whole = file.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        assert read_standing(lake_of(tmp_path)) is None
    pq.write_table(pa.table({"entity": ["country/KZ"]}), file)
    assert read_standing(lake_of(tmp_path)) is None


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    lake = lake_of(written(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(StoreError, match="No space is left"):
            write_standing(lake, [], {}, written_at=NOW, version=8)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read_written(lake) == (NOW, 7)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [FILE]


def stored(folder: Path) -> tuple[Store, datetime]:
    """A store with ten days of a world, and when they end."""
    recording = record(open_scenario("cable-cut"))
    store = open_store(folder, create=True)
    until = recording.world.begin + timedelta(days=10)
    for time, rows in recording.deliveries([until]):
        store.append(
            rows,
            signals=recording.signals.values(),
            origin=recording.origin,
            entities=recording.entities,
            known_at=time,
        )
    return store, until


def entities_of(store: Store) -> set[str]:
    return {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict


def desk_of(store: Store, now: datetime) -> Desk:
    return Desk(
        store=store,
        lead=lambda: store,
        channels=(),
        clock=Clock(begin=now, at=0.0, speed=1e-9),
        stopped=threading.Event(),
        tell=lambda _: None,
        looked=lambda _: None,
        log=open_log(io.StringIO(), as_json=True),
    )


def test_a_look_keeps_how_everybody_stands_and_the_next_watch_goes_on_from_it(
    tmp_path: Path,
) -> None:
    store, now = stored(tmp_path / "store")
    desk = desk_of(store, now)
    picture = desk.look(None)
    standing = read_standing(store.lake)
    assert standing is not None
    assert {one.entity for one in standing.statuses} == entities_of(store)
    assert {one.entity: one for one in standing.statuses} == picture.statuses
    assert standing.version == store.version

    again = desk_of(store, now).look(None)
    assert again.statuses.keys() == picture.statuses.keys()


def test_a_standing_holds_while_nothing_was_stored_or_for_some_minutes(tmp_path: Path) -> None:
    store, now = stored(tmp_path / "store")
    assert standing_now(store, now=now) is None
    for version, asked, holds in (
        (store.version, now + timedelta(days=1), True),
        (store.version - 1, now + FRESH, True),
        (store.version - 1, now + FRESH + timedelta(seconds=1), False),
    ):
        write_standing(store.lake, ALL, FACTS, written_at=now, version=version)
        assert (standing_now(store, now=asked) == list(ALL)) == holds
        assert (standing_now(store, now=asked, entities=["NL"]) == [NEW]) == holds


def test_zicht_status_shows_what_is_kept_and_works_out_another_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, now = stored(tmp_path / "store")
    write_standing(store.lake, ALL, FACTS, written_at=now, version=store.version)

    def shown(*arguments: str) -> list[str]:
        command = ["--store", str(store.path), "--format", "json", "status", *arguments]
        assert run(command) == 0
        return [one["entity"] for one in json.loads(capsys.readouterr().out)]

    assert shown() == [one.entity for one in ALL]
    assert shown("KZ") == ["asn/9198", "country/KZ"]
    assert set(shown("--at", now.isoformat())) == entities_of(store)
