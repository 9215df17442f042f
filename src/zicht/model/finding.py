"""Findings: what any detector says of one series, in the least that can be scored."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """A stretch that a detector calls an outage.

    Attributes:
        begin: when it began, microseconds since 1970 UTC.
        end: when it ended, or ``None`` while it lasts.
        alerted: when the detector could first say so: the end of the bin that decided.
    """

    begin: int
    end: int | None
    alerted: int
