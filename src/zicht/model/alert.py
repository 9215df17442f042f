"""Alerts: what is told of an event, to whom, and whether it got there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from zicht.model.outage import Event

AlertKind = Literal["new", "update", "end", "retracted", "health", "health-end", "test"]
AlertState = Literal["held", "pending", "delivered", "dropped"]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message about one subject to one channel.

    Attributes:
        id: the channel, the subject and the number; receivers tell repeated deliveries by it.
        channel: the channel's name.
        subject: the event's id, ``health/SOURCE/BEGIN``, or ``test``.
        number: 1 for the first message about the subject to the channel.
        kind: what it tells: an event that is new, changed, ended or was none; ``health`` that a
            source cannot see, ``health-end`` that it sees again.
        entity: what it is about, or ``None`` for a source's health.
        title: one line, in the channel's language.
        text: a few lines of plain text.
        event: the event as it was then.
        simulated: it is of the lab's data and no measurement.
        made_at: when it was made.
        state: ``held`` until a person confirms it, ``pending`` until it is delivered,
            ``delivered``, or ``dropped``: overtaken by a later one, or refused by a person.
        not_before: it is not sent earlier: quiet hours, or a wait after a fault.
        tries: how often sending failed.
        fault: why it failed the last time, without any secret.
        settled_at: when it was delivered or dropped.
        confirmed_by: who confirmed that it may go out, as they called themselves.
        because: why it is held or was dropped, for people.
        despite_quiet_hours: it is sent in quiet hours too.
        operators_named: operators may be named in what is sent of it.
        since: of a source's health, since when it could not see.
        until: of a source's health, when it saw again, where that is known.
        taken_by: who is sending it now, a process of a machine.
        taken_until: when, by the machine's own clock, another may take it in its stead.
    """

    id: str
    channel: str
    subject: str
    number: int
    kind: AlertKind
    entity: str | None
    title: str
    text: str
    event: Event | None
    simulated: bool
    made_at: datetime
    state: AlertState
    not_before: datetime
    tries: int = 0
    fault: str | None = None
    settled_at: datetime | None = None
    confirmed_by: str | None = None
    because: str | None = None
    despite_quiet_hours: bool = False
    operators_named: bool = True
    since: datetime | None = None
    until: datetime | None = None
    taken_by: str | None = None
    taken_until: datetime | None = None
