"""Addresses of a world answer real probes, in a network of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from zicht.errors import UsageError
from zicht.lab.answering import answering
from zicht.lab.pings import prepare
from zicht.lab.serve.pings import enter_own_network, respond
from zicht.lab.world import World, open_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

CABLE = Path(__file__).parents[1] / "cable_scenario.toml"


@contextmanager
def served(world: World, time: datetime) -> Iterator[str]:
    """A thread that answers for a world as of a time; yields the file of its network."""
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists() or not shutil.which("nsenter"):
        pytest.skip("a network namespace needs root, /dev/net/tun and nsenter")
    ready, stop = threading.Event(), threading.Event()
    at = answering(world)
    prepare(at(time))
    found: list[str] = []

    def run() -> None:
        tunnel = enter_own_network()
        try:
            found.append(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net")
            ready.set()
            respond(tunnel, lambda: at(time), stop.is_set)
        finally:
            os.close(tunnel)

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join()


def probed(network: str, *targets: str, rate: int = 2000) -> dict[str, Any]:
    """What ``zicht probe once`` finds in that network."""
    enter = [str(shutil.which("nsenter")), f"--net={network}"]
    command = [sys.executable, "-m", "zicht", "--format", "json", "probe", "once", *targets]
    options = ["--contact", "noc@example.org", "--rate", str(rate), "--per-block", "1000000"]
    done = subprocess.run(
        [*enter, *command, *options, "--timeout", "1"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_our_prober_finds_the_world_as_it_is() -> None:
    world = open_scenario(CABLE)
    blocks = world.blocks()
    icelandic = np.array([world.parts[part].country == "IS" for part in blocks.part])
    fullest = np.flatnonzero(icelandic)[np.argsort(blocks.ever[icelandic])[-12:]]
    targets = [f"{ip_address(int(blocks.address[one]))}/24" for one in fullest]
    expected = float((blocks.ever * blocks.available)[fullest].sum())
    with served(world, world.begin + timedelta(hours=13)) as network:
        before = probed(network, *targets)
    assert before["sent"] == 12 * 256
    assert before["answered"] == pytest.approx(expected, rel=0.1)
    assert (before["forged"], before["damaged"], before["foreign"]) == (0, 0, 0)
    assert all(block["rtt_median_ms"] > 15 for block in before["blocks"])

    cut = world.begin + timedelta(days=23, hours=12)
    left = [
        world.share("packets", int(blocks.part[one]))[(cut - world.begin) // timedelta(minutes=1)]
        for one in fullest
    ]
    with served(world, cut) as network:
        during = probed(network, *targets)
    up = {block["block"] for block in during["blocks"] if block["answered"]}
    assert up == {
        target
        for target, one, share in zip(targets, fullest, left, strict=True)
        if blocks.rank[one] < share
    }
    assert 0 < len(up) < 12


def test_ipv6_answers_too_and_nobody_else_does() -> None:
    world = open_scenario(CABLE)
    prefixes = world.prefixes()
    six = str(prefixes.network(int(np.flatnonzero(prefixes.family == 6)[0])).network_address)
    with served(world, world.begin) as network:
        found = probed(network, f"{six}/120")
        nobody = probed(network, "223.0.0.0/28", rate=100)
    assert 10 <= found["answered"] <= 24
    assert (nobody["sent"], nobody["answered"]) == (16, 0)


def test_without_a_right_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="root"):
        enter_own_network()
