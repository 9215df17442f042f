"""The page of a country, a region or an operator: what is measured of it, now and over weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.entity import parse_entity
from zicht.publish.inline.sparkline import sparkline
from zicht.publish.inline.svg import own_key
from zicht.publish.wording import entity_name, signal_title
from zicht.web.addresses import api, chart_page
from zicht.web.drawing import (
    DAYS,
    beside,
    detection_of,
    figure_of,
    known_entity,
    panels_of,
    rank,
    scene_of,
    small_panels,
    stretch_of,
    unit_and_step,
    window_of,
)
from zicht.web.history import calendars, hours_of, watched_days
from zicht.web.page import Page, page_route
from zicht.web.parts import parts_of
from zicht.web.states import PLANES, standing
from zicht.web.telling import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup
    from starlette.routing import BaseRoute

    from zicht.model.belief import Assessment
    from zicht.publish.chart_data import Panel
    from zicht.publish.inline.scene import Scene
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk
    from zicht.web.drawing import Figure

_ROWS = 31  # of a table on this page; the page of the chart has finer ones
_EVENTS = 12


@dataclass(frozen=True)
class PlaneShown:
    """A plane of an entity.

    Attributes:
        plane: its name.
        figure: the chart of the signal that tells best, or ``None`` where nothing is measured.
        others: the other signals of the plane, in few letters.
    """

    plane: str
    figure: Figure | None
    others: Sequence[Other]


@dataclass(frozen=True)
class Other:
    """A signal beside the one that tells best."""

    title: str
    measures: str
    spark: Markup
    lowest: float | None
    page: str


def routes(desk: Desk) -> list[BaseRoute]:
    """The pages of countries, regions and operators."""
    return [
        page_route(desk, "/country/{code}", entity_page),
        page_route(desk, "/region/{code:path}", entity_page),
        page_route(desk, "/asn/{code:path}", entity_page),
    ]


def entity_page(asked: Asked) -> Page:
    """What is measured of an entity.

    Raises:
        NotFoundError: there is no such entity.
        UsageError: a parameter makes no sense.
    """
    entity = entity_of(asked)
    words, view = asked.words, asked.view
    window = window_of(asked)
    detection = detection_of(asked, entity, window)
    own = [one for one in detection.assessments if one.series.entity == entity]
    drawn = panels_of(asked, detection, window, _best(asked, entity, own), rows=_ROWS)
    others = [
        one for one in own if one.series.signal.name not in {two.signal.name for two in drawn}
    ]
    small = small_panels(asked, detection, window, others)
    scene = scene_of(asked, entity, window, drawn)
    events = [
        one
        for one in view.events
        if entity in {one.entity, *(part.entity for part in one.operators)}
    ]
    days = watched_days(asked, entity)
    name = entity_name(words, entity, view.facts)
    place = {"entity": entity}
    figures = _planes(asked, scene, drawn, small)
    sources = (one for plane in figures if plane.figure for one in plane.figure.sources)
    return Page(
        template="entity.html",
        live=True,
        title=name,
        values={
            "entity": entity,
            "kind": parse_entity(entity).type,
            "name": name,
            "standing": standing(words, view, entity),
            "country": _country(asked, entity),
            "siblings": _siblings(asked, entity),
            "measured": bool(own),
            "planes": figures,
            "scene": scene,
            "days": DAYS,
            "parts": parts_of(asked, scene, detection, entity),
            "events": [told(asked, one) for one in events[:_EVENTS]],
            "more_events": len(events) - _EVENTS,
            "calendars": calendars(asked, entity, events, days),
            "hours": hours_of(asked, events),
            "sources": list(dict.fromkeys(sources)),
            "charts": asked.link(chart_page(entity)),
            "operator_files": beside(asked, entity, stretch_of(window) | {"operators": "true"}),
        },
        beside={
            "JSON": api("connectivity", **place),
            "CSV": api("connectivity", **place, format="csv"),
        },
    )


def entity_of(asked: Asked) -> str:
    """The entity that an address names, in the one way of writing it."""
    kind = asked.path.split("/")[1]
    return known_entity(asked, f"{kind}/{asked.parts['code']}")


def _country(asked: Asked, entity: str) -> tuple[str, str] | None:
    """The country that a region or an operator belongs to: its entity and its name."""
    code = asked.view.country_of(entity)
    if code is None or entity == f"country/{code}":
        return None
    return f"country/{code}", asked.words.country(code)


def _siblings(asked: Asked, entity: str) -> list[tuple[str, str]]:
    """The same operator as a whole, or its parts in countries, with what they are called."""
    words, number = asked.words, parse_entity(entity).asn
    if number is None:
        return []
    found = []
    for one in asked.view.entities:
        other = parse_entity(one)
        if other.asn == number and one != entity:
            country = words.country(other.country) if other.country else ""
            found.append((one, country or words.say("the operator as a whole")))
    return found


def _best(asked: Asked, entity: str, own: Sequence[Assessment]) -> list[Assessment]:
    """Of each plane the signal that tells best."""
    best = []
    for plane in PLANES:
        signals = [one for one in own if one.series.signal.plane == plane]
        if signals:
            best.append(min(signals, key=lambda one: _telling(asked, entity, one)))
    return best


def _telling(asked: Asked, entity: str, one: Assessment) -> tuple[bool, tuple[int, str]]:
    """What says anything in this time comes first, then the steadiest."""
    silent = not np.isfinite(one.connectivity).any()
    return silent, rank(asked, entity, one.series.signal)


def _planes(
    asked: Asked, scene: Scene, drawn: Sequence[Panel], small: Sequence[Panel]
) -> list[PlaneShown]:
    """Each plane with its chart; the signal that tells best is drawn, others are small."""
    figures: dict[str, Figure] = {
        one.signal.plane: figure_of(asked, scene, one, rows=_ROWS) for one in drawn
    }
    return [
        PlaneShown(
            plane,
            figures.get(plane),
            [_other(asked, scene, one) for one in small if one.signal.plane == plane],
        )
        for plane in PLANES
    ]


def _other(asked: Asked, scene: Scene, panel: Panel) -> Other:
    return Other(
        title=signal_title(scene.words, panel.signal.title),
        measures=unit_and_step(scene.words, panel),
        spark=sparkline(scene, panel, key=own_key("s", panel.entity, panel.signal.name)),
        lowest=lowest_of(panel),
        page=asked.link(chart_page(panel.entity), signal=panel.signal.name),
    )


def lowest_of(panel: Panel) -> float | None:
    """The lowest percentage that a panel shows, or ``None`` where nothing is known."""
    return min((float(one.values.min()) for one in panel.percent if len(one.values)), default=None)
