"""What the demo's world tells, as it would have come in: by each source's own bytes and reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from zicht.cli.demo_routes import Routes
from zicht.cli.demo_services import Services
from zicht.lab.series import is_reconstruction, make_origin, record_probing
from zicht.lab.signals import made
from zicht.model.series import OBSERVATIONS
from zicht.observe.replay import Batch
from zicht.sources.bgp.signals import VISIBLE_24

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from zicht.lab.world import World


def batches(
    world: World, times: Iterable[datetime], ready: Callable[[], object] = lambda: None
) -> Iterator[Batch]:
    """What has come in at each of these rising times since the one before.

    Routes are counted in files of MRT that the collectors wrote by then, services are asked at that
    time, and both are read by their sources. What one's own prober would have measured comes as
    series: to send packets takes rights that a demo should not ask for. ``ready`` waits until the
    reader of routes is compiled.
    """
    header, reconstruction = world.scenario.scenario, is_reconstruction(world)
    countries = [f"country/{row.code}" for row in world.countries]
    operators = [f"asn/{one.asn}" for one in world.operators if not one.several]
    routes = Routes(world, [*countries, *operators], ready)
    services = Services(world, countries, operators)
    probing = record_probing(world)
    origin = make_origin(world)
    for time, probed in probing.deliveries(times):
        told = services.heard(time)
        signals = (VISIBLE_24, *(signal for one in told for signal in one.signals))
        tables = [routes.heard(time), probed, *(one.observations for one in told)]
        yield Batch(
            known_at=time,
            observations=pa.concat_tables([one.cast(OBSERVATIONS) for one in tables]),
            signals=(
                *(
                    made(one, header, reconstruction=reconstruction)
                    for one in dict.fromkeys(signals)
                ),
                *probing.signals.values(),
            ),
            origin=origin,
            entities=probing.entities,
        )
