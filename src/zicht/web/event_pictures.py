"""The pictures of an event: each plane, the belief about it, and the hours of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import ALERT
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.publish.chart_table import row_minutes
from zicht.publish.inline.beliefs import belief_chart
from zicht.publish.wording import signal_title
from zicht.web.addresses import COMPARE, chart_page
from zicht.web.drawing import figure_of, rank, scene_of, stretch_of
from zicht.web.history import hours
from zicht.web.states import PLANES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from markupsafe import Markup

    from zicht.model.belief import Assessment
    from zicht.model.outage import Event
    from zicht.publish.chart_data import Panel, Window
    from zicht.publish.inline.scene import Scene
    from zicht.web.asked import Asked
    from zicht.web.drawing import Figure
    from zicht.web.history import Hours

EVENT_ROWS = 48
"""Rows of the tables behind an event's charts; the page of the chart has finer ones."""

_LEAST_HOURS = timedelta(hours=6)


@dataclass(frozen=True)
class Belief:
    """The belief by one signal over time.

    Attributes:
        title: what the signal measures.
        svg: the picture.
        rows: time (UTC), the highest belief known then, and with all data; 0 to 1, or ``None``.
        span: how much time a row covers.
    """

    title: str
    svg: Markup
    rows: Sequence[tuple[datetime, float | None, float | None]]
    span: str


@dataclass(frozen=True)
class EventPictures:
    """The pictures of an event.

    Attributes:
        figures: of each plane the signal that tells best.
        more: how many signals there are beside them.
        charts: where those are.
        belief: by the signal that was deepest, where it is known.
        hours: by the hours of the day, for an event of more than a few hours.
        compare: where the event is laid beside another one.
    """

    figures: Sequence[tuple[str, Figure]]
    more: int
    charts: str
    belief: Belief | None
    hours: Hours | None
    compare: str


def pictures_of(
    asked: Asked,
    event: Event,
    panels: Sequence[Panel],
    assessments: Sequence[Assessment],
    window: Window,
) -> EventPictures:
    """Draw an event; ``panels`` and ``assessments`` are those of its own entity."""
    scene = scene_of(asked, event.entity, window, panels)
    best: dict[str, Panel] = {}
    for panel in sorted(panels, key=lambda one: _order(asked, event, one)):
        best.setdefault(panel.signal.plane, panel)
    figures = [
        (plane, figure_of(asked, scene, best[plane], rows=EVENT_ROWS))
        for plane in PLANES
        if plane in best
    ]
    deepest = next(
        (one for one in assessments if one.series.signal.name == event.depth_signal), None
    )
    long = event.end is None or event.end[0] - event.onset[1] > _LEAST_HOURS
    return EventPictures(
        figures=figures,
        more=len(panels) - len(figures),
        charts=asked.link(chart_page(event.entity), **stretch_of(window)),
        belief=belief_of(scene, deepest) if deepest is not None else None,
        hours=hours(asked, event) if long and event.restorations else None,
        compare=asked.link(COMPARE, event=event.id),
    )


def _order(asked: Asked, event: Event, panel: Panel) -> tuple[bool, bool, bool, tuple[int, str]]:
    """The signal that was deepest, then those with outages, then the steadiest."""
    return (
        panel.signal.name != event.depth_signal,
        not panel.percent,
        not panel.outages,
        rank(asked, event.entity, panel.signal),
    )


def belief_of(scene: Scene, assessment: Assessment) -> Belief:
    """The belief by one signal, drawn and as a table."""
    signal = assessment.series.signal
    minutes = row_minutes(scene.window, signal.step, EVENT_ROWS)
    return Belief(
        title=signal_title(scene.words, signal.title),
        svg=belief_chart(scene, assessment, key="belief", alert=ALERT),
        rows=belief_rows(assessment, scene.window, minutes),
        span=scene.words.step(minutes * 60),
    )


def belief_rows(
    assessment: Assessment, window: Window, minutes: int
) -> list[tuple[datetime, float | None, float | None]]:
    """The highest belief of each stretch of so many minutes, as known then and with all data."""
    times = assessment.series.times
    start, end = to_microseconds(window.start), to_microseconds(window.end)
    inside = np.flatnonzero((times >= start) & (times < end))
    if len(inside) == 0:
        return []
    span = minutes * 60 * MICROSECONDS
    keys = times[inside] // span
    first = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    then = np.fmax.reduceat(assessment.belief_outage[inside], first)
    later = np.fmax.reduceat(assessment.belief_outage_later[inside], first)
    return [
        (from_microseconds(int(keys[at]) * span), _known(one), _known(other))
        for at, one, other in zip(first, then, later, strict=True)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
