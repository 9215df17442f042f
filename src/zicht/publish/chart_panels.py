"""The panels of a chart: percent of ordinary, and below it the values as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.model.time import to_microseconds
from zicht.publish.chart_views import LEFT, RAW_HEIGHT, WIDTH, Text, View, box, text_marks
from zicht.publish.chart_words import outage_label
from zicht.publish.letters import width
from zicht.publish.palette import (
    GRID,
    INK,
    NO_DATA,
    ORDINARY,
    ORDINARY_LINE,
    OUTAGE,
    OUTAGE_INK,
    OUTAGE_PALE,
    OUTAGE_WASH,
    PLANES,
    QUIET,
    SICK,
    WATERMARK,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import Outage
    from zicht.publish.chart_data import Band, Line, Panel, Span, Window
    from zicht.publish.chart_time import Tick
    from zicht.publish.language import Language

_LEAST_TOP = 150.0  # percent; leaves a row for labels above the ordinary
_MOST_TOP = 240.0
_LABEL_SIZE = 12
_LABEL_Y = 17


def top_of_scale(panels: Sequence[Panel]) -> float:
    """The percentage at the upper end of every panel; a few spikes are cut off rather than shown."""
    values = [line.values for panel in panels for line in panel.percent]
    if not values:
        return _LEAST_TOP
    high = float(np.percentile(np.concatenate(values), 99)) * 1.3
    return float(np.clip(np.ceil(high / 10) * 10, _LEAST_TOP, _MOST_TOP))


class _Across:
    """Where a time lies in a view's width."""

    def __init__(self, window: Window) -> None:
        self.start = to_microseconds(window.start)
        self.end = to_microseconds(window.end)

    def __call__(self, time: int) -> float:
        share = (time - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * WIDTH, 2)


def percent_view(
    words: Language,
    panel: Panel,
    window: Window,
    days: Sequence[Tick],
    *,
    top: float,
    height: float,
    watermark: str | None,
) -> View:
    """Percent of ordinary over time, with the ordinary range, outages, gaps and sick stretches."""
    across = _Across(window)
    texts = [
        Text(words.percent(percent), -6, _down(percent, top, height) + 4, 11, QUIET, align="right")
        for percent in (0, 50, 100)
    ]
    texts += _outage_texts(words, panel.outages, across)
    texts += _span_texts(panel.gaps, across, height, [words.say("no data")])
    texts += _span_texts(
        panel.sick, across, height, [words.say("source sick: unknown"), words.say("sick")]
    )
    mark = []
    if watermark:
        mark = [Text(watermark, WIDTH / 2, height - 14, 30, WATERMARK, bold=True, align="center")]
    layers = [
        *_outage_boxes(panel.outages, across, height),
        *_band(panel.ordinary, across, top, height, stepped=panel.stepped),
        *_grid(days, across, height),
        *[
            box(0, y - 0.5, WIDTH, y + 0.5, color)
            for y, color in (
                (_down(50, top, height), GRID),
                (_down(100, top, height), ORDINARY_LINE),
                (height, INK),
            )
        ],
        *_unknown(panel, across, height),
        *text_marks(mark),
        *_lines(
            panel.percent, across, top, height, PLANES[panel.signal.plane], stepped=panel.stepped
        ),
        *text_marks(texts),
    ]
    return {"width": WIDTH, "height": height, "layer": layers}


def raw_view(words: Language, panel: Panel, window: Window, days: Sequence[Tick]) -> View:
    """The values as measured, sick ones too, in the signal's unit; dashed what was expected."""
    across = _Across(window)
    lines = (*panel.raw, *panel.expected)
    top = max((float(np.max(line.values)) for line in lines), default=0.0) or 1.0
    bottom = min(0.0, *(float(np.min(line.values)) for line in lines), 0.0) if lines else 0.0
    offset = 16.0
    height = RAW_HEIGHT
    texts = [
        Text(words.say("as measured; dashed: expected"), 4, offset - 4, 11, QUIET, halo=True),
        Text(words.compact(top), -6, offset + 5, 11, QUIET, align="right"),
        Text(words.compact(bottom), -6, offset + height + 2, 11, QUIET, align="right"),
    ]
    shift = {"offset": offset, "bottom": bottom}
    layers = [
        *_unknown(panel, across, height, offset),
        *_grid(days, across, height, offset),
        box(0, offset + height - 0.5, WIDTH, offset + height + 0.5, ORDINARY_LINE),
        *_lines(
            panel.expected,
            across,
            top,
            height,
            ORDINARY_LINE,
            stepped=panel.stepped,
            dash=True,
            **shift,
        ),
        *_lines(panel.raw, across, top, height, QUIET, stepped=panel.stepped, thin=True, **shift),
        *text_marks(texts),
    ]
    return {"width": WIDTH, "height": offset + height + 4, "layer": layers}


def _down(value: float, top: float, height: float, bottom: float = 0.0) -> float:
    share = (value - bottom) / (top - bottom)
    return round((1 - min(max(share, 0.0), 1.0)) * height, 2)


def _unknown(panel: Panel, across: _Across, height: float, offset: float = 0.0) -> list[View]:
    """Patterns where nothing is known: they cover the ordinary range, which was not seen either."""
    return [
        box(across(span.start), offset, across(span.end), offset + height, color)
        for spans, color in ((panel.gaps, NO_DATA), (panel.sick, SICK))
        for span in spans
    ]


def _grid(days: Sequence[Tick], across: _Across, height: float, offset: float = 0.0) -> list[View]:
    return [
        box(across(tick.time) - 0.5, offset, across(tick.time) + 0.5, offset + height, GRID)
        for tick in days
        if tick.midnight
    ]


def _lines(
    lines: Sequence[Line],
    across: _Across,
    top: float,
    height: float,
    color: str,
    *,
    stepped: bool,
    dash: bool = False,
    thin: bool = False,
    offset: float = 0.0,
    bottom: float = 0.0,
) -> list[View]:
    rows = [
        {
            "x": across(int(time)),
            "y": offset + _down(float(value), top, height, bottom),
            "line": number,
        }
        for number, line in enumerate(lines)
        for time, value in zip(line.times, line.values, strict=True)
    ]
    mark: dict[str, Any] = {
        "type": "line",
        "color": color,
        "strokeWidth": 1 if dash or thin else 1.6,
        "strokeJoin": "round",
        "interpolate": "step-after" if stepped else "linear",
    }
    if dash:
        mark["strokeDash"] = [3, 3]
    return [{"data": {"values": rows}, "mark": mark, "encoding": _places("x", "y")}] if rows else []


def _band(
    bands: Sequence[Band], across: _Across, top: float, height: float, *, stepped: bool
) -> list[View]:
    rows = [
        {
            "x": across(int(time)),
            "y": _down(float(high), top, height),
            "y2": _down(float(low), top, height),
            "line": number,
        }
        for number, band in enumerate(bands)
        for time, low, high in zip(band.times, band.low, band.high, strict=True)
    ]
    mark = {
        "type": "area",
        "color": ORDINARY,
        "interpolate": "step-after" if stepped else "linear",
    }
    encoding = _places("x", "y") | {"y2": {"field": "y2"}}
    return [{"data": {"values": rows}, "mark": mark, "encoding": encoding}] if rows else []


def _places(x: str, y: str) -> View:
    plain = {"type": "quantitative", "scale": None, "axis": None}
    return {"x": {"field": x, **plain}, "y": {"field": y, **plain}, "detail": {"field": "line"}}


def _ends(outage: Outage, across: _Across) -> tuple[float, float, float, float]:
    """Where an outage surely and possibly begins and ends: possibly, surely, surely, possibly."""
    begin = [across(to_microseconds(time)) for time in outage.onset]
    end = (
        [WIDTH, WIDTH]
        if outage.end is None
        else [across(to_microseconds(time)) for time in outage.end]
    )
    return begin[0], min(begin[1], end[0]), max(begin[1], end[0]), end[1]


def _outage_boxes(outages: Sequence[Outage], across: _Across, height: float) -> list[View]:
    boxes = []
    for outage in outages:
        first, surely, until, last = _ends(outage, across)
        boxes += [
            box(first, 0, max(last, first + 1), height, OUTAGE_PALE),
            box(surely, 0, max(until, surely + 1), height, OUTAGE_WASH),
            box(first, 0, max(last, first + 1), 3, OUTAGE),
        ]
    return boxes


def _outage_texts(words: Language, outages: Sequence[Outage], across: _Across) -> list[Text]:
    """Labels over the outages; where two would overlap, the deeper one's stays."""
    texts: list[Text] = []
    taken: list[tuple[float, float]] = []
    for outage in sorted(outages, key=lambda outage: outage.depth_percent):
        label = outage_label(words, outage)
        half = width(label, _LABEL_SIZE, bold=True) / 2 + 3
        first, _, _, last = _ends(outage, across)
        middle = min(max((first + last) / 2, half), WIDTH - half)
        if any(middle - half < right and middle + half > left for left, right in taken):
            continue
        taken.append((middle - half, middle + half))
        texts.append(
            Text(label, middle, _LABEL_Y, _LABEL_SIZE, OUTAGE_INK, bold=True, align="center")
        )
    return texts


def _span_texts(
    spans: Sequence[Span], across: _Across, height: float, labels: Sequence[str]
) -> list[Text]:
    """The longest label that a span has room for."""
    texts = []
    for span in spans:
        left, right = across(span.start), across(span.end)
        label = next((label for label in labels if width(label, 11) + 6 <= right - left), None)
        if label:
            texts.append(
                Text(label, (left + right) / 2, height * 0.62, 11, QUIET, align="center", halo=True)
            )
    return texts
