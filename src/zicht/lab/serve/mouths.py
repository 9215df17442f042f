"""The lab's mouths: who speaks for a world, and which settings point Zicht's sources at them.

A mouth is a line in ``MOUTHS``. Each is opened on the loopback, or in a network of its own, and
closed by leaving its context.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from zicht.errors import UsageError
from zicht.lab.routes.archive import Archive
from zicht.lab.routes.collectors import Station, stations_of
from zicht.lab.serve.bmp import speaking_bmp
from zicht.lab.serve.http import Service, serving
from zicht.lab.serve.pings_process import answering_pings
from zicht.lab.serve.ris_live import serving_ris_live
from zicht.lab.services.atlas import atlas
from zicht.lab.services.google import google
from zicht.lab.services.ioda import ioda
from zicht.lab.services.ooni import ooni
from zicht.lab.services.radar import TOKEN, radar
from zicht.lab.services.telling import Teller
from zicht.lab.services.tor import tor
from zicht.lab.world import World, open_scenario

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from zicht.lab.clock import LabClock
    from zicht.lab.serve.faults import Answer, Faults
    from zicht.lab.serve.http import Request


@dataclass(frozen=True)
class Stage:
    """What a mouth needs to speak.

    Attributes:
        scenario: the name or file of the world's scenario.
        seed: another seed than the scenario's.
        size: how large a planet is.
        clock: the world's time.
        faults: what the servers do wrong.
        router: the host and port of the BMP listener that the first collector speaks to as a
            router, if any.
    """

    scenario: str | Path
    seed: int | None
    size: float
    clock: LabClock
    faults: Faults
    router: tuple[str, int] | None = None

    @cached_property
    def world(self) -> World:
        """The world, made once for all mouths of this process."""
        return open_scenario(self.scenario, seed=self.seed, size=self.size)

    @cached_property
    def teller(self) -> Teller:
        """What the services have in common."""
        return Teller(self.world)

    @cached_property
    def stations(self) -> tuple[Station, ...]:
        """The route collectors, made once for all mouths of routes."""
        return stations_of(self.world)


class Opened(NamedTuple):
    """A mouth that speaks.

    Attributes:
        address: where.
        settings: the environment's variables that point Zicht's sources at it.
    """

    address: str
    settings: Mapping[str, str]


class Mouth(NamedTuple):
    """Who speaks for a world.

    Attributes:
        name: what it is asked for by.
        title: what it is.
        open: opens it on a port, any free one if 0; leaving the context closes it.
    """

    name: str
    title: str
    open: Callable[[Stage, int], AbstractAsyncContextManager[Opened]]


def _service(
    name: str,
    title: str,
    speak: Callable[[Stage], Callable[[Request, datetime], Answer]],
    settings: Mapping[str, str],
) -> Mouth:
    """A service over HTTP; ``{}`` in the settings stands for its address."""

    @asynccontextmanager
    async def opened(stage: Stage, port: int) -> AsyncIterator[Opened]:
        service = Service(name, speak(stage))
        async with serving(service, stage.clock, stage.faults, port) as address:
            told = {key: value.format(address) for key, value in settings.items()}
            yield Opened(address, told)

    return Mouth(name, title, opened)


@asynccontextmanager
async def _pings(stage: Stage, port: int) -> AsyncIterator[Opened]:
    del port  # all of them
    made = (stage.scenario, stage.seed, stage.size)
    async with answering_pings(made, stage.clock) as network:
        yield Opened(f"nsenter --net={network}", {})


def _archive(stage: Stage) -> Callable[[Request, datetime], Answer]:
    return Archive(stage.stations, stage.world.begin, stage.world.end).answer


@asynccontextmanager
async def _ris_live(stage: Stage, port: int) -> AsyncIterator[Opened]:
    async with serving_ris_live(stage.stations, stage.clock, stage.faults, port) as address:
        yield Opened(address, {"ZICHT_RIS_LIVE": address})


@asynccontextmanager
async def _bmp(stage: Stage, port: int) -> AsyncIterator[Opened]:
    del port  # it calls, and is not called
    if stage.router is None:
        raise UsageError("A router has to know who listens.", "Say --bmp 127.0.0.1:11019.")
    if not stage.stations:
        raise UsageError("This world has no collector that could speak as a router.")
    host, number = stage.router
    async with speaking_bmp(stage.stations[0], stage.clock, stage.faults, host, number):
        yield Opened(f"to {host}:{number}", {})


MOUTHS: tuple[Mouth, ...] = (
    _service("ioda", "IODA", lambda on: ioda(on.teller), {"ZICHT_IODA_URL": "{}/v2"}),
    _service("atlas", "RIPE Atlas", lambda on: atlas(on.world), {"ZICHT_ATLAS_URL": "{}/api/v2"}),
    _service(
        "radar",
        "Cloudflare Radar",
        lambda on: radar(on.teller),
        {"ZICHT_RADAR_URL": "{}/client/v4/radar", "ZICHT_RADAR_TOKEN": TOKEN},
    ),
    _service("tor", "Tor Metrics", lambda on: tor(on.teller), {"ZICHT_TOR_URL": "{}"}),
    _service("ooni", "OONI", lambda on: ooni(on.teller), {"ZICHT_OONI_URL": "{}"}),
    _service(
        "google",
        "Google's Transparency Report",
        lambda on: google(on.teller),
        {"ZICHT_GOOGLE_URL": "{}/transparencyreport/api/v3"},
    ),
    _service(
        "archives",
        "the archives of RIS and RouteViews",
        _archive,
        {"ZICHT_RIS": "{}", "ZICHT_ROUTEVIEWS": "{}"},
    ),
    Mouth("ris-live", "RIS Live", _ris_live),
    Mouth("bmp", "a router that speaks BMP to who listens", _bmp),
    Mouth("pings", "addresses that answer pings, in a network of their own", _pings),
)
"""All there are; a mouth's place is its port's."""
