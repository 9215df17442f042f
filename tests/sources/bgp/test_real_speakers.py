"""BIRD, GoBGP and ExaBGP on loopback: what they announce and withdraw is what is decoded."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING

import pytest
import real_speakers as speakers
from real_speakers import BIRD_AS, EXABGP_AS, birdc, free_port, missing_programs, wait_until
from statements import blocks_of

from zicht.observe.routes_files import visible_in_files
from zicht.sources.bgp.decode import Decoder
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.fetch.bmp import BmpListener
from zicht.sources.bgp.recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    bool(missing_programs()),
    reason=f"no {', '.join(missing_programs())} here: apt install bird2 gobgpd exabgp",
)

NL, KZ, IR = 64601, 64602, 64603  # an origin AS for each country
COUNTRIES = {
    NL: [f"20.{a}.{b}.0/24" for a in range(80) for b in range(250)],
    KZ: [f"30.{a}.{b}.0/24" for a in range(80) for b in range(250)],
    IR: [f"40.{a}.{b}.0/24" for a in range(40) for b in range(250)],
}
ALL = {(prefix, -1): origin for origin, prefixes in COUNTRIES.items() for prefix in prefixes}
WITHOUT_KZ = {route: origin for route, origin in ALL.items() if origin != KZ}

Table = dict[tuple[str, int], int]  # prefix and path identifier → origin


@dataclass
class Collected:
    """Tables put together from MRT records of one collector."""

    decoder: Decoder = field(default_factory=Decoder)
    tables: dict[str, Table] = field(default_factory=dict)
    states: list[int] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        for batch in self.decoder.decode(data):
            rows = zip(
                *(
                    column.tolist()
                    for column in (
                        batch.peer,
                        batch.kind,
                        batch.family,
                        batch.prefix_high,
                        batch.prefix_low,
                        batch.length,
                        batch.path_id,
                        batch.origin,
                        batch.state,
                    )
                ),
                strict=True,
            )
            for peer, kind, family, high, low, length, path_id, origin, state in rows:
                table = self.tables.setdefault(str(self.decoder.peers[peer].address), {})
                if kind == Kind.STATE:
                    self.states.append(state)
                    if state != State.ESTABLISHED:
                        table.clear()
                elif kind == Kind.WITHDRAW:
                    del table[_prefix(family, high, low, length), path_id]
                elif kind in {Kind.ANNOUNCE, Kind.ROUTE}:
                    table[_prefix(family, high, low, length), path_id] = origin

    def table(self, peer: str) -> Table:
        return self.tables.get(peer, {})


def _prefix(family: int, high: int, low: int, length: int) -> str:
    if family == 4:
        return str(IPv4Network((IPv4Address(high >> 32), length)))
    return str(IPv6Network((IPv6Address(high << 64 | low), length)))


class Listening:
    """A BMP listener in a thread of its own, and what it has heard so far."""

    def __init__(self) -> None:
        self.heard: dict[str, Collected] = {}
        self.lock = threading.Lock()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stop = asyncio.Event()
        async with BmpListener(port=0, views=None) as self.listener:
            self.ready.set()
            taking = asyncio.create_task(self._take())
            await self.stop.wait()
            taking.cancel()

    async def _take(self) -> None:
        async for batch in self.listener.batches():
            with self.lock:
                for name, data in batch.records.items():
                    self.heard.setdefault(name, Collected()).take(data)

    def collected(self, view: str = "") -> Collected:
        name = f"bmp:127.0.0.1/GoBGP{view}"
        with self.lock:
            return self.heard.get(name, Collected())


@contextmanager
def listening() -> Iterator[Listening]:
    found = Listening()
    found.thread.start()
    assert found.ready.wait(10)
    try:
        yield found
    finally:
        found.loop.call_soon_threadsafe(found.stop.set)
        found.thread.join(10)


def read_mrt(path: Path) -> Collected:
    collected = Collected()
    collected.take(path.read_bytes() if path.exists() else b"")
    collected.decoder.close()
    return collected


def blocks_by_country(file: Path) -> list[dict[str, int]]:
    """Visible /24 blocks of each country, second by second."""
    blocks = blocks_of(
        {"20.0.0.0/8": "country/NL", "30.0.0.0/8": "country/KZ", "40.0.0.0/8": "country/IR"}
    )
    seen = []
    for one in visible_in_files([str(file)], 1, blocks=blocks, trusting=True):
        values = dict(zip(one.entities, one.values[:, 0].tolist(), strict=True))
        seen.append({country: values[f"country/{country}"] for country in ("NL", "KZ", "IR")})
    return seen


def test_a_country_that_is_withdrawn_and_a_session_that_flaps_are_seen_by_bmp_and_mrt(
    tmp_path: Path,
) -> None:
    port, peer = free_port(), "127.0.0.10"
    with listening() as live:

        def tells(table: Table) -> None:
            wait_until(lambda: len(live.collected().table(peer)) == len(table), "a table by BMP")
            assert live.collected().table(peer) == table

        with speakers.gobgpd(
            tmp_path,
            port=port,
            bmp=live.listener.port,
            neighbours={peer: BIRD_AS},
            views="pre-policy",
        ):
            with speakers.bird(tmp_path, port=port, countries=COUNTRIES):
                tells(ALL)
                birdc(tmp_path, "disable", f"as{KZ}")
                tells(WITHOUT_KZ)
                birdc(tmp_path, "restart", "collector")
                wait_until(lambda: len(live.collected().states) >= 3, "the session to flap")
                tells(WITHOUT_KZ)
                birdc(tmp_path, "enable", f"as{KZ}")
                tells(ALL)
                table = f'"{tmp_path}/table.mrt"'
                birdc(tmp_path, "mrt", "dump", "table", '"master4"', "to", table)
                wait_until(
                    lambda: len(read_mrt(tmp_path / "table.mrt").table("::")) == len(ALL),
                    "a table of BIRD",
                )
            heard = live.collected()
            wait_until(lambda: heard.states[-1] == State.IDLE, "the session to end")
    assert heard.states == [State.ESTABLISHED, State.IDLE] * 2
    assert heard.decoder.problems.counts == {}
    assert heard.table(peer) == {}

    updates = read_mrt(tmp_path / "updates.mrt")  # of GoBGP, which records no states
    assert updates.table(peer) == ALL
    assert updates.decoder.problems.damaged == 0
    seen = blocks_by_country(tmp_path / "updates.mrt")
    assert {"NL": 20_000, "KZ": 0, "IR": 10_000} in seen
    assert seen[-1] == {"NL": 20_000, "KZ": 20_000, "IR": 10_000}
    tables = read_mrt(tmp_path / "table.mrt")  # of BIRD: routes of its own, which no peer told
    assert tables.table("::") == dict.fromkeys(ALL, 0)
    assert tables.decoder.problems.damaged == 0
    own = read_mrt(tmp_path / "bird.mrt")
    assert State.ESTABLISHED in own.states


def test_path_identifiers_and_both_families_come_through_every_view(tmp_path: Path) -> None:
    port, peer = free_port(), "127.0.0.20"
    old: Table = {}
    lines = []
    for number in range(500):
        for path_id in (1, 2):
            prefix, origin = f"50.0.{number % 250}.{number // 250 * 128}/25", 64700 + path_id
            old[prefix, path_id] = origin
            lines.append(
                f"announce route {prefix} next-hop 192.0.2.20 path-information 0.0.0.{path_id}"
                f" as-path [ {EXABGP_AS} {origin} ]"
            )
        prefix = f"2001:db8:{number + 1:x}::/48"
        old[prefix, -1] = 4_200_000_000
        lines.append(
            f"announce route {prefix} next-hop 2001:db8::20 as-path [ {EXABGP_AS} 4200000000 ]"
        )
    new = {route: origin for route, origin in old.items() if route[1] != 2}
    gone = [line.replace("announce", "withdraw") for line in lines if "0.0.0.2 " in line]
    views = ["", "/adj-rib-in/post-policy", "/loc-rib/post-policy"]
    with listening() as live:

        def tells(table: Table) -> None:
            wait_until(lambda: len(live.collected().table(peer)) == len(table), "a table by BMP")
            assert live.collected().table(peer) == table

        with (
            speakers.gobgpd(
                tmp_path,
                port=port,
                bmp=live.listener.port,
                neighbours={peer: EXABGP_AS},
                views="all",
            ),
            speakers.exabgp(tmp_path, port=port, lines=lines),
        ):
            tells(old)
            (tmp_path / "part").write_text("".join(f"{line}\n" for line in gone))
            (tmp_path / "part").rename(tmp_path / "more")
            tells(new)
        for view in views:
            assert live.collected(view).decoder.problems.damaged == 0
            assert live.collected(view).states
    assert read_mrt(tmp_path / "updates.mrt").table(peer) == new
