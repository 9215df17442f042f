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
        inferred_from: ``sentence``, ``sentence: a town`` (then the entity is that of its country),
            ``sentence before``, ``topic of the report`` or ``side file``.
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


Value = str | int | float | tuple[str, ...] | None
"""What a message may hold: a name, a number, names."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader should know of how something was read.

    Attributes:
        code: which note it is; it stays the same in every language.
        values: the names and numbers in it.
        text: the same for people, in English.
    """

    code: str
    values: dict[str, Value] = {}
    text: str = ""


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """Bins that follow one another in which a series was surely down, or surely not.

    Attributes:
        start: begin of the first, written ``from`` in JSON.
        until: end of the last.
        percent: of ordinary: the lowest where it is down, the median where it is up.
        down: which of the two.
    """

    start: datetime = msgspec.field(name="from")
    until: datetime
    percent: float
    down: bool


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one series showed in the time that a claim speaks of.

    Attributes:
        signal: the signal's name.
        title: what is measured, for people, in English.
        entity: of what.
        name: what people call that, where it is known.
        plane: ``control``, ``data`` or ``user``.
        lowest_percent: the lowest, in percent of ordinary; ``None`` where nothing was seen.
        lowest_at: begin of the bin that had it.
        seen_percent: of the bins of that time, how many have a value; ``None`` is unknown.
        spells: when it was surely down and when surely not, in order.
        event: the id of the event that it is of, where it was taken from one.
    """

    signal: str
    title: str
    entity: str
    name: str | None = None
    plane: str
    lowest_percent: float | None
    lowest_at: datetime | None = None
    seen_percent: float | None = None
    spells: tuple[Spell, ...] = ()
    event: str | None = None


class SubClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a claim that is checked by itself.

    Attributes:
        code: what is checked; it stays the same in every language.
        verdict: what was found of it.
        simulated_verdict: what simulated data show, which confirm nothing; else ``None``.
        reason_code: why; it stays the same in every language.
        values: the names, numbers and thresholds in both.
        start: begin of the time that was looked at, written ``from`` in JSON; ``None``: none was.
        until: its end.
        measured: what the series showed.
        text: what is checked, for people, in English.
        reason: why, for people, in English, with the threshold.
        figures: what was measured, for people, in English.
    """

    code: str
    verdict: Verdict
    simulated_verdict: Verdict | None = None
    reason_code: str
    values: dict[str, Value] = {}
    start: datetime | None = msgspec.field(default=None, name="from")
    until: datetime | None = None
    measured: tuple[Measured, ...] = ()
    text: str = ""
    reason: str = ""
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


RelationCode = Literal[
    "copied", "same", "within-range", "update", "differs-in-scope", "differs", "conflict"
]
"""How one row of the ledger stands to another."""


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
        relation: how it stands to an earlier row, for people, in English; empty: to none.
        relation_code: the same in one word: ``copied``, ``same``, ``within-range``, ``update``,
            ``differs-in-scope``, ``differs`` (an issuer is unknown) or ``conflict``.
        relation_row: the number of that row, the first being 1.
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
    relation_code: RelationCode | None = None
    relation_row: int | None = None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """When a report was published: an interval in UTC, and how that is known."""

    start: datetime = msgspec.field(name="from")
    until: datetime
    inferred_from: str


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data speak in the figures, and under which licence.

    Attributes:
        citation: how to cite them.
        licence: under which they may be used.
        signals: the signals of theirs that were looked at.
    """

    citation: str
    licence: str
    signals: tuple[str, ...]


class CheckedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report with its claims held against the measurements.

    Attributes:
        report: its name.
        sha256: hash of the bytes that were read.
        language: the code of its language, or ``None``: none that can be read.
        published: when it was published, or ``None``: unknown.
        notes: what a reader should know of how it was read.
        simulated: what it was held against is of the lab: nothing is confirmed.
        claims: the claims with their verdicts.
        text: what was read.
        version: of Zicht, which read it.
        sources: whose data speak in the figures.
    """

    report: str
    sha256: str
    language: str | None
    published: Published | None
    notes: tuple[Note, ...]
    simulated: bool
    claims: tuple[Claim, ...]
    text: str
    version: str
    sources: tuple[Cited, ...] = ()
