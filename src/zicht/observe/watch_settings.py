"""What a user may set of a watch."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from zicht.errors import UsageError

_HIGHEST_PORT = 65535

SourceName = Literal["atlas", "bgp", "google", "ioda", "ooni", "probe", "radar", "tor"]
"""Those of ``zicht.observe.services``; a test holds the two together."""

Days = Annotated[float, msgspec.Meta(ge=1, le=365)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Operators = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Minutes = Annotated[float, msgspec.Meta(ge=1, le=10_080)]


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that is watched.

    Attributes:
        name: the source's name.
        cadence_minutes: between two rounds; none means the source's own.
        address: where it answers, such as a mirror; none means the environment's, or its own.
        collectors: of ``bgp``: the collectors of RIS that are followed.
        bmp: of ``bgp``: the address and port to listen on for routers.
        step_seconds: of ``bgp``: the length of a bin.
        archive: of ``bgp``: a mirror of RIS's archive.
    """

    name: SourceName
    cadence_minutes: Minutes | None = None
    address: str | None = None
    collectors: tuple[str, ...] = ()
    bmp: str | None = None
    step_seconds: Literal[30, 60, 300] = 60
    archive: str | None = None


class WatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is watched, and how.

    Attributes:
        entities: countries, regions or operators; none means all countries. Those of the command
            line go before them.
        contact: a mail address or page of yours, which services are told; the environment's
            ``ZICHT_CONTACT`` goes before it.
        operators: how many operators each country that is named brings to sources that are asked
            of each operator.
        history_days: how far back the first round of each source goes.
        metrics_port: the port of the loopback at which Prometheus may ask; none means not at all.
    """

    entities: tuple[str, ...] = ()
    contact: str | None = None
    operators: Operators = 10
    history_days: Days = 28.0
    metrics_port: Port | None = None


def listening_address(text: str) -> tuple[str, int]:
    """The host and port of ``HOST:PORT`` or ``[HOST]:PORT``.

    Raises:
        UsageError: it is none.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > _HIGHEST_PORT:
        raise UsageError(f"{text!r} is no address to listen on.", "Write it as 127.0.0.1:11019.")
    return host, int(port)
