"""The services that can be fetched from, by the names of their sources."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from zicht.errors import UsageError

if TYPE_CHECKING:
    from zicht.sources.service import Service

SERVICES = ("atlas", "google", "ioda", "ooni", "radar", "tor")
"""The sources that answer over the network, apart from routes and probes."""

MEASURED = ("bgp", "probe")
"""The sources that Zicht measures itself, by routers' and addresses' answers."""

OF_EACH_OPERATOR = ("ioda", "radar")
"""The services that have to be asked of each operator; others tell of a country's by themselves."""


def service_of(source: str) -> Service:
    """A source's service.

    Raises:
        UsageError: there is no such source, or none that answers over the network.
    """
    if source not in SERVICES:
        raise UsageError(
            f"{source!r} is no source that can be fetched.", f"Known are {', '.join(SERVICES)}."
        )
    module = import_module(f"zicht.sources.{source}")
    found: Service = module.SERVICE
    return found
