"""What a store in an object store is more than a folder: shared by hosts, and out of reach."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import store_processes
from object_store import SECRET, running_object_store
from store_bench import START, Bench, a_signal, an_origin, bench_at
from store_child import ROWS

from zicht.errors import NotFoundError, StoreError, UsageError
from zicht.model.entity import EntityFact
from zicht.store import open_store
from zicht.store.bucket import BucketLake
from zicht.store.files import RETENTION_HOURS
from zicht.store.location import host_folder, lake_of
from zicht.store.opening import check_conditional_puts

if TYPE_CHECKING:
    from collections.abc import Callable

APPENDS = 12


@pytest.fixture
def move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What makes the stores that are opened from then on those of another host."""

    return lambda: monkeypatch.setenv("ZICHT_STATE", str(tmp_path / "elsewhere"))


def test_of_two_who_make_a_name_one_succeeds(bucket: str) -> None:
    lake = lake_of(bucket)
    assert lake.create("a/1", b"one")
    assert not lake.create("a/1", b"two")
    assert lake.read("a/1") == b"one"
    assert lake.create("a/1", b"one"), "an answer that was lost on its way is no conflict"
    check_conditional_puts(lake)


def test_names_are_read_put_listed_and_deleted_alike(place: Path | str) -> None:
    lake = bench_at(place).store.lake
    assert lake.read("x/none") is None
    assert lake.names("x") == []
    lake.put("x/2", b"two")
    lake.put("x/1", b"one")
    lake.put("x/2", b"2")
    assert lake.names("x") == ["x/1", "x/2"]
    assert lake.read_some(["x/1", "x/2", "x/3"]) == [b"one", b"2"]
    assert lake.read_some(["x/0", "x/1"]) == []
    lake.delete("x/1")
    lake.delete("x/1")
    assert lake.names("x") == ["x/2"]


def test_a_store_that_is_not_there_is_not_made_unasked(bucket: str) -> None:
    with pytest.raises(NotFoundError, match="There is no store at s3://"):
        open_store(bucket)
    assert lake_of(bucket).names("") == []
    assert open_store(bucket, create=True).table().num_rows == 0
    assert open_store(f"{bucket}/").keys() == []


def test_nothing_of_another_host_is_needed_to_read(bucket: str, move: Callable[[], None]) -> None:
    here = bench_at(bucket)
    here.append((0, 1.0), (1, 2.0))
    here.append((1, 3.0))
    move()
    there = bench_at(bucket)
    assert there.store.path != here.store.path
    assert there.values() == [1.0, 3.0]
    there.append((2, 4.0))
    assert here.values() == [1.0, 3.0, 4.0]


def test_what_another_host_revised_is_revised_again(bucket: str, move: Callable[[], None]) -> None:
    here = bench_at(bucket)
    here.append((0, 1.0))
    move()
    there = bench_at(bucket)
    there.append((0, 2.0))
    assert here.append((0, 1.0)).revised == 1
    assert there.store.table()["revision"].to_pylist() == [3]


def test_what_two_hosts_say_of_an_entity_at_once_is_put_together(
    bucket: str, move: Callable[[], None]
) -> None:
    here = bench_at(bucket)
    move()
    there = bench_at(bucket)
    assert here.store.entities() == {}
    there.store.append(
        there.observations([(0, 1.0)]),
        signals=[there.signal],
        origin=there.origin,
        entities=[EntityFact(entity="asn/1", name="One")],
        known_at=START,
    )
    here.store.append(
        here.observations([(1, 1.0)]),
        signals=[here.signal],
        origin=here.origin,
        entities=[EntityFact(entity="asn/1", country="KZ")],
        known_at=START,
    )
    assert there.store.entities()["asn/1"] == EntityFact(entity="asn/1", name="One", country="KZ")


def test_a_host_that_looks_away_for_long_catches_up(
    bucket: str, move: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = bench_at(bucket)
    idle.append((0, 1.0))
    move()
    busy = bench_at(bucket)
    for number in range(1, 13):
        busy.append((number, 1.0))
    assert idle.values() == [1.0] * 13
    series = busy.store.tables[-1]
    series.log.checkpoint()
    for name in busy.store.lake.names("series/_delta_log"):
        if name.endswith(".json"):
            busy.store.lake.delete(name)
    busy.append((13, 1.0))
    monkeypatch.setattr("zicht.store.log._IDLE", 0.0)
    assert idle.values() == [1.0] * 14
    assert idle.append((13, 2.0)).revised == 1


def test_upkeep_merges_and_what_is_replaced_stays_for_a_day(bucket: str) -> None:
    bench = bench_at(bucket)
    for number in range(25):
        bench.append((number, 1.0))
    bench.store.maintain()
    lake = bench.store.lake
    named = bench.store.tables[-1].log.snapshot().files
    there = {name for name in lake.names("series") if name.endswith(".parquet")}
    assert len(named) < 10
    assert len(there) > 25
    assert bench.values() == [1.0] * 25
    assert bench.store.tables[-1].log.left_over() == []


def test_a_cache_keeps_what_is_used_and_can_be_lost(bucket: str) -> None:
    bench = bench_at(bucket)
    bench.append((0, 1.0))
    (cached,) = (bench.store.path / "cache" / "series").glob("*.parquet")
    long_ago = time.time() - RETENTION_HOURS * 3600 - 60
    os.utime(cached, (long_ago, long_ago))
    fresh = bench_at(bucket)
    fresh.store.maintain()
    assert not cached.exists()
    assert fresh.values() == [1.0]
    cached.write_bytes(cached.read_bytes()[:-1])
    assert bench_at(bucket).values() == [1.0], "what was cut off is fetched again"


def test_two_writers_on_two_hosts_lose_nothing(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = []
    for number in (1, 2):
        monkeypatch.setenv("ZICHT_STATE", str(tmp_path / f"host-{number}"))
        given = (f"asn/{number}", str(number), str(APPENDS))
        writers.append(store_processes.start("append_some", bucket, *given))
    for writer in writers:
        _, complaints = writer.communicate(timeout=120)
        assert writer.returncode == 0, complaints
    bench = Bench(open_store(bucket), a_signal(), an_origin())
    for name in ("asn/1", "asn/2"):
        assert bench.values(entity=name) == [float(number) for number in range(APPENDS)]
    rows = bench.store.revisions(["country/KZ"]).to_pylist()
    revisions = [(row["time"], row["revision"]) for row in rows]
    assert len(revisions) == len(set(revisions)) == 2 * APPENDS


def test_a_killed_writer_loses_only_what_was_not_committed(bucket: str) -> None:
    appends = 0
    for _ in range(3):
        with store_processes.start("append_for_ever", bucket, str(appends)) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            said = [writer.stdout.readline() for _ in range(3)]
            writer.kill()
            said += writer.stdout.readlines()
        told = int([line for line in said if line.endswith("\n")][-1]) + 1
        rows = open_store(bucket).table()
        whole, part = divmod(rows.num_rows, ROWS)
        assert part == 0
        assert told <= whole <= told + 1
        appends = whole


def test_an_object_store_that_is_gone_is_said_and_nothing_is_lost_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path))
    with running_object_store() as own:
        for name, value in own.environment.items():
            monkeypatch.setenv(name, value)
        place = own.bucket("gone")
        bench = bench_at(place)
        bench.append((0, 1.0))
        own.order("down")
        for attempt in (
            lambda: bench.append((1, 2.0)),
            bench.values,
            lambda: open_store(place),
            bench.store.tables[0].log.checkpoint,
        ):
            with pytest.raises(StoreError, match=f"127.0.0.1:{own.port} cannot be reached") as said:
                attempt()
            assert SECRET not in str(said.value)
        own.order("up")
        assert bench.values() == [1.0]
        assert bench.append((1, 2.0)).new == 1
        own.order("delay 0.2")
        assert bench.append((2, 3.0)).new == 1
        assert bench.values() == [1.0, 2.0, 3.0]


def test_wrong_credentials_are_said_and_not_shown(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    for create in (False, True):
        with pytest.raises(StoreError, match="refuses the credentials") as said:
            open_store(bucket, create=create)
        assert said.value.exit_code == 5
        assert "AWS_SECRET_ACCESS_KEY" in str(said.value)
        assert "somebody-else" not in str(said.value)
        assert SECRET not in str(said.value)


def test_a_bucket_that_is_not_there_is_said(bucket: str) -> None:
    for create in (False, True):
        with pytest.raises(StoreError, match="There is no bucket for s3://nowhere-at-all/lake"):
            open_store("s3://nowhere-at-all/lake", create=create)
    bench = bench_at(bucket)
    lake = BucketLake("s3://nowhere-at-all/lake", bench.store.path)
    for attempt in (
        lambda: lake.put("x", b""),
        lambda: lake.create("x", b""),
        lambda: lake.names("x"),
        lambda: lake.delete("x"),
    ):
        with pytest.raises(StoreError, match="There is no bucket"):
            attempt()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://example.org/lake", "https:// is no kind of store"),
        ("s3://", "names no bucket"),
        ("s3://key:secret@bucket/lake", "a bucket and a prefix, and nothing else"),
        ("s3://bucket/lake?secret=1", "a bucket and a prefix, and nothing else"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        open_store(address)
    assert "secret" not in str(caught.value)


def test_a_path_that_was_an_address_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Give it as a str"):
        open_store(Path("s3://bucket/lake"), create=True)
    assert host_folder(tmp_path) == tmp_path


def test_what_stays_on_the_host_has_a_folder_of_its_own_for_each_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("ZICHT_STATE", "STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    first, second = host_folder("s3://one/lake"), host_folder("s3://one-lake")
    assert first != second
    assert first.parent == second.parent == tmp_path / ".local" / "state" / "zicht"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "x"))
    assert host_folder("s3://one/lake") == tmp_path / "x" / "zicht" / first.name
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "systemd"))
    assert host_folder("s3://one/lake") == tmp_path / "systemd" / first.name
    monkeypatch.setenv("ZICHT_STATE", str(tmp_path / "own"))
    assert host_folder("s3://one/lake/") == tmp_path / "own" / first.name
