"""An event is packed, passed on, checked and replayed; what was tampered with does not pass."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from stamping import make_authority, serving

from zicht.cli import run
from zicht.errors import InputError, NotFoundError, SourceUnreachableError
from zicht.model.signal import Origin
from zicht.model.time import to_microseconds
from zicht.observe.archiving import archive_event
from zicht.observe.detection import detect_in_store, run_detection
from zicht.observe.ingest import import_files
from zicht.observe.verifying import verify_pack
from zicht.observe.watch_detection import READ, detect_recent
from zicht.publish.pack import Pack, build_pack, manifest_bytes, members_of, read_pack
from zicht.publish.signing import read_or_make_key, sign
from zicht.sources.radar import BANDWIDTH, TRAFFIC
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zicht.model.signal import Signal
    from zicht.observe.verifying import Verification
    from zicht.store import Store

DAYS, DOWN = 8, {6}
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
ORIGIN = Origin(id="x", source="radar", name="x", sha256="", licence="", citation="")


def observed(folder: Path, day: int) -> Path:
    """A day of a country and an operator, in a blackout on some days."""
    rows = []
    for minute in range(0, 1440, 10):
        for asn, name, level in ((0, "Country wide", 9000), (64500, "Example", 700)):
            value = level // 20 if day in DOWN else level + minute % 7
            time = f"2019-11-{14 + day} {minute // 60:02}:{minute % 60:02}:00+00:00"
            rows.append(f"active_probing,{value},{asn},{name},{time}\n")
    path = folder / f"day-{day}.csv"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, datetime]:
    """A store whose event was revised, the event's id, and when it was first known."""
    folder = tmp_path_factory.mktemp("world")
    store = open_store(folder / "store", create=True)
    known = []
    for days in (range(7), range(7, DAYS)):
        import_files(store, "ioda", [observed(folder, day) for day in days], country="IR")
        run_detection(store)
        known += [one.known_at for one in store.event_revisions("IR-20191120")]
    return folder / "store", "IR-20191120", known[0]


@pytest.fixture
def store(world: tuple[Path, str, datetime]) -> Store:
    return open_store(world[0])


def states(found: Verification) -> dict[str, str]:
    return {check.check: check.state for check in found.checks}


def remade(pack: Pack, **files: Callable[[bytes], bytes]) -> Pack:
    """A pack with files altered and a manifest that knows it."""
    changed = dict(pack.files)
    for name, alter in files.items():
        changed[name.replace("_", ".")] = alter(changed[name.replace("_", ".")])
    manifest = msgspec.structs.replace(pack.manifest, files=members_of(changed))
    return msgspec.structs.replace(
        pack, manifest=manifest, manifest_bytes=manifest_bytes(manifest), files=changed
    )


def packed(pack: Pack) -> bytes:
    return build_pack(
        pack.manifest_bytes, pack.files, signature=pack.signature, timestamp=pack.timestamp
    )


def test_the_same_event_comes_out_of_its_pack(
    store: Store, world: tuple[Path, str, datetime], tmp_path: Path
) -> None:
    made = archive_event(store, world[1], key=tmp_path / "key.pem")
    assert made.differences == ()
    found = verify_pack(made.data, "x.zip", signer=made.signer)
    assert found.verified
    assert states(found) == {
        "files": "passed",
        "signature": "passed",
        "time stamp": "not checked",
        "code": "passed",
        "replay": "passed",
    }


def hourly(signal: Signal, days: int, *, down: tuple[int, int]) -> pa.Table:
    """Hours of ordinary values, of which some have a tenth left."""
    count = days * 86_400 // signal.step
    values = 500 * (1 + 0.02 * np.random.default_rng(3).standard_normal(count))
    values[down[0] : down[1]] *= 0.1
    times = to_microseconds(BEGIN) + np.arange(count) * signal.step * 10**6
    return pa.table(
        {
            "signal": [signal.name] * count,
            "entity": ["country/IR"] * count,
            "time": pa.array(times, pa.timestamp("us", tz="UTC")),
            "value": values,
            "samples": pa.nulls(count, pa.int64()),
        }
    )


def test_an_event_apart_from_connectivity_comes_out_of_its_pack(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    slow = hourly(BANDWIDTH, 20, down=(400, 430))
    store.append(slow, signals=[BANDWIDTH], origin=ORIGIN, known_at=BEGIN + timedelta(days=21))
    (event,) = run_detection(store).blocks.events
    assert event.event_class == "throttling"
    made = archive_event(store, event.id)
    assert made.differences == ()
    assert verify_pack(made.data, "x.zip").verified


def test_what_a_watch_found_in_its_last_weeks_comes_out_of_its_pack(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    now = BEGIN + timedelta(days=90)
    long = hourly(TRAFFIC, 90, down=(2100, 2120))
    store.append(long, signals=[TRAFFIC], origin=ORIGIN, known_at=now)
    (event,) = detect_recent(store, None, now=now, known_at=now).events
    whole = detect_in_store(store).events[0]
    assert whole.belief != event.belief, "what is older makes a difference"
    made = archive_event(store, event.id)
    assert made.differences == ()
    found = verify_pack(made.data, "x.zip")
    assert found.verified
    replayed = next(one for one in found.checks if one.check == "replay")
    assert f"from {now - READ:%F}" in replayed.detail


def test_an_event_is_packed_as_it_was_known_at_a_time(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    now = read_pack(archive_event(store, world[1]).data, "now")
    then_made = archive_event(store, world[1], as_of=world[2])
    then = read_pack(then_made.data, "then")
    assert then_made.differences == ()
    assert (then.manifest.revision, now.manifest.revision) == (1, 2)
    assert json.loads(then.files["event.json"])["end"] is None
    assert json.loads(now.files["event.json"])["end"] is not None
    revisions = json.loads(now.files["revisions.json"])
    ids = [row["record"]["revision"] for row in revisions if row["record"]["id"] == world[1]]
    assert ids == [1, 2]


def test_a_pack_is_the_same_bytes_each_time(
    store: Store, world: tuple[Path, str, datetime], tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    one, other = (archive_event(store, world[1], key=key, made_at=world[2]).data for _ in range(2))
    assert one == other


def test_altered_values_do_not_pass_whoever_signed(
    store: Store, world: tuple[Path, str, datetime], tmp_path: Path
) -> None:
    def softened(data: bytes) -> bytes:
        rows = pq.read_table(io.BytesIO(data))
        doubled = pc.if_else(pc.less(rows["value"], 500), 600.0, rows["value"])
        place = rows.column_names.index("value")
        sink = io.BytesIO()
        pq.write_table(rows.set_column(place, rows.schema.field("value"), doubled), sink)
        return sink.getvalue()

    made = archive_event(store, world[1], key=tmp_path / "key.pem")
    forged = remade(read_pack(made.data, "x"), series_parquet=softened)
    found = verify_pack(packed(forged), "x")
    assert not found.verified
    assert (states(found)["signature"], states(found)["replay"]) == ("failed", "failed")

    other, _ = read_or_make_key(tmp_path / "other.pem")
    forged = msgspec.structs.replace(forged, signature=sign(forged.manifest_bytes, other))
    found = verify_pack(packed(forged), "x", signer=made.signer)
    assert (states(found)["signature"], states(found)["replay"]) == ("failed", "failed")


def test_an_embellished_event_is_found_out_with_the_field(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    def deeper(data: bytes) -> bytes:
        event: dict[str, Any] = json.loads(data)
        return json.dumps(event | {"depth_percent": 1.0}).encode()

    pack = read_pack(archive_event(store, world[1]).data, "x")
    found = verify_pack(packed(remade(pack, event_json=deeper)), "x")
    (replay,) = (check for check in found.checks if check.check == "replay")
    assert replay.state == "failed"
    assert replay.detail.startswith("depth_percent: 1.0 in the pack, ")


@pytest.mark.parametrize(
    ("field", "stated", "told"),
    [
        ("simulated", True, "simulated: true in the manifest, false in the event"),
        ("entity", "country/US", "entity: "),
        ("event", "US-20220105", "id: "),
        ("known_at", "2030-01-01T00:00:00Z", "the event does not stand so in revisions.json"),
    ],
)
def test_a_manifest_that_tells_of_another_event_is_found_out(
    store: Store, world: tuple[Path, str, datetime], field: str, stated: object, told: str
) -> None:
    pack = read_pack(archive_event(store, world[1]).data, "x")
    manifest = msgspec.structs.replace(pack.manifest, **{field: stated})
    found = verify_pack(build_pack(manifest_bytes(manifest), pack.files), "x")
    (replay,) = (check for check in found.checks if check.check == "replay")
    assert replay.state == "failed"
    assert told in replay.detail


def test_simulated_data_are_called_so_whatever_the_manifest_says(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    def simulated(data: bytes) -> bytes:
        return json.dumps([one | {"simulated": True} for one in json.loads(data)]).encode()

    pack = read_pack(archive_event(store, world[1]).data, "x")
    assert not verify_pack(packed(pack), "x").simulated
    found = verify_pack(packed(remade(pack, origins_json=simulated)), "x")
    assert found.simulated
    assert not found.verified


@pytest.mark.parametrize("step", [0, 1, 10**18])
def test_a_pack_that_would_take_all_memory_is_refused(
    store: Store, world: tuple[Path, str, datetime], step: int
) -> None:
    def stepped(data: bytes) -> bytes:
        return json.dumps([one | {"step": step} for one in json.loads(data)]).encode()

    pack = read_pack(archive_event(store, world[1]).data, "x")
    with pytest.raises(InputError, match="this pack cannot be read"):
        verify_pack(packed(remade(pack, signals_json=stepped)), "x")


def test_files_that_are_not_the_signed_ones_are_not_replayed(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    pack = read_pack(archive_event(store, world[1]).data, "x")
    files = pack.files | {"event.json": pack.files["event.json"] + b" "}
    found = verify_pack(build_pack(pack.manifest_bytes, files), "x")
    assert (states(found)["files"], states(found)["replay"]) == ("failed", "not checked")
    assert not found.verified


def test_an_unsigned_pack_fails_for_who_expects_a_signature(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    data = archive_event(store, world[1]).data
    assert verify_pack(data, "x").verified
    assert not verify_pack(data, "x", signer="00" * 32).verified


@pytest.mark.parametrize("name", ["series.parquet", "event.json", "signals.json"])
def test_a_pack_with_a_broken_file_is_refused_with_its_name(
    store: Store, world: tuple[Path, str, datetime], name: str
) -> None:
    pack = read_pack(archive_event(store, world[1]).data, "x")
    broken = remade(pack, **{name.replace(".", "_"): lambda _: b"\xff{"})
    with pytest.raises(InputError, match="series" if name.startswith("series") else name):
        verify_pack(packed(broken), "x")


def test_an_authority_states_when_and_is_vouched_for_by_its_root(
    store: Store, world: tuple[Path, str, datetime], tmp_path: Path
) -> None:
    make_authority(tmp_path)
    with serving(tmp_path) as address:
        made = archive_event(store, world[1], authority=address)
    assert made.stamped_at is not None
    root, stranger = ((tmp_path / f"{name}.pem").read_bytes() for name in ("root", "stranger"))
    for certificates, state in ((None, "not checked"), (root, "passed"), (stranger, "failed")):
        found = verify_pack(made.data, "x", certificates=certificates)
        assert states(found)["time stamp"] == state


def test_an_authority_that_is_not_there_is_told_and_nothing_is_packed(
    store: Store, world: tuple[Path, str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zicht.http._TRIES", 1)
    with pytest.raises(SourceUnreachableError, match="could not be reached"):
        archive_event(store, world[1], authority="http://127.0.0.1:1/")


def test_an_event_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no event 'XX-1'"):
        archive_event(store, "XX-1")


def test_the_commands_pack_and_check(
    world: tuple[Path, str, datetime],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert run(["--store", str(world[0]), "archive", world[1], "--format", "json"]) == 0
    told = capsys.readouterr()
    made = json.loads(told.out)
    assert made["replays"] is True
    assert "A key was made in" in told.err
    assert run(["verify", made["file"], "--signer", made["signer"], "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True
    assert run(["verify", made["file"], "--signer", "00" * 32]) == 1
    assert run(["--store", str(world[0]), "archive", world[1]]) == 2
    assert "--force" in capsys.readouterr().err
    (tmp_path / "no.zip").write_bytes(b"no pack")
    assert run(["verify", "no.zip"]) == 3


def test_no_address_of_this_machine_stands_in_a_pack(
    store: Store, world: tuple[Path, str, datetime]
) -> None:
    pack = read_pack(archive_event(store, world[1]).data, "x")
    folder = str(world[0].parent).encode()
    texts = [data for name, data in pack.files.items() if name != "series.parquet"]
    assert not any(folder in data for data in [*texts, pack.manifest_bytes])
