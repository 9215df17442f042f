"""Route collectors that publish archives: RIPE NCC's RIS and RouteViews.

The facts are in ``collectors.toml`` beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

from zicht.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Project = Literal["ris", "routeviews"]
Kind = Literal["rib", "updates"]


@dataclass(frozen=True)
class ProjectSpec:
    """Who runs collectors, and how the archive is laid out.

    Attributes:
        title: the project's name, for people.
        address: where its archive is.
        folders: where the files of a kind lie within the folder of a month (``2024.10``).
        cadence: seconds between two files of updates, today.
        licence: under which it publishes.
        citation: how to cite it.
    """

    title: str
    address: str
    folders: dict[Kind, str]
    cadence: int
    licence: str
    citation: str


PROJECTS: dict[Project, ProjectSpec] = {
    "ris": ProjectSpec(
        title="RIPE NCC's Routing Information Service",
        address="https://data.ris.ripe.net",
        folders={"rib": "", "updates": ""},
        cadence=300,
        licence="RIPE NCC terms of service; further terms for commercial use",
        citation="RIPE NCC, Routing Information Service (RIS), https://ris.ripe.net",
    ),
    "routeviews": ProjectSpec(
        title="RouteViews",
        address="https://archive.routeviews.org",
        folders={"rib": "RIBS/", "updates": "UPDATES/"},
        cadence=900,
        licence="CC BY 4.0",
        citation="University of Oregon, RouteViews Project, https://www.routeviews.org",
    ),
}
"""The projects. RIS: ris.ripe.net/docs/mrt; RouteViews: routeviews.org/routeviews/archive."""


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """A route collector and where its archive lies.

    Attributes:
        name: as it is known: ``rrc00``, ``route-views2``.
        project: who runs it.
        path: its folder below the project's address.
        place: where its peers are, or ``None`` when it is not known here.
        begin: the month (``2000-07``) in which it is known to have collected already.
        historic: it collects no longer.
    """

    name: str
    project: Project
    path: str
    place: str | None = None
    begin: str | None = None
    historic: bool = False

    def folder(self, kind: Kind, month: datetime, address: str | None = None) -> str:
        """The address of the folder with the files of a kind of a month.

        ``address`` stands in for the project's own where a mirror is asked.
        """
        spec = PROJECTS[self.project]
        root = (address or spec.address).rstrip("/")
        return f"{root}/{self.path}/{month:%Y.%m}/{spec.folders[kind]}"


def collectors() -> dict[str, Collector]:
    """The known collectors by name."""
    return dict(_collectors())


def find_collectors(names: Iterable[str]) -> tuple[Collector, ...]:
    """The collectors of these names, each once.

    Raises:
        UsageError: there is no such collector, or no name is given.
    """
    known = _collectors()
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    if not wanted:
        raise UsageError("No collector is named.", "Name one or more: rrc00,route-views2")
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"{name!r} is no route collector that is known here.",
                f"Known are {', '.join(known)}.",
            )
    return tuple(known[name] for name in wanted)


class _Table(msgspec.Struct, frozen=True):
    collector: tuple[Collector, ...]


@cache
def _collectors() -> dict[str, Collector]:
    text = (files("zicht.sources.bgp") / "collectors.toml").read_bytes()
    table = msgspec.toml.decode(text, type=_Table)
    return {collector.name: collector for collector in table.collector}
