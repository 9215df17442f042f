"""What was: events by day in calendars, and the hours of the day of the last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from zicht.observe.pictures import local_time
from zicht.publish.inline.calendar import Day, calendar_year
from zicht.publish.inline.days import Stretch, day_rows
from zicht.publish.wording import entity_name, stretch
from zicht.web.addresses import event_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from zicht.model.outage import Event
    from zicht.web.asked import Asked

_MOST_YEARS = 6
_SHORTEST = timedelta(hours=1)
_LONGEST = timedelta(days=62)


@dataclass(frozen=True)
class Year:
    """A year of events: its number, its calendar, and the same in sentences."""

    number: int
    svg: Markup
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Hours:
    """An event by the hours of the day.

    Attributes:
        svg: the picture.
        place: whose clock it is, or ``None`` for UTC.
        rows: each stretch: its time in UTC, whether connectivity was back, and how long it was.
        recurrences: how often it went down again.
        href: the event's page.
    """

    svg: Markup
    place: str | None
    rows: Sequence[tuple[str, bool, str]]
    recurrences: int
    href: str


def watched_days(asked: Asked, entity: str) -> frozenset[date]:
    """The days, by UTC, of which there are data of an entity."""
    return frozenset(asked.desk.store.days(entity, as_of=asked.as_of))


def calendars(
    asked: Asked, entity: str, events: Sequence[Event], watched: frozenset[date]
) -> list[Year]:
    """A calendar for each of the last years with data or events, the latest first."""
    words = asked.words
    days: dict[date, Day] = {}
    lines: dict[int, list[tuple[str, str]]] = {}
    for event in sorted(events, key=lambda one: -_depth(one, entity)):
        first, last = event.onset[0].date(), _last_day(asked, event)
        href = asked.link(event_page(event.id))
        depth = _depth(event, entity)
        text = words.say(
            "{stretch}: fell to {percent}",
            stretch=stretch(words, event.onset[0], event.end[1])
            if event.end
            else words.say("since {moment}", moment=words.moment(event.onset[0])),
            percent=words.percent(depth),
        )
        for number in range((last - first).days + 1):
            days[first + timedelta(days=number)] = Day(
                1 - depth / 100, text, href, stop=number == 0
            )
        lines.setdefault(first.year, []).append((text, href))
    years = sorted({one.year for one in (*days, *watched)}, reverse=True)[:_MOST_YEARS]
    name = entity_name(words, entity, asked.view.facts)
    return [
        Year(
            year,
            calendar_year(
                words,
                year,
                days,
                watched=watched,
                until=asked.view.time.date(),
                key=f"y{year}",
                title=words.say("Events of {year}: {place}", year=str(year), place=name),
            ),
            sorted(lines.get(year, ()), reverse=True),
        )
        for year in years
    ]


def _depth(event: Event, entity: str) -> float:
    """How deep an event went for an entity, in percent of ordinary."""
    own = [one.depth_percent for one in event.operators if one.entity == entity]
    return max(own[0] if own and event.entity != entity else event.depth_percent, 0.0)


def _last_day(asked: Asked, event: Event) -> date:
    if event.end is not None:
        return event.end[0].date()
    return (min(event.as_of, asked.view.time) if event.ongoing else event.onset[1]).date()


def hours_of(asked: Asked, events: Sequence[Event]) -> Hours | None:
    """The hours of the day of the last event that is worth it: one of more than an hour."""
    for event in events:
        end = event.end[0] if event.end is not None else event.as_of
        if _SHORTEST <= end - event.onset[1] <= _LONGEST:
            return hours(asked, event)
    return None


def hours(asked: Asked, event: Event) -> Hours:
    """An event by the hours of the day, by the outages of the signal that was deepest."""
    words, view = asked.words, asked.view
    local = local_time(words, event.entity, view.facts)
    outages = [
        one
        for one in (view.outages.get(key) for key in event.outages)
        if one is not None
        and (one.entity, one.signal) == (event.entity, event.depth_signal)
        and not one.retracted
    ]
    until = event.end[0] if event.end is not None else event.as_of
    down = [
        (one.onset[1], one.end[0] if one.end is not None else until)
        for one in sorted(outages, key=lambda one: one.onset)
    ] or [(event.onset[1], until)]
    stretches = [_stretch(asked, *one, back=False) for one in down if one[0] < one[1]]
    stretches += [
        _stretch(asked, one.start, one.end, back=True)
        for one in event.restorations
        if one.signal == event.depth_signal
    ]
    stretches.sort(key=lambda one: one.start)
    name = entity_name(words, event.entity, view.facts)
    return Hours(
        svg=day_rows(
            words,
            stretches or [_stretch(asked, event.onset[0], until + _SHORTEST, back=False)],
            local,
            key="hours",
            title=words.say("{place}: the event by the hours of the day", place=name),
        ),
        place=local.place,
        rows=[
            (stretch(words, one.start, one.end), one.back, words.duration(one.end - one.start))
            for one in stretches
        ],
        recurrences=event.recurrences,
        href=asked.link(event_page(event.id)),
    )


def _stretch(asked: Asked, start: datetime, end: datetime, *, back: bool) -> Stretch:
    words = asked.words
    when = stretch(words, start.astimezone(UTC), end.astimezone(UTC))
    label = (
        words.say("{when} UTC: back", when=when)
        if back
        else words.say("{when} UTC: down", when=when)
    )
    return Stretch(start, end, back, label)
