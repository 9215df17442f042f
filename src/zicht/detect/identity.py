"""Identity: ids that are given once and survive a moved onset, and revisions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import msgspec

from zicht.model.outage import APART, Event, Outage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_Record = TypeVar("_Record", Outage, Event)
_SLACK = timedelta(hours=1)


def name_outages(found: Sequence[Outage], known: Sequence[Outage]) -> list[Outage]:
    """Give each outage the id of the known one that it continues, or a new one."""
    taken: set[str] = {one.id for one in known}
    used: set[str] = set()
    named = []
    for one in found:
        match = _match(
            one,
            [o for o in known if (o.signal, o.entity) == (one.signal, one.entity)],
            used,
        )
        name = match.id if match else _new_id(_outage_name(one), taken)
        used.add(name)
        taken.add(name)
        named.append(_revised(msgspec.structs.replace(one, id=name), match))
    return named


def name_events(found: Sequence[Event], known: Sequence[Event]) -> list[Event]:
    """Give each event the id of the known one that it continues, or a new one."""
    taken: set[str] = {one.id for one in known}
    used: set[str] = set()
    named = []
    for one in found:
        match = _match(one, [o for o in known if o.entity == one.entity], used)
        name = match.id if match else _new_id(_event_name(one), taken)
        used.add(name)
        taken.add(name)
        named.append(_revised(msgspec.structs.replace(one, id=name), match))
    return named


def retract_missing(found: Sequence[_Record], known: Iterable[_Record]) -> list[_Record]:
    """The known records that were not found again, marked as retracted."""
    ids = {one.id for one in found}
    return [
        msgspec.structs.replace(one, retracted=True, revision=one.revision + 1)
        for one in known
        if one.id not in ids and not one.retracted
    ]


def _match(one: _Record, known: Sequence[_Record], used: set[str]) -> _Record | None:
    touching = [
        other
        for other in known
        if other.id not in used
        and other.onset[0] - _SLACK <= _last(one)
        and one.onset[0] - _SLACK <= _last(other)
    ]
    return min(touching, key=lambda other: (other.retracted, other.onset), default=None)


def _last(record: _Record) -> datetime:
    if record.end is not None:
        return record.end[1]
    # Without an end it reaches as far as anything that may continue it.
    return record.onset[1] + timedelta(days=36_500)


def _revised(record: _Record, known: _Record | None) -> _Record:
    if known is None:
        return record
    same = msgspec.structs.replace(record, revision=known.revision)
    if isinstance(same, Event) and isinstance(known, Event):
        same = msgspec.structs.replace(
            same, as_of=known.as_of, shutdown_likelihood=known.shutdown_likelihood
        )
    if same == known:
        return known
    return msgspec.structs.replace(record, revision=known.revision + 1)


def _new_id(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate


def _short(entity: str) -> str:
    kind, _, code = entity.partition("/")
    code = code.replace("/", "-")
    return f"AS{code}" if kind == "asn" else code


def _event_name(event: Event) -> str:
    name = f"{_short(event.entity)}-{event.onset[0]:%Y%m%d}"
    if event.event_class in APART:
        return f"{name}-{event.depth_signal.rpartition('.')[2]}"
    return name


def _outage_name(outage: Outage) -> str:
    return f"{_short(outage.entity)}-{outage.signal}-{outage.onset[0]:%Y%m%dT%H%M}"
