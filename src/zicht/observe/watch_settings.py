"""What a user may set of a watch."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

SourceName = Literal["atlas", "google", "ioda", "ooni", "radar", "tor"]
"""Those of ``zicht.observe.services.SERVICES``; a test holds the two together."""

Days = Annotated[float, msgspec.Meta(ge=1, le=365)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Minutes = Annotated[float, msgspec.Meta(ge=1, le=10_080)]


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that is watched.

    Attributes:
        name: the source's name.
        cadence_minutes: between two rounds; none means the source's own.
        address: where it answers, such as a mirror; none means the environment's, or its own.
    """

    name: SourceName
    cadence_minutes: Minutes | None = None
    address: str | None = None


class WatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is watched, and how.

    Attributes:
        entities: countries, regions or operators; none means all countries. Those of the command
            line go before them.
        contact: a mail address or page of yours, which services are told; the environment's
            ``ZICHT_CONTACT`` goes before it.
        history_days: how far back the first round of each source goes.
        metrics_port: the port of the loopback at which Prometheus may ask; none means not at all.
    """

    entities: tuple[str, ...] = ()
    contact: str | None = None
    history_days: Days = 28.0
    metrics_port: Port | None = None
