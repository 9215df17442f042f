"""The signals of a made world: like those of real sources, and saying that they are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from zicht.model.signal import Plane, Scale, Signal

if TYPE_CHECKING:
    from zicht.lab.scenario import Header

VISIBLE = "lab.bgp.visible24"
PROBED = "lab.probe.up24"
TRAFFIC = "lab.traffic.index"
CONNECTED = "lab.probes.connected"
TELESCOPE = "lab.telescope.sources"


UP_24 = "probe.up24"
"""What Zicht's own probing tells: of a world it is made like ``lab.probe.up24``."""

HEARD_FROM = {
    VISIBLE: ("bgp",),
    PROBED: ("probe",),
    TRAFFIC: ("google",),
    CONNECTED: ("atlas",),
    TELESCOPE: ("ioda", "ioda/ucsd-nt"),
    UP_24: ("probe",),
    "ioda.merit-nt": ("ioda", "ioda/merit-nt", "ioda/ucsd-nt"),
}
"""Whose faults befall each signal."""


def make_signals(world: Header, *, reconstruction: bool) -> dict[str, Signal]:
    """The specs of a world's signals by name: several planes, steps and scales.

    Args:
        world: the scenario's header.
        reconstruction: it follows published facts, else it is made up.
    """
    kind = kind_of(reconstruction=reconstruction)
    rows: tuple[tuple[str, str, str, int, Plane, Scale], ...] = (
        (VISIBLE, "Address blocks visible in BGP", "/24 blocks", 300, "control", "count"),
        (PROBED, "Address blocks that answer probes", "/24 blocks", 600, "data", "count"),
        (TRAFFIC, "Traffic to a large content network", "index", 1800, "user", "index"),
        (CONNECTED, "Connected measurement devices", "devices", 900, "data", "count"),
        (TELESCOPE, "Source addresses seen by a telescope", "addresses", 600, "data", "count"),
    )
    return {
        name: Signal(
            name=name,
            source="lab",
            title=f"{title} ({kind})",
            unit=unit,
            step=step,
            plane=plane,
            scale=scale,
            lag=step,
            licence=world.licence,
            citation=world.citation,
        )
        for name, title, unit, step, plane, scale in rows
    }


def kind_of(*, reconstruction: bool) -> str:
    """What titles say of a made signal: whether it follows published facts."""
    return "reconstruction" if reconstruction else "made up"


def made(signal: Signal, world: Header, *, reconstruction: bool) -> Signal:
    """The spec of a source's signal where the lab speaks for the source: its title says so."""
    return msgspec.structs.replace(
        signal,
        title=f"{signal.title} ({kind_of(reconstruction=reconstruction)})",
        licence=world.licence,
        citation=world.citation,
    )


def probing(world: Header, *, reconstruction: bool) -> Signal:
    """The spec of ``probe.up24``: a bin holds a round, and is told two minutes later."""
    return made(
        Signal(
            name=UP_24,
            source="probe",
            title="Answering /24 blocks of IPv4",
            unit="/24 blocks",
            step=300,
            plane="data",
            scale="count",
            lag=120,
            licence="",
            citation="",
        ),
        world,
        reconstruction=reconstruction,
    )
