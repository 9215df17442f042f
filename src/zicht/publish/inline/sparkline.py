"""Small pictures without an axis: the run of things beside their figure, in a row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from zicht.publish.inline.path import area_path, line_path
from zicht.publish.inline.percent import ends_of
from zicht.publish.inline.svg import box, hatches, picture, rule, stretched

if TYPE_CHECKING:
    from zicht.publish.chart_data import Panel
    from zicht.publish.inline.path import Frame
    from zicht.publish.inline.scene import Scene

SPARK_HEIGHT = 28.0
SMALL_HEIGHT = 64.0


def sparkline(scene: Scene, panel: Panel, *, key: str) -> Markup:
    """A line of percent of ordinary, for a place where its figures stand beside it in words.

    Screen readers pass it by. Gaps are breaks and hatched, outages are bars along the upper edge.
    """
    frame = scene.frame(SPARK_HEIGHT)
    return Markup(  # noqa: S704 - it holds no text of others
        f'<svg class="picture spark" aria-hidden="true" width="100%" height="{SPARK_HEIGHT:g}">'
        f"{hatches(key)}{''.join(_small(panel, frame, key))}</svg>"
    )


def small_chart(scene: Scene, panel: Panel, *, key: str, title: str) -> Markup:
    """One of many pictures on one scale: larger than a sparkline, and read aloud by its title."""
    frame = scene.frame(SMALL_HEIGHT)
    return picture(
        scene.words,
        key,
        [*_small(panel, frame, key), rule(SMALL_HEIGHT, "base")],
        title=title,
        height=SMALL_HEIGHT + 1,
        kind="small",
    )


def _small(panel: Panel, frame: Frame, key: str) -> list[str]:
    shaded = []
    bars = []
    for outage in panel.outages:
        first, _, _, last = ends_of(outage, frame)
        last = max(last, first + 0.004)
        shaded.append(box(first, last, 0, frame.height, "surely"))
        bars.append(box(first, last, 0, 3, "outage"))
    unknown = [
        box(*frame.ends(span), 0, frame.height, "", fill=f"{key}-{pattern}")
        for spans, pattern in ((panel.gaps, "gap"), (panel.sick, "sick"))
        for span in spans
    ]
    area = area_path(panel.percent, frame, stepped=panel.stepped)
    line = line_path(panel.percent, frame, stepped=panel.stepped)
    return [
        *shaded,
        rule(frame.down(100), "grid"),
        *unknown,
        stretched(
            0,
            frame.height,
            (
                f'<path class="under {panel.signal.plane}" d="{area}"/>',
                f'<path class="line {panel.signal.plane}" d="{line}"/>',
            ),
        ),
        *bars,
    ]
