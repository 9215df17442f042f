"""Small worlds for the tests of what is published: made up, and with a known truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from zicht.model.belief import Assessment
from zicht.model.entity import EntityFact
from zicht.model.outage import Event, Operator, Outage, Phase, PlaneState, Restoration, Source
from zicht.model.series import Series
from zicht.model.signal import Origin, Plane, Signal
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.publish.chart_data import LocalTime

START = datetime(2030, 3, 4, tzinfo=UTC)
END = datetime(2030, 3, 12, tzinfo=UTC)
ONSET = datetime(2030, 3, 7, 9, 0, tzinfo=UTC)
LIFTED = datetime(2030, 3, 8, 3, 0, tzinfo=UTC)
AGAIN = datetime(2030, 3, 8, 9, 0, tzinfo=UTC)
RESTORED = datetime(2030, 3, 9, 21, 30, tzinfo=UTC)
__all__ = ["Assessment", "replace"]
ALMATY = LocalTime(ZoneInfo("Asia/Almaty"), "Almaty")


def signal(name: str, plane: Plane, title: str, unit: str, step: int) -> Signal:
    return Signal(
        name=name,
        source=name.split(".", maxsplit=1)[0],
        title=title,
        unit=unit,
        step=step,
        plane=plane,
        scale="count",
        lag=0,
        licence="CC0 1.0",
        citation="The lab of Zicht",
    )


ROUTES = signal("bgp.visible24", "control", "Visible routes", "/24 blocks", 300)
PINGS = signal("probe.answering", "data", "Answers to probes", "/24 blocks", 600)
TRAFFIC = signal("google.search", "user", "Search traffic", "index", 3600)

LAB = Origin(
    id="0a1b2c3d",
    source="lab",
    name="world.csv",
    sha256="00" * 32,
    licence="CC0 1.0",
    citation="The lab of Zicht, a made-up blackout",
    simulated=True,
)
MEASURED = Origin(
    id="4e5f6a7b",
    source="probe",
    name="probe.csv",
    sha256="11" * 32,
    licence="CC BY 4.0",
    citation="A made-up source for tests",
)


def assess(  # noqa: PLR0913 - a world is made of many choices
    spec: Signal,
    entity: str,
    *,
    level: float,
    share: dict[tuple[datetime, datetime], float],
    gaps: tuple[tuple[datetime, datetime], ...] = (),
    sick: tuple[tuple[datetime, datetime], ...] = (),
    noise: float = 0.03,
    start: datetime = START,
    end: datetime = END,
    origin: Origin = LAB,
    seed: int = 1,
) -> Assessment:
    """A series with a daily rhythm, multiplied by ``share`` within its stretches."""
    chance = np.random.default_rng(seed)
    step = spec.step * MICROSECONDS
    first = to_microseconds(start)
    times = np.arange(first, to_microseconds(end), step)
    hours = times / (3600 * MICROSECONDS)
    expected = level * (1 + 0.12 * np.sin((hours - 9) / 24 * 2 * np.pi))
    left = np.ones(len(times))
    for (begin, until), part in share.items():
        left[_within(times, begin, until)] = part
    values = np.round(expected * left * (1 + noise * chance.standard_normal(len(times))), 2)
    values = np.maximum(values, 0)
    for begin, until in gaps:
        values[_within(times, begin, until)] = np.nan
    is_sick = np.zeros(len(times))
    for begin, until in sick:
        values[_within(times, begin, until)] = 0.0
        is_sick[_within(times, begin, until)] = 1.0
    connectivity = np.where(is_sick > 0, np.nan, values / expected * 100)
    zeros = np.zeros(len(times))
    return Assessment(
        series=Series(spec, entity, first, values, np.full(len(times), np.nan), (origin,)),
        expected=expected,
        expected_low=expected * (1 - 2 * noise),
        expected_high=expected * (1 + 2 * noise),
        connectivity=connectivity,
        ordinary_above=np.full(len(times), 80.0),
        belief_outage=zeros,
        belief_outage_later=zeros,
        share=zeros + 100,
        share_low=zeros + 90,
        share_high=zeros + 100,
        sick=is_sick,
    )


def _within(
    times: np.typing.NDArray[np.int64], begin: datetime, until: datetime
) -> np.typing.NDArray[np.bool_]:
    return (times >= to_microseconds(begin)) & (times < to_microseconds(until))


def outage(
    spec: Signal,
    entity: str,
    onset: datetime,
    end: datetime | None,
    depth: float,
    *,
    ongoing: bool | None = False,
    simulated: bool = True,
) -> Outage:
    step = timedelta(seconds=spec.step)
    return Outage(
        id=f"{spec.name}-{entity.replace('/', '-')}-{onset:%Y%m%dT%H%M}",
        signal=spec.name,
        plane=spec.plane,
        entity=entity,
        onset=(onset, onset + step),
        end=None if end is None else (end, end + step),
        ongoing=ongoing,
        depth_percent=depth,
        depth_interval=(max(depth - 1.5, 0), depth + 2),
        belief=0.999,
        alerted_at=onset + 2 * step,
        samples=100,
        simulated=simulated,
    )


@dataclass(frozen=True)
class World:
    assessments: list[Assessment]
    outages: list[Outage]
    facts: dict[str, EntityFact]
    event: Event


def blackout(*, simulated: bool = True) -> World:
    """Two cuts, a window between: packets and use die, routes stay. A gap, a sick stretch."""
    country = "country/KZ"
    origin = LAB if simulated else MEASURED
    cuts = {(ONSET, LIFTED): 0.04, (LIFTED, AGAIN): 0.62, (AGAIN, RESTORED): 0.05}
    day = timedelta(days=1)
    assessments = [
        assess(
            ROUTES,
            country,
            level=12_400,
            share={(ONSET, RESTORED): 0.97},
            noise=0.004,
            gaps=((START + 1.2 * day, START + 1.5 * day),),
            origin=origin,
        ),
        assess(PINGS, country, level=9_800, share=cuts, noise=0.03, origin=origin, seed=2),
        assess(
            TRAFFIC,
            country,
            level=61,
            share=cuts,
            noise=0.06,
            sick=((RESTORED + 0.5 * day, RESTORED + 1.3 * day),),
            origin=origin,
            seed=3,
        ),
    ]
    operators = [
        EntityFact(entity="asn/64500", name="Qala Mobile", country="KZ", kind="mobile"),
        EntityFact(entity="asn/64501", name="Dala Fixed", country="KZ", kind="fixed"),
    ]
    ends = {"asn/64500": RESTORED, "asn/64501": RESTORED + 0.5 * day}
    shares = {"asn/64500": 0.0, "asn/64501": 0.31}
    for number, fact in enumerate(operators):
        assessments.append(
            assess(
                PINGS,
                fact.entity,
                level=820 - 300 * number,
                share={(ONSET, ends[fact.entity]): shares[fact.entity]},
                noise=0.05,
                end=ends[fact.entity] if number else END,
                origin=origin,
                seed=10 + number,
            )
        )
    outages = [
        outage(PINGS, country, ONSET, LIFTED, 4.1, simulated=simulated),
        outage(PINGS, country, AGAIN, RESTORED, 5.2, simulated=simulated),
        outage(TRAFFIC, country, ONSET, LIFTED, 4.4, simulated=simulated),
        outage(TRAFFIC, country, AGAIN, RESTORED, 5.6, simulated=simulated),
        outage(PINGS, "asn/64500", ONSET, RESTORED, 0.0, simulated=simulated),
        outage(PINGS, "asn/64501", ONSET, None, 31.0, ongoing=None, simulated=simulated),
    ]
    facts = {fact.entity: fact for fact in operators}
    return World(assessments, outages, facts, _event(outages, operators, simulated=simulated))


def _event(outages: list[Outage], operators: list[EntityFact], *, simulated: bool) -> Event:
    of = {outage.entity: outage for outage in outages}
    planes = {
        "control": PlaneState(signal=ROUTES.name, connectivity_percent=97.2),
        "data": PlaneState(signal=PINGS.name, connectivity_percent=4.1),
        "user": PlaneState(signal=None, connectivity_percent=None),
    }
    return Event(
        id="kz-2030-03-07",
        entity="country/KZ",
        event_class="routes-up-packets-dead",
        onset=outages[0].onset,
        end=outages[1].end,
        ongoing=False,
        depth_percent=4.1,
        depth_signal=PINGS.name,
        phases=(
            Phase(start=ONSET, end=LIFTED, event_class="routes-up-packets-dead", planes=planes),
            Phase(start=AGAIN, end=RESTORED, event_class="routes-up-packets-dead", planes=planes),
        ),
        outages=tuple(outage.id for outage in outages),
        operators=tuple(
            Operator(
                entity=fact.entity,
                name=fact.name,
                kind=fact.kind,
                onset=of[fact.entity].onset,
                end=of[fact.entity].end,
                depth_percent=of[fact.entity].depth_percent,
                signal=PINGS.name,
            )
            for fact in operators
        ),
        restorations=(
            Restoration(start=LIFTED, end=AGAIN, signal=PINGS.name, connectivity_percent=62.0),
        ),
        recurrences=1,
        shutdown_likelihood=None,
        sources=tuple(
            Source(
                signal=spec.name, licence=spec.licence, citation=spec.citation, simulated=simulated
            )
            for spec in (ROUTES, PINGS)
        ),
        simulated=simulated,
        revision=2,
        as_of=END,
    )
