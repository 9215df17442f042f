"""The page of an entity's charts, and the same for a frame in somebody else's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import NotFoundError
from zicht.model.entity import parse_entity
from zicht.publish.inline.percent import MOST_MARKS
from zicht.publish.wording import entity_name, signal_title
from zicht.web.addresses import chart_page, embedded_chart
from zicht.web.drawing import (
    DAYS,
    beside,
    detection_of,
    figure_of,
    known_entity,
    marked,
    panels_of,
    scene_of,
    stretch_of,
    window_of,
)
from zicht.web.marks import LONGEST, marks_asked
from zicht.web.page import EMBEDDED_POLICY, POLICY, Page, page_route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from zicht.model.belief import Assessment
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk

_MOST_SIGNALS = 24


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of charts, and the frame."""
    return [
        page_route(desk, "/chart/{entity:path}", chart),
        page_route(desk, "/embed/chart/{entity:path}", embedded),
    ]


def chart(asked: Asked) -> Page:
    """The charts of an entity: one signal, or all of them.

    Raises:
        NotFoundError: there is no such entity, or nothing of it.
        UsageError: a parameter makes no sense.
    """
    return _page(asked, "chart.html")


def embedded(asked: Asked) -> Page:
    """The same for a frame in somebody else's page: the charts and where they are from."""
    return _page(asked, "embedded.html", policy=EMBEDDED_POLICY)


def _page(asked: Asked, template: str, policy: str = POLICY) -> Page:
    words, view = asked.words, asked.view
    entity = known_entity(asked, asked.parts["entity"])
    window = window_of(asked)
    marks = marks_asked(asked.parameters)
    detection = detection_of(asked, entity, window)
    own = [one for one in detection.assessments if one.series.entity == entity]
    chosen = _chosen(asked, own)
    panels = panels_of(asked, detection, window, chosen[:_MOST_SIGNALS])
    scene = scene_of(asked, entity, window, panels)
    name = entity_name(words, entity, view.facts)
    figures = [figure_of(asked, scene, one, marks=marks) for one in panels]
    place = stretch_of(window)
    signal = asked.parameters.get("signal", "")
    kept = place | ({"signal": signal} if signal else {}) | marked(marks)
    title = name
    if len(figures) == 1:
        title = words.say("{place}: {signal}", place=name, signal=figures[0].head)
    return Page(
        template=template,
        title=title,
        values={
            "entity": entity,
            "name": name,
            "kind": parse_entity(entity).type,
            "figures": figures,
            "signals": [
                (one.series.signal.name, signal_title(words, one.series.signal.title))
                for one in own
            ],
            "signal": signal,
            "scene": scene,
            "days": DAYS,
            "marks": marks,
            "marked": marked(marks),
            "most_marks": MOST_MARKS,
            "longest_mark": LONGEST,
            "permanent": asked.link(chart_page(entity), **kept),
            "frame": asked.link(embedded_chart(entity), **kept),
            "sources": list(dict.fromkeys(one for two in figures for one in two.sources)),
            "simulated": any(one.simulated for one in panels),
        },
        beside=beside(asked, entity, kept),
        policy=policy,
    )


def _chosen(asked: Asked, own: Sequence[Assessment]) -> list[Assessment]:
    """The signal that is asked for, or all.

    Raises:
        NotFoundError: there is nothing of the entity, or no such signal.
    """
    signal = asked.parameters.get("signal")
    chosen = [one for one in own if not signal or one.series.signal.name == signal]
    if not chosen:
        raise NotFoundError(asked.words.say("Nothing is measured of that here."))
    return chosen
