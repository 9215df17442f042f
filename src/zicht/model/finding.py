"""Findings: what any detector says of one series, the common currency of its score."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """A stretch that a detector holds to be an outage; times are microseconds since 1970 UTC.

    Attributes:
        begin: when it began, as one instant.
        end: when it ended, or ``None`` when it has not or that is not known.
        alerted: the end of the bin after which the detector could first say so.
    """

    begin: int
    end: int | None
    alerted: int
