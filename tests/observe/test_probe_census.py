"""A census sends real packets in a network of its own, and can be killed at any time."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "probe"))

from own_network import in_own_network, with_bad_machine

from zicht.errors import StoreError, UsageError
from zicht.observe.private import locked
from zicht.observe.probe_census import CensusRequest, FamilyCensus, take_census
from zicht.observe.probe_histories import change_history, history_path, load_history
from zicht.sources.probe.history import BlockHistory, unmeasured

HANG = 300.0  # seconds, compiling included
CONTACT = "noc@example.org"


def request(
    *targets: str, rounds: int = 2, rate: float = 20_000, timeout: float = 0.5
) -> CensusRequest:
    return CensusRequest(
        targets=targets,
        contact=CONTACT,
        rounds=rounds,
        every=0,
        allow_private=True,
        rate=rate,
        per_minute=1e6,
        timeout=timeout,
    )


def census(store: Path, *targets: str, rounds: int = 2) -> FamilyCensus:
    (done,) = in_own_network(
        lambda: take_census(store, request(*targets, rounds=rounds)), seconds=HANG
    )
    return done


def test_who_answers_is_known_of_each_block_and_kept_from_others(tmp_path: Path) -> None:
    done = census(tmp_path, "10.64.0.0/23")
    history = load_history(tmp_path, ipv4=True)
    assert history.ever_active.tolist() == [256, 256]
    assert history.availability.tolist() == [1, 1]
    assert history.rounds.tolist() == [2, 2]
    assert (done.blocks, done.addresses, done.resumed) == (2, 512, False)
    assert done.told["sent"] == done.told["answered"] == 1024
    assert done.ever_active == {"1-2": 0, "3-14": 0, "15-63": 0, "64-127": 0, "128-256": 2}
    assert done.sorts == {"dense": 2}
    folder = tmp_path / "probe"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert not list(folder.glob("*.npz"))


def test_who_is_late_forges_or_is_silent_did_not_answer(tmp_path: Path) -> None:
    def work() -> list[FamilyCensus]:
        return with_bad_machine(lambda: take_census(tmp_path, request("10.66.0.0/28")))

    (done,) = in_own_network(work, seconds=HANG)
    history = load_history(tmp_path, ipv4=True)
    answering = np.flatnonzero(np.unpackbits(history.active[0], bitorder="little")).tolist()
    assert answering == [0, 3, *range(8, 16)]  # twice is once; from 8 on all is well
    assert done.told["duplicate"] == 2
    assert done.told["forged"] > 0


def test_a_second_census_adds_to_the_first(tmp_path: Path) -> None:
    census(tmp_path, "10.64.0.0/24")
    census(tmp_path, "10.64.0.0/23", rounds=3)
    history = load_history(tmp_path, ipv4=True)
    assert history.rounds.tolist() == [5, 3]


_KILLED = """
import sys
from pathlib import Path
import zicht.observe.probe_census as one
one._WRITE_EVERY = 0.3
request = one.CensusRequest(targets=["10.64.0.0/22"], contact="noc@example.org", rounds=2, every=0,
    allow_private=True, rate=500, per_minute=1e6, timeout=0.5)
one.take_census(Path(sys.argv[1]), request)
"""


def test_after_kills_it_goes_on_and_nobody_is_lost_and_few_are_asked_again(tmp_path: Path) -> None:
    def echoes() -> int:
        lines = [
            line.split()
            for line in Path("/proc/thread-self/net/snmp").read_text().splitlines()
            if line.startswith("Icmp:")
        ]
        return int(dict(zip(*lines, strict=True))["InEchos"])

    def work() -> tuple[int, list[FamilyCensus]]:
        for _ in range(3):
            one = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)])
            before, hung = echoes(), time.monotonic() + HANG
            while echoes() < before + 450 and time.monotonic() < hung:
                time.sleep(0.05)
            one.send_signal(signal.SIGKILL)
            assert one.wait() == -signal.SIGKILL
        done = take_census(tmp_path, request("10.64.0.0/22", rate=500))
        return echoes(), done

    sent, (done,) = in_own_network(work, seconds=3 * HANG)
    history = load_history(tmp_path, ipv4=True)
    assert history.ever_active.tolist() == [256] * 4
    assert history.availability.tolist() == [1] * 4
    assert done.resumed
    # Each kill costs what was sent since the last writing, 0.3 s before, or a second when busy.
    assert 2048 <= sent <= 2048 + 3 * 500 * 1
    assert done.told["answered"] == 2048


def test_a_dry_run_says_what_it_takes_and_leaves_nothing(tmp_path: Path) -> None:
    asked = CensusRequest(targets=["5.0.0.0/16"], contact=CONTACT, dry_run=True)
    (one,) = take_census(tmp_path, asked)
    assert (one.estimate.addresses, one.estimate.blocks) == (65536, 256)
    assert one.estimate.probes == 3 * 65536
    assert one.estimate.seconds > 2 * 3600
    assert not list(tmp_path.iterdir())


def test_private_space_and_nonsense_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    for target in ("10.0.0.0/8", "5.0.0.1/8", "nowhere", "2001:db8::/32", "2a00::/16"):
        with pytest.raises(UsageError):
            take_census(tmp_path, CensusRequest(targets=[target], contact=CONTACT))
    with pytest.raises(UsageError, match="16 rounds"):
        take_census(tmp_path, request("5.0.0.0/24", rounds=16))


def test_a_census_that_is_going_on_is_not_begun_again(tmp_path: Path) -> None:
    census(tmp_path, "10.64.0.0/28")
    (lock,) = (tmp_path / "probe").glob("census-*.lock")
    with locked(lock) as mine, pytest.raises(UsageError, match="going on already"):
        take_census(tmp_path, request("10.64.0.0/28"))
    assert mine


def test_a_damaged_census_says_what_to_do(tmp_path: Path) -> None:
    census(tmp_path, "10.64.0.0/28")
    (lock,) = (tmp_path / "probe").glob("census-*.lock")
    state = lock.with_name(f"{lock.stem}-4.npz")
    state.write_bytes(b"PK\3\4 no archive")
    with pytest.raises(StoreError, match="--restart"):
        take_census(tmp_path, request("10.64.0.0/28"))


def test_a_damaged_history_says_what_to_do_and_names_nobody(tmp_path: Path) -> None:
    high = np.array([5 << 56 | 77 << 32], dtype=np.uint64)
    found = unmeasured(high, np.zeros_like(high), ipv4=True)

    def change(_: BlockHistory) -> BlockHistory:
        return found

    change_history(tmp_path, change, ipv4=True)
    path = history_path(tmp_path, ipv4=True)
    whole = path.read_bytes()
    for damage in (b"", whole[: len(whole) // 2], whole[:-9] + b"x" * 9):
        path.write_bytes(damage)
        with pytest.raises(StoreError, match="take a census") as told:
            load_history(tmp_path, ipv4=True)
        assert "5.0.0" not in str(told.value)
    path.write_bytes(whole)
    path.rename(history_path(tmp_path, ipv4=False))
    with pytest.raises(StoreError, match="other family"):
        load_history(tmp_path, ipv4=False)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "probe").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        change_history(tmp_path, lambda history: history, ipv4=True)
    assert [file.name for file in tmp_path.iterdir()] == ["probe"]
