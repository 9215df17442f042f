"""Readings: what one vantage point of probing saw of an entity in a minute."""

from __future__ import annotations

import pyarrow as pa

READINGS = pa.schema(
    [
        pa.field("vantage", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("ipv4", pa.bool_(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("blocks", pa.int64(), nullable=False),
        pa.field("measured", pa.int64(), nullable=False),
        pa.field("up", pa.float64(), nullable=False),
        pa.field("judged", pa.int64(), nullable=False),
        pa.field("probes", pa.int64(), nullable=False),
        pa.field("answers", pa.int64(), nullable=False),
        pa.field("asked", pa.int64(), nullable=False),
        pa.field("answered", pa.int64(), nullable=False),
        pa.field("rtt", pa.float64()),
        pa.field("unsent", pa.int64(), nullable=False),
        pa.field("known_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""What is known of the blocks of an entity at the end of a minute, and what was done in it.

``time`` is the minute's begin; ``blocks`` how many blocks the vantage point knows of the entity,
``measured`` those that are told of, ``up`` how many of these are up, an estimate. ``judged``
blocks had their turn in this minute, which took ``probes`` and got ``answers``; of those to
addresses that had answered lately, in blocks that are up, ``asked`` were sent and ``answered``.
``rtt`` is the median round trip in ms, null without any; ``unsent`` counts probes that the machine
could not send. ``known_at`` is when the minute was over for the vantage point.
"""

CONTROL = "control"
"""Stands for an entity in the readings of the control blocks: always up, in other countries.

A vantage point that runs writes this reading every minute, without control blocks too: a minute
that lacks it was not watched. Its ``unsent`` counts all probes, of whatever entity.
"""
