"""Belief over time: how likely an outage was held to be then, and is with all that is known now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.model.time import MICROSECONDS
from zicht.publish.chart_data import Line
from zicht.publish.inline.axis import axis_height, day_lines, time_axis
from zicht.publish.inline.path import Frame, line_path
from zicht.publish.inline.svg import label, picture, rule, stretched
from zicht.publish.wording import signal_title, stretch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup
    from numpy.typing import NDArray

    from zicht.model.belief import Assessment
    from zicht.publish.inline.scene import Scene

HEIGHT = 110.0
_COLUMNS = 400  # a change of belief is steep; between changes it is flat and costs nothing
_STEADY = 0.004  # a change of less cannot be seen


def belief_chart(
    scene: Scene,
    assessment: Assessment,
    *,
    key: str,
    alert: float,
    description: Sequence[str] = (),
) -> Markup:
    """The probability of an outage by one signal, bin by bin.

    The solid line is what was known then, the dashed one is with all data. Bins without a value
    have a belief too: it drifts, as it should.

    Args:
        scene: the language, the time and the clock.
        assessment: the series with the belief about it.
        key: makes the ids in the picture its own.
        alert: the probability, 0 to 1, from which there is an alert.
        description: the picture in sentences.
    """
    words, window = scene.words, scene.window
    frame = Frame(window, HEIGHT, 1.08)
    plane = assessment.series.signal.plane
    then = believed(assessment, assessment.belief_outage, frame)
    later = believed(assessment, assessment.belief_outage_later, frame)
    body = [
        day_lines(words, window, frame, HEIGHT),
        *(rule(frame.down(share), "grid") for share in (0.5, 1.0)),
        rule(frame.down(alert), "alert"),
        stretched(
            0,
            HEIGHT,
            (
                f'<path class="line later ink" d="{line_path(later, frame, stepped=True)}"/>',
                f'<path class="line {plane}" d="{line_path(then, frame, stepped=True)}"/>',
            ),
        ),
        *(
            label(
                words, 0, frame.down(share) - 4, words.percent(share * 100), kind="level", shift=2
            )
            for share in (0.5,)
        ),
        label(
            words,
            0,
            frame.down(alert) + 13,
            words.say("alert from {percent}", percent=words.percent(alert * 100)),
            kind="level",
            shift=2,
        ),
        *time_axis(words, window, scene.local, frame, HEIGHT),
    ]
    title = words.say(
        "{signal}: probability of an outage, {stretch} UTC",
        signal=signal_title(words, assessment.series.signal.title),
        stretch=stretch(words, window.start, window.end),
    )
    return picture(
        words,
        key,
        body,
        title=title,
        description=description,
        height=HEIGHT + axis_height(scene.local),
        patterns=False,
    )


def believed(
    assessment: Assessment, beliefs: NDArray[np.float64], frame: Frame
) -> tuple[Line, ...]:
    """Beliefs (0 to 1) within a frame as stepped lines: one column keeps its highest belief."""
    times = assessment.series.times
    step = assessment.series.signal.step * MICROSECONDS
    inside = np.flatnonzero(
        (times + step > frame.start) & (times < frame.start + frame.length) & np.isfinite(beliefs)
    )
    if len(inside) == 0:
        return ()
    columns = np.floor_divide((times[inside] - frame.start) * _COLUMNS, frame.length)
    first = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    highest = np.maximum.reduceat(beliefs[inside], first)
    begins = times[inside][first]
    changed = np.flatnonzero(np.abs(np.diff(highest, prepend=-1.0)) > _STEADY)
    last = int(times[inside[-1]]) + step
    return (
        Line(
            np.append(begins[changed], last),
            np.append(highest[changed], highest[changed[-1]]),
        ),
    )
