"""The map of the world, of what the store holds."""

from __future__ import annotations

from datetime import datetime  # msgspec reads it
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import NotFoundError, UsageError
from zicht.model.entity import parse_entity
from zicht.observe.status import status
from zicht.publish.files import STANDARD_OUTPUT, write_whole
from zicht.publish.language import language
from zicht.publish.page import world_page
from zicht.publish.standing import standings
from zicht.publish.wording import source_sentence
from zicht.publish.world_picture import WorldPicture, draw_world

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store


class DrawnMap(msgspec.Struct, frozen=True, kw_only=True):
    """A map that was written to a file.

    Attributes:
        file: its name.
        title: what it shows, as one statement.
        time: the time that it is the state of.
        countries: how many have a state.
        simulated: whether any of it is of the lab and no measurement.
    """

    file: str
    title: str
    time: datetime
    countries: int
    simulated: bool


def world(
    store: Store,
    *,
    at: datetime | None = None,
    as_of: datetime | None = None,
    code: str = "en",
) -> WorldPicture:
    """Draw how things stand in every country of the store.

    Args:
        store: the store.
        at: the time; by default the end of the data.
        as_of: take only what was known then.
        code: the language.

    Raises:
        UsageError: nothing is written in that language.
        NotFoundError: the store holds no country.
        StoreError: the store cannot be read.
    """
    words = language(code)
    found = [
        one
        for one in status(store, at=at, as_of=as_of)
        if parse_entity(one.entity).type == "country"
    ]
    if not found:
        raise NotFoundError(
            "The store holds no country.", "`zicht fetch` and `zicht import` put data into it."
        )
    signals = store.signals()
    used = {plane.signal for one in found for planes in one.planes.values() for plane in planes}
    sources = dict.fromkeys(
        source_sentence(words, signals[name].citation, signals[name].licence)
        for name in sorted(used & signals.keys())
    )
    return draw_world(
        words,
        standings(words, found),
        time=max(one.time for one in found),
        sources=tuple(sources),
        simulated=any(one.simulated for one in found),
    )


def draw_map_to_file(
    drawn: WorldPicture, path: Path, *, code: str = "en", force: bool = False
) -> DrawnMap:
    """Write a map to a file, as its name's ending says: ``.svg``, ``.png`` or ``.html``.

    Raises:
        UsageError: the ending is another one, or the file is there already and not ``force``.
        InputError: the file cannot be written.
    """
    ending = ".svg" if path == STANDARD_OUTPUT else path.suffix.lower()
    if ending == ".svg":
        data = drawn.svg.encode()
    elif ending == ".png":
        data = drawn.png()
    elif ending == ".html":
        data = world_page(language(code), drawn).encode()
    else:
        raise UsageError(
            f"A map cannot be written as {path.name!r}.", "Name the file .svg, .png or .html."
        )
    write_whole(path, data, force=force)
    return DrawnMap(
        file=str(path),
        title=drawn.title,
        time=drawn.time,
        countries=len(drawn.standings),
        simulated=drawn.simulated,
    )
