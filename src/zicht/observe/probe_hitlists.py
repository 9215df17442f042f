"""Taking in lists of addresses that answer, so that a census need not find them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from zicht.observe.files import read_file, unpack
from zicht.observe.probe_histories import change_history, load_history
from zicht.sources.probe.hitlists import parse_hitlist
from zicht.sources.probe.joining import join

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zicht.sources.probe.history import BlockHistory


class HitlistImported(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken in of a list, in one family.

    Attributes:
        name: the file's name.
        family: 4 or 6.
        addresses: how many it has that answer.
        blocks: how many /24 or /48 they are in.
        new_blocks: how many of these were not known before.
        skipped: addresses and rows that were left out, of both families.
    """

    name: str
    family: int
    addresses: int
    blocks: int
    new_blocks: int
    skipped: int


def import_hitlists(
    store: Path, files: Sequence[str], *, on_bad: Literal["stop", "skip"] = "stop"
) -> list[HitlistImported]:
    """Take lists in, each whole or not at all, and add them to what is known of blocks.

    Args:
        store: the store's folder.
        files: their paths; they may be compressed, and ``-`` is standard input.
        on_bad: what to do at a row that cannot be read.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: a file cannot be read, or is something else.
        StoreError: what is known is damaged or cannot be written.
    """
    done = []
    for file in files:
        data = unpack(read_file(file), name=file)
        parsed = parse_hitlist(data, name=file, seen=int(time.time() * 1e6), on_bad=on_bad)
        for found in (parsed.ipv4, parsed.ipv6):
            if not len(found):
                continue
            known = load_history(store, ipv4=found.ipv4)
            _add(store, found)
            done.append(
                HitlistImported(
                    name=file,
                    family=4 if found.ipv4 else 6,
                    addresses=int(found.ever_active.sum()),
                    blocks=len(found),
                    new_blocks=int((~np.isin(found.high, known.high)).sum()),
                    skipped=parsed.skipped + len(parsed.bad_rows),
                )
            )
    return done


def _add(store: Path, found: BlockHistory) -> None:
    def change(history: BlockHistory) -> BlockHistory:
        return join(history, found, np.zeros(len(history), dtype=np.bool_))

    change_history(store, change, ipv4=found.ipv4)
