"""The time axis: UTC above, the clock of the place below, and fewer marks where it is narrow."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zicht.publish.chart_time import offset, ticks
from zicht.publish.inline.svg import across, label, upright
from zicht.publish.letters import width

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from zicht.publish.chart_data import LocalTime, Window
    from zicht.publish.chart_time import Tick
    from zicht.publish.inline.path import Frame
    from zicht.publish.inline.svg import Anchor
    from zicht.publish.language import Language

ROW = 16.0
"""Points for one clock."""

WIDE, NARROW = 640.0, 320.0
"""Points across for which labels are laid out; a page shows the one set or the other."""

_MOST = {WIDE: 8, NARROW: 4}
_SIZE = 12
_AIR = 8.0  # points between two labels


def axis_height(local: LocalTime) -> float:
    """How many points the axis takes."""
    return ROW * (1 if local.place is None else 2) + 6


def day_lines(words: Language, window: Window, frame: Frame, bottom: float) -> str:
    """Fine lines where days begin, by UTC."""
    days = [tick for tick in ticks(window, UTC, words, most=12) if tick.midnight]
    return "".join(upright(frame.share(tick.time), 0, bottom, "grid") for tick in days)


def time_axis(
    words: Language, window: Window, local: LocalTime, frame: Frame, y: float
) -> list[str]:
    """The marks and labels of both clocks, from ``y`` down."""
    clocks: list[tuple[str, tzinfo]] = [("UTC", UTC)]
    if local.place is not None:
        clocks.append((f"{local.place} {offset(window.start, local.zone)}", local.zone))
    drawn = [f'<line class="base" x1="0" x2="100%" y1="{y:g}" y2="{y:g}"/>']
    for kind, room in (("wide", WIDE), ("narrow", NARROW)):
        rows = []
        for row, (name, zone) in enumerate(clocks):
            base = y + ROW * (row + 1)
            taken = width(name, _SIZE) + _AIR
            rows.append(label(words, 0, base, name, kind="clock"))
            rows += _marks(words, window, frame, base, zone, room, taken, ruled=row == 0)
        drawn.append(f'<g class="{kind}">{"".join(rows)}</g>')
    return drawn


def _marks(  # noqa: PLR0917 - a row of labels, and the room there is
    words: Language,
    window: Window,
    frame: Frame,
    base: float,
    zone: tzinfo,
    room: float,
    taken: float,
    *,
    ruled: bool,
) -> list[str]:
    drawn = []
    for tick in _chosen(words, window, zone, room):
        share = frame.share(tick.time)
        half = width(tick.label, _SIZE) / 2
        middle = share * room
        anchor: Anchor = "middle"
        left = middle - half
        if middle + half > room:
            anchor, left = "end", room - 2 * half
            share = 1.0 if room - middle < half / 2 else share
        if left < taken:
            continue
        taken = left + 2 * half + _AIR
        if ruled:
            drawn.append(
                f'<line class="tick" x1="{across(frame.share(tick.time))}"'
                f' x2="{across(frame.share(tick.time))}"'
                f' y1="{base - ROW:g}" y2="{base - ROW + 4:g}"/>'
            )
        kind = "day" if tick.midnight else ""
        drawn.append(label(words, share, base, tick.label, kind=kind, anchor=anchor))
    return drawn


def _chosen(words: Language, window: Window, zone: tzinfo, room: float) -> Sequence[Tick]:
    zone = zone if isinstance(zone, ZoneInfo) else UTC
    return ticks(window, zone, words, most=_MOST[room])
