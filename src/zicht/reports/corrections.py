"""A side file: what a person corrects of what was read, or confirms of it."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

import msgspec

from zicht.errors import UsageError
from zicht.model.claim import Claim, ClaimTime, ClaimType, Place, Scope
from zicht.model.entity import parse_entity
from zicht.model.time import format_time
from zicht.reports.reading import PUBLISHED
from zicht.toml import Problem, decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEVELS = ("all", "nearly all", "largely", "partly", "unstated")
_TIMES = range(1, 1_001)
_LONGEST = 300  # letters of a quote in a side file


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one claim; what is not said stays as it was read.

    Attributes:
        id: the claim's id, as ``zicht check`` shows it.
        remove: it is no claim.
        type: what it says.
        place: an entity.
        start: begin of the time, written ``from``.
        until: its end.
        percent: the percent of ordinary that is said to be left.
        level: ``all``, ``nearly all``, ``largely``, ``partly`` or ``unstated``.
        scope: what is affected.
        repeated: which time it is said to be.
        source: who says it.
    """

    id: str
    remove: bool = False
    type: ClaimType | None = None
    place: str | None = None
    start: datetime | None = msgspec.field(name="from", default=None)
    until: datetime | None = None
    percent: float | None = None
    level: str | None = None
    scope: tuple[Scope, ...] | None = None
    repeated: int | None = None
    source: str | None = None


class Corrections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A side file.

    Attributes:
        confirmed_by: who looked at what was read; published cards say so. Empty: nobody.
        sha256: of the report that it is of; another one is refused.
        published: when the report was published.
        claim: the claims that are corrected.
    """

    confirmed_by: str
    sha256: str | None = None
    published: str | None = None
    claim: tuple[Correction, ...] = ()


def read_corrections(data: bytes, name: str) -> Corrections:
    """Read a side file.

    Raises:
        InputError: it does not fit; the line and the key are told.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    return decode_toml(
        data, Corrections, name=name, guide="docs/reports.md", first_problem=_first_problem
    )


def _first_problem(corrections: Corrections) -> Problem | None:
    for number, one in enumerate(corrections.claim):
        problem = _problem_of_value(one) or _problem_of_time(one)
        if problem is not None:
            return ("claim", number, problem[0]), *problem[1:]
    return None


def _problem_of_value(one: Correction) -> tuple[str, str, Sequence[str]] | None:
    """The key that is wrong, what is wrong, and the names that would be right."""
    if one.level is not None and one.level not in _LEVELS:
        return "level", f"{one.level!r} is no level: {', '.join(_LEVELS)}.", _LEVELS
    if one.percent is not None and not 0 <= one.percent <= 100:  # noqa: PLR2004 - percent
        return "percent", "a percent of ordinary is from 0 to 100.", ()
    if one.repeated is not None and one.repeated not in _TIMES:
        return "repeated", f"which time it was is from 1 to {_TIMES[-1]}.", ()
    if one.place is not None:
        try:
            parse_entity(one.place)
        except UsageError as error:
            return "place", f"{error.message} A country is written country/KZ.", ()
    return None


def _problem_of_time(one: Correction) -> tuple[str, str, Sequence[str]] | None:
    for key, time in (("from", one.start), ("until", one.until)):
        if time is not None and time.tzinfo is None:
            return key, "a time needs its zone, as in 2025-03-12T09:00:00Z.", ()
        if time is not None and time.year not in PUBLISHED:
            return key, f"a year is from {PUBLISHED[0]} to {PUBLISHED[-1]}.", ()
    if one.start is not None and one.until is not None and one.start >= one.until:
        return "until", "a time ends after it begins.", ()
    return None


def says_anything(corrections: Corrections) -> bool:
    """Whether a side file corrects or confirms anything; a skeleton as it was given does not."""
    return bool(
        corrections.confirmed_by
        or corrections.published
        or any(one != Correction(id=one.id) for one in corrections.claim)
    )


def correct(claims: Sequence[Claim], corrections: Corrections) -> tuple[Claim, ...]:
    """The claims as a person has corrected them; every one left is confirmed by that person.

    Raises:
        UsageError: a correction is of no claim that was read, or of a time that ends too early.
    """
    by_id = {one.id: one for one in corrections.claim}
    if unknown := by_id.keys() - {one.id for one in claims}:
        raise UsageError(
            f"No claim of this report has the id {_plain(', '.join(sorted(unknown)))}.",
            "`zicht check --format json` shows the ids; another wording makes another id.",
        )
    kept = []
    for claim in claims:
        change = by_id.get(claim.id)
        if change is not None and change.remove:
            continue
        corrected = _changed(claim, change) if change is not None else claim
        kept.append(
            msgspec.structs.replace(
                corrected, confirmed_by=_plain(corrections.confirmed_by) or None
            )
        )
    return tuple(kept)


def _changed(claim: Claim, change: Correction) -> Claim:
    changes: dict[str, object] = {
        key: getattr(change, key)
        for key in ("type", "percent", "scope", "repeated")
        if getattr(change, key) is not None
    }
    if change.source is not None:
        changes["source"] = _plain(change.source) or None
    if change.level is not None or change.percent is not None:
        changes["severity"] = msgspec.structs.replace(
            claim.severity,
            level=change.level or claim.severity.level,
            percent=change.percent if change.percent is not None else claim.percent,
        )
    if change.place is not None:
        entity = parse_entity(change.place)
        changes["place"] = Place(
            entity=str(entity), country=entity.country, inferred_from="side file"
        )
        changes["places"] = (str(entity),)
    if change.start is not None or change.until is not None:
        start = _utc(change.start) or claim.time.start
        until = _utc(change.until) or claim.time.until
        if start is not None and until is not None and start >= until:
            raise UsageError(
                f"The time of the claim {claim.id} would end before it begins.",
                "Say both `from` and `until` in the side file.",
            )
        changes["time"] = ClaimTime(
            start=start,
            until=until,
            precision="minute",
            inferred_from="side file",
            clock="UTC",
        )
    return msgspec.structs.replace(claim, **changes)


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)


def skeleton(sha256: str, claims: Sequence[Claim]) -> str:
    """A side file to fill in: every claim with its id, and behind ``#`` what was read of it.

    As it stands it corrects nothing, and is confirmed by nobody.
    """
    lines = [
        "# Your name confirms what you leave as it is. Take away a # to change a line; what stands",
        "# behind one stays as it was read.",
        'confirmed_by = ""',
        f"sha256 = {_written(sha256)}",
        '# published = "2022-01-06"',
    ]
    for claim in claims:
        lines += [
            "",
            f"# {_plain(claim.quote)}",
            "[[claim]]",
            f"id = {_written(claim.id)}",
            "# remove = true",
        ]
        lines += [f"# {key} = {text}" for key, text in _as_read(claim)]
    return "\n".join(lines) + "\n"


def _as_read(claim: Claim) -> Iterator[tuple[str, str]]:
    """What was read of a claim, as a side file says it."""
    yield "type", _written(claim.type)
    yield "place", _written(claim.place.entity or "country/")
    for key, time in (("from", claim.time.start), ("until", claim.time.until)):
        if time is not None:
            yield key, format_time(time)
    yield "level", _written(claim.severity.level)
    if claim.percent is not None:
        yield "percent", str(float(claim.percent))
    yield "scope", f"[{', '.join(_written(one) for one in claim.scope)}]"
    if claim.repeated is not None:
        yield "repeated", str(claim.repeated)
    if claim.source is not None:
        yield "source", _written(claim.source)


def _written(text: str) -> str:
    """A text as TOML writes it, on one line."""
    plain = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _plain(text: str) -> str:
    """A text on one line, without what cannot be seen."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())[:_LONGEST]


CLAIM_TYPES: tuple[str, ...] = get_args(ClaimType)
"""What a claim may say."""
