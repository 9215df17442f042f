"""Which lake a text or a path names."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zicht.errors import UsageError
from zicht.store.folder import FolderLake

if TYPE_CHECKING:
    from zicht.store.lake import Lake

SCHEMES = ("s3", "gs", "az")
"""Object stores: Amazon's S3 and all that speaks like it, Google's, Microsoft's."""

STATE = "ZICHT_STATE"
"""The environment's variable that names the folder for what stays on this host."""

_MANGLED = re.compile(rf"(?:{'|'.join(SCHEMES)}|https?):/[^/]")


def place_of(text: str) -> Path | str:
    """What ``--store`` names: a folder, or the address of an object store.

    Raises:
        UsageError: it is an address, and not one of an object store.
    """
    if "://" not in text:
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES:
        raise UsageError(
            f"{parts.scheme}:// is no kind of store.",
            f"Name a folder, or an address that begins with {', '.join(SCHEMES)}://.",
        )
    if not parts.netloc:
        raise UsageError(f"{text} names no bucket.", f"Write {parts.scheme}://BUCKET/PREFIX.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "The address of a store has a bucket and a prefix, and nothing else.",
            "Credentials and settings belong in the environment; docs/growing.md lists them.",
        )
    return text.rstrip("/")


def lake_of(place: Path | str) -> Lake:
    """The lake at a folder or an address.

    Raises:
        UsageError: it names none.
    """
    if isinstance(place, str):
        place = place_of(place)
    elif _MANGLED.match(str(place)):
        raise UsageError(f"{place} is the address of an object store.", "Give it as a str.")
    if isinstance(place, Path):
        return FolderLake(place)
    from zicht.store.bucket import BucketLake  # noqa: PLC0415 - slow to import, and seldom needed

    return BucketLake(place, host_folder(place))


def host_folder(place: Path | str) -> Path:
    """The folder of what a host keeps for itself beside a store: the store, where it is a folder.

    Beside an object store it lies in the folder that ``ZICHT_STATE`` names, else that systemd gives
    a service (``STATE_DIRECTORY``), else in ``~/.local/state/zicht`` or what ``XDG_STATE_HOME``
    makes of that.
    """
    if isinstance(place, str):
        place = place_of(place)
    if isinstance(place, Path):
        return place
    name = re.sub(r"[^A-Za-z0-9]+", "-", place)
    return _state_folder() / f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def _state_folder() -> Path:
    for variable in (STATE, "STATE_DIRECTORY"):
        if named := os.environ.get(variable, "").partition(":")[0].strip():
            return Path(named)
    state = os.environ.get("XDG_STATE_HOME", "").strip()
    return (Path(state) if state else Path.home() / ".local" / "state") / "zicht"
