"""Drawing the worlds of the tests, and comparing with what was drawn before."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import worlds

from zicht.publish.bulletin import Bulletin, Context, write_bulletin
from zicht.publish.chart import Chart, draw_chart
from zicht.publish.chart_data import Window, make_panel
from zicht.publish.chart_spec import in_order
from zicht.publish.chart_words import Subject
from zicht.publish.language import language
from zicht.publish.wording import entity_name
from zicht.version import __version__

if TYPE_CHECKING:
    from zicht.model.outage import Event

GOLDEN = Path(__file__).parent / "golden"


def draw(
    world: worlds.World,
    *,
    code: str = "en",
    operators: bool = False,
    window: Window | None = None,
    signals: tuple[str, ...] = (),
    entity: str = "country/KZ",
) -> Chart:
    words = language(code)
    window = window or Window(worlds.START, worlds.END)
    panels = [
        make_panel(
            one,
            world.outages,
            window,
            name=entity_name(words, one.series.entity, world.facts),
            kind=world.facts[one.series.entity].kind
            if one.series.entity in world.facts
            else "unknown",
        )
        for one in world.assessments
        if (one.series.entity == entity) != operators
        and (not signals or one.series.signal.name in signals)
    ]
    subject = Subject(
        entity, entity_name(words, entity, world.facts), worlds.ALMATY, operators, "probe.answering"
    )
    return draw_chart(
        words, subject, in_order(panels, operators=operators), window, as_of=worlds.END
    )


def write(world: worlds.World, event: Event | None = None, *, code: str = "en") -> Bulletin:
    words = language(code)
    titles = {one.series.signal.name: one.series.signal.title for one in world.assessments}
    context = Context(words, worlds.ALMATY, world.facts, titles)
    return write_bulletin(event or world.event, context, draw(world, code=code))


def same_as_golden(name: str, text: str) -> bool:
    """Whether a text is what it was; ``ZICHT_UPDATE_GOLDEN=1`` makes it so."""
    text = re.sub(re.escape(__version__), "VERSION", text)
    text = re.sub(r"\b(title|desc|gap|sick)-[0-9a-f]{8}\b", r"\1-KEY", text)  # of the drawing
    path = GOLDEN / name
    if os.environ.get("ZICHT_UPDATE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text


def parsed(markup: str) -> ET.Element:
    """SVG within a page as a browser reads it, which knows the name space."""
    named = str.replace(markup, "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(named)  # noqa: S314 - drawn by us
