"""The names of watches, of which several may share a store."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.observe.watch_state import LOCAL

if TYPE_CHECKING:
    from zicht.observe.watch import Watching

_LONGEST = 32
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{_LONGEST - 1}}}")


def watch_name(watching: Watching) -> str:
    """A watch's name: the one it was given, else the host's where others write to the store too.

    Raises:
        UsageError: it is none.
    """
    if not watching.name:
        host = re.sub(r"[^a-z0-9]+", "-", os.uname().nodename.lower()).strip("-")[:_LONGEST]
        return host or LOCAL if watching.store.lake.shared else LOCAL
    if not _NAME.fullmatch(watching.name):
        raise UsageError(
            f"{watching.name!r} is no name for a watch.",
            f"Take up to {_LONGEST} small letters, digits and hyphens, such as ams-1.",
        )
    return watching.name
