"""Charts on pages: which time they show, what stands beside them, and where else they are found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.model.time import format_time, parse_time
from zicht.observe.pictures import local_time
from zicht.publish.chart_data import COLUMNS, Window, make_panel
from zicht.publish.chart_spec import in_order
from zicht.publish.chart_table import MOST_ROWS, row_minutes
from zicht.publish.chart_words import Subject, description, source_sentences
from zicht.publish.inline.percent import percent_chart
from zicht.publish.inline.scene import Scene, top_of
from zicht.publish.inline.svg import own_key
from zicht.publish.wording import entity_name, signal_title
from zicht.web.addresses import api, chart_page
from zicht.web.marks import write_marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from zicht.detect.detection import Detection
    from zicht.model.belief import Assessment
    from zicht.model.outage import Event
    from zicht.model.signal import Signal
    from zicht.publish.chart_data import Panel
    from zicht.publish.chart_table import Row
    from zicht.publish.inline.percent import Mark
    from zicht.publish.language import Language
    from zicht.web.asked import Asked

DAYS = (1, 7, 28, 92, 366)
"""The lengths of time, in days, that a page offers."""

USUAL_DAYS = 28

SMALL_COLUMNS = 100
"""Small pictures are thinned to so many columns."""

_LONGEST = timedelta(days=400)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Figure:
    """A chart on a page, with all that belongs to it.

    Attributes:
        panel: what it shows.
        svg: the picture.
        head: what is measured.
        measures: in which unit and how often, or, under a name, what is measured.
        sentences: the picture in words.
        span: how much time a row of its table covers.
        sources: where the data come from, with their licences.
        page: the address of the chart alone.
        beside: where it is found in other formats.
    """

    panel: Panel
    svg: Markup
    head: str
    measures: str
    sentences: Sequence[str]
    span: str
    sources: Sequence[str]
    page: str
    beside: Mapping[str, str]

    @property
    def rows(self) -> Sequence[Row]:
        """Its table."""
        return self.panel.rows


def window_of(asked: Asked, *, usual: int = USUAL_DAYS) -> Window:
    """The stretch of time that an address asks for: ``from`` and ``until``, or so many ``days``.

    Without any it is the last weeks before the time that the view is of.

    Raises:
        UsageError: a time is none, the end is not after the begin, or the stretch is too long.
    """
    given = asked.parameters
    end = given.get("until")
    until = parse_time(end) if end else _full_hour(asked)
    begin = given.get("from")
    start = parse_time(begin) if begin else until - timedelta(days=_days(given, usual))
    window = Window(start.astimezone(UTC), until.astimezone(UTC))
    if window.end - window.start > _LONGEST:
        raise UsageError(
            f"A chart of {(window.end - window.start).days} days is too long.",
            f"Ask for at most {_LONGEST.days} days between from and until.",
        )
    return window


def known_entity(asked: Asked, text: str) -> str:
    """The entity that a text names, in the one way of writing it.

    Raises:
        NotFoundError: it names none, or a country that there is not.
    """
    nowhere = NotFoundError(asked.words.say("There is no such place or operator."))
    kind, _, code = text.partition("/")
    try:
        entity = parse_entity(f"{kind}/{code.upper()}" if kind == "country" else text)
    except UsageError:
        raise nowhere from None
    countries = asked.words.locale.territories
    if str(entity) not in asked.view.entities and entity.country not in {None, *countries}:
        raise nowhere
    return str(entity)


def unit_and_step(words: Language, panel: Panel) -> str:
    """In which unit a signal is measured, and how often."""
    return words.say(
        "{unit}, every {step}",
        unit=signal_title(words, panel.signal.unit),
        step=words.step(panel.signal.step),
    )


def _full_hour(asked: Asked) -> datetime:
    time = asked.view.time
    hour = time.replace(minute=0, second=0, microsecond=0)
    return hour if hour == time else hour + _HOUR


def _days(given: Mapping[str, str], usual: int) -> int:
    text = given.get("days", "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and 0 < int(text[:4]) <= DAYS[-1]):
        raise UsageError(f"{text[:20]!r} is no number of days.", f"Give 1 to {DAYS[-1]}.")
    return int(text[:4])


def around(event: Event, until: datetime) -> Window:
    """An event with what was before and after it; ``until`` is the end of what is known."""
    end = event.end[1] if event.end is not None else until
    length = max(end - event.onset[0], 6 * _HOUR)
    air = min(max(length / 4, 6 * _HOUR), timedelta(days=7))
    return Window(event.onset[0] - air, max(min(end + air, until), event.onset[0] + _HOUR))


def detection_of(asked: Asked, entity: str, window: Window) -> Detection:
    """What detection says of an entity in a stretch of time."""
    return asked.desk.detection(entity, asked.as_of, start=window.start, until=window.end)


def panels_of(
    asked: Asked,
    detection: Detection,
    window: Window,
    chosen: Sequence[Assessment],
    *,
    rows: int = MOST_ROWS,
) -> list[Panel]:
    """What charts show of some series, in the order in which they are shown."""
    return _panels(asked, detection, window, chosen, columns=COLUMNS, rows=rows, measured=True)


def small_panels(
    asked: Asked, detection: Detection, window: Window, chosen: Sequence[Assessment]
) -> list[Panel]:
    """What small pictures show of some series: percent of ordinary alone."""
    return _panels(asked, detection, window, chosen, columns=SMALL_COLUMNS, rows=1, measured=False)


def _panels(
    asked: Asked,
    detection: Detection,
    window: Window,
    chosen: Sequence[Assessment],
    *,
    columns: int,
    rows: int,
    measured: bool,
) -> list[Panel]:
    words, facts = asked.words, asked.view.facts
    panels = [
        make_panel(
            one,
            detection.outages,
            window,
            name=entity_name(words, one.series.entity, facts),
            kind=facts[one.series.entity].kind if one.series.entity in facts else "unknown",
            columns=columns,
            rows=rows,
            measured=measured,
        )
        for one in chosen
    ]
    return in_order(panels, operators=False)


def rank(asked: Asked, entity: str, signal: Signal) -> tuple[int, str]:
    """How well a signal tells of its plane: the status has the steadiest first."""
    status = (asked.view.statuses or {}).get(entity)
    names = [one.signal for one in status.planes.get(signal.plane, [])] if status else []
    return (names.index(signal.name) if signal.name in names else len(names), signal.name)


def scene_of(asked: Asked, entity: str, window: Window, panels: Sequence[Panel]) -> Scene:
    """The scale and the clocks of charts that are laid beside each other."""
    local = local_time(asked.words, entity, asked.view.facts)
    return Scene(asked.words, window, local, top_of(panels))


def figure_of(
    asked: Asked,
    scene: Scene,
    panel: Panel,
    *,
    marks: Sequence[Mark] = (),
    rows: int = MOST_ROWS,
    named: bool = False,
) -> Figure:
    """Draw a panel, with what stands beside it.

    Args:
        asked: the request.
        scene: the language, the time, the clock and the scale.
        panel: what is shown.
        marks: the reader's own notes.
        rows: what the panel's table was made with.
        named: whether the head is the name of the entity rather than that of the signal.
    """
    words, window = scene.words, scene.window
    key = own_key("c", panel.entity, panel.signal.name)
    title = signal_title(words, panel.signal.title)
    sentences = description(words, Subject(panel.entity, panel.name, scene.local), [panel], window)
    place = {"signal": panel.signal.name} | stretch_of(window)
    return Figure(
        panel=panel,
        svg=percent_chart(scene, panel, key=key, description=sentences, marks=marks),
        head=panel.name if named else title,
        measures=title if named else unit_and_step(words, panel),
        sentences=sentences,
        span=words.step(row_minutes(window, panel.signal.step, rows) * 60),
        sources=source_sentences(words, [panel]),
        page=asked.link(chart_page(panel.entity), **place, **marked(marks)),
        beside=beside(asked, panel.entity, place | marked(marks)),
    )


def stretch_of(window: Window) -> dict[str, str]:
    """A stretch of time as parameters of an address."""
    return {"from": format_time(window.start), "until": format_time(window.end)}


def marked(marks: Sequence[Mark]) -> dict[str, str]:
    """The reader's own notes as parameters of an address."""
    return {"mark": write_marks(marks)} if marks else {}


def beside(asked: Asked, entity: str, place: Mapping[str, str]) -> dict[str, str]:
    """Where a chart is found in other formats."""
    known = {"as_of": format_time(asked.as_of)} if asked.as_of is not None else {}
    fixed = {"entity": entity, **place, **known, "language": asked.words.code}
    return {
        name: api("charts", **fixed, format=name.lower()) for name in ("PNG", "SVG", "CSV", "JSON")
    }
