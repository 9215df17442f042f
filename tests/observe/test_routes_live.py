"""Live routes from real servers on this machine to the store. Waits are short so that tests are;
none of them is asserted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from archive_server import Archive, serving
from live_world import (
    GONE,
    HANG,
    Line,
    announced,
    following,
    publish_recent,
    publish_withdrawal,
    spoken,
    store_with_places,
    withdrawn,
)
from ris_service import RisService
from routes_world import KZ, NETWORKS
from speaking import announce, bgp_open, initiation, monitoring, nlri, peer, peer_up, update

from zicht.errors import InputError, UsageError
from zicht.observe.routes_live import LiveRoutes, follow_routes
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.asyncio.server import ServerConnection

BOTH = ("rrc00", "rrc01")


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("ZICHT_CONTACT", "noc@example.net")
    with serving() as there:
        yield there


def test_a_country_that_is_withdrawn_shows_once_the_tables_are_known(
    archive: Archive, tmp_path: Path
) -> None:
    store = store_with_places(tmp_path)

    async def run() -> None:
        line = Line()
        async with (
            RisService([line]) as service,
            following(store, ris=BOTH, ris_live=service.url, archive=archive.address) as screen,
        ):
            await screen.until(lambda: len(screen.bins) > 1)
            assert set(screen.values()) == {None}  # the archive has nothing yet
            publish_recent(archive, *BOTH)
            await screen.until(lambda: 160 in screen.values())
            twice = [message for name in BOTH for message in spoken(name, withdrawn())]
            line.say(twice + twice)
            await screen.until(lambda: 40 in screen.values())
            line.say([message for name in BOTH for message in spoken(name, announced(name))])
            await screen.until(lambda: screen.values()[-1] == 160)
            values = screen.values()
            assert "Warming up" in screen.told[1] or "Warming up" in screen.told[0]
            first = values.index(160)
            assert values[:first] == [None] * first
            assert set(values[first:]) == {160, 40}
            assert {watch.voters[0] for _, watch in screen.bins[values.index(40) :]} == {12}
            assert set(screen.values("country/NL")[first:]) == {240}

    asyncio.run(run())
    assert {one.name for one in store.origins().values()} == {"rrc00, rrc01"}
    assert store.entities()[f"asn/{KZ}"].name == "JSC Kazakhtelecom"
    series = store.read("bgp.visible24.1s", "country/KZ")
    assert set(series.values[~np.isnan(series.values)].tolist()) == {160.0, 40.0}


def test_what_a_lost_connection_hid_is_unknown_until_the_archive_tells_of_it(
    archive: Archive, tmp_path: Path
) -> None:
    store = store_with_places(tmp_path)
    begin = publish_recent(archive, *BOTH)

    async def run() -> None:
        first, second = Line(), Line()
        async with (
            RisService([first, second]) as service,
            following(store, ris=BOTH, ris_live=service.url, archive=archive.address) as screen,
        ):
            await screen.until(lambda: 160 in screen.values())
            published = dict(archive.files)
            archive.files.clear()
            first.cut()
            await screen.until(lambda: screen.values()[-1] is None)
            assert screen.bins[-1][1].stale == 12
            second.say([one for name in BOTH for one in spoken(name, announced(name, GONE[:5]))])
            await screen.until(lambda: any("no RIB" in text for text in screen.told))
            assert screen.values()[-1] is None
            archive.files.update(published)
            publish_withdrawal(archive, begin, *BOTH)
            # The archive's 40, and on top of them what was said meanwhile.
            await screen.until(lambda: screen.values()[-1] == 60)
            values = screen.values()
            assert {160, None} <= set(values[values.index(160) :]) <= {160, None, 40, 60}

    asyncio.run(run())
    sick = open_store(store.path).sicknesses()
    assert {one.signal for one in sick} == {"bgp.visible24.1s"}
    assert "can vote" in sick[0].reason


def test_a_start_after_a_stop_has_the_files_and_goes_on(archive: Archive, tmp_path: Path) -> None:
    store = store_with_places(tmp_path)
    begin = publish_recent(archive, "rrc00")

    async def run() -> None:
        async with (
            RisService([Line()]) as service,
            following(
                store, ris=["rrc00"], ris_live=service.url, archive=archive.address
            ) as screen,
        ):
            await screen.until(lambda: 160 in screen.values())

    asyncio.run(run())
    asyncio.run(run())
    rib = f"/rrc00/{begin:%Y.%m}/bview.{begin:%Y%m%d.%H%M}.gz"
    assert len(archive.asked_for(rib)) == 1


def test_a_routers_table_counts_from_its_end_on_and_not_after_its_session(tmp_path: Path) -> None:
    store = store_with_places(tmp_path)
    kazakh = [str(network) for network, asn in NETWORKS.items() if asn == KZ]
    headers = [peer(f"10.0.0.{i}", 64500 + i) for i in range(2, 5)]
    ups = b"".join(
        peer_up(header, bgp_open(64496), bgp_open(64500 + i)) for i, header in enumerate(headers, 2)
    )
    tables = b"".join(
        monitoring(header, announce(*kazakh, path=(64500 + i, KZ)))
        for i, header in enumerate(headers, 2)
    )
    ends = b"".join(monitoring(header, update()) for header in headers)
    gone = b"".join(monitoring(header, update(nlri(*map(str, GONE)))) for header in headers)

    async def run() -> None:
        async with following(store, bmp=("127.0.0.1", 0)) as screen:
            await screen.until(lambda: len(screen.told) > 0)
            port = int(screen.told[0].rstrip(".").rpartition(":")[2])
            _, router = await asyncio.open_connection("127.0.0.1", port)
            router.write(initiation("core-1") + ups + tables)
            count = len(screen.bins)
            await screen.until(lambda: any(watch.peers == 3 for _, watch in screen.bins))
            assert set(screen.values()) == {None}
            router.write(ends)
            await screen.until(lambda: 160 in screen.values())
            router.write(gone)
            await screen.until(lambda: 40 in screen.values())
            router.transport.abort()
            await screen.until(lambda: screen.values()[-1] is None)
            assert screen.bins[-1][1].stale == 3
            _, router = await asyncio.open_connection("127.0.0.1", port)
            router.write(initiation("core-1") + ups + tables + ends)
            await screen.until(lambda: screen.values()[-1] == 160)
            router.transport.abort()
            assert count <= len(screen.bins)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "nothing to follow"),
        ({"ris": ["route-views2"]}, "none of RIS"),
        ({"ris": ["rrc00"]}, "who listens"),
        ({"bmp": ("127.0.0.1", 0), "entities": ["nonsense/1"]}, "nonsense"),
    ],
)
def test_mistakes_are_told_at_once(
    more: dict[str, object], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZICHT_CONTACT", raising=False)
    live = LiveRoutes(store=open_store(tmp_path / "store", create=True), **more)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=why):
        asyncio.run(asyncio.wait_for(follow_routes(live, asyncio.Event()), HANG))


def test_a_service_that_refuses_ends_it_with_its_words(archive: Archive, tmp_path: Path) -> None:
    async def refuse(_: RisService, socket: ServerConnection) -> None:
        await socket.send(json.dumps({"type": "ris_error", "data": {"message": "no such host"}}))
        await socket.wait_closed()

    async def run() -> None:
        async with RisService([refuse]) as service:
            live = LiveRoutes(
                store=open_store(tmp_path / "store", create=True),
                ris=["rrc00"],
                ris_live=service.url,
                archive=archive.address,
            )
            await asyncio.wait_for(follow_routes(live, asyncio.Event()), HANG)

    with pytest.raises(UsageError, match="no such host"):
        asyncio.run(run())


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        live = LiveRoutes(
            store=open_store(tmp_path / "store", create=True),
            bmp=("127.0.0.1", taken.getsockname()[1]),
        )
        with pytest.raises(InputError, match="cannot be listened on"):
            asyncio.run(asyncio.wait_for(follow_routes(live, asyncio.Event()), HANG))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to_though_the_archive_hangs(number: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        words = [
            *("bgp", "live", "--ris", "rrc00", "--bmp", "127.0.0.1:0", "--format", "csv"),
            *("--archive", f"http://{address}", "--ris-live", f"ws://{address}/v1/ws/"),
            *("--store", str(tmp_path / "store")),
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "zicht", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "ZICHT_CONTACT": "noc@example.net"},
        )
        try:
            assert process.stderr is not None
            while "Warming up" not in (line := process.stderr.readline()):
                assert line, "it has ended"
            process.send_signal(number)
            out, err = process.communicate(timeout=HANG)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert out.startswith("time,entity,visible24")
