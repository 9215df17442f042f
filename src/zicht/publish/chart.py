"""Charts: how much of the ordinary can be reached, by each signal, as SVG, PNG or an HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish.chart_spec import chart_spec
from zicht.publish.chart_words import description, title
from zicht.publish.render import render_png, render_svg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.publish.chart_data import Panel, Window
    from zicht.publish.chart_words import Subject
    from zicht.publish.inline.percent import Mark
    from zicht.publish.language import Language


@dataclass(frozen=True)
class Chart:
    """A chart, drawn.

    Attributes:
        title: what happened, as one statement.
        description: the picture in sentences with its figures.
        svg: the picture.
        panels: what it shows.
        window: the stretch of time shown.
        entity: what it is of.
        operators: whether the panels are the operators of the entity.
        simulated: whether any of it is of the lab and no measurement.
    """

    title: str
    description: tuple[str, ...]
    svg: str
    panels: tuple[Panel, ...]
    window: Window
    entity: str
    operators: bool
    simulated: bool

    def png(self) -> bytes:
        """The picture as PNG, at 2.5 times its size."""
        return render_png(self.svg)


def draw_chart(
    words: Language,
    subject: Subject,
    panels: Sequence[Panel],
    window: Window,
    *,
    as_of: datetime | None = None,
    marks: Sequence[Mark] = (),
) -> Chart:
    """Draw the panels over one time axis; ``marks`` are notes of the reader's own."""
    headline = title(words, subject, panels)
    sentences = tuple(description(words, subject, panels, window))
    spec = chart_spec(words, subject, panels, window, as_of=as_of, marks=marks)
    svg = render_svg(spec, title=headline, description=sentences, words=words)
    simulated = any(panel.simulated for panel in panels)
    return Chart(
        headline,
        sentences,
        svg,
        tuple(panels),
        window,
        subject.entity,
        subject.operators,
        simulated,
    )
