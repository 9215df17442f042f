"""Backfills of routes from an archive on this machine: real files, processes and kills."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from archive_server import Archive, serving
from route_world import (
    ENTITY,
    PIPELINE,
    SIGNAL,
    START,
    STEP,
    LevelDigest,
    Levels,
    digest,
    publish,
    truth,
)

from zicht.errors import (
    FaultError,
    InputError,
    NotFoundError,
    SourceUnreachableError,
    StoreError,
    UsageError,
)
from zicht.observe.routes import BATCH, backfill_routes
from zicht.sources.bgp.collectors import PROJECTS
from zicht.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zicht.observe.routes import Backfilled
    from zicht.observe.routes_digests import DigestJob
    from zicht.sources.bgp.archives import Gap

HOUR = timedelta(hours=1)
KILLS = 5
TESTS = Path(__file__).parents[1]


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving() as there:
        yield there


def run(
    archive: Archive,
    folder: Path,
    collectors: str = "rrc00",
    start: datetime = START + 2 * HOUR,
    end: datetime = START + 5 * HOUR,
    **more: Any,
) -> Backfilled:
    """A backfill whose digests are made in threads, unless said otherwise."""
    with ThreadPoolExecutor(2) as pool:
        return backfill_routes(
            open_store(folder / "store", create=True),
            collectors.split(","),
            start,
            end,
            more.pop("pipeline", PIPELINE),
            cache=folder / "cache",
            addresses=dict.fromkeys(PROJECTS, archive.address),
            executor=more.pop("executor", pool),
            workers=2,
            **more,
        )


def stored(folder: Path) -> list[float]:
    return stored_in(open_store(folder / "store"))


def stored_in(store: Store) -> list[float]:
    values: list[float] = store.read(SIGNAL.name, ENTITY).values.tolist()
    return values


def test_the_bins_of_one_collector_are_right_from_the_rib_before_on(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 12)
    did = run(archive, tmp_path)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)
    assert (did.new, did.revised, did.unchanged) == (36, 0, 0)
    assert did.files == 1 + 5 * 12, "the RIB of midnight, and the updates from it on"
    assert did.until == START + 5 * HOUR
    assert did.gaps == ()
    assert did.resumed is None


def test_collectors_of_both_projects_are_brought_together_in_time(
    archive: Archive, tmp_path: Path
) -> None:
    names = ["rrc00", "rrc01", "route-views2", "route-views.sydney"]
    for name in names:
        publish(archive, name, 12, rib_every=8 if name.startswith("rrc") else 2)
    run(archive, tmp_path, ",".join(names))
    assert stored(tmp_path) == truth(names, START + 2 * HOUR, START + 5 * HOUR)
    (origin,) = open_store(tmp_path / "store").origins().values()
    assert origin.name == "route-views.sydney, route-views2, rrc00, rrc01"
    assert "RIPE NCC" in origin.citation
    assert "CC BY 4.0" in origin.licence


def test_processes_digest_as_threads_do(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    run(archive, tmp_path, executor=None)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)


def test_digests_that_are_done_in_another_order_are_applied_in_time(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 6)
    applied: list[datetime] = []

    class Watched(Levels):
        def apply(self, job: DigestJob, digest: LevelDigest) -> None:
            applied.append(job.time)
            super().apply(job, digest)

    def slow(job: DigestJob) -> LevelDigest:
        time.sleep(0.02 if job.time.minute % 10 == 0 else 0.0)
        return digest(job)

    run(archive, tmp_path, pipeline=replace(PIPELINE, digest=slow, begin=Watched))
    assert applied == sorted(applied)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)


def test_the_month_before_is_looked_into_for_a_rib(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 12, begin=START - 8 * HOUR)
    del archive.files["/rrc00/2024.10/bview.20241001.0000.gz"]
    run(archive, tmp_path, start=START, end=START + HOUR)
    assert stored(tmp_path) == truth(["rrc00"], START, START + HOUR)


def test_a_rib_that_is_listed_but_gone_is_replaced_by_the_one_before(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 30, begin=START - 16 * HOUR)
    archive.faults["/rrc00/2024.10/bview.20241001.0000.gz"] = ["code 404"] * 9
    told: list[str] = []
    run(archive, tmp_path, tell=told.append)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)
    assert any("bview.20241001.0000.gz is listed but not to be had" in text for text in told)


def test_updates_that_are_listed_but_gone_are_a_gap(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 12)
    archive.faults["/rrc00/2024.10/updates.20241001.0330.gz"] = ["code 404"] * 9

    class Forgetting(Levels):
        def forget(self, gap: Gap) -> None:
            self.gaps.append(gap)

    did = run(archive, tmp_path, pipeline=replace(PIPELINE, begin=Forgetting))
    (gap,) = did.gaps
    assert (gap.start, gap.end) == (START + 3.5 * HOUR, START + 5 * HOUR)
    until_then = truth(["rrc00"], START + 2 * HOUR, START + 3.5 * HOUR)
    assert stored(tmp_path)[: len(until_then)] == until_then


def test_after_a_gap_a_collector_is_known_again_from_its_next_rib_on(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 12, rib_every=4)
    for path in [path for path in archive.files if "updates.20241001.03" in path]:
        del archive.files[path]
    order: list[str] = []

    class Watched(Levels):
        def apply(self, job: DigestJob, digest: LevelDigest) -> None:
            order.append(f"{job.kind} {job.time:%H:%M}")
            if job.kind == "rib":
                self.since.clear()
            super().apply(job, digest)

        def forget(self, gap: Gap) -> None:
            order.append(f"gap {gap.start:%H:%M} {gap.end:%H:%M}")

    run(archive, tmp_path, pipeline=replace(PIPELINE, begin=Watched))
    assert order[0] == "rib 00:00"
    at = order.index("gap 03:00 04:00")
    assert order[at - 1 : at + 3] == [
        "updates 02:55",
        "gap 03:00 04:00",
        "rib 04:00",
        "updates 04:00",
    ]


def test_a_collector_without_a_rib_is_left_out_and_told(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 12)
    publish(archive, "rrc01", 12, rib_every=24)
    del archive.files["/rrc01/2024.10/bview.20241001.0000.gz"]
    told: list[str] = []
    did = run(archive, tmp_path, "rrc00,rrc01", tell=told.append)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)
    assert [gap.collector for gap in did.gaps] == ["rrc01"]
    assert any("rrc01 is unknown from 2024-10-01 02:00 to 2024-10-01 05:00" in one for one in told)


def test_a_collector_that_came_later_is_known_from_its_first_rib_on(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 12)
    publish(archive, "rrc01", 8, begin=START + 3 * HOUR, rib_every=1)
    did = run(archive, tmp_path, "rrc00,rrc01")
    (gap,) = did.gaps
    assert (gap.collector, gap.start, gap.end) == ("rrc01", START + 2 * HOUR, START + 3 * HOUR)
    late = truth(["rrc00", "rrc01"], START + 3 * HOUR, START + 5 * HOUR)
    assert stored(tmp_path) == [*truth(["rrc00"], START + 2 * HOUR, START + 3 * HOUR), *late]


def test_what_is_not_published_yet_is_left_for_another_run(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 3.5)
    did = run(archive, tmp_path)
    assert did.until == START + 3.5 * HOUR
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 3.5 * HOUR)
    told: list[str] = []
    assert run(archive, tmp_path, tell=told.append).new == 0
    assert told[-1] == "Nothing is published from 2024-10-01 03:30 on."
    publish(archive, "rrc00", 12)
    did = run(archive, tmp_path)
    assert did.resumed == START + 3.5 * HOUR
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)
    assert did.new == 18


def test_a_backfill_that_was_done_is_not_done_again(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    first = run(archive, tmp_path)
    asked, told = len(archive.asked), list[str]()
    again = run(archive, tmp_path, tell=told.append)
    assert (again.files, again.new) == (0, 0)
    assert len(archive.asked) == asked
    assert any("was done before" in text for text in told)
    Path(first.journal).unlink()
    anew = run(archive, tmp_path)
    assert (anew.new, anew.revised, anew.unchanged) == (0, 0, 36), "and nothing is stored twice"
    other = run(archive, tmp_path, pipeline=replace(PIPELINE, name="other"))
    assert other.resumed is None
    assert other.unchanged == 36


def test_files_are_removed_when_what_they_tell_is_stored_if_asked_for(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 8)
    run(archive, tmp_path, keep=False)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)


def test_times_within_bins_stand_for_the_whole_bins(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    second = timedelta(seconds=1)
    did = run(archive, tmp_path, start=START + 2 * HOUR + second, end=START + 3 * HOUR - second)
    assert did.start == START + 2 * HOUR
    assert len(stored(tmp_path)) == 12


def test_requests_that_make_no_sense_are_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ends before it begins"):
        run(archive, tmp_path, start=START, end=START)
    with pytest.raises(UsageError, match="rrc99"):
        run(archive, tmp_path, "rrc99")
    with pytest.raises(NotFoundError, match="Nothing is published"):
        run(archive, tmp_path)
    publish(archive, "rrc00", 8, rib_every=24)
    del archive.files["/rrc00/2024.10/bview.20241001.0000.gz"]
    with pytest.raises(NotFoundError, match="no RIB"):
        run(archive, tmp_path)


def test_an_archive_that_fails_midway_leaves_what_was_stored(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 8)
    archive.faults["/rrc00/2024.10/updates.20241001.0415.gz"] = ["html"]
    with pytest.raises(SourceUnreachableError, match="web page"):
        run(archive, tmp_path)
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 4 * HOUR)
    did = run(archive, tmp_path)
    assert did.resumed == START + 4 * HOUR
    assert stored(tmp_path) == truth(["rrc00"], START + 2 * HOUR, START + 5 * HOUR)


def test_many_files_that_vanish_are_the_archives_trouble(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(archive, "rrc00", 12, rib_every=1)

    def vanish(path: str) -> None:
        if path.endswith(".gz"):
            archive.faults[path] = ["code 404"]

    archive.before = vanish
    with pytest.raises(NotFoundError, match="no RIB"):
        run(archive, tmp_path)
    monkeypatch.setattr("zicht.observe.routes._MOST_GONE", 3)
    with pytest.raises(SourceUnreachableError, match="3 files are listed"):
        run(archive, tmp_path)


def test_what_a_digest_raises_reaches_the_caller(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    with pytest.raises(InputError, match="cannot be decoded"):
        run(archive, tmp_path, pipeline=replace(PIPELINE, digest=refuse))
    with pytest.raises(InputError, match="cannot be decoded"):
        run(archive, tmp_path, pipeline=replace(PIPELINE, digest=refuse), executor=None)


def refuse(job: DigestJob) -> LevelDigest:
    raise InputError(f"{job.path} cannot be decoded.")


def test_a_worker_that_dies_is_told(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    with pytest.raises(FaultError, match="ended from outside"):
        run(archive, tmp_path, pipeline=replace(PIPELINE, digest=die), executor=None)


def die(_: DigestJob) -> LevelDigest:
    os._exit(9)


def test_two_processes_do_not_do_the_same_backfill_at_once(
    archive: Archive, tmp_path: Path
) -> None:
    publish(archive, "rrc00", 8)
    errors: list[BaseException] = []

    def second(job: DigestJob) -> LevelDigest:
        if not errors:
            with pytest.raises(UsageError, match="Another process") as raised:
                run(archive, tmp_path, pipeline=PIPELINE)
            errors.append(raised.value)
        return digest(job)

    run(archive, tmp_path, pipeline=replace(PIPELINE, digest=second))
    assert errors


def test_a_journal_that_is_damaged_is_told(archive: Archive, tmp_path: Path) -> None:
    publish(archive, "rrc00", 8)
    did = run(archive, tmp_path)
    Path(did.journal).write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="is damaged"):
        run(archive, tmp_path)


CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from route_world import PIPELINE
from zicht.observe.routes import backfill_routes
from zicht.store import open_store

if __name__ == "__main__":
    folder, address, start, end = sys.argv[1:]
    print("ready", flush=True)
    backfill_routes(
        open_store(Path(folder) / "store", create=True), ["rrc00", "route-views2"],
        datetime.fromisoformat(start), datetime.fromisoformat(end), PIPELINE,
        cache=Path(folder) / "cache", addresses={"ris": address, "routeviews": address}, workers=2,
        progress=lambda what, done, total: print(done, flush=True),
    )
    print("done", flush=True)
"""


def test_a_kill_at_any_instant_neither_loses_nor_doubles_a_bin(
    archive: Archive, tmp_path: Path
) -> None:
    names = ["rrc00", "route-views2"]
    publish(archive, "rrc00", 18)
    publish(archive, "route-views2", 18, rib_every=2)
    start, end = START + 2 * HOUR, START + 16 * HOUR
    expected = truth(names, start, end)
    random = np.random.default_rng(20241001)
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    committed, finished, runs = 0, False, 0
    while not finished:
        runs += 1
        files = int(random.integers(0, 40)) if runs <= KILLS else None
        finished = run_until_killed(script, tmp_path, archive, (start, end), files)
        kept = stored(tmp_path) if (tmp_path / "store").exists() and has_routes(tmp_path) else []
        assert kept == expected[: len(kept)], "what is stored is right at each instant"
        assert finished or len(kept) % int(BATCH / STEP) == 0, "an hour is there in part"
        assert len(kept) >= committed, "what was committed is gone"
        committed = len(kept)
    assert runs == KILLS + 1
    assert stored(tmp_path) == expected
    rows = open_store(tmp_path / "store").table(signals=[SIGNAL.name])
    assert set(rows["revision"].to_pylist()) == {1}


def has_routes(folder: Path) -> bool:
    return SIGNAL.name in open_store(folder / "store").signals()


def run_until_killed(
    script: Path,
    folder: Path,
    archive: Archive,
    window: tuple[datetime, datetime],
    files: int | None,
) -> bool:
    """Run the backfill and kill it behind so many files; gives whether it had finished.

    Where in its work on the next files the kill meets it is left to chance.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, str(script), str(folder), archive.address]
    command += [time_.isoformat() for time_ in window]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        for _ in range(files or 0):
            child.stdout.readline()
        timer = threading.Timer(120.0 if files is None else 0.02, child.kill)
        timer.start()
        lines = child.stdout.readlines()  # ends when no worker holds it any more
        timer.cancel()
        timer.join()
    return "done\n" in lines
