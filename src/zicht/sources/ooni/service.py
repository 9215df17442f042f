"""OONI's aggregation API: measurements a day, and the share of them without an anomaly, by test.

The API is documented at https://api.ooni.io/apidocs/ and its counts in OONI's data documentation
(https://docs.ooni.org/data): each measurement is one of ``ok``, ``anomaly``, ``confirmed`` and
``failure``. The share without an anomaly is of those that did not fail. An anomaly is a sign of
interference and no proof of it; of web sites it depends on which sites were tested.

That a messenger is blocked is another thing than an outage: these shares tell of blocks alone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import InputError
from zicht.model.entity import Entity, EntityFact
from zicht.model.time import to_microseconds
from zicht.sources.answers import LARGEST_VALUE, check_time, decode, observations
from zicht.sources.country import home, operator_entity
from zicht.sources.ooni.tables import MEASUREMENTS
from zicht.sources.parsed import Parsed
from zicht.sources.service import Piece, Request, Service, midnight, query, whole_days, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.model.signal import Signal
    from zicht.sources.service import Answer

    Row = tuple[str, str, int, float, float]

_PLATFORMS = {
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "facebook_messenger": "Facebook Messenger",
    "signal": "Signal",
    "tor": "Tor",
    "psiphon": "Psiphon",
    "web_connectivity": "web sites",
}
"""The services by the names of OONI's tests."""


def _working(test: str, platform: str, title: str) -> Signal:
    return msgspec.structs.replace(
        MEASUREMENTS,
        name=f"ooni.working.{test.replace('_', '-')}",
        title=title,
        unit="% of tests",
        scale="share",
        tells_outages=False,
        platform=platform,
    )


_TITLES = {
    "whatsapp": "Tests of WhatsApp without an anomaly",
    "telegram": "Tests of Telegram without an anomaly",
    "facebook_messenger": "Tests of Facebook Messenger without an anomaly",
    "signal": "Tests of Signal without an anomaly",
    "tor": "Tests of Tor without an anomaly",
    "psiphon": "Tests of Psiphon without an anomaly",
    "web_connectivity": "Tests of web sites without an anomaly",
}
WORKING = {test: _working(test, platform, _TITLES[test]) for test, platform in _PLATFORMS.items()}
"""Signals by the names of OONI's tests."""

_SAMPLED = Entity("country", "NL", country="NL")
_QUARTER = timedelta(days=90)
_TITLE = "OONI's API"


class _Row(msgspec.Struct):
    measurement_start_day: str
    measurement_count: int
    ok_count: int
    anomaly_count: int
    confirmed_count: int
    failure_count: int
    test_name: str | None = None
    probe_asn: int | str | None = None


class _Answer(msgspec.Struct):
    result: list[_Row]


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(*whole_days(start, end), _QUARTER):
        for entity in entities:
            axes = ("test_name",) if entity.type == "asn" else ("test_name", "probe_asn")
            requests = tuple(_request(address, entity, begin, until, axis) for axis in axes)
            yield Piece((str(entity),), begin, until, requests)


def _request(address: str, entity: Entity, start: datetime, end: datetime, axis: str) -> Request:
    country = entity.country or (home(entity.asn) if entity.asn is not None else None)
    return Request(
        query(
            address,
            "api/v1/aggregation",
            probe_cc=country,
            probe_asn=None if entity.asn is None else f"AS{entity.asn}",
            since=f"{start:%F}",
            until=f"{end:%F}",
            time_grain="day",
            axis_x="measurement_start_day",
            axis_y=axis,
        ),
        topic=axis,
        subject=str(entity),
    )


def _parse(_: Piece, answers: Sequence[Answer]) -> Parsed:
    rows: list[Row] = []
    facts: dict[str, EntityFact] = {}
    for answer in answers:
        found = decode(answer.data, _Answer, name=answer.name, service=_TITLE).result
        _check(found, answer.name)
        subject = answer.request.subject
        if answer.request.topic == "test_name":
            rows += _by_test(found, subject, answer.name)
        else:
            rows += _by_operator(found, subject.removeprefix("country/"), answer.name, facts)
    names = {row[0] for row in rows}
    signals = tuple(one for one in (MEASUREMENTS, *WORKING.values()) if one.name in names)
    return Parsed(observations(rows), signals, tuple(facts.values()))


def _check(rows: Sequence[_Row], name: str) -> None:
    for row in rows:
        counts = (row.measurement_count, row.ok_count, row.anomaly_count, row.confirmed_count)
        if not all(0 <= one <= LARGEST_VALUE for one in (*counts, row.failure_count)):
            raise InputError(
                f"{name} has counts on {row.measurement_start_day[:20]!r} that are none.",
                "The service may have changed.",
            )


def _by_test(found: Sequence[_Row], entity: str, name: str) -> Iterator[Row]:
    """Of all tests together how many were made, and of each the share without an anomaly."""
    totals: dict[int, int] = defaultdict(int)
    for row in found:
        if row.test_name is None:
            raise _missing(name, "test_name")
        day = _day(row.measurement_start_day, name)
        totals[day] += row.measurement_count
        judged = row.ok_count + row.anomaly_count + row.confirmed_count
        if row.test_name in WORKING and judged:
            share = 100 * row.ok_count / judged
            yield WORKING[row.test_name].name, entity, day, share, float(judged)
    for day, count in totals.items():
        yield MEASUREMENTS.name, entity, day, float(count), np.nan


def _by_operator(
    found: Sequence[_Row], country: str, name: str, facts: dict[str, EntityFact]
) -> Iterator[Row]:
    """How many measurements were made from each operator; 0 is one that OONI does not know."""
    for row in found:
        day = _day(row.measurement_start_day, name)
        asn = _asn(row.probe_asn, name)
        if asn:
            entity = operator_entity(asn, country)
            facts[entity] = EntityFact(entity=entity, country=country)
            yield MEASUREMENTS.name, entity, day, float(row.measurement_count), np.nan


def _asn(word: int | str | None, name: str) -> int:
    if word is None:
        raise _missing(name, "probe_asn")
    digits = str(word).removeprefix("AS")
    if not (digits.isascii() and digits.isdecimal() and int(digits[:11]) < 2**32):
        raise InputError(f"{name} has {word!r} for probe_asn.", "The service may have changed.")
    return int(digits)


def _day(text: str, name: str) -> int:
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        check_time(int(time.timestamp()), name=name, field="measurement_start_day")
    except (ValueError, OverflowError):
        raise InputError(
            f"{name} has {text[:40]!r} for measurement_start_day, which is no day.",
            "The service may have changed.",
        ) from None
    return to_microseconds(midnight(time))


def _missing(name: str, field: str) -> InputError:
    return InputError(f"{name}: a row has no {field!r}.", "The service may have changed.")


def _sample(address: str, now: datetime) -> Request:
    day = midnight(now) - timedelta(days=2)
    return _request(address, _SAMPLED, day, day + timedelta(days=1), "test_name")


SERVICE = Service(
    name="ooni",
    title="OONI",
    address="https://api.ooni.io",
    documentation="https://api.ooni.io/apidocs/",
    signals=(MEASUREMENTS, *WORKING.values()),
    types=frozenset({"country", "asn"}),
    cadence=timedelta(hours=6),
    settling=timedelta(hours=6),
    revised=timedelta(days=7),
    longest=_QUARTER,
    pace=2.0,
    plan=_plan,
    parse=_parse,
    sample=_sample,
)
