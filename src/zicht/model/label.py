"""Labels: outages, and quiet stretches, that people have attested, to hold a detector against."""

from __future__ import annotations

from datetime import datetime

import msgspec

from zicht.model.outage import Interval
from zicht.model.signal import Plane


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """An outage that somebody attests of an entity.

    Attributes:
        event: the event that it is part of; labels of one event share it.
        entity: the entity's text.
        begin: when it began, as ``[earliest, latest]``.
        end: when it ended, likewise, or ``None`` where that is not said.
        signal: the signal in which it is attested, or ``None``. ``ioda.bgp`` stands for its coarser
            and normalised forms too (``ioda.bgp.norm.30m``).
        plane: the plane in which it is attested, or ``None``; a signal goes before it.
        depth_percent: what was left at the worst, in percent of ordinary, or ``None``.
        cause: the cause in the words of the source, or ``None``.
        simulated: it is of the lab or was put into a series, and was no outage.
        source: who says so, and how it was read.
    """

    event: str
    entity: str
    begin: Interval
    end: Interval | None = None
    signal: str | None = None
    plane: Plane | None = None
    depth_percent: float | None = None
    cause: str | None = None
    simulated: bool = False
    source: str = ""


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which somebody attests that an entity had no outage in a signal.

    Attributes:
        entity: the entity's text.
        signal: the signal's name.
        begin: when the stretch begins.
        end: when it ends.
        source: who says so, and how it was read.
    """

    entity: str
    signal: str
    begin: datetime
    end: datetime
    source: str = ""
