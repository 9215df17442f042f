"""The signals of IODA, as its help pages describe them (https://ioda.inetintel.cc.gatech.edu/help).

IODA is the Internet Outage Detection and Analysis project of Georgia Tech, before 2021 of CAIDA.
"""

from __future__ import annotations

import msgspec

from zicht.model.signal import Signal
from zicht.sources.steps import step_text

LICENCE = "no licence stated"
CITATION = "IODA, Internet Outage Detection and Analysis, Georgia Institute of Technology"
_LAG = 3600  # IODA's figures are usually there within the hour

BGP = Signal(
    name="ioda.bgp",
    source="ioda",
    title="Visible address blocks in the routing tables",
    unit="/24 blocks",
    step=300,
    plane="control",
    scale="count",
    lag=_LAG,
    licence=LICENCE,
    citation=CITATION,
    inputs=("ris", "routeviews"),
)
"""/24 blocks in prefixes that more than half of the full-feed peers of RIS and RouteViews see."""

PING = Signal(
    name="ioda.ping-slash24",
    source="ioda",
    title="Address blocks that answer active probing",
    unit="/24 blocks",
    step=600,
    plane="data",
    scale="count",
    lag=_LAG,
    licence=LICENCE,
    citation=CITATION,
    inputs=("trinocular",),
)
"""/24 blocks that the Trinocular method infers to be up."""

UCSD_TELESCOPE = Signal(
    name="ioda.ucsd-nt",
    source="ioda",
    title="Addresses that send to the UCSD network telescope",
    unit="source addresses",
    step=300,
    plane="data",
    scale="count",
    lag=_LAG,
    licence=LICENCE,
    citation=CITATION,
    inputs=("ucsd-nt",),
)
"""Unique source addresses a minute, averaged over the bin, after filters against spoofing."""

MERIT_TELESCOPE = msgspec.structs.replace(
    UCSD_TELESCOPE,
    name="ioda.merit-nt",
    title="Addresses that send to the Merit network telescope",
    inputs=("merit-nt",),
)

GOOGLE = Signal(
    name="ioda.gtr",
    source="ioda",
    title="Traffic to Google Search",
    unit="index",
    step=1800,
    plane="user",
    scale="index",
    lag=_LAG,
    licence=LICENCE,
    citation=CITATION,
    inputs=("google-search",),
)
"""Google's Transparency Report, as IODA passes it on."""

MOZILLA = Signal(
    name="ioda.mozilla",
    source="ioda",
    title="Cities with Firefox users",
    unit="cities",
    step=3600,
    plane="user",
    scale="count",
    lag=_LAG,
    licence=LICENCE,
    citation=CITATION,
    inputs=("mozilla",),
)
"""Cities of which Mozilla's outage data set counts users in the hour."""

_SHARES = ("ioda.bgp", "ioda.ping-slash24")


def normalised(signal: Signal, step: int) -> Signal:
    """The signal as IODA's dashboard normalises it: in percent of its maximum in the export.

    Of blocks that is a share; of the others a relative measure. The step is in the name, since the
    dashboard gives other steps than IODA's own.
    """
    is_share = signal.name in _SHARES
    return msgspec.structs.replace(
        signal,
        name=f"{signal.name}.norm.{step_text(step)}",
        unit="% of the maximum",
        step=step,
        scale="share" if is_share else "index",
    )


def at_step(signal: Signal, step: int) -> Signal:
    """The signal on another step than IODA's own, which is then in its name."""
    if step == signal.step:
        return signal
    return msgspec.structs.replace(signal, name=f"{signal.name}.{step_text(step)}", step=step)


def for_product(product: str) -> Signal:
    """The signal of another of Google's products than Search."""
    if product == "search":
        return GOOGLE
    return msgspec.structs.replace(
        GOOGLE,
        name=f"ioda.gtr.{product}",
        title=f"Traffic to Google {product.title()}",
        inputs=(f"google-{product}",),
    )
