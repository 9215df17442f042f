"""When a report was published that does not say so: told by what was measured, and said to be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from zicht.model.claim import Published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import Event

_LONGEST = timedelta(days=2)  # of what is known already; it needs no telling
_AFTER = timedelta(days=1)  # news of the last day is published on the next


def published_by_event(
    stated: Published | None, country: str | None, events: Sequence[Event]
) -> Published | None:
    """The time in which a report must have been published, if one event alone fits.

    Args:
        stated: what is known; as long as a day or two it stays.
        country: the country that the report is about.
        events: what was measured, of any country.
    """
    if stated is not None and stated.until - stated.start <= _LONGEST:
        return stated
    fitting = [
        one
        for one in events
        if one.entity == f"country/{country}"
        and not one.retracted
        and one.event_class != "platform-block"
        and one.level == "alert"
        and (stated is None or _meets(one, stated))
    ]
    if len(fitting) != 1:
        return stated
    event = fitting[0]
    last = event.end[1] if event.end else event.as_of
    start, until = event.onset[0], last + _AFTER
    if stated is not None:
        start, until = max(start, stated.start), min(until, stated.until)
    return Published(
        start=start,
        until=until,
        inferred_from=f"the one measured event that fits, {event.id}; --published says it better",
    )


def _meets(event: Event, stated: Published) -> bool:
    last = event.end[1] if event.end else event.as_of
    return event.onset[0] < stated.until and last > stated.start
