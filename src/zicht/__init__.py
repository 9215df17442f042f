"""Zicht: an open, self-hosted observatory of connectivity.

The library's public names. Each is loaded when it is first used, so that ``import zicht`` is quick;
each command of the command line is a thin shell over one of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from zicht.kernels import keep_compiled
from zicht.version import __version__

if TYPE_CHECKING:
    from zicht.detect.assess import assess
    from zicht.detect.detection import Detection
    from zicht.errors import ZichtError
    from zicht.model.belief import Assessment
    from zicht.model.claim import CheckedReport, Claim
    from zicht.model.entity import Entity, parse_entity
    from zicht.model.finding import Finding
    from zicht.model.label import Label
    from zicht.model.outage import Event, Outage
    from zicht.model.series import Series, to_series
    from zicht.model.sighting import Sighting
    from zicht.model.signal import Origin, Signal
    from zicht.model.status import Status
    from zicht.observe.bulletins import bulletin
    from zicht.observe.checking import check_report
    from zicht.observe.detection import run_detection
    from zicht.observe.evidence import Evidence, evidence, list_events, list_sightings
    from zicht.observe.fetching import fetch_source
    from zicht.observe.ingest import import_files
    from zicht.observe.pictures import chart
    from zicht.observe.place_show import show_place
    from zicht.observe.place_update import update_places
    from zicht.observe.places import import_places, load_blocks
    from zicht.observe.routes import backfill_routes
    from zicht.observe.scoring import read_labels, score_store
    from zicht.observe.status import status
    from zicht.observe.world import world
    from zicht.store import Store, open_store

_HOMES = {
    "Assessment": "zicht.model.belief",
    "CheckedReport": "zicht.model.claim",
    "Claim": "zicht.model.claim",
    "Detection": "zicht.detect.detection",
    "Entity": "zicht.model.entity",
    "Event": "zicht.model.outage",
    "Evidence": "zicht.observe.evidence",
    "Finding": "zicht.model.finding",
    "Label": "zicht.model.label",
    "Origin": "zicht.model.signal",
    "Outage": "zicht.model.outage",
    "Series": "zicht.model.series",
    "Sighting": "zicht.model.sighting",
    "Signal": "zicht.model.signal",
    "Status": "zicht.model.status",
    "Store": "zicht.store",
    "ZichtError": "zicht.errors",
    "assess": "zicht.detect.assess",
    "backfill_routes": "zicht.observe.routes",
    "bulletin": "zicht.observe.bulletins",
    "chart": "zicht.observe.pictures",
    "check_report": "zicht.observe.checking",
    "evidence": "zicht.observe.evidence",
    "fetch_source": "zicht.observe.fetching",
    "import_files": "zicht.observe.ingest",
    "import_places": "zicht.observe.places",
    "list_events": "zicht.observe.evidence",
    "list_sightings": "zicht.observe.evidence",
    "load_blocks": "zicht.observe.places",
    "open_store": "zicht.store",
    "parse_entity": "zicht.model.entity",
    "read_labels": "zicht.observe.scoring",
    "run_detection": "zicht.observe.detection",
    "score_store": "zicht.observe.scoring",
    "show_place": "zicht.observe.place_show",
    "status": "zicht.observe.status",
    "to_series": "zicht.model.series",
    "update_places": "zicht.observe.place_update",
    "world": "zicht.observe.world",
}

__all__ = [
    "Assessment",
    "CheckedReport",
    "Claim",
    "Detection",
    "Entity",
    "Event",
    "Evidence",
    "Finding",
    "Label",
    "Origin",
    "Outage",
    "Series",
    "Sighting",
    "Signal",
    "Status",
    "Store",
    "ZichtError",
    "__version__",
    "assess",
    "backfill_routes",
    "bulletin",
    "chart",
    "check_report",
    "evidence",
    "fetch_source",
    "import_files",
    "import_places",
    "list_events",
    "list_sightings",
    "load_blocks",
    "open_store",
    "parse_entity",
    "read_labels",
    "run_detection",
    "score_store",
    "show_place",
    "status",
    "to_series",
    "update_places",
    "world",
]

keep_compiled()


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'zicht' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
