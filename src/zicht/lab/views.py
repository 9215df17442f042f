"""How each source looks at a world: which plane, and what it counts.

A source sees what it counts, not what people have: a prober counts blocks that answer, of which
mobile operators behind carrier NAT have hardly any, so that a curfew of theirs passes it by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.scenario import Service
    from zicht.lab.shares import Plane
    from zicht.lab.world import Weight, World

ATLAS_HOLDS_MINUTES = 30
"""How long RIPE Atlas holds a probe to be connected after its last packet. RIPE NCC saw the probes
of Kazakhstan go from 11:15 on, half an hour after the spike of updates at 10:45."""


@dataclass(frozen=True)
class View:
    """What a source makes of a world.

    Attributes:
        signal: the signal's name; its other steps and forms have names that begin with it.
        plane: what it looks at.
        weight: what it counts.
        family: which addresses.
        service: which service, where it looks at one alone.
        holds_minutes: how long it holds on to what it has seen.
    """

    signal: str
    plane: Plane
    weight: Weight
    family: int = 4
    service: Service | None = None
    holds_minutes: int = 0

    @property
    def source(self) -> str:
        """The source's name."""
        return self.signal.partition(".")[0]

    def share(self, world: World, entity: str) -> NDArray[np.float64]:
        """What is left of an entity as this source counts it, float64[minutes]."""
        share = world.place_share(
            self.plane, entity, self.weight, family=self.family, service=self.service
        )
        if not self.holds_minutes:
            return share
        before = np.concatenate([np.ones(self.holds_minutes), share])
        return np.asarray(sliding_window_view(before, self.holds_minutes + 1).max(axis=1))


VIEWS = (
    View("bgp.visible24", "routes", "blocks"),
    View("bgp.visible6", "routes", "prefixes6", family=6),
    View("bgp.visible48", "routes", "prefixes6", family=6),
    View("ioda.bgp", "routes", "blocks"),
    View("ioda.ping-slash24", "packets", "answering"),
    View("ioda.ucsd-nt", "packets", "users"),
    View("ioda.merit-nt", "packets", "users"),
    View("ioda.gtr", "traffic", "users", service="search"),
    View("ioda.mozilla", "traffic", "users"),
    View("probe", "packets", "answering"),
    View("atlas", "packets", "atlas", holds_minutes=ATLAS_HOLDS_MINUTES),
    View("radar", "traffic", "users"),
    View("google.search", "traffic", "users", service="search"),
    View("google.youtube", "traffic", "users", service="video"),
    View("google.gmail", "traffic", "users", service="mail"),
    View("tor", "traffic", "users", service="tor"),
    View("ooni", "traffic", "users"),
    View("lab.bgp.visible24", "routes", "blocks"),
    View("lab.probe.up24", "packets", "answering"),
    View("lab.probes.connected", "packets", "atlas", holds_minutes=ATLAS_HOLDS_MINUTES),
    View("lab.telescope.sources", "packets", "users"),
    View("lab.traffic.index", "traffic", "users"),
)
"""All sources that a world can speak for."""
