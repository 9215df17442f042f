"""Percent of ordinary over time, within a page: one signal a picture, all on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from zicht.model.time import from_microseconds, to_microseconds
from zicht.publish.chart_words import outage_label, simulated_words
from zicht.publish.inline.axis import NARROW, WIDE, axis_height, day_lines, time_axis
from zicht.publish.inline.path import band_path, line_path
from zicht.publish.inline.svg import box, label, picture, rule, stretched, upright
from zicht.publish.letters import shorten, tame, width
from zicht.publish.wording import signal_title, stretch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from markupsafe import Markup

    from zicht.model.outage import Outage
    from zicht.publish.chart_data import Panel, Span, Window
    from zicht.publish.inline.path import Frame
    from zicht.publish.inline.scene import Scene
    from zicht.publish.inline.svg import Anchor
    from zicht.publish.language import Language

HEIGHT = 150.0
"""Points of the plotted area of a picture of its own."""

MOST_MARKS = 8
"""So many marks of the reader's own are drawn at most."""

_LONGEST_MARK = 40  # letters
_BAR = 4.0
_HALF, _ORDINARY = 50.0, 100.0  # percent
_LABEL_BASE = 20.0
_SIZE = 12
_PRUDENT = 0.85  # a reader's letters may be wider than ours
_MOST_OUTAGES = 60  # drawn with tip and label; more are only shaded


@dataclass(frozen=True)
class Mark:
    """A reader's own note at a time; its text is another's and is shown as plain text."""

    time: datetime
    text: str


def percent_chart(
    scene: Scene,
    panel: Panel,
    *,
    key: str,
    description: Sequence[str] = (),
    marks: Sequence[Mark] = (),
    height: float = HEIGHT,
    axis: bool = True,
) -> Markup:
    """One panel as a picture as wide as its place.

    The line is broken where nothing is known, never drawn at zero. Stretches without data are
    hatched, those in which the source was sick are crossed, outages are shaded with a bar above.

    Args:
        scene: the language, the time, the clock and the scale.
        panel: what is shown.
        key: makes the ids in the picture its own.
        description: the picture in sentences.
        marks: the reader's own notes; the first ``MOST_MARKS`` within the window are drawn.
        height: points of the plotted area.
        axis: whether the clocks stand below.
    """
    words, window = scene.words, scene.window
    frame = scene.frame(height)
    band = band_path(panel.ordinary, frame, stepped=panel.stepped)
    line = line_path(panel.percent, frame, stepped=panel.stepped)
    body = [
        *_shades(words, panel.outages, frame),
        stretched(0, height, [f'<path class="band" d="{band}"/>']),
        day_lines(words, window, frame, height),
        rule(frame.down(_HALF), "grid"),
        rule(frame.down(_ORDINARY), "full"),
        *_unknown(words, panel, frame, key),
        *_unobservable(words, panel, frame),
        *_watermark(words, panel, frame),
        stretched(0, height, [f'<path class="line {panel.signal.plane}" d="{line}"/>']),
        *_bars(panel.outages, frame),
        *(
            label(words, 0, frame.down(share) - 4, words.percent(share), kind="level", shift=2)
            for share in (_HALF, _ORDINARY)
        ),
        *_depths(words, panel.outages, frame),
        *_marks(words, marks, window, frame),
    ]
    full = height + 1
    if axis:
        body += time_axis(words, window, scene.local, frame, height)
        full = height + axis_height(scene.local)
    else:
        body.append(rule(height, "base"))
    return picture(
        words,
        key,
        body,
        title=_title(words, panel, window),
        description=description,
        height=full,
    )


def _title(words: Language, panel: Panel, window: Window) -> str:
    what = words.say(
        "{name}, {signal}: percent of ordinary, {stretch} UTC",
        name=panel.name,
        signal=signal_title(words, panel.signal.title),
        stretch=stretch(words, window.start, window.end),
    )
    return f"{simulated_words(words)}. {what}" if panel.simulated else what


def ends_of(outage: Outage, frame: Frame) -> tuple[float, float, float, float]:
    """Where it possibly and surely begins, and surely and possibly ends, as shares of the width."""
    first, surely = (frame.share(to_microseconds(time)) for time in outage.onset)
    until = last = 1.0
    if outage.end is not None:
        until, last = (frame.share(to_microseconds(time)) for time in outage.end)
    surely = min(surely, until)
    return first, surely, max(until, surely), max(last, first)


def _shades(words: Language, outages: Sequence[Outage], frame: Frame) -> list[str]:
    drawn = []
    for number, outage in enumerate(outages):
        first, surely, until, last = ends_of(outage, frame)
        tip = outage_label(words, outage) if number < _MOST_OUTAGES else ""
        drawn.append(box(first, last, 0, frame.height, "maybe", tip=tip))
        drawn.append(box(surely, until, 0, frame.height, "surely", tip=tip))
    return drawn


def _bars(outages: Sequence[Outage], frame: Frame) -> list[str]:
    """Along the upper edge: an outage goes on through a gap, although nothing was seen there."""
    ends = (ends_of(outage, frame) for outage in outages)
    return [box(first, max(last, first + 0.002), 0, _BAR, "outage") for first, _, _, last in ends]


def _depths(words: Language, outages: Sequence[Outage], frame: Frame) -> list[str]:
    """How deep and how long, over each outage that there is room for; the deepest come first."""
    drawn = []
    ordered = sorted(outages[:_MOST_OUTAGES], key=lambda outage: outage.depth_percent)
    ends = [ends_of(outage, frame) for outage in outages]
    for kind, room in (("wide", WIDE), ("narrow", NARROW)):
        taken: list[tuple[float, float]] = []
        labels = []
        for outage in ordered:
            first, _, _, last = ends_of(outage, frame)
            others = [(left, right) for left, _, _, right in ends if (left, right) != (first, last)]
            for text in (outage_label(words, outage), words.percent(outage.depth_percent)):
                place = _placed(first, last, width(text, _SIZE, bold=True) / room, others + taken)
                if place is not None:
                    share, anchor, covered = place
                    taken.append(covered)
                    labels.append(
                        label(words, share, _LABEL_BASE, text, kind="depth", anchor=anchor)
                    )
                    break
        if labels:
            drawn.append(f'<g class="{kind}">{"".join(labels)}</g>')
    return drawn


def _placed(
    first: float, last: float, wide: float, taken: Sequence[tuple[float, float]]
) -> tuple[float, Anchor, tuple[float, float]] | None:
    """Where a label goes, which end of it stands there, and what it covers.

    It stands in the middle of its outage, and reaches over others nowhere; ``None`` is no room.
    """
    half = wide / 2 + 0.008
    share, anchor = (first + last) / 2, "middle"
    left = share - half
    if left < 0:
        anchor, left, share = "start", 0.0, 0.0
    elif share + half > 1:
        anchor, left, share = "end", 1 - 2 * half, 1.0
    covered = (left, left + 2 * half)
    if any(covered[0] < right and covered[1] > begin for begin, right in taken):
        return None
    return share, cast("Anchor", anchor), covered


def _unknown(words: Language, panel: Panel, frame: Frame, key: str) -> list[str]:
    """Patterns where nothing is known: they cover the ordinary range, which was not seen either."""
    drawn = []
    for span in panel.gaps:
        tip = words.say("No data from {stretch} UTC.", stretch=_stretch(words, span))
        drawn += _hatched(words, span, frame, f"{key}-gap", words.say("no data"), tip)
    for span in panel.sick:
        tip = words.say(
            "Source sick, so unknown, from {stretch} UTC.", stretch=_stretch(words, span)
        )
        drawn += _hatched(words, span, frame, f"{key}-sick", words.say("unknown"), tip)
    return drawn


def _hatched(
    words: Language, span: Span, frame: Frame, fill: str, text: str, tip: str
) -> list[str]:
    left, right = frame.ends(span)
    return [
        box(left, right, 0, frame.height, "", fill=fill, tip=tip),
        *_span_label(words, left, right, text, frame),
    ]


def _span_label(words: Language, left: float, right: float, text: str, frame: Frame) -> list[str]:
    need = width(text, _SIZE) + 8
    if need > (right - left) * WIDE:
        return []
    kind = "note" if need <= (right - left) * NARROW else "note wide"
    middle = (left + right) / 2
    return [label(words, middle, frame.height * 0.72, text, kind=kind, anchor="middle")]


def _stretch(words: Language, span: Span) -> str:
    return stretch(words, from_microseconds(span.start), from_microseconds(span.end))


def _unobservable(words: Language, panel: Panel, frame: Frame) -> list[str]:
    """Values that came and say nothing: of so few expected, one more or less is no news."""
    if panel.percent or not panel.raw:
        return []
    text = words.say("not observable: too few are expected")
    return [label(words, 0.5, frame.height * 0.45, text, kind="note", anchor="middle")]


def _watermark(words: Language, panel: Panel, frame: Frame) -> list[str]:
    if not panel.simulated:
        return []
    text = words.say("RECONSTRUCTION")
    return [label(words, 0.5, frame.height - 12, text, kind="water", anchor="middle")]


def _marks(words: Language, marks: Sequence[Mark], window: Window, frame: Frame) -> list[str]:
    drawn = []
    inside = [mark for mark in marks if window.start <= mark.time < window.end][:MOST_MARKS]
    for number, mark in enumerate(inside):
        share = frame.share(to_microseconds(mark.time))
        middle = 0.5
        anchor: Anchor = "start" if share < middle else "end"
        shift = 4.0 if anchor == "start" else -4.0
        base = frame.height - 8 - 16 * (number % 3)
        drawn.append(upright(share, _BAR, frame.height, "pin"))
        for kind, room in (("wide", WIDE), ("narrow", NARROW)):
            free = max(share, 1 - share) * room * _PRUDENT - 8
            text = shorten(tame(mark.text, _LONGEST_MARK), free, _SIZE, bold=True)
            drawn.append(
                label(words, share, base, text, kind=f"noted {kind}", anchor=anchor, shift=shift)
            )
    return drawn
