"""Bulletins of events that the store holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.model.outage import APART
from zicht.observe.detection import detect_in_store
from zicht.observe.evidence import evidence
from zicht.observe.facts import known_facts
from zicht.observe.pictures import chart_of, local_time
from zicht.publish.bulletin import Bulletin, Context, margins, write_bulletin
from zicht.publish.bulletin_formats import bulletin_markdown, bulletin_page
from zicht.publish.files import STANDARD_OUTPUT, check_writable, write_whole
from zicht.publish.language import language

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from zicht.publish.chart import Chart
    from zicht.publish.language import Language
    from zicht.store import Store


@dataclass(frozen=True)
class Published:
    """A bulletin with its chart, in one language."""

    words: Language
    bulletin: Bulletin
    chart: Chart


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A bulletin that was written to files.

    Attributes:
        file: the text.
        picture: its chart beside it, or ``None`` where the chart is within the text.
        title: what happened, as one statement.
        simulated: whether it is of the lab and no measurement.
    """

    file: str
    picture: str | None
    title: str
    simulated: bool


def bulletin(
    store: Store, event_id: str, *, as_of: datetime | None = None, code: str = "en"
) -> Published:
    """Write the bulletin of an event, with its chart.

    Args:
        store: the store.
        event_id: the event.
        as_of: tell only what was known then.
        code: the language, ``en`` or ``nl``.

    Raises:
        NotFoundError: the store holds no such event.
        UsageError: nothing is written in that language.
    """
    words = language(code)
    event = evidence(store, event_id, as_of=as_of).event
    facts = known_facts(store)
    detection = detect_in_store(store, entities=[event.entity], as_of=as_of)
    if event.event_class in APART:
        shown = [
            o for o in detection.blocks.assessments if o.series.signal.name == event.depth_signal
        ]
        detection = replace(detection, assessments=tuple(shown), events=detection.blocks.events)
    before, after = margins(event)
    chart = chart_of(
        detection,
        facts,
        event.entity,
        words=words,
        start=event.onset[0] - before,
        until=min((event.end[1] if event.end else event.as_of) + after, detection.as_of),
        as_of=as_of,
    )
    titles = {name: signal.title for name, signal in store.signals().items()}
    context = Context(words, local_time(words, event.entity, facts), facts, titles)
    return Published(words, write_bulletin(event, context, chart), chart)


def bulletin_to_file(published: Published, path: Path, *, force: bool = False) -> Written:
    """Write a bulletin as its file's ending says: ``.md`` with its chart beside it, or ``.html``.

    ``-`` is standard output, as Markdown without a chart.

    Raises:
        UsageError: the ending is another one, or a file is there already and not ``force``.
        InputError: a file cannot be written.
    """
    words, text = published.words, published.bulletin
    picture = None
    if path == STANDARD_OUTPUT:
        page = bulletin_markdown(words, text, None)
    elif path.suffix.lower() == ".md":
        picture = path.with_suffix(".svg")
        check_writable(path, force=force)
        write_whole(picture, published.chart.svg.encode(), force=force)
        page = bulletin_markdown(words, text, picture.name)
    elif path.suffix.lower() == ".html":
        page = bulletin_page(words, text, published.chart)
    else:
        raise UsageError(
            f"A bulletin cannot be written as {path.name!r}.", "Name the file .md or .html."
        )
    write_whole(path, page.encode(), force=force)
    return Written(
        file=str(path),
        picture=str(picture) if picture else None,
        title=text.title,
        simulated=text.simulated,
    )
