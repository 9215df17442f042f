"""Reports, what they claim, and what is held against it.

The field names are a promise to those who read the JSON. Offsets count code points of the text that
was read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

ClaimType = Literal[
    "shutdown",
    "restriction",
    "restoration",
    "service-block",
    "platform-outage",
    "technical-outage",
    "order",
    "plan",
    "denial",
    "rumour",
    "historical",
    "cause",
]
"""What a claim says. ``shutdown`` is any loss of connectivity of which no technical cause is named,
whoever is said to be behind it."""

Scope = Literal["all", "mobile", "fixed", "voice", "sms", "service", "operators"]

Verdict = Literal["supported", "contradicted", "insufficient data", "not measurable", "simulated"]

Precision = Literal["minute", "hour", "part of day", "day", "days", "month", "year", "unknown"]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A verbatim piece of a report: its begin and its end, exclusive."""

    quote: str
    start: int
    end: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is said to be.

    Attributes:
        entity: the entity's text, or ``None`` where nothing tells of what country it is.
        country: its ISO 3166-1 code.
        name: as the report has it, or empty where it comes of the report's topic.
        inferred_from: ``sentence``, ``sentence before`` or ``topic of the report``.
    """

    entity: str | None
    country: str | None
    name: str = ""
    inferred_from: str = ""


class ClaimTime(msgspec.Struct, frozen=True, kw_only=True):
    """When something is said to have been: an interval in UTC.

    Attributes:
        start: its begin, written ``from`` in JSON; ``None`` is unknown.
        until: its end; ``None`` is unknown, or that it lasts.
        precision: how exactly the report says it.
        inferred_from: how it was told, for people, in English.
        clock: whose clock it is: a zone of the IANA database, or ``UTC``.
        day: the day on which it begins by that clock, or ``None`` where no day is known.
    """

    start: datetime | None = msgspec.field(name="from")
    until: datetime | None
    precision: Precision
    inferred_from: str
    clock: str
    day: date | None = None


class Severity(msgspec.Struct, frozen=True, kw_only=True):
    """How bad it is said to be.

    Attributes:
        level: ``all``, ``nearly all``, ``largely``, ``partly`` or ``unstated``.
        percent: the percent of ordinary that is said to be left, or ``None``.
        quote: the words that say it, or empty.
    """

    level: str
    percent: float | None = None
    quote: str = ""


class SubClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a claim that is checked by itself.

    Attributes:
        text: what is checked, for people.
        verdict: what was found of it.
        reason: why, for people, with the threshold.
        figures: what was measured, for people.
    """

    text: str
    verdict: Verdict
    reason: str
    figures: tuple[str, ...] = ()


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One statement in a report on connectivity.

    Attributes:
        id: a short hash over its quote and its place in the text; a side file names it.
        quote: the verbatim words.
        start: their begin in the text.
        end: their end, exclusive.
        sentence: the number of the sentence, the first being 1.
        type: what it says.
        place: of where.
        places: all places that it names, as entities.
        scope: what is affected.
        service: the services or operators that are named.
        severity: how bad.
        percent: the percent of ordinary that is said to be left.
        time: when.
        repeated: which time it is said to be (2 is *again*), or ``None``.
        source: who says it, verbatim, or ``None`` where the report says it itself.
        chain: who passed it on, verbatim, the nearest first.
        hedged: it is said with reservation.
        causes: words that say why, or who did it: never judged.
        also: other places in the text that say the same, such as a heading.
        subclaims: what was checked, once it was.
        verdict: of all of them together, once they were.
        confirmed_by: who corrected or confirmed this in a side file.
    """

    id: str
    quote: str
    start: int
    end: int
    sentence: int
    type: ClaimType
    place: Place
    places: tuple[str, ...]
    scope: tuple[Scope, ...]
    service: tuple[str, ...] = ()
    severity: Severity
    percent: float | None
    time: ClaimTime
    repeated: int | None = None
    source: str | None = None
    chain: tuple[str, ...] = ()
    hedged: bool = False
    causes: tuple[str, ...] = ()
    also: tuple[Span, ...] = ()
    subclaims: tuple[SubClaim, ...] = ()
    verdict: Verdict | None = None
    confirmed_by: str | None = None


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure or a measure that a report tells.

    Attributes:
        quote: the verbatim words.
        start: their begin in the text.
        end: their end, exclusive.
        report: the report's name.
        kind: ``dead``, ``wounded``, ``arrested``, ``missing``, ``emergency``, ``airport``,
            ``flights``, ``banks`` or ``troops``.
        group: of whom: ``protesters``, ``security forces``, ``civilians`` …, or ``unknown``.
        place: where.
        value_low: the least that the words allow; ``None`` for a measure.
        value_high: the most; ``None`` where they set no limit, and for a measure.
        issuer: who says it, verbatim, or ``None``: unknown.
        chain: who passed it on.
        as_of: the time of which it is said.
        during_blackout: the time lies within a measured blackout; ``None`` where nobody can tell.
        lineage: a number that texts with the same passage share.
        relation: how it stands to other rows, for people.
    """

    quote: str
    start: int
    end: int
    report: str
    kind: str
    group: str
    place: Place
    value_low: int | None
    value_high: int | None
    issuer: str | None
    chain: tuple[str, ...]
    as_of: ClaimTime
    during_blackout: bool | None = None
    lineage: int = 0
    relation: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """When a report was published: an interval in UTC, and how that is known."""

    start: datetime = msgspec.field(name="from")
    until: datetime
    inferred_from: str
