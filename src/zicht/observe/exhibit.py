"""An exhibit: everything about an entity's event in one folder, with one page to open.

The page asks for nothing from elsewhere, needs no scripts, and reads on a phone and by ear.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from zicht import __version__
from zicht.observe.detection import detect_in_store, known_facts
from zicht.observe.telling import Teller
from zicht.publish.chart import Chart, draw_chart
from zicht.publish.chart_data import LocalTime, Panel, Window, make_panel
from zicht.publish.chart_words import Subject
from zicht.publish.wording import entity_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from zicht.detect import Detection
    from zicht.model.entity import EntityFact
    from zicht.publish.language import Language
    from zicht.store import Store


@dataclass(frozen=True)
class Cell:
    """A table's cell.

    Attributes:
        text: what stands in it.
        link: where it leads, or empty.
        language: the language that it is in where that is not the page's, or empty.
    """

    text: str
    link: str = ""
    language: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the page."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Moment:
    """Something that happened in a run: when it was known, its kind, and what was said of it."""

    known_at: datetime
    kind: str
    sentence: str
    state: str


@dataclass(frozen=True)
class Exhibit:
    """What an exhibit is of.

    Attributes:
        entity: the country.
        title: the page's title.
        local: the country's clock.
        window: what the charts show.
        moments: what was told while it happened.
        tables: further tables for the page.
    """

    entity: str
    title: str
    local: LocalTime
    window: Window
    moments: tuple[Moment, ...]
    tables: tuple[Table, ...]


def write_exhibit(store: Store, folder: Path, exhibit: Exhibit, words: Language) -> Path:
    """Write charts and the page of an entity into a folder.

    Args:
        store: where series, outages and events are.
        folder: where to write; it exists.
        exhibit: what to show.
        words: the language of charts and page.

    Returns:
        The page.
    """
    detection = detect_in_store(store, entities=[exhibit.entity])
    facts = known_facts(store)
    drawn = _charts(detection, facts, exhibit, words)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for name, chart in drawn.items():
        (charts / f"{name}.svg").write_text(chart.svg, "utf-8")
        (charts / f"{name}.png").write_bytes(chart.png())
    page = folder / "index.html"
    listing = _listing(folder, words)
    page.write_text(_page(detection, facts, drawn, exhibit, listing, words), "utf-8")
    return page


def _charts(
    detection: Detection, facts: dict[str, EntityFact], exhibit: Exhibit, words: Language
) -> dict[str, Chart]:
    """The country by each signal, its operators together, and each of them; by file name."""
    panels: dict[str, list[Panel]] = {}
    for assessment in detection.assessments:
        entity = assessment.series.entity
        fact = facts.get(entity)
        panel = make_panel(
            assessment,
            detection.outages,
            exhibit.window,
            name=entity_name(words, entity, facts),
            kind=fact.kind if fact else "unknown",
        )
        panels.setdefault(entity, []).append(panel)
    country = exhibit.entity
    place = entity_name(words, country, facts)
    operators = sorted(entity for entity in panels if entity.startswith("asn/"))
    together = [
        panel for entity in operators for panel in panels[entity] if panel.signal.plane == "user"
    ]
    charts = {_file(country): _draw(words, Subject(country, place, exhibit.local), panels[country], exhibit)}
    if together:
        subject = Subject(country, place, exhibit.local, operators=True)
        charts[f"{_file(country)}-operators"] = _draw(words, subject, together, exhibit)
    for entity in operators:
        subject = Subject(entity, entity_name(words, entity, facts), exhibit.local)
        charts[_file(entity)] = _draw(words, subject, panels[entity], exhibit)
    return charts


def _draw(words: Language, subject: Subject, panels: Sequence[Panel], exhibit: Exhibit) -> Chart:
    return draw_chart(words, subject, panels, exhibit.window)


def _file(entity: str) -> str:
    return entity.replace("/", "-")


def _page(
    detection: Detection,
    facts: dict[str, EntityFact],
    charts: dict[str, Chart],
    exhibit: Exhibit,
    listing: list[tuple[str, list[str]]],
    words: Language,
) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    environment = Environment(
        loader=PackageLoader("zicht.observe"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = [event for event in detection.events if event.entity == exhibit.entity]
    teller = Teller(words, facts)
    origins = {origin for one in detection.assessments for origin in one.series.origins}
    return environment.get_template("exhibit.html.jinja").render(
        words=words,
        say=words.say,
        exhibit=exhibit,
        events=[event for event in own if not event.retracted],
        charts=charts,
        country=_file(exhibit.entity),
        event_class=teller.event_class,
        interval=teller.interval,
        listing=listing,
        sicknesses=detection.sicknesses,
        simulated=any(one.series.simulated for one in detection.assessments),
        citations=sorted(
            {
                words.say(
                    "Source: {citation} Licence: {licence}.",
                    citation=origin.citation,
                    licence=origin.licence,
                )
                for origin in origins
            }
        ),
        version=__version__,
    )


def _listing(folder: Path, words: Language) -> list[tuple[str, list[str]]]:
    """What lies in the folder, by kind, as relative addresses."""
    groups = {
        "charts": words.say("Charts"),
        "bulletins": words.say("Bulletins"),
        "exports": words.say("Data"),
    }
    listing = [
        (title, sorted(path.relative_to(folder).as_posix() for path in (folder / name).iterdir()))
        for name, title in groups.items()
        if (folder / name).is_dir()
    ]
    loose = sorted(
        path.name for path in folder.iterdir() if path.suffix in {".json", ".csv", ".toml"}
    )
    return [*listing, (words.say("Other"), loose)] if loose else listing
