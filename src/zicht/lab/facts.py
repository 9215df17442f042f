"""What others have published of an event, each statement with its source."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

Moment = Literal[
    "mobile-begins",
    "mobile-deepens",
    "mobile-share",
    "mobile-in-windows",
    "blackout-begins",
    "blackout-depth",
    "blackout-ends",
    "routes-stay",
    "window",
    "window-largely",
    "infrastructure-back",
    "operators-cut",
]


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a row stands.

    Attributes:
        id: the name that rows use.
        publisher: who published it.
        title: its title, or what it is.
        url: where it is to be found.
        published: its day, as well as it is known.
        access: ``read`` when its own text was read, ``related`` when somebody else relates it.
        note: what to know of it.
    """

    id: str
    publisher: str
    title: str
    url: str
    published: date
    access: Literal["read", "related"]
    note: str = ""


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that one publication says.

    Attributes:
        id: its name.
        moment: what happened.
        scope: of what place or kind of operator.
        plane: whose clock it is; ``probes`` are connected measurement devices.
        begin: when, or when it began.
        end: when it ended, where that is said.
        doubt_minutes: how far off the times may be.
        statement: what is said, in our own words.
        source: the publication's id.
        chosen: whether the scenario uses this row.
        why: why, or why not.
        percent_low: a figure in percent, where one is given.
        percent_high: its upper end.
    """

    id: str
    moment: Moment
    scope: str
    plane: Literal["control", "data", "user", "probes"]
    begin: datetime
    doubt_minutes: int
    statement: str
    source: str
    chosen: bool
    why: str
    end: datetime | None = None
    percent_low: float | None = None
    percent_high: float | None = None
