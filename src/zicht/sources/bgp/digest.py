"""The digest of a file: what of it matters to visibility, small enough to be sent elsewhere.

Files are digested beside one another, in threads, processes or on other machines; their digests
are taken in by one ``Visibility``, in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.sources.bgp.changes import changes_of
from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.ribs import Ribs

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.fetch.files import MrtFile
    from zicht.sources.bgp.problems import Problems


@dataclass(frozen=True)
class Digest:
    """A file's statements, less what does not count.

    Attributes:
        collector: whose file it is.
        begin: time of its first statement, microseconds since 1970 UTC; 0 where it has none.
        end: time of its latest one.
        ribs: the tables that are dumped in it, or ``None``.
        changes: the other statements, in the file's order.
        elements: how many elements were read.
        problems: what was wrong with the file.
    """

    collector: str
    begin: int
    end: int
    ribs: Ribs | None
    changes: tuple[Changes, ...]
    elements: int
    problems: Problems


def digest(collector: str, file: MrtFile, *, look_up: Callable[[], None] = lambda: None) -> Digest:
    """Digest a file while it is read.

    Args:
        collector: whose file it is.
        file: its batches of elements, its peers and its problems.
        look_up: called now and then; what it raises breaks this off.

    Raises:
        InputError: it is no file of MRT.
    """
    ribs = Ribs()
    later: list[Changes] = []
    begin = end = count = 0
    for batch in file:
        look_up()
        begin = begin or int(batch.time[0])
        end = max(end, int(batch.time.max()))
        count += len(batch)
        changes = changes_of(batch, file.peers)
        if not len(changes):
            continue
        routes = changes.kind == Kind.ROUTE
        if routes.all():
            ribs.apply(changes)
        elif not routes.any():
            later.append(changes)
        else:
            ribs.apply(changes.rows(routes))
            later.append(changes.rows(~routes))
    tables = ribs if ribs.peers else None
    return Digest(collector, begin, end, tables, tuple(later), count, file.problems)
