"""Archives over HTTP: listing their folders."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zicht.errors import NotFoundError
from zicht.http import get
from zicht.sources.bgp.archives import ArchiveFile, months_of, parse_listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import httpx2

    from zicht.sources.bgp.collectors import Collector

_LARGEST = 64 << 20  # bytes of a listing


def list_archive(
    client: httpx2.Client,
    collector: Collector,
    start: datetime,
    end: datetime,
    *,
    address: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> list[ArchiveFile]:
    """The files of a collector in the months that ``[start, end)`` touches, sorted by time.

    A month of which the archive has no folder has no files.

    Args:
        client: of ``zicht.http.open_client``.
        collector: whose files.
        start: a time in the first month.
        end: a time in the last month, or the begin of the one after.
        address: of a mirror, where the project's own is not to be asked.
        pause: waits for so many seconds.

    Raises:
        InputError: what answers is no listing.
        SourceUnreachableError: the archive cannot be reached, or keeps failing.
    """
    found: list[ArchiveFile] = []
    for month in months_of(start, end):
        folders = (collector.folder(kind, month, address) for kind in ("rib", "updates"))
        for folder in dict.fromkeys(folders):
            try:
                page = get(
                    folder,
                    client=client,
                    accept="text/html",
                    largest=_LARGEST,
                    pause=pause,
                )
            except NotFoundError:
                continue
            found += parse_listing(page, address=folder, collector=collector.name)
    return sorted(found, key=lambda file: (file.time, file.kind))
