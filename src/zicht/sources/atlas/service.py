"""RIPE Atlas as a service: probes that are connected, by country and operator, every five minutes.

The archive of the day before tells which probes there are, where, and which of them are connected;
from then on each event of measurement 7000 changes the state of one. Both are asked for the whole
world at once, so that one country costs as much as all. A probe that falls silent is found to be
gone some minutes later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from zicht.model.entity import EntityFact, parse_entity
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Signal
from zicht.model.time import MICROSECONDS
from zicht.sources.answers import observations
from zicht.sources.atlas.reading import Events, Snapshot, next_page, read_events, read_snapshot
from zicht.sources.country import home, operator_entity
from zicht.sources.parsed import Parsed
from zicht.sources.service import Piece, Request, Service, midnight, query, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zicht.model.entity import Entity
    from zicht.sources.service import Answer

CONNECTED = Signal(
    name="atlas.connected",
    source="atlas",
    title="Connected RIPE Atlas probes",
    unit="probes",
    step=300,
    plane="data",
    scale="count",
    lag=900,
    licence="no licence stated",
    citation="RIPE NCC, RIPE Atlas, https://atlas.ripe.net",
    inputs=("atlas-probes",),
    instant=True,
)
"""Probes with a connection to a controller at the begin of the bin. Samples: those there are."""

_DAY = timedelta(days=1)
_STRETCH = timedelta(hours=6)  # of events in one request: a megabyte or two
_LATE = timedelta(hours=6)  # after which a stretch is taken to be complete
_LARGEST = 256 << 20  # bytes of an archive: some 40,000 probes with all that is known of them
_FEWEST = 6  # probes of an operator that was not asked for: of five, one at rest is a fifth
_ENOUGH = 50  # events that are to be expected where none is a fault
_PER_DAY = 1.0  # events a day of a connected probe, at the least


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(start, end, _DAY):
        before = midnight(begin) - _DAY
        stretches = (
            _events(address, first, last) for first, last in windows(before, until, _STRETCH)
        )
        requests = (_archive(address, before), *stretches)
        yield Piece(tuple(str(one) for one in entities), begin, until, requests)


def _archive(address: str, day: datetime) -> Request:
    return Request(
        query(address, "probes/archive/", date=f"{day:%F}", format="json"),
        topic="probes",
        largest=_LARGEST,
        needed=True,
        final=day + _DAY,
    )


def _events(address: str, start: datetime, end: datetime) -> Request:
    begin, stop = int(start.timestamp()), int(end.timestamp())
    return Request(
        query(address, "measurements/7000/results/", start=begin, stop=stop, format="json"),
        topic="events",
        subject=f"{begin} {stop}",
        largest=_LARGEST,
        final=end + _LATE,
    )


def _more(answer: Answer) -> Request | None:
    if answer.request.topic != "probes":
        return None
    address = next_page(answer)
    return None if address is None else replace(answer.request, address=address)


def _parse(piece: Piece, answers: Sequence[Answer]) -> Parsed:
    pages = [one for one in answers if one.request.topic == "probes"]
    stretches = [one for one in answers if one.request.topic == "events"]
    events = read_events(stretches)
    before = midnight(piece.start) - _DAY
    if not pages:
        note = f"RIPE Atlas has no archive of {before:%F} yet."
        return Parsed(OBSERVATIONS.empty_table(), (), notes=(note,))
    snapshot = read_snapshot(pages, int(before.timestamp()))
    blind = _blind_from(snapshot, events, stretches)
    times = _bins(piece)
    times = times if blind is None else times[times < blind]
    rows, facts = [], {}
    for entity, probes in _groups(snapshot, piece.entities).items():
        counts = _count(snapshot, probes, events, times)
        for time, count in zip(times.tolist(), counts.tolist(), strict=True):
            rows.append((CONNECTED.name, entity, time * MICROSECONDS, count, float(len(probes))))
        if entity.startswith("asn/"):
            countries = {snapshot.probes[one].country for one in probes}
            country = countries.pop() if len(countries) == 1 else None
            facts[entity] = EntityFact(entity=entity, country=country)
    return Parsed(observations(rows), (CONNECTED,), tuple(facts.values()), notes=_notes(blind))


def _notes(blind: int | None) -> tuple[str, ...]:
    if blind is None:
        return ()
    since = datetime.fromtimestamp(blind, UTC)
    return (f"RIPE Atlas tells of no event from {since:%F %H:%M} UTC on: that is its own fault.",)


def _bins(piece: Piece) -> NDArray[np.int64]:
    """int64[n]: the begins of the bins in seconds since 1970."""
    step = CONNECTED.step
    first, last = (-int(-time.timestamp() // step) * step for time in (piece.start, piece.end))
    return np.arange(first, last, step, dtype=np.int64)


def _groups(snapshot: Snapshot, entities: Sequence[str]) -> dict[str, list[int]]:
    """The ids of the probes of each entity; of a country's operators too that have enough.

    An entity without probes is none: nothing is measured there, which is something else than zero.
    """
    groups: dict[str, list[int]] = {}
    wanted = {text: parse_entity(text) for text in entities}
    countries = {one.country for one in wanted.values() if one.type == "country"}
    asked = {one.asn for one in wanted.values() if one.type == "asn"}
    parts = {(one.asn, one.country) for one in wanted.values() if one.type == "asn"}
    for number, probe in snapshot.probes.items():
        names = set()
        if probe.country in countries and probe.country is not None:
            names.add(f"country/{probe.country}")
            if probe.asn:
                names.add(operator_entity(probe.asn, probe.country))
        if probe.asn is not None and probe.asn in asked:
            if (probe.asn, probe.country) in parts:
                names.add(f"asn/{probe.asn}/{probe.country}")
            if (probe.asn, None) in parts and home(probe.asn) in {None, probe.country}:
                names.add(f"asn/{probe.asn}")
        for name in names:
            groups.setdefault(name, []).append(number)
    return {
        name: probes
        for name, probes in groups.items()
        if name in wanted or name.startswith("country/") or len(probes) >= _FEWEST
    }


def _count(
    snapshot: Snapshot, probes: Sequence[int], events: Events, times: NDArray[np.int64]
) -> NDArray[np.float64]:
    """float64[n]: how many of the probes are connected at each of the times.

    Each probe's state is that of the archive until its first event afterwards, then that of its
    last event.
    """
    own = np.isin(events.probes, probes) & (events.times > snapshot.time)
    state = {one: snapshot.probes[one].up for one in probes}
    begin = sum(state.values())
    moves, steps = [], []
    for time, probe, up in zip(
        events.times[own].tolist(),
        events.probes[own].tolist(),
        events.up[own].tolist(),
        strict=True,
    ):
        if state[probe] != up:
            state[probe] = up
            moves.append(time)
            steps.append(1 if up else -1)
    levels = np.concatenate([[begin], begin + np.cumsum(np.array(steps, dtype=np.int64))])
    counted: NDArray[np.float64] = levels[np.searchsorted(moves, times, side="right")].astype(
        np.float64
    )
    return counted


def _blind_from(snapshot: Snapshot, events: Events, stretches: Sequence[Answer]) -> int | None:
    """From when on (seconds since 1970) nothing is known, for events are missing.

    Of ten thousand probes some connect every minute. A time in which dozens would be expected and
    none is told of is a gap of the service, and after it the states are not known.
    """
    connected = sum(probe.up for probe in snapshot.probes.values())
    if not connected or not stretches:
        return None
    begin = int(stretches[0].request.subject.split()[0])
    end = int(stretches[-1].request.subject.split()[1])
    inside = events.times[(events.times >= begin) & (events.times < end)]
    edges = np.concatenate([[begin], inside, [end]])
    longest = _ENOUGH / (connected * _PER_DAY) * _DAY.total_seconds()
    gaps = np.flatnonzero(np.diff(edges) >= longest)
    return int(edges[gaps[0]]) if len(gaps) else None


def _sample(address: str, now: datetime) -> Request:
    return _events(address, now - timedelta(minutes=10), now)


SERVICE = Service(
    name="atlas",
    title="RIPE Atlas",
    address="https://atlas.ripe.net/api/v2",
    documentation="https://atlas.ripe.net/docs/apis/rest-api-manual/",
    signals=(CONNECTED,),
    types=frozenset({"country", "asn"}),
    cadence=timedelta(minutes=10),
    settling=timedelta(minutes=10),
    revised=_LATE,
    longest=_DAY,
    pace=1.0,
    plan=_plan,
    parse=_parse,
    sample=_sample,
    more=_more,
)
