"""The signals of routes: what of an operator or a country the world has routes to."""

from __future__ import annotations

import msgspec

from zicht.model.signal import Signal
from zicht.sources.steps import step_text

VISIBLE_24 = Signal(
    name="bgp.visible24",
    source="bgp",
    title="Visible /24 blocks of IPv4",
    unit="/24 blocks",
    step=300,
    plane="control",
    scale="count",
    lag=900,  # RouteViews publishes its updates every quarter of an hour
    licence="RIS: RIPE NCC terms of service; RouteViews: CC BY 4.0",
    citation="RIPE NCC Routing Information Service, https://ris.ripe.net; RouteViews, University of"
    " Oregon, https://www.routeviews.org",
    inputs=("ris", "routeviews"),
)
VISIBLE_6 = msgspec.structs.replace(
    VISIBLE_24, name="bgp.visible6", title="Visible prefixes of IPv6", unit="prefixes"
)
VISIBLE_48 = msgspec.structs.replace(
    VISIBLE_24, name="bgp.visible48", title="Visible /48 blocks of IPv6", unit="/48 blocks"
)
SIGNALS = (VISIBLE_24, VISIBLE_6, VISIBLE_48)
"""In the order of the columns of a ``Reading``."""


def on_step(signal: Signal, step: int) -> Signal:
    """The signal in bins of so many seconds; the name tells a step that is not the usual."""
    if step == signal.step:
        return signal
    return msgspec.structs.replace(signal, name=f"{signal.name}.{step_text(step)}", step=step)
