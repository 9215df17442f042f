"""Cloudflare Radar as a service: traffic and speed by country and operator, every hour.

It needs a token, free of charge (https://developers.cloudflare.com/radar/get-started/). Values of
traffic are parts of the largest *in the same answer*: each answer is on a scale of its own. So each
reaches back over a week that is stored already, and is brought to the scale of that.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import UsageError
from zicht.model.series import OBSERVATIONS, to_series
from zicht.model.signal import Signal
from zicht.sources.answers import to_observations
from zicht.sources.parsed import Parsed
from zicht.sources.radar.annotations import count_annotations, read_annotations
from zicht.sources.radar.reading import read_series
from zicht.sources.service import Piece, Request, Service, query, windows
from zicht.sources.steps import step_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.entity import Entity
    from zicht.model.sighting import Sighting
    from zicht.sources.service import Answer, Stored

TRAFFIC = Signal(
    name="radar.traffic",
    source="radar",
    title="Traffic to Cloudflare",
    unit="index",
    step=3600,
    plane="user",
    scale="index",
    lag=3600,
    licence="CC BY-NC 4.0",
    citation="Cloudflare Radar, https://radar.cloudflare.com",
    inputs=("cloudflare",),
)
"""Bytes of all products, as a part of the largest hour of the first answer that was stored."""

BANDWIDTH = msgspec.structs.replace(
    TRAFFIC,
    name="radar.bandwidth",
    title="Speed of downloads from Cloudflare, median",
    unit="Mbit/s",
    tells_outages=False,
    throughput=True,
)
"""The Internet Quality Index's median: how good connections are, not how many there are."""

_BACK = timedelta(days=7)
_FOUR_WEEKS = timedelta(days=28)
_PAGE = 100
_SHARED = 24  # bins that two answers must share to be brought to one scale
_SAME = 1e-3  # of the largest value: what rounding and a scale by hand make of the same value


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(start, end, _FOUR_WEEKS):
        for entity in entities:
            if entity.type == "asn" and entity.country is not None:
                raise UsageError(
                    f"Cloudflare Radar tells of operators as a whole, not of {entity}.",
                    f"Ask for asn/{entity.asn}.",
                )
            requests = (
                _request(address, "netflows/timeseries", entity, begin - _BACK, until),
                _request(address, "quality/iqi/timeseries_groups", entity, begin, until),
                _annotations(address, entity, begin, until),
            )
            yield Piece((str(entity),), begin, until, requests)


def _request(address: str, path: str, entity: Entity, start: datetime, end: datetime) -> Request:
    is_quality = path.startswith("quality")
    return Request(
        query(
            address,
            path,
            location=entity.code if entity.type == "country" else None,
            asn=entity.asn,
            dateStart=f"{start:%FT%TZ}",
            dateEnd=f"{end:%FT%TZ}",
            aggInterval="1h",
            product=None if is_quality else "ALL",
            metric="BANDWIDTH" if is_quality else None,
            interpolation="false" if is_quality else None,
            format="json",
        ),
        topic="bandwidth" if is_quality else "traffic",
        subject=str(entity),
    )


def _annotations(address: str, entity: Entity, start: datetime, end: datetime) -> Request:
    return Request(
        query(
            address,
            "annotations/outages",
            location=entity.code if entity.type == "country" else None,
            asn=entity.asn,
            dateStart=f"{start:%FT%TZ}",
            dateEnd=f"{end:%FT%TZ}",
            limit=_PAGE,
            offset=0,
            format="json",
        ),
        topic="annotations",
        subject="0",
    )


def _more(answer: Answer) -> Request | None:
    """A page that is full is followed by another."""
    if answer.request.topic != "annotations" or count_annotations(answer) < _PAGE:
        return None
    offset = int(answer.request.subject)
    head = answer.request.address.replace(f"&offset={offset}&", f"&offset={offset + _PAGE}&")
    return replace(answer.request, address=head, subject=str(offset + _PAGE))


def _parse(_: Piece, answers: Sequence[Answer]) -> Parsed:
    tables, signals = [OBSERVATIONS.empty_table()], {}
    sightings: tuple[Sighting, ...] | None = None
    for answer in answers:
        if answer.request.topic == "annotations":
            said = read_annotations(answer, TRAFFIC.licence, TRAFFIC.citation)
            sightings = (*(sightings or ()), *said)
            continue
        if answer.request.topic == "traffic":
            step, times, values = read_series(answer, "values", normalisation="MIN0_MAX")
            signal = _at_step(TRAFFIC, step)
        else:
            step, times, values = read_series(answer, "p50")
            signal = _at_step(BANDWIDTH, step)
        if len(times):
            tables.append(_table(signal, answer.request.subject, times, values))
            signals[signal.name] = signal
    return Parsed(pa.concat_tables(tables), tuple(signals.values()), sightings=sightings)


def _at_step(signal: Signal, step: int) -> Signal:
    if step == signal.step:
        return signal
    return msgspec.structs.replace(signal, name=f"{signal.name}.{step_text(step)}", step=step)


def _table(
    signal: Signal, entity: str, times: NDArray[np.int64], values: NDArray[np.float64]
) -> pa.Table:
    times, first = np.unique(times, return_index=True)
    count = len(times)
    return to_observations([signal.name] * count, [entity] * count, times, values[first])


def join(parsed: Parsed, stored: Stored) -> Parsed:
    """Bring each series of traffic to the scale of what is stored of it.

    The scale is the median ratio over the bins that both have, at least a day of them. Where
    nothing is stored, or nothing in common, the answer's own scale stays; the second is noted,
    since such stretches must not be compared. A value that is as it was but for rounding is left
    as it was.
    """
    notes, tables = list(parsed.notes), []
    for signal in parsed.signals:
        own = parsed.observations.filter(pc.equal(parsed.observations["signal"], signal.name))
        if not signal.name.startswith(TRAFFIC.name):
            tables.append(own)
            continue
        entity = own["entity"][0].as_py()
        before = stored(signal.name, entity)
        if before is None or len(before.values) == 0:
            tables.append(own)
            continue
        table, joined = _rescaled(own, signal, before.times, before.values)
        tables.append(table)
        if not joined:
            notes.append(
                f"{signal.name} of {entity}: nothing stored is near enough to bring these values to"
                " its scale; do not compare them."
            )
    table = pa.concat_tables(tables) if tables else parsed.observations
    return replace(parsed, observations=table, notes=tuple(notes))


def _rescaled(
    table: pa.Table,
    signal: Signal,
    known_times: NDArray[np.int64],
    known: NDArray[np.float64],
) -> tuple[pa.Table, bool]:
    entity = table["entity"][0].as_py()
    times = table["time"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    values = table["value"].to_numpy(zero_copy_only=False)
    fresh = to_series(signal, entity, times, values, np.full(len(times), np.nan))
    new_times, new = fresh.times, fresh.values
    shared, mine, theirs = np.intersect1d(new_times, known_times, return_indices=True)
    usable = (new[mine] > 0) & (known[theirs] > 0)
    if np.count_nonzero(usable) < _SHARED or len(shared) == 0:
        return table, False
    scaled = new * float(np.median(known[theirs][usable] / new[mine][usable]))
    close = np.abs(scaled[mine] - known[theirs]) <= _SAME * np.nanmax(known)
    scaled[mine[close]] = known[theirs[close]]
    kept = np.isin(new_times, times)
    count = int(np.count_nonzero(kept))
    return (
        to_observations([signal.name] * count, [entity] * count, new_times[kept], scaled[kept]),
        True,
    )


def _sample(address: str, now: datetime) -> Request:
    return Request(
        query(
            address,
            "netflows/timeseries",
            location="NL",
            dateStart=f"{now - timedelta(days=1):%FT%TZ}",
            dateEnd=f"{now:%FT%TZ}",
            aggInterval="1h",
            format="json",
        ),
        topic="traffic",
        subject="country/NL",
    )


SERVICE = Service(
    name="radar",
    title="Cloudflare Radar",
    address="https://api.cloudflare.com/client/v4/radar",
    documentation="https://developers.cloudflare.com/radar/get-started/",
    signals=(TRAFFIC, BANDWIDTH),
    types=frozenset({"country", "asn"}),
    cadence=timedelta(minutes=30),
    settling=timedelta(hours=1),
    revised=timedelta(days=2),
    longest=_FOUR_WEEKS,
    pace=1.0,
    plan=_plan,
    parse=_parse,
    sample=_sample,
    more=_more,
    join=join,
    token="ZICHT_RADAR_TOKEN",  # noqa: S106 - the name of a variable
)
