"""What is worth telling a channel now: one message an event, updates that matter, and an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zicht.detect.fusion import independent_groups
from zicht.model.entity import parse_entity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.model.alert import Alert, AlertKind
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event
    from zicht.model.signal import Signal
    from zicht.publish.alerts.settings import Channel, QuietHours, Rule

FRESH = timedelta(hours=24)
"""An event that ended longer ago, by its data, is history and no news when it is first seen."""

DEEPER = 10.0
"""Percentage points by which connectivity has to differ for an update."""

STORM_COUNTRIES = 5
"""So many countries that fall within ``STORM_TIME`` by one source alone say more about the source
than about the countries. No cable or power failure on record cut off more than a few at once but
those of submarine cables, which several sources show."""

STORM_TIME = timedelta(minutes=30)


def matching_rule(
    rules: Sequence[Rule], event: Event, facts: Mapping[str, EntityFact], now: datetime
) -> Rule | None:
    """The first rule that an event meets."""
    return next((rule for rule in rules if _meets(rule, event, facts, now)), None)


def news_of(event: Event, told: Alert | None, channel: Channel, now: datetime) -> AlertKind | None:
    """What a channel is to be told of an event, or ``None``.

    Args:
        event: as it is known now, retracted or not; it meets a rule of the channel.
        told: the last message about it that the channel got or will get.
        channel: the channel.
        now: the time.
    """
    if event.simulated and not channel.simulated:
        return None
    if told is None or told.event is None:
        over = event.end is not None and event.end[1] < now - FRESH
        return None if event.retracted or over else "new"
    if event.retracted:
        return None if told.kind == "retracted" else "retracted"
    if event.end is not None:
        return None if told.event.end is not None else "end"
    soon = now < told.made_at + timedelta(minutes=channel.update_minutes)
    return "update" if not soon and _differs(told.event, event) else None


def needs_confirmation(event: Event | None, channel: Channel) -> bool:
    """Whether a person has to confirm a message about an event before it goes out.

    In public nothing finer than a country or a region of ISO 3166-2 goes out by itself: who reads
    that one operator is cut off can tell which one is not, and that may be somebody's last way out.
    """
    if not channel.public:
        return False
    return channel.embargo or event is None or not _is_broad(event.entity)


def _is_broad(text: str) -> bool:
    entity = parse_entity(text)
    return entity.type == "country" or (entity.type == "region" and "/" not in entity.code)


def rests_on_one(event: Event, source: str, signals: Mapping[str, Signal]) -> bool:
    """Whether an event rests on one source alone, or on signals that share its inputs.

    Args:
        event: the event.
        source: the source.
        signals: the specs of signals, by name.
    """
    names = sorted({one.signal for one in event.sources})
    sources = {signals[one].source if one in signals else source_of(one) for one in names}
    if source not in sources:
        return False
    known = [signals[one] for one in names if one in signals]
    return len(sources) == 1 or (len(known) == len(names) and len(independent_groups(known)) == 1)


def source_of(signal: str) -> str:
    """The source of a signal, from its name."""
    return signal.split(".", maxsplit=1)[0]


def storms(events: Sequence[Event], signals: Mapping[str, Signal]) -> dict[str, list[Event]]:
    """By each source the events of many countries that fell at once by it alone.

    Args:
        events: all that are known, told or not; those of operators and regions come along where
            many countries fall.
        signals: the specs of signals, by name.
    """
    found: dict[str, list[Event]] = {}
    sources = {source_of(one.signal) for event in events for one in event.sources}
    for source in sorted(sources):
        own = [event for event in events if rests_on_one(event, source, signals)]
        starts = sorted(one.onset[0] for one in own if one.entity.startswith("country/"))
        together = [
            (first, last)
            for first, last in zip(starts, starts[STORM_COUNTRIES - 1 :], strict=False)
            if last - first <= STORM_TIME
        ]
        stormy = [
            event
            for event in own
            if any(
                last - STORM_TIME <= event.onset[0] <= first + STORM_TIME
                for first, last in together
            )
        ]
        if stormy:
            found[source] = stormy
    return found


def quiet_until(quiet: QuietHours | None, now: datetime) -> datetime:
    """The end of the quiet hours that ``now`` lies in, else ``now``."""
    if quiet is None or quiet.begin == quiet.end:
        return now
    local = now.astimezone(ZoneInfo(quiet.zone))
    clock = local.timetz().replace(tzinfo=None)
    if quiet.begin < quiet.end:
        inside = quiet.begin <= clock < quiet.end
    else:
        inside = clock >= quiet.begin or clock < quiet.end
    if not inside:
        return now
    day = local.date() + timedelta(days=int(quiet.end <= clock))
    return datetime.combine(day, quiet.end, tzinfo=ZoneInfo(quiet.zone)).astimezone(now.tzinfo)


def _meets(rule: Rule, event: Event, facts: Mapping[str, EntityFact], now: datetime) -> bool:
    last = event.end[0] if event.end else _seen_until(event, now)
    return (
        (event.level == "alert" or rule.level == "notice")
        and event.depth_percent <= rule.below_percent
        and last - event.onset[1] >= timedelta(minutes=rule.lasting_minutes)
        and (not rule.entities or _is_of(event, rule.entities, facts))
        and (not rule.operator_kinds or _has_kind(event, rule.operator_kinds, facts))
    )


def _seen_until(event: Event, now: datetime) -> datetime:
    """Up to when it is known to have gone on; what did not change since is kept as it was then."""
    return now if event.ongoing else min(now, event.as_of)


def _is_of(event: Event, entities: Sequence[str], facts: Mapping[str, EntityFact]) -> bool:
    wanted = {str(parse_entity(text)) for text in entities}
    taking_part = {event.entity, *(one.entity for one in event.operators)}
    country = parse_entity(event.entity).country
    if country is None and event.entity in facts:
        country = facts[event.entity].country
    return bool(wanted & taking_part) or f"country/{country}" in wanted


def _has_kind(event: Event, kinds: Sequence[str], facts: Mapping[str, EntityFact]) -> bool:
    own = {one.kind for one in event.operators}
    if event.entity in facts:
        own.add(facts[event.entity].kind)
    return bool(own & set(kinds))


def _differs(before: Event, now: Event) -> bool:
    """Whether an event is another one to who acts on it."""
    return (
        before.event_class != now.event_class
        or before.level != now.level
        or abs(before.depth_percent - now.depth_percent) >= DEEPER
        or before.ongoing != now.ongoing
        or before.end is not None
        or before.retracted
        or before.recurrences != now.recurrences
        or len(before.restorations) != len(now.restorations)
        or {one.entity for one in before.operators} != {one.entity for one in now.operators}
    )
