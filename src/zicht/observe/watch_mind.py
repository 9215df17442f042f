"""What a watch has in mind between two looks, and how each row of the store gets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from zicht.model.entity import parse_entity
from zicht.model.time import to_microseconds
from zicht.observe.facts import known_facts
from zicht.observe.watch_detection import FOUND, READ
from zicht.observe.watch_history import History
from zicht.observe.watch_screen import Screen, take
from zicht.observe.watch_screen_file import read_screen
from zicht.observe.watch_suspects import note

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from zicht.model.entity import EntityFact
    from zicht.observe.explaining import Premises
    from zicht.observe.watch_suspects import Suspect
    from zicht.store import Store

WHOLE = 1000
"""Of so many series everything is done as if all were looked at; of more a little is let go."""

SLICE = 4_000_000
"""Rows that are read at once where the screen is made anew."""


@dataclass
class Mind:
    """What a watch has in mind.

    Attributes:
        store: the store.
        premises: what the user brings to explanations.
        screen: the state of every series.
        suspects: who is looked at more closely.
        history: the last weeks of those.
        facts: what is known of entities, by their text.
        places: the country of each entity, or itself where it has none, by its text.
        vanished: the last bin in which all that a signal sees read zero, microseconds.
        platforms: whether anything of single services came since the last look.
        anew: whether the screen was made anew since the last look.
        as_of: the end of the data at the last look, microseconds.
        behind: whether anything waits for the next look.
        kept_at: when the screen was written to the disk.
    """

    store: Store
    premises: Premises | None = None
    screen: Screen = field(default_factory=Screen)
    suspects: dict[str, Suspect] = field(default_factory=dict)
    history: History = field(default_factory=History)
    facts: dict[str, EntityFact] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    vanished: int | None = None
    platforms: bool = True
    anew: bool = False
    as_of: int = 0
    behind: bool = True
    kept_at: datetime | None = None


def has_news(mind: Mind) -> bool:
    """Whether there is anything to look at: rows of any process, or what had to wait.

    Raises:
        StoreError: the store cannot be read.
    """
    return mind.behind or mind.screen.version != mind.store.version


def take_in(mind: Mind, now: datetime) -> None:
    """Take in what was stored since the last look.

    At first what a watch before this one kept is taken up. Where that is gone or the store no
    longer tells what is new, the last weeks are read.

    Raises:
        StoreError: the store cannot be read; the last weeks are read next time.
    """
    if mind.screen.version < 0:
        _take_up(mind)
    rows = None
    if mind.screen.version >= 0:
        version, rows = mind.store.added_since(mind.screen.version)
    if rows is None:
        _make_anew(mind, now)
    elif rows.num_rows:
        mind.screen.version = -1  # until all of it is taken in
        mind.history.move_on(mind.store, rows)
        _take(mind, rows, now)
        mind.screen.version = version
    _learn_facts(mind)


def _take_up(mind: Mind) -> None:
    kept = read_screen(mind.store.path)
    if kept is not None:
        mind.screen, mind.suspects, mind.vanished = kept
        mind.history = History()


def _make_anew(mind: Mind, now: datetime) -> None:
    mind.screen, mind.history, mind.anew = Screen(), History(), True
    mind.platforms, mind.vanished = True, None
    version = mind.store.version
    names = [name for name, one in mind.store.signals().items() if one.tells_outages]
    pieces = max(1, ceil(mind.store.rows() / SLICE))
    edges: list[datetime | None] = [now - READ + place * READ / pieces for place in range(pieces)]
    edges.append(None)
    for start, end in pairwise(edges):
        _take(mind, mind.store.table(signals=names, start=start, end=end), now)
    mind.screen.version = version


def _take(mind: Mind, rows: pa.Table, now: datetime) -> None:
    made_up = [name for name, one in mind.store.origins().items() if one.simulated]
    busy = None
    if mind.screen.series > WHOLE:
        busy = {one.entity for one in mind.store.outages()} | mind.suspects.keys()
    taken = take(mind.screen, rows, mind.store.signals(), made_up, busy)
    note(mind.suspects, taken, to_microseconds(now - FOUND), mind.screen.as_of or 0)
    mind.platforms |= taken.platforms
    mind.vanished = max(
        (one for one in (mind.vanished, taken.vanished) if one is not None), default=None
    )


def _learn_facts(mind: Mind) -> None:
    entities = mind.screen.entities()
    if entities == mind.places.keys():
        return
    mind.facts = known_facts(mind.store, entities)
    mind.places = {text: place_of(text, mind.facts) for text in entities}


def place_of(text: str, facts: dict[str, EntityFact]) -> str:
    """The text of an entity's country; of one without a country, its own."""
    code = parse_entity(text).country
    if code is None and text in facts:
        code = facts[text].country
    return text if code is None else f"country/{code}"
