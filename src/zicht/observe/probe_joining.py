"""Vantage points' readings in the store become series, and what was sick becomes health.

Whoever wrote readings joins: all see the same readings and come to the same values, and the store
keeps a value once. A reading that comes late revises what was told without it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from zicht.errors import StoreError
from zicht.model.entity import EntityFact, parse_entity
from zicht.model.health import Sickness
from zicht.model.signal import Origin
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.sources.probe.panel import lay_out, minute_of
from zicht.sources.probe.series import MINUTES, observations
from zicht.sources.probe.signals import MINUTE, SIGNALS, SIGNALS_4, SIGNALS_6, UP_24
from zicht.sources.probe.vantage import FEWEST_CONTROLS, REASONS, Sick, find_sick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.sources.probe.panel import Panel
    from zicht.store import Store

_ATTEMPTS = 20
_MINUTE = MINUTE * MICROSECONDS
_TOLD_EVERY = 10  # minutes; how long a sickness that goes on has lasted is stored no more often


def join_readings(store: Store, first: int, until: int) -> set[tuple[str, bool, int]]:
    """Bring the series of some minutes, and of the rounds that end with them, up to date.

    Args:
        store: where the readings are and the series go.
        first: number since 1970 of the first minute.
        until: number of the first minute that is not told yet: a minute can be told once the next
            one is over, which shows whether a vantage point was well.

    Returns:
        the vantage point, the family (IPv4 or not) and the minute of each sick reading.

    Raises:
        StoreError: the disk is full or fails.
    """
    for _ in range(_ATTEMPTS):
        seen = store.readings_version()
        sick = _join(store, first, until)
        if store.readings_version() == seen:
            return sick  # else somebody wrote readings meanwhile, which may not be in it
    raise StoreError(
        f"Others write readings into the store at {store.address} all the time.", "Run this again."
    )


def _join(store: Store, first: int, until: int) -> set[tuple[str, bool, int]]:
    start = first // MINUTES * MINUTES - _TOLD_EVERY - 1
    readings = store.readings(start=_time(start), end=_time(until + 1))
    now = datetime.now(UTC)
    tables = []
    sick: dict[str, list[tuple[int, str]]] = {}  # minutes and reasons, by signal
    readings_of_sick = set()
    weak = True
    for ipv4 in (True, False):
        panel = lay_out(readings, ipv4=ipv4)
        found = find_sick(panel)
        tables.append(observations(panel, found, first, until, ipv4=ipv4))
        for signal, minute, reason in _sick_minutes(panel, found, ipv4=ipv4):
            if start < minute < until:
                sick.setdefault(signal, []).append((minute, reason))
        for row, column in zip(*np.nonzero(found), strict=True):
            readings_of_sick.add((panel.vantages[row], ipv4, int(panel.minutes[column])))
        if len(panel.vantages) > 1 or (panel.controls["blocks"] >= FEWEST_CONTROLS).any():
            weak = False
    table = pa.concat_tables(tables)
    vantages = sorted(set(readings["vantage"].to_pylist()))
    if table.num_rows:
        store.append(
            table,
            signals=SIGNALS,
            origin=origin_of(vantages, weak=weak),
            entities=[_fact(name) for name in table["entity"].unique().to_pylist()],
            known_at=now,
        )
    _keep_health(store, sick, start + 1, until, now)
    return readings_of_sick


def origin_of(vantages: list[str], *, weak: bool) -> Origin:
    """Where joined values come from.

    Args:
        vantages: the vantage points' names.
        weak: there is a single one, without control blocks: it cannot tell its own sickness from an
            outage, and whoever cites its figures is told so.
    """
    doubt = "; one vantage point without control blocks: its own sickness may look like an outage"
    citation = f"{UP_24.citation} from {', '.join(vantages)}{doubt if weak else ''}"
    return Origin(
        id=hashlib.sha256(msgspec.json.encode(("probe", vantages, weak))).hexdigest()[:16],
        source="probe",
        name=f"vantage points: {', '.join(vantages)}",
        sha256="",
        licence=UP_24.licence,
        citation=citation,
    )


def _fact(entity: str) -> EntityFact:
    return EntityFact(entity=entity, country=parse_entity(entity).country)


def _time(minute: int) -> datetime:
    return from_microseconds(minute * _MINUTE)


def _sick_minutes(
    panel: Panel, sick: NDArray[np.uint8], *, ipv4: bool
) -> Iterator[tuple[str, int, str]]:
    """The signals that could not see in a minute, and why.

    A vantage point that was sick while others were well is named by itself: its own signal,
    ``probe.vantage.NAME``, has no series.
    """
    signals = [signal.name for signal in (SIGNALS_4 if ipv4 else SIGNALS_6)]
    well = (panel.present & (sick == Sick.NO)).any(axis=0)
    for column in np.flatnonzero(sick.any(axis=0)).tolist():
        minute = int(panel.minutes[column])
        named = {
            panel.vantages[row]: REASONS[Sick(sick[row, column])]
            for row in np.flatnonzero(sick[:, column]).tolist()
        }
        if well[column]:
            for name, reason in named.items():
                yield f"probe.vantage.{name}", minute, f"{name}: {reason}"
            continue
        by_reason: dict[str, list[str]] = {}
        for name, reason in named.items():
            by_reason.setdefault(reason, []).append(name)
        told = "; ".join(f"{', '.join(names)}: {why}" for why, names in by_reason.items())
        for signal in signals:
            yield signal, minute, told


def _keep_health(
    store: Store,
    sick: dict[str, list[tuple[int, str]]],
    first: int,
    until: int,
    now: datetime,
) -> None:
    """Store stretches of sickness: what is known of these minutes goes before what was."""
    stored: dict[str, list[Sickness]] = {}
    for one in store.sicknesses():
        if one.signal.startswith("probe."):
            stored.setdefault(one.signal, []).append(one)
    keep: list[Sickness] = []
    withdrawn: list[Sickness] = []
    for signal in sorted({*sick, *stored}):
        before = [
            one
            for one in stored.get(signal, [])
            if _minute(one.end) >= first and _minute(one.start) < until
        ]
        minutes = {minute: one.reason for one in before for minute in _minutes(one)}
        minutes = {m: why for m, why in minutes.items() if not first <= m < until}
        minutes |= dict(sick.get(signal, []))
        stretches = list(_stretches(signal, minutes))
        told = {one.start: one.end for one in before}
        new = [one for one in stretches if not _is_told(one, told.get(one.start), until)]
        if new or len(stretches) < len(before):
            keep += new
            starts = {one.start for one in stretches}
            withdrawn += [one for one in before if one.start not in starts]
    if keep or withdrawn:
        store.write_health(keep, withdrawn=withdrawn, known_at=now)


def _is_told(one: Sickness, told_end: datetime | None, until: int) -> bool:
    """Whether a stretch is stored; how long one that goes on has lasted is told now and then."""
    if told_end is None or told_end > one.end:
        return False
    goes_on = _minute(one.end) >= until
    return told_end == one.end or (goes_on and _minute(one.end) - _minute(told_end) < _TOLD_EVERY)


def _minute(time: datetime) -> int:
    return minute_of(to_microseconds(time))


def _minutes(one: Sickness) -> range:
    return range(_minute(one.start), _minute(one.end))


def _stretches(signal: str, minutes: dict[int, str]) -> Iterator[Sickness]:
    """Runs of minutes; the first minute's reason is told."""
    ordered = sorted(minutes)
    begin = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] != ordered[place - 1] + 1:
            yield Sickness(
                signal=signal,
                start=_time(ordered[begin]),
                end=_time(ordered[place - 1] + 1),
                reason=minutes[ordered[begin]],
            )
            begin = place
