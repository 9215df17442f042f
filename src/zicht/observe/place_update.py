"""Fetching what the five regional registries delegated, each from its own server or from a mirror.

Every registry publishes its newest file daily under a fixed name, and its MD5 sum beside it (RIR
statistics exchange format, section 1).
"""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zicht.errors import InputError, NotFoundError, SourceUnreachableError
from zicht.http import get
from zicht.observe.files import unpack
from zicht.observe.places import PlaceImported, keep_places
from zicht.place.delegated import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDERS = {
    "afrinic": "https://ftp.afrinic.net/pub/stats/afrinic",
    "apnic": "https://ftp.apnic.net/stats/apnic",
    "arin": "https://ftp.arin.net/pub/stats/arin",
    "lacnic": "https://ftp.lacnic.net/pub/stats/lacnic",
    "ripencc": "https://ftp.ripe.net/pub/stats/ripencc",
}
"""Where each registry publishes its files."""

_FILE = "delegated-{}-extended-latest"
_MD5 = re.compile(rb"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")  # as md5sum or BSD's md5 do
_TRIES = 2  # a file and its sum may be of two days while they are being published


def update_places(
    store: Path,
    *,
    mirror: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> list[PlaceImported]:
    """Fetch the five registries' newest delegated-extended files and keep them by their days.

    A registry that cannot be reached is told of and keeps the others from nothing.

    Args:
        store: the store's folder.
        mirror: take ``MIRROR/ripencc/delegated-ripencc-extended-latest`` and so on instead.
        tell: told what is done, and what is wrong.
        pause: waits for so many seconds.

    Raises:
        SourceUnreachableError: a registry's file could not be had; the others are kept.
        StoreError: a file cannot be kept.
    """
    fetched, missing = [], []
    for registry in REGISTRIES:
        folder = f"{mirror.rstrip('/')}/{registry}" if mirror else FOLDERS[registry]
        address = f"{folder}/{_FILE.format(registry)}"
        try:
            tell(f"fetching {address}")
            data = unpack(_verified(address, tell, pause), name=address)
            fetched.append(
                keep_places(store, data, "delegated", address, datetime.now(UTC).date(), "skip")
            )
        except (InputError, NotFoundError, SourceUnreachableError) as error:
            tell(f"{registry}: {error}")
            missing.append(registry)
    if missing:
        raise SourceUnreachableError(
            f"{', '.join(missing)} could not be had; {len(fetched)} of {len(REGISTRIES)} registries"
            " are up to date.",
            "Try again later, or name a mirror.",
        )
    return fetched


def _verified(address: str, tell: Callable[[str], None], pause: Callable[[float], None]) -> bytes:
    """The bytes at an address, if their MD5 sum is the one that is published beside them."""
    found = expected = ""
    for _ in range(_TRIES):
        data = get(address, accept="*/*", pause=pause)
        try:
            published = _MD5.search(get(f"{address}.md5", accept="*/*", pause=pause))
        except NotFoundError:
            published = None
        if published is None:
            tell(f"{address} has no MD5 sum beside it; it is taken as it is.")
            return data
        found = hashlib.md5(data, usedforsecurity=False).hexdigest()
        expected = published[0].decode().lower()
        if found == expected:
            return data
    raise SourceUnreachableError(
        f"{address} is not what its MD5 sum says ({found}, not {expected})."
    )
