"""A watch in a process of its own: ``python watch_child.py PLACE NAME EXPIRY SETTINGS``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from zicht.observe.settings import read_settings
from zicht.observe.watch import Watching, watch
from zicht.observe.watch_clock import clock_of
from zicht.observe.watch_log import open_log
from zicht.store import open_store


def run(place: str, name: str, expiry: str, settings: str) -> None:
    """Watch until killed; the log goes to standard output."""
    watching = Watching(
        store=open_store(place, create=True),
        settings=read_settings(Path(settings)),
        log=open_log(sys.stdout, as_json=True),
        entities=["country/IS", "country/FO"],
        clock=clock_of(os.environ),
        name=name,
        expiry=float(expiry),
    )
    watch(watching, threading.Event())


if __name__ == "__main__":
    run(*sys.argv[1:])
