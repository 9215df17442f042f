"""What an entity is made of: the operators and the regions of a country, as small pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.entity import parse_entity
from zicht.observe.pictures import coarseness, common_signal
from zicht.publish.chart_words import lasted
from zicht.publish.inline.scene import Scene, top_of
from zicht.publish.inline.sparkline import small_chart
from zicht.publish.inline.svg import own_key
from zicht.publish.wording import KINDS, entity_name, kind_word, signal_title
from zicht.web.drawing import small_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from zicht.detect.detection import Detection
    from zicht.model.belief import Assessment
    from zicht.publish.chart_data import Panel
    from zicht.web.asked import Asked

MOST_PARTS = 60
"""So many operators or regions are drawn; more are named alone."""


@dataclass(frozen=True)
class Part:
    """An operator or a region.

    Attributes:
        entity: its text.
        name: what people call it.
        svg: its picture, or ``None`` where it is not drawn.
        lowest: the lowest percentage in the time shown.
        told: the outage that was deepest, in few words, or why nothing can be said.
        observable: whether anything can be said of it.
    """

    entity: str
    name: str
    svg: Markup | None
    lowest: float | None
    told: str
    observable: bool


@dataclass(frozen=True)
class Parts:
    """The parts of a country.

    Attributes:
        operators: by their kind, which is given in words.
        regions: the regions.
        signal: the title of the signal that operators are drawn of; empty where there is none.
        region_signal: likewise of regions.
    """

    operators: Sequence[tuple[str, Sequence[Part]]]
    regions: Sequence[Part]
    signal: str
    region_signal: str


def parts_of(asked: Asked, scene: Scene, detection: Detection, entity: str) -> Parts:
    """The operators and regions of a country, all on one scale; none of anything else."""
    if parse_entity(entity).type != "country":
        return Parts((), (), "", "")
    known = _belonging(asked, entity)
    operators = [one for one in known if parse_entity(one).asn is not None]
    regions = [one for one in known if parse_entity(one).type == "region"]
    drawn, signal = _drawn(asked, scene, detection, operators)
    facts = asked.view.facts
    kinds: dict[str, list[Part]] = {}
    for one in drawn:
        kind = facts[one.entity].kind if one.entity in facts else "unknown"
        kinds.setdefault(kind, []).append(one)
    drawn_regions, region_signal = _drawn(asked, scene, detection, regions)
    return Parts(
        [(kind_word(scene.words, kind), kinds[kind]) for kind in KINDS if kind in kinds],
        drawn_regions,
        signal,
        region_signal,
    )


def _belonging(asked: Asked, entity: str) -> list[str]:
    """What belongs to a country, whether or not anything is measured of it."""
    view = asked.view
    code = parse_entity(entity).country
    everything = {*view.entities, *view.facts}
    return sorted(one for one in everything if one != entity and view.country_of(one) == code)


def _drawn(
    asked: Asked, scene: Scene, detection: Detection, entities: Sequence[str]
) -> tuple[list[Part], str]:
    wanted = set(entities)
    series = [one for one in detection.assessments if one.series.entity in wanted]
    signal = common_signal(series)
    chosen: dict[str, Assessment] = {}
    for one in sorted(series, key=lambda one: _order(one, signal)):
        chosen.setdefault(one.series.entity, one)
    found = list(chosen.values())[:MOST_PARTS]
    panels = small_panels(asked, detection, scene.window, found)
    shared = Scene(scene.words, scene.window, scene.local, top_of(panels))
    drawn = {one.entity: one for one in panels}
    parts = [_part(asked, shared, one, drawn.get(one), signal) for one in entities]
    parts.sort(key=lambda one: (not one.observable, one.lowest or 0.0, one.name))
    title = next(
        (one.series.signal.title for one in series if one.series.signal.name == signal), ""
    )
    return parts, signal_title(scene.words, title)


def _order(one: Assessment, signal: str) -> tuple[bool, bool, tuple[bool, bool, int], str]:
    """What says anything comes first, then the signal that is shared, then what tells best."""
    own = one.series.signal
    silent = not np.isfinite(one.connectivity).any()
    return silent, own.name != signal, coarseness(own), own.name


def _part(
    asked: Asked,
    scene: Scene,
    entity: str,
    panel: Panel | None,
    signal: str,
) -> Part:
    words = scene.words
    name = entity_name(words, entity, asked.view.facts)
    lowest = None
    if panel is not None:
        values = [float(one.values.min()) for one in panel.percent if len(one.values)]
        lowest = min(values, default=None)
    if panel is None or lowest is None:
        told = (
            words.say("Cannot be observed: too little of it answers, or none of its data came.")
            if panel is not None
            else words.say("Nothing is measured of it.")
        )
        return Part(entity, name, None, None, told, observable=False)
    told = _told(scene, panel, lowest)
    if panel.signal.name != signal:
        told = f"{told} ({signal_title(words, panel.signal.title)})"
    return Part(
        entity,
        name,
        small_chart(scene, panel, key=own_key("p", entity), title=f"{name}: {told}"),
        lowest,
        told,
        observable=True,
    )


def _told(scene: Scene, panel: Panel, lowest: float) -> str:
    words = scene.words
    if not panel.outages:
        return words.say("no outage; lowest {percent}", percent=words.percent(lowest))
    deepest = min(panel.outages, key=lambda one: one.depth_percent)
    percent = words.percent(deepest.depth_percent)
    if len(panel.outages) == 1:
        return words.say(
            "fell to {percent} · {duration}", percent=percent, duration=lasted(words, deepest)
        )
    return words.count(
        "fell to {percent} · {n} outage",
        "fell to {percent} · {n} outages",
        len(panel.outages),
        percent=percent,
    )
