"""The recordings of the scorecard: imported, detected, judged, drawn."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from scorecard_peers import as_quiet_as, beside_chocolatine

from zicht.errors import NotFoundError
from zicht.lab.labels import truth_csv, truth_of_world
from zicht.lab.series import record
from zicht.lab.world import open_scenario
from zicht.model.time import from_microseconds
from zicht.observe.ingest import import_files
from zicht.observe.pictures import chart, draw_to_file
from zicht.observe.scoring import (
    ALERTS,
    OURS,
    cases_of,
    collect,
    judge_cases,
    judge_store,
    known_baselines,
)
from zicht.score.labels import LabelFile, parse_labels
from zicht.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zicht.observe.scoring import Scored
    from zicht.score.judge import Trial, Verdict
    from zicht.store import Store

KNOWN_AT = datetime(2026, 2, 1, tzinfo=UTC)  # the same every time

Verdicts = dict[str, "list[Verdict]"]
"""The verdicts on each series, by detector."""


@dataclass(frozen=True)
class Recording:
    """A recording that is scored.

    Attributes:
        name: its name on the page.
        source: what imports it.
        files: its files, as a pattern within the folder of the data.
        licence: under which it was published.
        pictures: whether its series may be shown.
        options: what the import needs to be told.
    """

    name: str
    source: str
    files: str
    licence: str
    pictures: bool = False
    options: dict[str, Any] = field(default_factory=dict)


_NONE = "none stated"
_IR = {"country": "IR"}
_TR = {"country": "TR"}
RECORDINGS = (
    Recording(
        "Iran 2019, IODA's signals",
        "ioda",
        "series/ioda-iran-2019/*-charts.csv",
        "CC BY 3.0 (OONI)",
        pictures=True,
        options=_IR,
    ),
    Recording(
        "Iran 2019, RouteViews' peers",
        "peers",
        "series/routeviews-prefix-peers-iran-2019/*.csv",
        _NONE,
        options=_IR,
    ),
    Recording("Iran 2019, answers by county", "icmp", "series/icmp-iran-2019/*.csv", "GPL-3"),
    Recording(
        "Iran 2026, IODA's export", "ioda", "series/ioda-iran-2026/*.csv", _NONE, options=_IR
    ),
    Recording(
        "Netherlands 2019-2025, Google",
        "google",
        "series/google-transparency/*.csv",
        "beside the file",
        options={"country": "NL"},
    ),
    Recording(
        "Iran 2021-2023, Tor",
        "tor",
        "series/tor-ooni/tor-data-ir.csv",
        "beside the file",
        options=_IR,
    ),
    Recording(
        "Turkey 2021-2023, Tor",
        "tor",
        "series/tor-ooni/tor-data-tr.csv",
        "beside the file",
        options=_TR,
    ),
    Recording(
        "Iran 2021-2023, OONI",
        "ooni",
        "series/tor-ooni/ooni-data-ir.csv",
        "beside the file",
        options=_IR,
    ),
    Recording(
        "Turkey 2021-2023, OONI",
        "ooni",
        "series/tor-ooni/ooni-data-tr.csv",
        "beside the file",
        options=_TR,
    ),
)


@dataclass(frozen=True)
class Run:
    """What came of one run over everything.

    Attributes:
        verdicts: those of each recording, by its name.
        scored: all recordings together.
        equal: the others, as strict as it takes to be as quiet as Zicht.
        sample: ours and Chocolatine's, on the sample that it can judge; empty without statsmodels.
        lab: the lab's reconstruction.
        pictures: charts of failures, as SVG by file name.
    """

    verdicts: dict[str, Verdicts]
    scored: Scored
    equal: Scored
    sample: Scored
    lab: Scored
    pictures: dict[str, bytes]


def run(data: Path, file: LabelFile) -> Run:
    """Import the recordings of a folder, each into a store of its own, and judge what is found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores = {
            one.name: _import(one, data, folder / str(number))
            for number, one in enumerate(RECORDINGS)
        }
        sides = {name: cases_of(store, file) for name, store in stores.items()}
        verdicts = {name: judge_cases(side, known_baselines()) for name, side in sides.items()}
        world, lab = _lab(folder)
        whole, all_sides = _together(verdicts.values()), list(sides.values())
        return Run(
            verdicts=verdicts,
            scored=collect(whole),
            equal=collect(as_quiet_as(whole[OURS], all_sides)),
            sample=collect(beside_chocolatine(whole[OURS], whole[ALERTS], all_sides)),
            lab=lab,
            pictures={
                name: svg
                for one in RECORDINGS
                if one.pictures
                for name, svg in _pictures(verdicts[one.name][OURS], stores[one.name], folder)
            }
            | dict(_pictures(lab.verdicts[OURS], world, folder)),
        )


def _import(recording: Recording, data: Path, folder: Path) -> Store:
    files = sorted(data.glob(recording.files))
    if not files:
        raise NotFoundError(f"{recording.files} is not in {data}.")
    store = open_store(folder, create=True)
    import_files(
        store, recording.source, files, on_bad="skip", known_at=KNOWN_AT, **recording.options
    )
    return store


def _together(parts: Iterable[Verdicts]) -> Verdicts:
    whole: Verdicts = {}
    for part in parts:
        for method, verdicts in part.items():
            whole.setdefault(method, []).extend(verdicts)
    return whole


def _lab(folder: Path) -> tuple[Store, Scored]:
    """The lab's reconstruction, all of it at once, against its own truth."""
    recording = record(open_scenario("kazakhstan-2022"))
    store = open_store(folder / "world", create=True)
    ((known_at, table),) = recording.deliveries([KNOWN_AT])
    store.append(
        table,
        signals=recording.signals.values(),
        origin=recording.origin,
        entities=recording.entities,
        known_at=known_at,
    )
    truth = parse_labels(truth_csv(truth_of_world(recording.world)), name="truth.csv").labels
    labels = tuple(
        msgspec.structs.replace(one, event=f"{one.entity} {one.begin[0]:%Y-%m-%d}") for one in truth
    )
    return store, collect(judge_store(store, LabelFile(labels), baselines=known_baselines()))


LATE = 2.0  # bins
MOST_PICTURES = 3


def late_alerts(verdicts: Iterable[Verdict]) -> list[tuple[Trial, float]]:
    """The labels whose alert came late, and how many bins after the latest begin."""
    found = [t for one in verdicts for t in one.trials if t.scoreable and t.found]
    bins = [
        (from_microseconds(min(one.alerted for one in trial.findings)) - trial.label.begin[1])
        / timedelta(seconds=trial.series.signal.step)
        for trial in found
    ]
    return [(trial, late) for trial, late in zip(found, bins, strict=True) if late > LATE]


def _pictures(verdicts: list[Verdict], store: Store, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Charts of where Zicht failed, as SVG with their file names."""
    failed = {
        (one.entity, one.signal)
        for one in collect({OURS: verdicts}).failures
        if one.kind != "doubtful"
    }
    failed |= {
        (trial.series.entity, trial.series.signal.name) for trial, _ in late_alerts(verdicts)
    }
    for entity in sorted({entity for entity, _ in failed})[:MOST_PICTURES]:
        signals = sorted(signal for other, signal in failed if other == entity)
        ours = [one.case.series for one in verdicts if one.case.series.entity == entity]
        end = max(int(one.times[-1]) for one in ours)
        name = f"failure-{entity.replace('/', '-')}.svg"
        drawn = chart(
            store, entity, signals=signals, start=from_microseconds(end) - timedelta(days=10)
        )
        draw_to_file(drawn, folder / name)
        yield name, (folder / name).read_bytes()
