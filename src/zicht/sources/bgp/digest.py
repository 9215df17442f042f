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
    from collections.abc import Iterable, Sequence

    from zicht.sources.bgp.changes import Changes
    from zicht.sources.bgp.elements import Elements, Peer


@dataclass(frozen=True)
class Digest:
    """A file's statements, less what does not count.

    Attributes:
        collector: whose file it is.
        begin: time of its first statement, microseconds since 1970 UTC; 0 where it has none.
        ribs: the tables that are dumped in it, or ``None``.
        changes: the other statements, in the file's order.
        elements: how many elements were read.
    """

    collector: str
    begin: int
    ribs: Ribs | None
    changes: tuple[Changes, ...]
    elements: int


def digest(collector: str, elements: Iterable[Elements], peers: Sequence[Peer]) -> Digest:
    """Digest the elements of a file.

    Args:
        collector: whose file it is.
        elements: its batches.
        peers: the decoder's, which grow while the batches come.
    """
    ribs = Ribs()
    later: list[Changes] = []
    begin = count = 0
    for batch in elements:
        begin = begin or int(batch.time[0])
        count += len(batch)
        changes = changes_of(batch, peers)
        if len(changes) == 0:
            continue
        if changes.kind[0] == Kind.ROUTE and changes.kind[-1] == Kind.ROUTE:
            ribs.apply(changes)
        else:
            later.append(changes)
    return Digest(collector, begin, ribs if ribs.peers else None, tuple(later), count)
