"""Colours of the pictures: Okabe and Ito's, which the colour-blind tell apart.

Colour never says anything alone: planes stand in words above their panels, outages carry a bar
and a label, gaps and sick stretches are patterns.

Source: M. Okabe and K. Ito, Color Universal Design (2008); the green and the purple are darkened to
a contrast of at least 4.5 to 1 on white (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.model.signal import Plane

INK = "#1a1a1a"
QUIET = "#595959"
PAPER = "#ffffff"
GRID = "#d9d9d9"
ORDINARY_LINE = "#8c8c8c"
ORDINARY = "#e3e6ea"
OUTAGE = "#d55e00"
OUTAGE_INK = "#a34700"
OUTAGE_WASH = "#f9e1d2"
OUTAGE_PALE = "#fcf1ea"
SIMULATED = "#8f1d1d"
WATERMARK = "#e9cfcf"

PLANES: dict[Plane, str] = {"control": "#0072b2", "data": "#00664b", "user": "#8a4a76"}

LAND = "#e9e7e2"
COAST = "#ffffff"
SEEN = "#a9c4d2"
BELOW = "#f2b277"
"""Colours of maps: what nobody measures, what is ordinary, what is below it."""

NO_DATA = "#fafafb"
SICK = "#f5f0e1"
"""Colours that stand for a pattern; the renderer puts the pattern in their place."""

NO_DATA_HATCH = "#c9c9c9"
SICK_HATCH = "#c9b458"

DARK = {
    INK: "#ececec",
    QUIET: "#b3b3b3",
    PAPER: "#161616",
    GRID: "#3a3a3a",
    ORDINARY_LINE: "#8c8c8d",
    ORDINARY: "#2c3138",
    OUTAGE: "#e8751a",
    OUTAGE_INK: "#ffa564",
    OUTAGE_WASH: "#43260f",
    OUTAGE_PALE: "#2b1c10",
    SIMULATED: "#ff9a9a",
    WATERMARK: "#6b3535",
    PLANES["control"]: "#56b4e9",
    PLANES["data"]: "#2fc79c",
    PLANES["user"]: "#d99ac4",
    NO_DATA_HATCH: "#4d4d4d",
    SICK_HATCH: "#8a7a2e",
}
"""What each colour becomes on a dark page."""

DARK_MAP = {
    LAND: "#33363a",
    COAST: "#161617",
    SEEN: "#3f6273",
    BELOW: "#a0622b",
}
"""Likewise, of the map within a page."""
