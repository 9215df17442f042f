"""Signals: the measured quantities of the sources, each with its spec."""

from __future__ import annotations

from typing import Literal

import msgspec

Plane = Literal["control", "data", "user"]
Scale = Literal["count", "share", "index"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """The spec of one measured quantity of a source.

    Attributes:
        name: ``source.quantity``, and the step too where one quantity has two
            (``bgp.visible24.1m``).
        source: ``bgp``, ``probe``, ``ioda``, ``atlas``, ``radar``, ``tor``, ``ooni``, ``google``,
            ``icmp``, ``mlab``, ``table``.
        title: what is measured, for people, in English.
        unit: the unit of a value, for people.
        step: the length of a bin in seconds.
        plane: ``control`` (routes), ``data`` (packets) or ``user`` (what people do).
        scale: ``count`` (of things: few are noisier than many), ``share`` (percent of something) or
            ``index`` (a relative measure without a unit).
        lag: seconds from the end of a bin until its value is usually published.
        licence: under which the source publishes, or ``no licence stated``.
        citation: how to cite the source.
        inputs: names of inputs that several sources share, such as ``ris`` and ``routeviews``;
            evidence that rests on the same input counts once.
        tells_outages: less of it means less connectivity; not so for counts of anomalies.
        platform: the service of whose tests this is the share without a sign of interference, else
            empty; less of it tells that the service is blocked, and nothing of connectivity.
        throughput: how fast connections are; less of it tells that they are slowed, and nothing of
            how many there are.
        instant: a value is of the instant at which its bin begins, not of the bin as a whole; what
            changed did so before.
    """

    name: str
    source: str
    title: str
    unit: str
    step: int
    plane: Plane
    scale: Scale
    lag: int
    licence: str
    citation: str
    inputs: tuple[str, ...] = ()
    tells_outages: bool = True
    platform: str = ""
    throughput: bool = False
    instant: bool = False


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where stored values came from; each row of a series names one by its id.

    Attributes:
        id: a short hash over the other fields.
        source: the source's name.
        name: the file or address that was read, without its folder.
        sha256: hash of the bytes read, in hexadecimal; empty where there were none.
        licence: under which these data may be used.
        citation: how to cite them.
        simulated: the data are of the lab or reconstructed, no measurement.
    """

    id: str
    source: str
    name: str
    sha256: str
    licence: str
    citation: str
    simulated: bool = False
