"""Alerts: making them of what detection found, and keeping what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, UsageError
from zicht.observe.alert_desk import WAITING, AlertDesk
from zicht.observe.alert_sending import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from zicht.model.alert import Alert
    from zicht.publish.alerts.settings import Channel
    from zicht.store import Store

_OVERTAKEN = "a later message tells more"
_TAKEN_BACK = "the event was retracted before it went out"


def note_alerts(
    store: Store,
    channels: Sequence[Channel],
    *,
    now: datetime | None = None,
    unsettled: Collection[str] = (),
) -> list[Alert]:
    """Make the alerts that are due, and keep them; nothing is sent yet.

    What is undelivered of a subject is dropped for the newer message, so that whoever was out of
    reach learns the present state once. Called again without news it makes nothing, and where
    several processes call it at once one of them makes each.

    Args:
        store: with the alerts that were made before.
        channels: who is told of what.
        now: the time; by default the clock's.
        unsettled: sources that have not told of everybody yet; events that rest on one of them
            alone wait until they have, since they may be its own fault.

    Returns:
        the alerts that are new.

    Raises:
        StoreError: the store cannot be read or written.
    """
    now = now or datetime.now(UTC)
    desk = AlertDesk(store, now, unsettled=unsettled, machine_time=utc_now())
    due = [
        (one, desk.told(channel, one.subject))
        for channel in channels
        for one in (*desk.health_alerts(channel), *desk.event_alerts(channel))
    ]
    gone = desk.taken_back(channels)
    if not due and not gone:
        return []

    def change(alerts: Mapping[str, Alert]) -> Sequence[Alert]:
        changed = []
        for one, seen in due:
            if one.id in alerts or any(alerts.get(old.id) != old for old in seen):
                continue  # another process was quicker, or is sending it: the next look tells
            changed += [_dropped(old, now, _OVERTAKEN) for old in seen if old.state in WAITING]
            changed.append(one)
        dropped = {one.id for one in changed}
        changed += [
            _dropped(old, now, _TAKEN_BACK)
            for old in gone
            if old.id not in dropped and alerts.get(old.id) == old
        ]
        return changed

    new = {one.id for one, _ in due}
    return [one for one in store.change_alerts(change, known_at=now) if one.id in new]


def confirm(
    store: Store, alert_id: str, *, by: str | None = None, now: datetime | None = None
) -> Alert:
    """Let a held alert go out, in quiet hours too.

    Raises:
        NotFoundError: there is no such alert.
        UsageError: it is not held.
    """
    now = now or datetime.now(UTC)

    def free(alert: Alert) -> Alert:
        return msgspec.structs.replace(
            alert,
            state="pending",
            because=None,
            confirmed_by=by,
            not_before=now,
            despite_quiet_hours=True,
        )

    return _change_held(store, alert_id, free, now)


def refuse(store: Store, alert_id: str, *, now: datetime | None = None) -> Alert:
    """Drop a held alert; later news of its event makes another.

    Raises:
        NotFoundError: there is no such alert.
        UsageError: it is not held.
    """
    now = now or datetime.now(UTC)
    return _change_held(
        store, alert_id, lambda alert: _dropped(alert, now, "a person refused it"), now
    )


def _dropped(alert: Alert, now: datetime, because: str) -> Alert:
    return msgspec.structs.replace(alert, state="dropped", settled_at=now, because=because)


def _change_held(
    store: Store, alert_id: str, change: Callable[[Alert], Alert], now: datetime
) -> Alert:
    def change_one(alerts: Mapping[str, Alert]) -> Sequence[Alert]:
        if alert_id not in alerts:
            raise NotFoundError(
                f"There is no alert {alert_id!r}.", "`zicht alert list` lists them."
            )
        alert = alerts[alert_id]
        if alert.state != "held":
            raise UsageError(f"The alert {alert_id!r} is {alert.state}, and not held.")
        return (change(alert),)

    return store.change_alerts(change_one, known_at=now)[0]
