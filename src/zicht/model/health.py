"""Health: what a source itself was able to see."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pyarrow as pa

HEALTH = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("start", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("end", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("known_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""Stretches in which a signal could not see; they yield *unknown*, never *down*."""


class Sickness(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which a source could not see.

    Attributes:
        signal: the signal's name.
        start: begin of the first sick bin.
        end: end of the last sick bin.
        reason: why the source is held to be sick, for people.
    """

    signal: str
    start: datetime
    end: datetime
    reason: str
