"""Two places in the same time, or two events from their beginnings, on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.errors import NotFoundError
from zicht.publish.chart_data import Window
from zicht.publish.inline.scene import Scene, top_of
from zicht.publish.wording import entity_name
from zicht.web.addresses import COMPARE
from zicht.web.drawing import (
    DAYS,
    around,
    detection_of,
    figure_of,
    known_entity,
    panels_of,
    rank,
    scene_of,
    window_of,
)
from zicht.web.page import Page, page_route
from zicht.web.states import PLANES
from zicht.web.telling import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from zicht.model.outage import Event
    from zicht.publish.chart_data import Panel
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk
    from zicht.web.drawing import Figure

_LISTED = 60
_ROWS = 31


@dataclass(frozen=True)
class Side:
    """One of the two that are compared."""

    entity: str
    name: str
    window: Window
    event: Event | None = None


def routes(desk: Desk) -> list[BaseRoute]:
    """The comparison."""
    return [page_route(desk, COMPARE, compare)]


def compare(asked: Asked) -> Page:
    """Two places (``a``, ``b``) or two events (``event``, ``other``), plane by plane.

    Raises:
        NotFoundError: there is no such place or event.
        UsageError: a parameter makes no sense.
    """
    words = asked.words
    of_events = bool(asked.parameters.get("event") or asked.parameters.get("other"))
    sides = _events(asked) if of_events else _places(asked)
    rows = _rows(asked, sides)
    title = words.say("Compare")
    if len(sides) == 2:  # noqa: PLR2004 - a comparison has two sides
        title = words.say("{one} and {other}", one=sides[0].name, other=sides[1].name)
    view = asked.view
    chosen = [one.entity for one in sides]
    countries = (one for one in view.entities if one.startswith("country/"))
    places = list(dict.fromkeys([*chosen, *countries]))
    named = [(one, entity_name(words, one, view.facts)) for one in places]
    return Page(
        template="compare.html",
        title=title,
        values={
            "sides": sides,
            "rows": rows,
            "of_events": of_events,
            "chosen": {} if of_events else dict(zip(("a", "b"), chosen, strict=False)),
            "places": sorted(named, key=lambda one: words.sorting(one[1])),
            "events": [told(asked, one) for one in view.events[:_LISTED]],
            "days": DAYS,
            "window": window_of(asked),
            "sources": list(
                dict.fromkeys(
                    source for _, own in rows for one in own if one for source in one.sources
                )
            ),
        },
    )


def _places(asked: Asked) -> list[Side]:
    window = window_of(asked)
    sides = []
    for name in ("a", "b"):
        text = asked.parameters.get(name)
        if text:
            entity = known_entity(asked, text)
            shown = entity_name(asked.words, entity, asked.view.facts)
            sides.append(Side(entity, shown, window))
    return sides


def _events(asked: Asked) -> list[Side]:
    """Both events from a time before their onsets, over the same length: that of the longer."""
    found = []
    for name in ("event", "other"):
        text = asked.parameters.get(name)
        if text:
            event = asked.view.event(text)
            if event is None:
                raise NotFoundError(asked.words.say("No event of that name is known here."))
            found.append(event)
    pairs = [(one, around(one, asked.view.time)) for one in found]
    before = max(one.onset[0] - own.start for one, own in pairs)
    after = max(own.end - one.onset[0] for one, own in pairs)
    return [
        Side(
            one.entity,
            told(asked, one).title,
            Window(one.onset[0] - before, one.onset[0] + after),
            one,
        )
        for one in found
    ]


def _rows(asked: Asked, sides: Sequence[Side]) -> list[tuple[str, list[Figure | None]]]:
    """Each plane that either side has, with the signal that tells best, all on one scale."""
    drawn = [_best(asked, side) for side in sides]
    shared = _shared(drawn)
    top = top_of([panel for own in drawn for panels in own.values() for panel in panels])
    rows = []
    for plane in PLANES:
        figures: list[Figure | None] = []
        for side, own in zip(sides, drawn, strict=True):
            panels = own.get(plane, [])
            chosen = next((one for one in panels if one.signal.name == shared.get(plane)), None)
            chosen = chosen or next(iter(panels), None)
            scene = scene_of(asked, side.entity, side.window, ())
            scene = Scene(scene.words, scene.window, scene.local, top)
            figures.append(figure_of(asked, scene, chosen, rows=_ROWS) if chosen else None)
        if any(figures):
            rows.append((plane, figures))
    return rows


def _best(asked: Asked, side: Side) -> dict[str, list[Panel]]:
    """The signals of each plane of one side, what tells best first."""
    detection = detection_of(asked, side.entity, side.window)
    own = [one for one in detection.assessments if one.series.entity == side.entity]
    panels = panels_of(asked, detection, side.window, own, rows=_ROWS)
    panels.sort(key=lambda one: (not one.percent, rank(asked, side.entity, one.signal)))
    return {plane: [one for one in panels if one.signal.plane == plane] for plane in PLANES}


def _shared(drawn: Sequence[dict[str, list[Panel]]]) -> dict[str, str]:
    """Of each plane a signal that both sides have: like is compared with like where it can be."""
    if not drawn:
        return {}
    shared = {}
    for plane in PLANES:
        names = [[one.signal.name for one in own[plane]] for own in drawn]
        common = [name for name in names[0] if all(name in one for one in names[1:])]
        if common:
            shared[plane] = common[0]
    return shared
