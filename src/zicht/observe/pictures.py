"""Charts of what the store holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import get_timezone_location

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.time import MICROSECONDS, from_microseconds
from zicht.observe.facts import known_facts
from zicht.place.zones import capital_zone
from zicht.publish.chart import Chart, draw_chart
from zicht.publish.chart_data import LocalTime, Window, make_panel
from zicht.publish.chart_spec import in_order
from zicht.publish.chart_words import Subject
from zicht.publish.files import STANDARD_OUTPUT, write_whole
from zicht.publish.language import language
from zicht.publish.page import chart_page
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.model.belief import Assessment
    from zicht.model.entity import EntityFact
    from zicht.model.signal import Signal
    from zicht.publish.chart_data import Panel
    from zicht.publish.inline.percent import Mark
    from zicht.publish.language import Language
    from zicht.store import Store

_DAY = 86_400  # seconds

LONGEST = timedelta(days=92)
"""The longest stretch that is drawn unless a longer one is asked for."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A chart that was written to a file.

    Attributes:
        file: its name.
        title: what happened, as one statement.
        start: begin of the chart, written ``from`` in JSON.
        until: its end.
        simulated: whether any of it is of the lab and no measurement.
    """

    file: str
    title: str
    start: datetime = msgspec.field(name="from")
    until: datetime
    simulated: bool


def draw_to_file(drawn: Chart, path: Path, *, code: str = "en", force: bool = False) -> Drawn:
    """Write a chart to a file, as its name's ending says: ``.svg``, ``.png`` or ``.html``.

    Raises:
        UsageError: the ending is another one, or the file is there already and not ``force``.
        InputError: the file cannot be written.
    """
    ending = ".svg" if path == STANDARD_OUTPUT else path.suffix.lower()
    if ending == ".svg":
        data = drawn.svg.encode()
    elif ending == ".png":
        data = drawn.png()
    elif ending == ".html":
        data = chart_page(language(code), drawn).encode()
    else:
        raise UsageError(
            f"A chart cannot be written as {path.name!r}.", "Name the file .svg, .png or .html."
        )
    write_whole(path, data, force=force)
    return Drawn(
        file=str(path),
        title=drawn.title,
        start=drawn.window.start,
        until=drawn.window.end,
        simulated=drawn.simulated,
    )


def chart(
    store: Store,
    entity: str,
    *,
    signals: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    code: str = "en",
    operators: bool = False,
) -> Chart:
    """Draw how much of the ordinary can be reached of an entity, by each of its signals.

    Args:
        store: the store.
        entity: its text; a bare country code will do.
        signals: draw only these; by default all, or with ``operators`` that of ``common_signal``.
        start: begin of the chart; by default of the data, at most 92 days before its end.
        until: end of the chart; by default of the data.
        as_of: draw only what was known then.
        code: the language, ``en`` or ``nl``.
        operators: draw the operators of a country instead, mobile and fixed apart.

    Raises:
        NotFoundError: the store holds nothing of that entity, or none of those signals of it.
        UsageError: the request makes no sense.
    """
    words = language(code)
    entity = str(parse_entity(entity))
    from zicht.observe.detection import detect_in_store  # noqa: PLC0415 - loads Numba

    detection = detect_in_store(store, entities=[entity], as_of=as_of)
    facts = known_facts(store)
    return chart_of(
        detection,
        facts,
        entity,
        words=words,
        signals=signals,
        start=start,
        until=until,
        as_of=as_of,
        operators=operators,
    )


@dataclass(frozen=True)
class Shown:
    """What a chart is to show.

    Attributes:
        subject: what it is of.
        panels: in the order in which they are drawn.
        window: the stretch of time.
    """

    subject: Subject
    panels: tuple[Panel, ...]
    window: Window


def chart_of(  # noqa: PLR0913 - each is a choice of the user's
    detection: Detection,
    facts: Mapping[str, EntityFact],
    entity: str,
    *,
    words: Language,
    signals: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    operators: bool = False,
) -> Chart:
    """Draw what detection found of an entity; the arguments are those of ``chart``."""
    shown = shown_of(
        detection,
        facts,
        entity,
        words=words,
        signals=signals,
        start=start,
        until=until,
        operators=operators,
    )
    return draw(words, shown, as_of=as_of)


def draw(
    words: Language,
    shown: Shown,
    *,
    as_of: datetime | None = None,
    marks: Sequence[Mark] = (),
) -> Chart:
    """Draw what a chart is to show, with the reader's own notes; ``as_of`` is told on it."""
    return draw_chart(words, shown.subject, shown.panels, shown.window, as_of=as_of, marks=marks)


def shown_of(
    detection: Detection,
    facts: Mapping[str, EntityFact],
    entity: str,
    *,
    words: Language,
    signals: Collection[str] = (),
    start: datetime | None = None,
    until: datetime | None = None,
    operators: bool = False,
) -> Shown:
    """What a chart of what detection found is to show; the arguments are those of ``chart``."""
    shown = _chosen(detection.assessments, entity, signals, operators=operators)
    window = _window(shown, start, until)
    events = [
        one
        for one in detection.events
        if one.entity == entity and not one.retracted and one.onset[0] < window.end
        if one.end is None or one.end[1] > window.start
    ]
    deepest = min(events, key=lambda event: event.depth_percent, default=None)
    subject = Subject(
        entity,
        entity_name(words, entity, facts),
        local_time(words, entity, facts),
        operators,
        deepest.depth_signal if deepest else None,
    )
    panels = [
        make_panel(
            one,
            detection.outages,
            window,
            name=entity_name(words, one.series.entity, facts),
            kind=_kind(facts, one.series.entity),
        )
        for one in shown
    ]
    return Shown(subject, tuple(in_order(panels, operators=operators)), window)


def local_time(words: Language, entity: str, facts: Mapping[str, EntityFact]) -> LocalTime:
    """The clock of an entity's country: that of the capital, named after the zone's city."""
    fact = facts.get(entity)
    country = parse_entity(entity).country or (fact.country if fact else None)
    if country is None:
        return LocalTime()
    try:
        zone = capital_zone(country)
    except UsageError:
        return LocalTime()
    city: str = get_timezone_location(zone, words.locale, return_city=True)
    return LocalTime(zone, city) if zone != ZoneInfo("UTC") else LocalTime()


def _chosen(
    assessments: Sequence[Assessment],
    entity: str,
    signals: Collection[str],
    *,
    operators: bool,
) -> list[Assessment]:
    own = [one for one in assessments if (one.series.entity == entity) != operators]
    if operators:
        own = [one for one in own if parse_entity(one.series.entity).asn is not None]
    if not own:
        what = f"operator of {entity}" if operators else f"series of {entity}"
        raise NotFoundError(f"The store holds no {what}.", "`zicht status` shows what it holds.")
    names = {one.series.signal.name for one in own}
    if missing := set(signals) - names:
        raise NotFoundError(
            f"There is no signal {', '.join(sorted(missing))} of {entity}.",
            f"Choose from {', '.join(sorted(names))}.",
        )
    if operators and not signals:
        signals = [common_signal(own)]
    return [one for one in own if not signals or one.series.signal.name in signals]


def common_signal(series: Sequence[Assessment]) -> str:
    """The signal by which operators or regions are laid side by side; empty where there is none.

    It tells by the hour rather than by the day, since a curfew of a night is lost in a day's mean,
    and of packets rather than of use or of routes; of several, most of them have it.
    """
    signals = {one.series.signal.name: one.series.signal for one in series}
    counts = Counter(one.series.signal.name for one in series)
    return min(
        signals, key=lambda name: (*coarseness(signals[name]), -counts[name], name), default=""
    )


def coarseness(signal: Signal) -> tuple[bool, bool, int]:
    """What a signal is passed over for: it tells of no outages, by the day, not of packets."""
    order = ("data", "user", "control")  # what tells best what can be reached
    return (not signal.tells_outages, signal.step >= _DAY, order.index(signal.plane))


def _window(shown: Sequence[Assessment], start: datetime | None, until: datetime | None) -> Window:
    series = [one.series for one in shown]
    first = from_microseconds(min(one.start for one in series))
    last = from_microseconds(
        max(one.start + len(one.values) * one.signal.step * MICROSECONDS for one in series)
    )
    until = until or last
    return Window((start or max(first, until - LONGEST)).astimezone(UTC), until.astimezone(UTC))


def _kind(facts: Mapping[str, EntityFact], entity: str) -> str:
    fact = facts.get(entity)
    return fact.kind if fact else "unknown"
