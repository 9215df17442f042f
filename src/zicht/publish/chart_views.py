"""The pieces of a chart's specification: views, and texts and boxes at exact places in them.

All places are in points from the upper left corner of the plotted area; what is left of it has a
negative ``x``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zicht.publish.palette import PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 622
"""The plotted area's width; with the margins a picture is 700 points wide."""

LEFT = 62
"""Room left of the plotted area, for the labels of the axes."""

PANEL_HEIGHT = 112
SMALL_PANEL_HEIGHT = 74
RAW_HEIGHT = 34

View = dict[str, Any]


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its base line, ``align`` is of ``x``."""

    text: str
    x: float
    y: float
    size: float
    color: str
    bold: bool = False
    align: Literal["left", "center", "right"] = "left"
    halo: bool = False


def text_view(height: float, texts: Sequence[Text], under: Sequence[View] = ()) -> View:
    """A view without data: marks, and texts over them."""
    layers = [*under, *text_marks(texts)]
    return {"width": WIDTH, "height": height, "layer": layers or [box(0, 0, 0, 0, PAPER)]}


def text_marks(texts: Sequence[Text]) -> list[View]:
    """Marks of the texts; one with a halo is drawn twice, so that lines do not run through it."""
    marks = []
    for text in texts:
        if text.halo:
            marks.append(
                _text_mark(text, {"stroke": PAPER, "strokeWidth": 3, "strokeJoin": "round"})
            )
        marks.append(_text_mark(text, {}))
    return marks


def _text_mark(text: Text, more: View) -> View:
    mark = {
        "type": "text",
        "align": text.align,
        "baseline": "alphabetic",
        "fontSize": text.size,
        "fontWeight": "bold" if text.bold else "normal",
        "color": text.color,
        **more,
    }
    return {
        "data": {"values": [{}]},
        "mark": mark,
        "encoding": {
            "x": {"value": text.x},
            "y": {"value": text.y},
            "text": {"value": text.text},
        },
    }


def box(
    left: float, top: float, right: float, bottom: float, color: str, *, edge: str = ""
) -> View:
    """A filled rectangle."""
    mark: View = {"type": "rect", "color": color}
    if edge:
        mark |= {"stroke": edge, "strokeWidth": 0.5}
    return {
        "data": {"values": [{}]},
        "mark": mark,
        "encoding": {
            "x": {"value": left},
            "x2": {"value": right},
            "y": {"value": top},
            "y2": {"value": bottom},
        },
    }
