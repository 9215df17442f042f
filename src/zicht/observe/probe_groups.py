"""Whom the blocks of a history belong to, by the tables that the store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import NotFoundError
from zicht.observe.place_tables import load_origins
from zicht.observe.places import load_blocks
from zicht.sources.probe.groups import Groups, group_blocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from zicht.sources.probe.history import BlockHistory


def load_groups(
    store: Path,
    history: BlockHistory,
    as_of: date | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Groups:
    """The entities of each block of a history; what no table tells is left out, and that is told.

    Raises:
        StoreError: a table is damaged.
    """
    try:
        blocks = load_blocks(store, as_of, tell)
    except NotFoundError as error:
        tell(str(error))
        blocks = None
    origins = load_origins(store, as_of, tell)
    if origins is None:
        tell(
            "Which operators blocks are of is not known. Take in a table of origins:"
            " zicht place import --kind origins FILE."
        )
    return group_blocks(history.high, ipv4=history.ipv4, blocks=blocks, origins=origins)
