"""An exhibit: everything about an entity's event in one folder, with one page to open.

The page asks for nothing from elsewhere, needs no scripts, and reads on a phone and by ear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity
from zicht.observe.bulletins import bulletin, bulletin_to_file
from zicht.observe.detection import detect_in_store
from zicht.observe.exports import export_events, export_outages, export_series
from zicht.observe.facts import known_facts
from zicht.observe.pictures import chart_of, draw_to_file
from zicht.observe.telling import Teller
from zicht.publish.files import write_whole
from zicht.publish.language import SCREENS, language
from zicht.publish.page import figures, render_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event
    from zicht.publish.chart import Chart
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
        start: begin of the charts.
        until: their end.
        operators_by: the signals by which the operators are drawn together.
        moments: what was told while it happened.
        tables: further tables for the page.
    """

    entity: str
    title: str
    start: datetime
    until: datetime
    operators_by: tuple[str, ...]
    moments: tuple[Moment, ...]
    tables: tuple[Table, ...]


def write_exhibit(store: Store, folder: Path, exhibit: Exhibit, code: str) -> Path:
    """Write charts, bulletins, exports and the page of an entity into a folder.

    Args:
        store: where series, outages and events are.
        folder: where to write; it exists.
        exhibit: what to show.
        code: the language of charts and page.

    Returns:
        The page.

    Raises:
        StoreError: the store cannot be read.
        InputError: a file cannot be written.
    """
    words = language(code)
    detection = detect_in_store(store, entities=[exhibit.entity])
    facts = known_facts(store)
    drawn = _charts(detection, facts, exhibit, words)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for name, chart in drawn.items():
        for ending in (".svg", ".png", ".html"):
            draw_to_file(chart, charts / f"{name}{ending}", code=code, force=True)
    _write_bulletins(store, folder / "bulletins", _events(detection, exhibit))
    _write_exports(store, folder / "exports", exhibit)
    write_whole(folder / "events.json", export_events(store, "json").data, force=True)
    page = folder / "index.html"
    text = _page(detection, facts, drawn, exhibit, _listing(folder, words), words)
    write_whole(page, text.encode(), force=True)
    return page


def _charts(
    detection: Detection, facts: Mapping[str, EntityFact], exhibit: Exhibit, words: Language
) -> dict[str, Chart]:
    """The country by each signal, its operators together, and each of them; by file name."""
    country = exhibit.entity
    draw = partial(
        chart_of, detection, facts, words=words, start=exhibit.start, until=exhibit.until
    )
    operators = sorted(
        {
            one.series.entity
            for one in detection.assessments
            if parse_entity(one.series.entity).asn is not None
        }
    )
    charts = {_file(country): draw(country)}
    if operators:
        charts[f"{_file(country)}-operators"] = draw(
            country, operators=True, signals=exhibit.operators_by
        )
    return charts | {_file(entity): draw(entity) for entity in operators}


def _events(detection: Detection, exhibit: Exhibit) -> list[Event]:
    """The events of the entity itself."""
    own = [event for event in detection.events if event.entity == exhibit.entity]
    return [event for event in own if not event.retracted]


def _write_bulletins(store: Store, folder: Path, events: Sequence[Event]) -> None:
    """The bulletin of each event in every language, as Markdown and as a page."""
    folder.mkdir(exist_ok=True)
    for event in events:
        for code in SCREENS:
            published = bulletin(store, event.id, code=code)
            for ending in (".md", ".html"):
                bulletin_to_file(published, folder / f"{event.id}.{code}{ending}", force=True)


def _write_exports(store: Store, folder: Path, exhibit: Exhibit) -> None:
    """All series, those of the country as text, outages, and events in the common format."""
    folder.mkdir(exist_ok=True)
    own = export_series(
        store, "csv", entities=[exhibit.entity], start=exhibit.start, until=exhibit.until
    )
    exports = {
        "series.parquet": export_series(store, "parquet"),
        f"series-{_file(exhibit.entity)}.csv": own,
        "outages.csv": export_outages(store, "csv"),
        "events.jsonl": export_events(store, "jsonl"),
        "events.codf.json": export_events(store, "json", shape="codf"),
    }
    for name, exported in exports.items():
        write_whole(folder / name, exported.data, force=True)


def _file(entity: str) -> str:
    return entity.replace("/", "-")


def _page(
    detection: Detection,
    facts: Mapping[str, EntityFact],
    charts: Mapping[str, Chart],
    exhibit: Exhibit,
    listing: list[tuple[str, list[str]]],
    words: Language,
) -> str:
    teller = Teller(words, facts)
    origins = {origin for one in detection.assessments for origin in one.series.origins}
    citations = {
        words.say(
            "Source: {citation} Licence: {licence}.",
            citation=origin.citation,
            licence=origin.licence,
        )
        for origin in origins
    }
    return render_page(
        "exhibit.html",
        words,
        exhibit=exhibit,
        events=_events(detection, exhibit),
        pictures={name: figures(words, chart) for name, chart in charts.items()},
        charts=charts,
        country=_file(exhibit.entity),
        event_class=teller.event_class,
        interval=teller.interval,
        listing=listing,
        sicknesses=detection.sicknesses,
        simulated=any(one.series.simulated for one in detection.assessments),
        citations=sorted(citations),
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
    loose = sorted(path.name for path in folder.iterdir() if path.suffix in {".json", ".csv"})
    return [*listing, (words.say("Other"), loose)] if loose else listing
