"""A chart as a Vega-Lite specification: small multiples over one time axis.

All times are drawn as plain numbers and all labels are written by us, so that neither the machine's
time zone nor its locale reaches the picture.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from zicht.publish.chart_panels import percent_view, raw_view, top_of_scale
from zicht.publish.chart_time import ticks
from zicht.publish.chart_views import (
    LEFT,
    PANEL_HEIGHT,
    SMALL_PANEL_HEIGHT,
    WIDTH,
    Text,
    box,
    text_view,
)
from zicht.publish.chart_words import (
    footer,
    lowest_label,
    panel_head,
    simulated_words,
    subtitle,
    title,
)
from zicht.publish.letters import FONT, shorten, width, wrap
from zicht.publish.palette import (
    GRID,
    INK,
    NO_DATA,
    ORDINARY,
    OUTAGE,
    OUTAGE_WASH,
    PAPER,
    QUIET,
    SICK,
    SIMULATED,
)
from zicht.publish.wording import KINDS, kind_word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from zicht.publish.chart_data import Panel, Window
    from zicht.publish.chart_words import Subject
    from zicht.publish.inline.percent import Mark
    from zicht.publish.language import Language

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_ROOM = LEFT + WIDTH
_LEAST_ROOM = 60  # points; a shorter text would be but an ellipsis
_RAW_UP_TO = 6  # panels; more than that leave no height for the raw values


def chart_spec(
    words: Language,
    subject: Subject,
    panels: Sequence[Panel],
    window: Window,
    *,
    as_of: datetime | None = None,
    marks: Sequence[Mark] = (),
) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, its data within it.

    Args:
        words: the language.
        subject: what the chart is of.
        panels: one for each signal, or for each operator and signal; in the order to be drawn.
        window: the stretch of time shown.
        as_of: the data known up to then were drawn; ``None`` is all.
        marks: notes of the reader's own, which stand in every panel.
    """
    small = subject.operators or len(panels) > _RAW_UP_TO
    top = top_of_scale(panels)
    simulated = any(panel.simulated for panel in panels)
    days = ticks(window, UTC, words, most=12)
    views = [_header(words, subject, panels, window, simulated=simulated)]
    alone = len({panel.signal.name for panel in panels}) == 1
    kind = None
    for panel in panels:
        if subject.operators and panel.kind != kind:
            kind = panel.kind
            views.append(_group(kind_word(words, kind)))
        views.append(_panel_head(words, panel, operators=subject.operators, alone=alone))
        views.append(
            percent_view(
                words,
                panel,
                window,
                days,
                top=top,
                height=SMALL_PANEL_HEIGHT if small else PANEL_HEIGHT,
                watermark=_watermark(words) if simulated else None,
                marks=marks,
            )
        )
        if not small:
            views.append(raw_view(words, panel, window, days))
    views.append(_axes(words, subject, window))
    views.append(_footer(words, subject, panels, window, as_of))
    return {
        "$schema": _SCHEMA,
        "background": PAPER,
        "padding": {"left": 8, "right": 8, "top": 8, "bottom": 6},
        "spacing": 0,
        "bounds": "flush",
        "vconcat": views,
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}, "text": {"font": FONT}},
    }


def in_order(panels: Sequence[Panel], *, operators: bool) -> list[Panel]:
    """Panels as they are drawn: operators by kind, then number; signals by plane, then name."""
    if operators:
        return sorted(
            panels,
            key=lambda panel: (KINDS.index(panel.kind), _number(panel.entity), panel.signal.name),
        )
    planes = ("control", "data", "user")
    return sorted(panels, key=lambda panel: (planes.index(panel.signal.plane), panel.signal.name))


def _number(entity: str) -> tuple[int, str]:
    digits = entity.split("/")[1] if "/" in entity else ""
    return (int(digits) if digits.isdigit() else 0, entity)


def _watermark(words: Language) -> str:
    return words.say("RECONSTRUCTION")


def _header(
    words: Language,
    subject: Subject,
    panels: Sequence[Panel],
    window: Window,
    *,
    simulated: bool,
) -> dict[str, Any]:
    texts: list[Text] = []
    marks: list[dict[str, Any]] = []
    y = 0.0
    if simulated:
        marks.append(box(-LEFT, 0, WIDTH, 24, SIMULATED))
        texts.append(Text(simulated_words(words), -LEFT + 8, 16.5, 13, PAPER, bold=True))
        y += 32
    for line in wrap(title(words, subject, panels), _ROOM, 21, bold=True, most=3):
        y += 25
        texts.append(Text(line, -LEFT, y, 21, INK, bold=True))
    y += 4
    for sentence in subtitle(words, subject, panels, window):
        for line in wrap(sentence, _ROOM, 13, most=4):
            y += 18
            texts.append(Text(line, -LEFT, y, 13, QUIET))
    y += 24
    x = float(-LEFT)
    for swatch, label in _keys(words, panels):
        marks.append(box(x, y - 10, x + 20, y + 1, swatch, edge=GRID))
        if swatch == OUTAGE_WASH:
            marks.append(box(x, y - 10, x + 20, y - 7, OUTAGE))
        texts.append(Text(label, x + 26, y, 12, QUIET))
        x += 26 + width(label, 12) + 20
    return text_view(y + 6, texts, marks)


def _keys(words: Language, panels: Sequence[Panel]) -> list[tuple[str, str]]:
    keys = []
    if any(panel.ordinary for panel in panels):
        keys.append((ORDINARY, words.say("ordinary ({share} of values)", share=words.percent(90))))
    if any(panel.outages for panel in panels):
        keys.append((OUTAGE_WASH, words.say("outage")))
    if any(panel.gaps for panel in panels):
        keys.append((NO_DATA, words.say("no data")))
    if any(panel.sick for panel in panels):
        keys.append((SICK, words.say("source sick: unknown")))
    return keys


def _group(name: str) -> dict[str, Any]:
    label = f"{name[0].upper()}{name[1:]}"
    return text_view(
        38, [Text(label, -LEFT, 34, 15, INK, bold=True)], [box(-LEFT, 14, WIDTH, 15, INK)]
    )


def _panel_head(words: Language, panel: Panel, *, operators: bool, alone: bool) -> dict[str, Any]:
    name, measures = panel_head(words, panel, operators=operators)
    if operators and alone:  # then the subtitle says what is measured
        measures = ""
    lowest = lowest_label(words, panel)
    room = _ROOM - (width(lowest, 12) + 16 if lowest else 0)
    name = shorten(name, room * 0.75, 13, bold=True)
    taken = width(name, 13, bold=True) + 8
    if width(measures, 12) > room - taken and "," in measures:
        measures = measures.rpartition(",")[0]
    measures = shorten(measures, max(room - taken, 0), 12) if room - taken > _LEAST_ROOM else ""
    texts = [
        Text(name, -LEFT, 20, 13, INK, bold=True),
        Text(measures, taken - LEFT, 20, 12, QUIET),
        Text(lowest, WIDTH, 20, 12, QUIET, align="right"),
    ]
    return text_view(27, [text for text in texts if text.text])


def _axes(words: Language, subject: Subject, window: Window) -> dict[str, Any]:
    rows: list[tuple[str, tzinfo]] = [("UTC", UTC)]
    if subject.local.place:
        rows.append((subject.local.place, subject.local.zone))
    texts: list[Text] = []
    marks: list[dict[str, Any]] = []
    start, length = window.start.timestamp(), (window.end - window.start).total_seconds()
    for row, (name, zone) in enumerate(rows):
        y = 8 + 20 * row
        color = QUIET if row else INK
        texts.append(
            Text(shorten(name, LEFT - 4, 12, bold=True), -LEFT, y + 10, 12, color, bold=True)
        )
        for tick in ticks(window, zone, words, most=12):
            x = (tick.time / 1e6 - start) / length * WIDTH
            marks.append(box(x - 0.5, y - 6 if row else y - 8, x + 0.5, y - 1, color))
            half = width(tick.label, 12, bold=tick.midnight) / 2
            texts.append(
                Text(
                    tick.label,
                    min(max(x, half), WIDTH - half),
                    y + 10,
                    12,
                    color,
                    align="center",
                )
            )
    marks.append(box(0, 0, WIDTH, 1, INK))
    return text_view(8 + 20 * len(rows), texts, marks)


def _footer(
    words: Language,
    subject: Subject,
    panels: Sequence[Panel],
    window: Window,
    as_of: datetime | None,
) -> dict[str, Any]:
    texts = []
    y = 8.0
    for paragraph in footer(words, subject, panels, window, as_of):
        for line in wrap(paragraph, _ROOM, 11, most=4):
            y += 15
            texts.append(Text(line, -LEFT, y, 11, QUIET))
    return text_view(y + 6, texts)
