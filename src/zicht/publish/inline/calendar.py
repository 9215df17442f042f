"""A year of events, day by day: columns are weeks, and a day is filled by how much was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from babel.dates import format_date

from zicht.publish.inline.svg import across, box, escaped, figure, label, picture, stretched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from markupsafe import Markup

    from zicht.publish.language import Language

_ROW = 12.0
_TOP = 18.0
_WEEKS = 54
_GAP = 2.0
_LEFT = 0.045  # share of the width that the names of weekdays take


@dataclass(frozen=True)
class Day:
    """What is said of a day with an event.

    Attributes:
        lost: the share of ordinary connectivity that was lost at worst, 0 to 1.
        label: what is read aloud and shown where a pointer rests: the day and what happened.
        href: where to read more, or empty.
        stop: whether the keyboard stops there; of an event of many days it need but once.
    """

    lost: float
    label: str
    href: str = ""
    stop: bool = True


def calendar_year(
    words: Language,
    year: int,
    days: Mapping[date, Day],
    *,
    watched: Collection[date],
    until: date | None = None,
    key: str,
    title: str,
    description: Sequence[str] = (),
) -> Markup:
    """A year as a calendar.

    Args:
        words: the language.
        year: which.
        days: the days with events.
        watched: the days of which there are data; other days are left blank, since nobody looked.
        until: the last day that is over or under way; later ones are not drawn. ``None`` is all.
        key: makes the ids in the picture its own.
        title: what it is.
        description: the picture in sentences.
    """
    first_weekday = words.locale.first_week_day
    start = date(year, 1, 1)
    lead = (start.weekday() - first_weekday) % 7
    length = (date(year + 1, 1, 1) - start).days
    ordinary: list[str] = []
    blank: list[str] = []
    marked: list[str] = []
    for number in range(length):
        day = start + timedelta(days=number)
        column, row = divmod(number + lead, 7)
        if day in days:
            marked.append(_day(days[day], column, row))
        elif until is None or day <= until:
            (ordinary if day in watched else blank).append(_cell(column, row))
    height = _TOP + 7 * _ROW
    grid = stretched(
        0,
        height,
        (
            f'<path class="blank" d="{"".join(blank)}"/>',
            f'<path class="quietly" d="{"".join(ordinary)}"/>',
        ),
    )
    body = [
        *_month_names(words, year, lead),
        *_weekday_names(words, first_weekday),
        grid,
        *marked,
    ]
    return picture(
        words,
        key,
        body,
        title=title,
        description=description,
        height=height,
        patterns=False,
        kind="calendar",
        role="group" if any(one.href for one in days.values()) else "img",
    )


def _column(column: int) -> tuple[float, float]:
    wide = (1 - _LEFT) / _WEEKS
    return _LEFT + column * wide, _LEFT + (column + 0.82) * wide


def _cell(column: int, row: int) -> str:
    left, right = (round(share * 1000, 1) for share in _column(column))
    return (
        f"M{figure(left)} {figure(_TOP + row * _ROW)}h{figure(right - left)}"
        f"v{figure(_ROW - _GAP)}H{figure(left)}z"
    )


def _day(day: Day, column: int, row: int) -> str:
    left, right = _column(column)
    y = _TOP + row * _ROW
    full = _ROW - _GAP
    lost = min(max(day.lost, 0.12), 1.0) * full
    cell = (
        f'<rect class="back" x="{across(left)}" y="{figure(y)}"'
        f' width="{across(right - left)}" height="{figure(full)}"/>'
        + box(left, right, y + full - lost, lost, "outage")
    )
    reached = "" if day.stop else ' tabindex="-1"'
    if not day.href:
        return f"<g><title>{escaped(day.label)}</title>{cell}</g>"
    return (
        f'<a href="{escaped(day.href)}" aria-label="{escaped(day.label)}"{reached}>'
        f"<title>{escaped(day.label)}</title>{cell}</a>"
    )


def _month_names(words: Language, year: int, lead: int) -> list[str]:
    names = []
    for month in range(1, 13):
        first = date(year, month, 1)
        column = ((first - date(year, 1, 1)).days + lead + 6) // 7
        share, _ = _column(column)
        kind = "" if month % 2 else "wide"
        text = format_date(first, "MMM", locale=words.locale)
        names.append(label(words, share, 12, text, kind=kind))
    return names


def _weekday_names(words: Language, first_weekday: int) -> list[str]:
    monday = date(2024, 1, 1)
    return [
        label(
            words,
            0,
            _TOP + row * _ROW + 9,
            format_date(monday + timedelta(days=first_weekday + row), "EEEEE", locale=words.locale),
            kind="weekday",
        )
        for row in (0, 2, 4, 6)
    ]
