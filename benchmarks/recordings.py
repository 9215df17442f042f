"""Quiet stretches of the real recordings, which are not part of the project."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.series import to_series
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.sources import google, ioda, peers, tor

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.model.series import Series
    from zicht.sources.parsed import Parsed

FOLDER = Path(os.environ.get("ZICHT_DATA", Path(__file__).parents[2] / "shared" / "data"))
_FEWEST = 24  # a series of fewer values tells nothing


class Quiet(NamedTuple):
    """A recording's stretch in which, as far as is known, nothing happened."""

    name: str
    files: str
    country: str
    parse: Callable[..., Parsed]
    start: datetime
    end: datetime


RECORDINGS = (
    # The blackout begins on the 16th; the recording on the 14th.
    Quiet(
        "Iran 2019, IODA",
        "series/ioda-iran-2019/20191123-ioda-iran-charts.csv",
        "IR",
        ioda.parse,
        datetime(2019, 11, 14, tzinfo=UTC),
        datetime(2019, 11, 16, tzinfo=UTC),
    ),
    Quiet(
        "Iran 2025, IODA by half-hours",
        "series/ioda-iran-2026/*.csv",
        "IR",
        ioda.parse,
        datetime(2025, 12, 1, tzinfo=UTC),
        datetime(2026, 1, 7, tzinfo=UTC),
    ),
    Quiet(
        "Iran 2019, RouteViews",
        "series/routeviews-prefix-peers-iran-2019/*.csv",
        "IR",
        peers.parse,
        datetime(2019, 10, 1, tzinfo=UTC),
        datetime(2019, 11, 16, tzinfo=UTC),
    ),
    # The surge of September 2022 is no quiet stretch.
    Quiet(
        "Iran 2021-22, Tor",
        "series/tor-ooni/tor-data-ir.csv",
        "IR",
        tor.parse,
        datetime(2021, 1, 1, tzinfo=UTC),
        datetime(2022, 9, 1, tzinfo=UTC),
    ),
    Quiet(
        "Türkiye 2021-22, Tor",
        "series/tor-ooni/tor-data-tr.csv",
        "TR",
        tor.parse,
        datetime(2021, 1, 1, tzinfo=UTC),
        datetime(2022, 9, 1, tzinfo=UTC),
    ),
    Quiet(
        "Netherlands 2019-25, YouTube",
        "series/google-transparency/NL.csv",
        "NL",
        google.parse,
        datetime(2019, 1, 1, tzinfo=UTC),
        datetime(2025, 2, 1, tzinfo=UTC),
    ),
)


def load(quiet: Quiet) -> list[Series]:
    """The series of a stretch, without those of hardly any values."""
    found: list[Series] = []
    for path in sorted(FOLDER.glob(quiet.files)):
        parsed = quiet.parse(
            path.read_bytes(), name=path.name, country=quiet.country, on_bad="skip"
        )
        signals = {signal.name: signal for signal in parsed.signals}
        keys = parsed.observations.group_by(["signal", "entity"]).aggregate([]).to_pylist()
        for key in sorted(keys, key=lambda key: (key["signal"], key["entity"])):
            rows = parsed.observations.filter(
                pc.and_(
                    pc.equal(parsed.observations["signal"], key["signal"]),
                    pc.equal(parsed.observations["entity"], key["entity"]),
                )
            )
            times = rows["time"].cast(pa.int64()).to_numpy()
            values = rows["value"].to_numpy(zero_copy_only=False).astype(np.float64)
            one = to_series(
                signals[key["signal"]], key["entity"], times, values, np.full(len(times), np.nan)
            )
            one = _between(one, quiet.start, quiet.end)
            if np.isfinite(one.values).sum() >= _FEWEST and np.nansum(one.values) > 0:
                found.append(one)
    return found


def _between(series: Series, start: datetime, end: datetime) -> Series:
    step = series.signal.step * MICROSECONDS
    first = max(-(-(to_microseconds(start) - series.start) // step), 0)
    last = max((to_microseconds(end) - series.start) // step, first)
    return replace(
        series,
        start=series.start + first * step,
        values=series.values[first:last],
        samples=series.samples[first:last],
    )
