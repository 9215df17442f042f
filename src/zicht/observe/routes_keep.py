"""Bins of files of routes, kept in the store as they are counted."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.model.signal import Origin
from zicht.observe.routes_files import collector_of
from zicht.observe.routes_visibility import fact_of
from zicht.sources.bgp.collectors import PROJECTS, find_collectors
from zicht.sources.bgp.series import observations
from zicht.sources.bgp.signals import SIGNALS, on_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zicht.sources.bgp.series import Bin
    from zicht.store import Store

_HOUR = 3600  # seconds of bins in one commit


def keep_bins(store: Store, bins: Iterable[Bin], step: int, origin: Origin) -> Iterator[Bin]:
    """Store bins, an hour of them in each commit, and hand them on.

    Args:
        store: where they go.
        bins: in the order of time.
        step: length of a bin in seconds.
        origin: where they come from; ``origin_of_files`` makes one.

    Raises:
        StoreError: the store failed; what was committed before stays.
    """
    signals = [on_step(signal, step) for signal in SIGNALS]
    rest = iter(bins)
    while hour := list(islice(rest, max(_HOUR // step, 1))):
        table = observations(hour, step)
        if table.num_rows:
            store.append(
                table,
                signals=signals,
                origin=origin,
                entities=[fact_of(name) for name in table["entity"].unique().to_pylist()],
                known_at=datetime.now(UTC),
            )
        yield from hour


def origin_of_files(files: Sequence[str], *, simulated: bool = False) -> Origin:
    """Where bins of files come from, under the licence of the projects that they name."""
    names = ", ".join(PurePath(file).name for file in files)
    terms = sorted({_terms(file) for file in files})
    licence, citation = ("; ".join(dict.fromkeys(term[part] for term in terms)) for part in (0, 1))
    said = msgspec.json.encode(("bgp", names, licence, citation, simulated))
    return Origin(
        id=hashlib.sha256(said).hexdigest()[:16],
        source="bgp",
        name=names,
        sha256="",
        licence=licence,
        citation=citation,
        simulated=simulated,
    )


def _terms(file: str) -> tuple[str, str]:
    try:
        (collector,) = find_collectors([collector_of(file)])
    except UsageError:
        return "no licence stated", "no source stated"
    project = PROJECTS[collector.project]
    return project.licence, project.citation
