"""Alerts: making them of what detection found, and keeping what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, UsageError
from zicht.model.alert import Alert
from zicht.observe.detection import known_facts
from zicht.observe.pictures import local_time
from zicht.publish.alerts.rules import (
    matching_rule,
    needs_confirmation,
    news_of,
    quiet_until,
    storm_source,
)
from zicht.publish.alerts.text import event_text, event_title, health_words, storm_words
from zicht.publish.bulletin import Context
from zicht.publish.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zicht.model.alert import AlertKind
    from zicht.model.entity import EntityFact
    from zicht.model.health import Sickness
    from zicht.model.outage import Event
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

_STORM = "many countries fell at once by one source"
_EMBARGO = "it waits for a person to confirm it"
_OVERTAKEN = "a later message tells more"
_TAKEN_BACK = "the event was retracted before it went out"
_WAITING = {"held", "pending"}
_FRESH_HEALTH_HOURS = 24


def note_alerts(
    store: Store, channels: Sequence[Channel], *, now: datetime | None = None
) -> list[Alert]:
    """Make the alerts that are due, and keep them; nothing is sent yet.

    What is undelivered of a subject is dropped for the newer message, so that whoever was out of
    reach learns the present state once. Called again without news it makes nothing.

    Args:
        store: with the alerts that were made before.
        channels: who is told of what.
        now: the time; by default the clock's.

    Returns:
        the alerts that are new.

    Raises:
        StoreError: the store cannot be read or written.
    """
    now = now or datetime.now(UTC)
    desk = _Desk(store, now)
    made: list[Alert] = []
    for channel in channels:
        made += desk.health_alerts(channel)
        made += desk.event_alerts(channel)
    dropped = [_dropped(one, now, _OVERTAKEN) for one in _overtaken(desk.alerts, made)]
    dropped += [_dropped(one, now, _TAKEN_BACK) for one in desk.taken_back(channels)]
    if made or dropped:
        store.write_alerts([*dropped, *made], known_at=now)
    return made


def confirm(
    store: Store, alert_id: str, *, by: str | None = None, now: datetime | None = None
) -> Alert:
    """Let a held alert go out.

    Raises:
        NotFoundError: there is no such alert.
        UsageError: it is not held.
    """
    alert = _held(store, alert_id)
    freed = msgspec.structs.replace(alert, state="pending", because=None, confirmed_by=by)
    store.write_alerts([freed], known_at=now or datetime.now(UTC))
    return freed


def refuse(store: Store, alert_id: str, *, now: datetime | None = None) -> Alert:
    """Drop a held alert; later news of its event makes another.

    Raises:
        NotFoundError: there is no such alert.
        UsageError: it is not held.
    """
    now = now or datetime.now(UTC)
    dropped = _dropped(_held(store, alert_id), now, "a person refused it")
    store.write_alerts([dropped], known_at=now)
    return dropped


def trial_alert(channel: Channel, now: datetime) -> Alert:
    """A message that says that it is a test; it is not kept."""
    words = language(channel.language)
    return Alert(
        id=f"{channel.name} test {int(now.timestamp())}",
        channel=channel.name,
        subject="test",
        number=1,
        kind="test",
        entity=None,
        title=words.say("Test: no outage"),
        text=words.say("Zicht can reach this channel. Nothing happened."),
        event=None,
        simulated=False,
        made_at=now,
        state="pending",
        not_before=now,
    )


class _Desk:
    """What is known when alerts are made."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.now = now
        self.alerts = store.alerts()
        self.facts: Mapping[str, EntityFact] = known_facts(store)
        self.titles = {name: signal.title for name, signal in store.signals().items()}
        self._events = store.events(with_retracted=True)
        self._sicknesses = store.sicknesses()
        self._sources = {name: signal.source for name, signal in store.signals().items()}

    def event_alerts(self, channel: Channel) -> list[Alert]:
        """One message for each event of which there is news."""
        due: list[tuple[Event, AlertKind]] = []
        for event in self._events:
            told = self._told(channel, event.id)
            if told is None and matching_rule(channel.rules, event, self.facts, self.now) is None:
                continue
            kind = news_of(event, told, channel, self.now)
            if kind is not None and not self._reached(channel, event.id):
                kind = None if event.retracted else "new"  # what came before never got there
            if kind is not None:
                due.append((event, kind))
        fresh = [event for event, kind in due if kind == "new"]
        source = storm_source(fresh)
        made = [] if source is None else self._storm(channel, source, fresh)
        for event, kind in due:
            stormy = source is not None and kind == "new" and _rests_on(event, source)
            made.append(self._of_event(channel, event, kind, because=_STORM if stormy else None))
        return made

    def health_alerts(self, channel: Channel) -> list[Alert]:
        """One message for each source that could not see of late."""
        if not channel.health or channel.public:
            return []
        by_source: dict[str, list[Sickness]] = {}
        for one in self._sicknesses:
            age = (self.now - one.end).total_seconds() / 3600
            if age <= _FRESH_HEALTH_HOURS:
                by_source.setdefault(self._sources.get(one.signal, one.signal), []).append(one)
        made = []
        for source, own in sorted(by_source.items()):
            subject = f"health/{source}/{min(one.start for one in own):%Y%m%dT%H%M}"
            if self._told(channel, subject) is None:
                title, text = health_words(language(channel.language), source, own, self.titles)
                made.append(self._alert(channel, subject, "health", title, text))
        return made

    def _storm(self, channel: Channel, source: str, events: Sequence[Event]) -> list[Alert]:
        own = [event for event in events if _rests_on(event, source)]
        subject = f"health/{source}/{min(event.onset[0] for event in own):%Y%m%dT%H%M}"
        if channel.public or self._told(channel, subject) is not None:
            return []
        title, text = storm_words(language(channel.language), source, len(own))
        return [self._alert(channel, subject, "health", title, text)]

    def _of_event(
        self, channel: Channel, event: Event, kind: AlertKind, *, because: str | None
    ) -> Alert:
        words = language(channel.language)
        local = local_time(words, event.entity, self.facts)
        context = Context(words, local, self.facts, self.titles)
        held = needs_confirmation(event, channel)
        named = held or not channel.public
        alert = self._alert(
            channel,
            event.id,
            kind,
            event_title(event, kind, context),
            event_text(event, context, name_operators=named),
            event=event,
        )
        because = because or (_EMBARGO if held else None)
        rule = matching_rule(channel.rules, event, self.facts, self.now)
        loud = rule is not None and rule.despite_quiet_hours
        return msgspec.structs.replace(
            alert,
            state="pending" if because is None else "held",
            because=because,
            not_before=self.now if loud else alert.not_before,
        )

    def _alert(
        self,
        channel: Channel,
        subject: str,
        kind: AlertKind,
        title: str,
        text: str,
        *,
        event: Event | None = None,
    ) -> Alert:
        told = self._told(channel, subject)
        number = 1 if told is None else told.number + 1
        return Alert(
            id=f"{channel.name} {subject} {number}",
            channel=channel.name,
            subject=subject,
            number=number,
            kind=kind,
            entity=None if event is None else event.entity,
            title=title,
            text=text,
            event=event,
            simulated=event is not None and event.simulated,
            made_at=self.now,
            state="pending",
            not_before=quiet_until(channel.quiet_hours, self.now),
        )

    def taken_back(self, channels: Sequence[Channel]) -> list[Alert]:
        """Undelivered alerts of events that turned out to be none."""
        names = {channel.name for channel in channels}
        gone = {event.id for event in self._events if event.retracted}
        return [
            one
            for one in self.alerts
            if one.state in _WAITING
            and one.channel in names
            and one.subject in gone
            and one.kind != "retracted"
        ]

    def _reached(self, channel: Channel, subject: str) -> bool:
        return any(
            (one.channel, one.subject, one.state) == (channel.name, subject, "delivered")
            for one in self.alerts
        )

    def _told(self, channel: Channel, subject: str) -> Alert | None:
        own = [one for one in self.alerts if (one.channel, one.subject) == (channel.name, subject)]
        return max(own, key=lambda one: one.number, default=None)


def _rests_on(event: Event, source: str) -> bool:
    return {one.signal.split(".", maxsplit=1)[0] for one in event.sources} == {source}


def _overtaken(before: Iterable[Alert], made: Iterable[Alert]) -> list[Alert]:
    newer = {(one.channel, one.subject) for one in made}
    return [one for one in before if one.state in _WAITING and (one.channel, one.subject) in newer]


def _dropped(alert: Alert, now: datetime, because: str) -> Alert:
    return msgspec.structs.replace(alert, state="dropped", settled_at=now, because=because)


def _held(store: Store, alert_id: str) -> Alert:
    alerts = {one.id: one for one in store.alerts()}
    if alert_id not in alerts:
        raise NotFoundError(f"There is no alert {alert_id!r}.", "`zicht alert list` lists them.")
    alert = alerts[alert_id]
    if alert.state != "held":
        raise UsageError(f"The alert {alert_id!r} is {alert.state}, and not held.")
    return alert
