"""What is due to be told: of each event and of each source's health, to each channel."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from zicht.model.alert import Alert
from zicht.observe.alert_health import SETTLED, Trouble, find_troubles, told_of
from zicht.observe.alert_sending import is_taken
from zicht.observe.facts import known_facts
from zicht.observe.pictures import local_time
from zicht.place.names import country_codes
from zicht.publish.alerts.rules import (
    FRESH,
    matching_rule,
    needs_confirmation,
    news_of,
    quiet_until,
    rests_on_one,
    storms,
)
from zicht.publish.alerts.text import event_text, event_title, health_end_words, health_words
from zicht.publish.bulletin import Context
from zicht.publish.language import language

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from zicht.model.alert import AlertKind
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

STORM = "many countries fell at once by one source"
EMBARGO = "it waits for a person to confirm it"

WAITING = frozenset({"held", "pending"})
"""States of what did not go out yet."""

UNSETTLED = timedelta(minutes=10)
"""For so long an event waits, at most, for the source that it rests on alone to tell of others."""

_LATE = timedelta(days=8)  # what ended longer ago is no part of what is told now
_HEALTH = "health/"


class AlertDesk:
    """What is known when alerts are made.

    Args:
        store: with what was found, and with the alerts that were made before.
        now: the time.
        unsettled: sources that have not told of everybody yet: whether what they alone show is
            their own fault cannot be told before they have.
        machine_time: this machine's time, by which alerts are taken to be sent.
    """

    def __init__(
        self,
        store: Store,
        now: datetime,
        *,
        unsettled: Collection[str],
        machine_time: datetime,
    ) -> None:
        self.now = now
        self._store = store
        self._unsettled = frozenset(unsettled)
        self._facts: Mapping[str, EntityFact] = known_facts(store)
        self._signals = store.signals()
        self._titles = {name: signal.title for name, signal in self._signals.items()}
        self._events = store.events(with_retracted=True)
        standing = [one for one in self._events if not one.retracted and self._ended_in(one, _LATE)]
        found = storms(standing, self._signals)
        self._stormy = {one.id for events in found.values() for one in events}
        self._troubles = find_troubles(store.sicknesses(), found, self._signals)
        self._simulated = {one.source for one in store.origins().values() if one.simulated}
        self._own: dict[tuple[str, str], list[Alert]] = {}
        self._sending: set[tuple[str, str]] = set()
        for one in sorted(store.alerts(), key=lambda alert: alert.number):
            subject = (one.channel, one.subject)
            self._own.setdefault(subject, []).append(one)
            if one.state == "pending" and is_taken(one, machine_time):
                self._sending.add(subject)

    def told(self, channel: Channel, subject: str) -> Sequence[Alert]:
        """All messages about a subject to a channel, by number."""
        return self._own.get((channel.name, subject), [])

    def event_alerts(self, channel: Channel) -> list[Alert]:
        """One message for each event of which there is news."""
        made = []
        for event in self._events:
            own = self.told(channel, event.id)
            last = own[-1] if own else None
            if last is None and matching_rule(channel.rules, event, self._facts, self.now) is None:
                continue
            kind = self._news(channel, event, own)
            if kind is None or (channel.name, event.id) in self._sending:
                continue
            stormy = event.id in self._stormy and not self._is_delivered(own)
            if kind == "new" and not stormy and self._is_unsettled(event):
                continue
            made.append(self._of_event(channel, event, kind, stormy=stormy))
        return made

    def _news(self, channel: Channel, event: Event, own: Sequence[Alert]) -> AlertKind | None:
        last = own[-1] if own else None
        kind = news_of(event, last, channel, self.now)
        calmed = (
            last is not None
            and (last.state, last.because) == ("held", STORM)
            and event.id not in self._stormy
        )
        if calmed and not event.retracted and self._ended_in(event, FRESH):
            return "new"  # another source shows it too, or the others did not fall
        if kind is not None and not self._is_delivered(own):
            return None if event.retracted else "new"  # what came before never got there
        return kind

    def health_alerts(self, channel: Channel) -> list[Alert]:
        """One message for each stretch in which a source could not see, and one of its end."""
        if not channel.health or channel.public:
            return []
        made = []
        last_of = {
            subject: own[-1]
            for (name, subject), own in self._own.items()
            if name == channel.name and subject.startswith(_HEALTH)
        }
        matched = set()
        for trouble in self._troubles:
            if trouble.source in self._simulated and not channel.simulated:
                continue
            head = f"{_HEALTH}{trouble.source}/"
            told = told_of(trouble, [one for key, one in last_of.items() if key.startswith(head)])
            if told is not None:
                matched.add(told.subject)
            subject = f"{head}{trouble.since:%Y%m%dT%H%M}" if told is None else told.subject
            kind = self._health_news(channel, trouble, told)
            if kind is not None and (channel.name, subject) not in self._sending:
                made.append(self._of_health(channel, subject, kind, trouble))
        for subject, told in last_of.items():
            gone = subject not in matched and told.kind == "health" and told.since is not None
            if gone and (channel.name, subject) not in self._sending:
                source = subject.split("/")[1]
                none = Trouble(source, told.since or self.now, None)
                made.append(self._of_health(channel, subject, "health-end", none))
        return made

    def _health_news(
        self, channel: Channel, trouble: Trouble, told: Alert | None
    ) -> AlertKind | None:
        if told is None:
            old = trouble.until is not None and self.now - trouble.until > FRESH
            return None if old else "health"
        over = self._is_over(trouble) if told.kind == "health" else False
        if told.kind == "health":
            return "health-end" if over else None
        again = told.until is not None and (trouble.until is None or trouble.until > told.until)
        soon = self.now < told.made_at + timedelta(minutes=channel.update_minutes)
        return "health" if again and not soon and not self._is_over(trouble) else None

    def _is_over(self, trouble: Trouble) -> bool:
        """Whether the source has seen since, for long enough."""
        if trouble.until is None or self.now - trouble.until < SETTLED:
            return False
        names = sorted({one.signal for one in trouble.sicknesses})
        if not names:
            return True
        countries = [f"country/{code}" for code in country_codes()]
        for entities in (countries, None):
            since = self._store.table(signals=names, entities=entities, start=trouble.until)
            if since["value"].null_count < since.num_rows:
                return True
        return False

    def _of_health(
        self, channel: Channel, subject: str, kind: AlertKind, trouble: Trouble
    ) -> Alert:
        words = language(channel.language)
        if kind == "health":
            title, text = health_words(
                words, trouble.source, trouble.sicknesses, self._titles, trouble.countries
            )
        else:
            title, text = health_end_words(words, trouble.source, trouble.since, trouble.until)
        simulated = trouble.source in self._simulated
        if simulated:
            title = f"{words.say('Simulated.')} {title}"
        alert = self._alert(channel, subject, kind, title, text)
        return msgspec.structs.replace(
            alert, since=trouble.since, until=trouble.until, simulated=simulated
        )

    def _of_event(self, channel: Channel, event: Event, kind: AlertKind, *, stormy: bool) -> Alert:
        words = language(channel.language)
        local = local_time(words, event.entity, self._facts)
        context = Context(words, local, self._facts, self._titles)
        embargoed = needs_confirmation(event, channel)
        held = embargoed or stormy
        named = held or not channel.public
        alert = self._alert(
            channel,
            event.id,
            kind,
            event_title(event, kind, context),
            event_text(event, context, name_operators=named),
            event=event,
        )
        rule = matching_rule(channel.rules, event, self._facts, self.now)
        loud = rule is not None and rule.despite_quiet_hours
        return msgspec.structs.replace(
            alert,
            state="held" if held else "pending",
            because=STORM if stormy else EMBARGO if embargoed else None,
            not_before=self.now if loud else alert.not_before,
            despite_quiet_hours=loud,
            operators_named=named,
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
        own = self.told(channel, subject)
        number = own[-1].number + 1 if own else 1
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
            for (name, subject), own in self._own.items()
            if name in names and subject in gone
            for one in own
            if one.state in WAITING and one.kind != "retracted"
        ]

    def _ended_in(self, event: Event, last: timedelta) -> bool:
        """Whether it goes on, or ended of late."""
        return event.end is None or self.now - event.end[1] <= last

    def _is_unsettled(self, event: Event) -> bool:
        if not any(rests_on_one(event, source, self._signals) for source in self._unsettled):
            return False
        found = self._store.event_revisions(event.id)
        return bool(found) and self.now - found[0].known_at < UNSETTLED

    @staticmethod
    def _is_delivered(own: Sequence[Alert]) -> bool:
        return any(one.state == "delivered" for one in own)
