"""Lines and ranges as the ``d`` of a path: whole units across, tenths of a point down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import to_microseconds
from zicht.publish.inline.svg import STRETCH, figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.publish.chart_data import Band, Line, Span, Window

    Floats = NDArray[np.float64]
    Times = NDArray[np.int64]


class Frame:
    """Where times and values lie: times over the width, values over ``height`` points.

    Attributes:
        start: the left edge, microseconds since 1970 UTC.
        length: of the time shown, in microseconds.
        height: of the plotted area in points.
        top: the value at its upper edge; 0 is at its lower one.
    """

    def __init__(self, window: Window, height: float, top: float) -> None:
        self.start = to_microseconds(window.start)
        self.length = to_microseconds(window.end) - self.start
        self.height = height
        self.top = top

    def share(self, time: int) -> float:
        """How far across a time lies: 0 is the left edge, 1 the right one; never beyond."""
        return min(max((time - self.start) / self.length, 0.0), 1.0)

    def ends(self, span: Span) -> tuple[float, float]:
        """Both ends of a stretch of time, as shares of the width."""
        return self.share(span.start), self.share(span.end)

    def down(self, value: float) -> float:
        """How many points below the upper edge a value lies; never beyond the edges."""
        return (1 - min(max(value / self.top, 0.0), 1.0)) * self.height

    def across(self, times: Times) -> NDArray[np.int64]:
        """Times as whole units of a stretched part."""
        shares = (times - self.start) / self.length
        return np.rint(np.clip(shares, 0, 1) * STRETCH).astype(np.int64)

    def depths(self, values: Floats) -> Floats:
        """Values as points below the upper edge, rounded to tenths."""
        return np.round((1 - np.clip(values / self.top, 0, 1)) * self.height, 1)


def line_path(lines: Sequence[Line], frame: Frame, *, stepped: bool) -> str:
    """Unbroken lines, one after the other; ``stepped`` joins points by right angles."""
    return "".join(_polyline(line.times, line.values, frame, stepped=stepped) for line in lines)


def area_path(lines: Sequence[Line], frame: Frame, *, stepped: bool) -> str:
    """What lies between the lines and the lower edge."""
    floor = figure(frame.height)
    return "".join(
        f"{_polyline(line.times, line.values, frame, stepped=stepped)}V{floor}"
        f"H{frame.across(line.times[:1])[0]}Z"
        for line in lines
        if len(line.times)
    )


def band_path(bands: Sequence[Band], frame: Frame, *, stepped: bool) -> str:
    """Ranges, each from its upper edge to the right and back along its lower edge."""
    drawn = []
    for band in bands:
        upper = _polyline(band.times, band.high, frame, stepped=stepped)
        lower = _polyline(band.times[::-1], band.low[::-1], frame, stepped=stepped, back=True)
        drawn.append(f"{upper}L{lower[1:]}Z")
    return "".join(drawn)


def _polyline(
    times: Times, values: Floats, frame: Frame, *, stepped: bool, back: bool = False
) -> str:
    if len(times) == 0:
        return ""
    x = frame.across(times).tolist()
    y = [figure(depth) for depth in frame.depths(values).tolist()]
    if not stepped:
        points = " ".join(f"{one} {other}" for one, other in zip(x, y, strict=True))
        return f"M{points}" if len(x) > 1 else f"M{points}h2"
    if back:  # a bin's value is that at its left edge, which comes last here
        y = [*y[1:], y[-1]]
    steps = "".join(
        f"H{one}" if other == before else f"H{one}V{other}"
        for one, other, before in zip(x[1:], y[1:], y, strict=False)
    )
    return f"M{x[0]} {y[0]}{steps}"
