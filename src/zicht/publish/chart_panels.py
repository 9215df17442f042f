"""The panels of a chart: percent of ordinary, and below it the values as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from zicht.model.time import to_microseconds
from zicht.publish.chart_views import RAW_HEIGHT, WIDTH, Text, View, box, text_marks
from zicht.publish.chart_words import outage_label
from zicht.publish.inline.percent import MOST_MARKS
from zicht.publish.letters import shorten, width
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
    from zicht.publish.inline.percent import Mark
    from zicht.publish.language import Language

_LEAST_TOP = 150.0  # percent; leaves a row for labels above the ordinary
_MOST_TOP = 240.0
_LABEL_SIZE = 12
_LABEL_Y = 17
_SIDE: dict[bool, Literal["left", "right"]] = {True: "left", False: "right"}


def top_of_scale(panels: Sequence[Panel]) -> float:
    """The percentage at the upper end of every panel; the few spikes above it are cut off."""
    values = [line.values for panel in panels for line in panel.percent]
    if not values:
        return _LEAST_TOP
    high = float(np.percentile(np.concatenate(values), 99)) * 1.3
    return float(np.clip(np.ceil(high / 10) * 10, _LEAST_TOP, _MOST_TOP))


class _Frame:
    """Where a time and a value lie in a view: points from its upper left corner."""

    def __init__(
        self, window: Window, height: float, top: float, *, bottom: float = 0.0, offset: float = 0.0
    ) -> None:
        self.start = to_microseconds(window.start)
        self.length = to_microseconds(window.end) - self.start
        self.height = height
        self.top = top
        self.bottom = bottom
        self.offset = offset

    def across(self, time: int) -> float:
        share = (time - self.start) / self.length
        return round(min(max(share, 0.0), 1.0) * WIDTH, 2)

    def down(self, value: float) -> float:
        share = (value - self.bottom) / (self.top - self.bottom)
        return round(self.offset + (1 - min(max(share, 0.0), 1.0)) * self.height, 2)

    def stretch(self, left: float, right: float, color: str) -> View:
        """A box from the top of the frame to its bottom."""
        return box(left, self.offset, right, self.offset + self.height, color)


def percent_view(
    words: Language,
    panel: Panel,
    window: Window,
    days: Sequence[Tick],
    *,
    top: float,
    height: float,
    watermark: str | None,
    marks: Sequence[Mark] = (),
) -> View:
    """Percent of ordinary over time, with the ordinary range, outages, gaps and sick stretches.

    ``marks`` are notes of the reader's own; the first of them within the window are drawn.
    """
    frame = _Frame(window, height, top)
    texts = [
        Text(words.percent(share), -6, frame.down(share) + 4, 11, QUIET, align="right")
        for share in (0, 50, 100)
    ]
    texts += _outage_texts(words, panel, frame)
    texts += _span_texts(panel.gaps, frame, [words.say("no data")])
    texts += _span_texts(panel.sick, frame, [words.say("source sick: unknown"), words.say("sick")])
    noted = [one for one in marks if window.start <= one.time < window.end][:MOST_MARKS]
    texts += _mark_texts(noted, frame)
    mark = []
    if watermark:
        mark = [Text(watermark, WIDTH / 2, height - 14, 30, WATERMARK, bold=True, align="center")]
    levels = ((50, GRID), (100, ORDINARY_LINE), (0, INK))
    layers = [
        *_outage_boxes(panel.outages, frame),
        *_band(panel.ordinary, frame, stepped=panel.stepped),
        *_grid(days, frame),
        *[
            box(0, frame.down(share) - 0.5, WIDTH, frame.down(share) + 0.5, color)
            for share, color in levels
        ],
        *_unknown(panel, frame),
        *_outage_bars(panel.outages, frame),
        *_mark_lines(noted, frame),
        *text_marks(mark),
        *_lines(
            panel.percent,
            frame,
            {"color": PLANES[panel.signal.plane], "strokeWidth": 1.6},
            stepped=panel.stepped,
        ),
        *text_marks(texts),
    ]
    return {"width": WIDTH, "height": height, "layer": layers}


def raw_view(words: Language, panel: Panel, window: Window, days: Sequence[Tick]) -> View:
    """The values as measured, sick ones too, in the signal's unit; dashed what was expected."""
    values = [line.values for line in (*panel.raw, *panel.expected)]
    top = max((float(np.max(one)) for one in values), default=0.0)
    bottom = min(0.0, min((float(np.min(one)) for one in values), default=0.0))
    frame = _Frame(
        window, RAW_HEIGHT, top if top > bottom else bottom + 1, bottom=bottom, offset=16.0
    )
    floor = frame.down(bottom)
    texts = [
        Text(words.say("as measured; dashed: expected"), 4, 12, 11, QUIET, halo=True),
        Text(words.compact(top), -6, frame.offset + 5, 11, QUIET, align="right"),
        Text(words.compact(bottom), -6, floor + 2, 11, QUIET, align="right"),
    ]
    dashed = {"color": ORDINARY_LINE, "strokeWidth": 1, "strokeDash": [3, 3]}
    layers = [
        *_unknown(panel, frame),
        *_grid(days, frame),
        box(0, floor - 0.5, WIDTH, floor + 0.5, ORDINARY_LINE),
        *_lines(panel.expected, frame, dashed, stepped=panel.stepped),
        *_lines(panel.raw, frame, {"color": QUIET, "strokeWidth": 1}, stepped=panel.stepped),
        *text_marks(texts),
    ]
    return {"width": WIDTH, "height": floor + 4, "layer": layers}


def _unknown(panel: Panel, frame: _Frame) -> list[View]:
    """Patterns where nothing is known: they cover the ordinary range, which was not seen either."""
    return [
        frame.stretch(frame.across(span.start), frame.across(span.end), color)
        for spans, color in ((panel.gaps, NO_DATA), (panel.sick, SICK))
        for span in spans
    ]


def _grid(days: Sequence[Tick], frame: _Frame) -> list[View]:
    places = [frame.across(tick.time) for tick in days if tick.midnight]
    return [frame.stretch(x - 0.5, x + 0.5, GRID) for x in places]


def _lines(lines: Sequence[Line], frame: _Frame, style: View, *, stepped: bool) -> list[View]:
    rows = [
        {"x": frame.across(int(time)), "y": frame.down(float(value)), "line": number}
        for number, line in enumerate(lines)
        for time, value in zip(line.times, line.values, strict=True)
    ]
    return [_drawn("line", rows, style | {"strokeJoin": "round"}, stepped=stepped)] if rows else []


def _band(bands: Sequence[Band], frame: _Frame, *, stepped: bool) -> list[View]:
    rows = [
        {
            "x": frame.across(int(time)),
            "y": frame.down(float(high)),
            "y2": frame.down(float(low)),
            "line": number,
        }
        for number, band in enumerate(bands)
        for time, low, high in zip(band.times, band.low, band.high, strict=True)
    ]
    return [_drawn("area", rows, {"color": ORDINARY}, stepped=stepped)] if rows else []


def _drawn(kind: str, rows: list[View], style: View, *, stepped: bool) -> View:
    place = {"type": "quantitative", "scale": None, "axis": None}
    encoding: View = {
        "x": {"field": "x", **place},
        "y": {"field": "y", **place},
        "detail": {"field": "line"},
    }
    if kind == "area":
        encoding["y2"] = {"field": "y2"}
    interpolate = "step-after" if stepped else "linear"
    return {
        "data": {"values": rows},
        "mark": {"type": kind, "interpolate": interpolate, **style},
        "encoding": encoding,
    }


def _ends(outage: Outage, frame: _Frame) -> tuple[float, float, float, float]:
    """Where an outage possibly and surely begins, and surely and possibly ends."""
    begin = [frame.across(to_microseconds(time)) for time in outage.onset]
    end: list[float] = [WIDTH, WIDTH]
    if outage.end is not None:
        end = [frame.across(to_microseconds(time)) for time in outage.end]
    return begin[0], min(begin[1], end[0]), max(begin[1], end[0]), end[1]


def _outage_boxes(outages: Sequence[Outage], frame: _Frame) -> list[View]:
    boxes = []
    for outage in outages:
        first, surely, until, last = _ends(outage, frame)
        last = max(last, first + 1)
        boxes += [
            frame.stretch(first, last, OUTAGE_PALE),
            frame.stretch(surely, max(until, surely + 1), OUTAGE_WASH),
        ]
    return boxes


def _outage_bars(outages: Sequence[Outage], frame: _Frame) -> list[View]:
    """Bars along the top: an outage goes on through a gap, although nothing was seen there."""
    ends = [_ends(outage, frame) for outage in outages]
    return [box(first, 0, max(last, first + 1), 3, OUTAGE) for first, _, _, last in ends]


def _mark_lines(marks: Sequence[Mark], frame: _Frame) -> list[View]:
    places = [frame.across(to_microseconds(one.time)) for one in marks]
    return [frame.stretch(x - 0.6, x + 0.6, INK) for x in places]


def _mark_texts(marks: Sequence[Mark], frame: _Frame) -> list[Text]:
    """Each note beside its line, on the side where there is more room."""
    texts = []
    for number, one in enumerate(marks):
        x = frame.across(to_microseconds(one.time))
        y = frame.height - 8 - 15 * (number % 3)
        left = x <= WIDTH / 2
        text = shorten(one.text, (WIDTH - x if left else x) - 8, _LABEL_SIZE, bold=True)
        place = x + 4 if left else x - 4
        texts.append(
            Text(text, place, y, _LABEL_SIZE, INK, bold=True, align=_SIDE[left], halo=True)
        )
    return texts


def _outage_texts(words: Language, panel: Panel, frame: _Frame) -> list[Text]:
    """Labels over the outages; where two would overlap, the deeper one's stays."""
    texts: list[Text] = []
    taken: list[tuple[float, float]] = []
    unseen = [
        (frame.across(span.start), frame.across(span.end)) for span in (*panel.gaps, *panel.sick)
    ]
    for outage in sorted(panel.outages, key=lambda outage: outage.depth_percent):
        label = outage_label(words, outage)
        half = width(label, _LABEL_SIZE, bold=True) / 2 + 3
        first, _, _, last = _ends(outage, frame)
        middle = min(max((first + last) / 2, half), WIDTH - half)
        place = (middle - half, middle + half)
        if _overlaps(place, taken):
            continue
        taken.append(place)
        texts.append(
            Text(
                label,
                middle,
                _LABEL_Y,
                _LABEL_SIZE,
                OUTAGE_INK,
                bold=True,
                align="center",
                halo=_overlaps(place, unseen),
            )
        )
    return texts


def _overlaps(place: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
    return any(place[0] < right and place[1] > left for left, right in others)


def _span_texts(spans: Sequence[Span], frame: _Frame, labels: Sequence[str]) -> list[Text]:
    """The longest label that a span has room for."""
    texts = []
    for span in spans:
        left, right = frame.across(span.start), frame.across(span.end)
        label = next((label for label in labels if width(label, 11) + 6 <= right - left), None)
        if label:
            texts.append(
                Text(
                    label,
                    (left + right) / 2,
                    frame.height * 0.62,
                    11,
                    QUIET,
                    align="center",
                    halo=True,
                )
            )
    return texts
