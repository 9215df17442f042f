"""Answers of IODA's public API, version 2: ``/signals/raw/{type}/{code}``.

Written after the API's public documentation (https://api.ioda.inetintel.cc.gatech.edu/v2/), since
no answer with a country's series was at hand: an envelope whose ``data`` is a list of lists of
series, each with ``entityType``, ``entityCode``, ``datasource``, ``subtype``, ``from``, ``step``
and ``values``; the i-th value is of the bin that begins at ``from + i * step`` seconds since 1970
UTC, and null is a gap. Regions have numbers of IODA's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from zicht.errors import InputError, UsageError
from zicht.model.entity import EntityFact, parse_entity
from zicht.model.series import OBSERVATIONS
from zicht.model.time import MICROSECONDS
from zicht.place.regions import ioda_region
from zicht.sources.answers import check_time, decode, number, to_observations
from zicht.sources.ioda.signals import (
    BGP,
    MERIT_TELESCOPE,
    MOZILLA,
    PING,
    UCSD_TELESCOPE,
    at_step,
    for_product,
)
from zicht.sources.parsed import Parsed

if TYPE_CHECKING:
    from zicht.model.signal import Signal

DATASOURCES = {
    one.name.removeprefix("ioda."): one
    for one in (BGP, PING, UCSD_TELESCOPE, MERIT_TELESCOPE, MOZILLA)
}
"""The signals by the names that the API has for them; Google's are ``gtr`` with a product each."""

SERVICE = "IODA's API"

_WEB_SEARCH = "web_search"
_LONGEST_STEP = 7 * 86_400  # seconds


class _Series(msgspec.Struct, rename="camel"):
    entity_type: str
    entity_code: str
    datasource: str
    start: int = msgspec.field(name="from")
    step: int
    values: list[Any]
    entity_name: str | None = None
    subtype: str | None = None


class _Answer(msgspec.Struct):
    data: list[list[_Series]] | None
    error: str | None = None


def parse_answer(data: bytes, *, name: str) -> Parsed:
    """Read an answer; series of data sources that are not known are left out and noted.

    Raises:
        InputError: it is no such answer, or says that something was wrong.
    """
    answer = decode(data, _Answer, name=name, service=SERVICE)
    if answer.error:
        raise InputError(f"IODA answers to {name}: {answer.error}.", "Ask for something else.")
    tables, signals, facts = [], {}, {}
    unknown: set[str] = set()
    nowhere: set[str] = set()
    for series in (one for group in answer.data or () for one in group):
        signal = _signal(series)
        if signal is None:
            unknown.add(series.datasource)
            continue
        entity = _entity(series, name)
        if entity is None:
            nowhere.add(series.entity_code)
            continue
        tables.append(_table(series, signal, entity, name))
        signals[signal.name] = signal
        facts[entity] = EntityFact(
            entity=entity, name=series.entity_name, country=parse_entity(entity).country
        )
    table = pa.concat_tables(tables) if tables else OBSERVATIONS.empty_table()
    return Parsed(
        observations=table,
        signals=tuple(signals.values()),
        entities=tuple(facts.values()),
        notes=(
            *(f"Left out: {one} is no data source that is known." for one in sorted(unknown)),
            *(f"Left out: IODA's region {one} is not known here." for one in sorted(nowhere)),
        ),
    )


def _signal(series: _Series) -> Signal | None:
    if series.datasource == "gtr":
        product = (series.subtype or _WEB_SEARCH).lower()
        signal = for_product("search" if product == _WEB_SEARCH else product)
    elif series.datasource in DATASOURCES:
        signal = DATASOURCES[series.datasource]
    else:
        return None
    return at_step(signal, series.step) if series.step > 0 else signal


def _entity(series: _Series, name: str) -> str | None:
    """The entity of a series; ``None`` for a region of which it is not known which it is."""
    if series.entity_type == "region" and series.entity_code.isdecimal():
        code = ioda_region(int(series.entity_code[:9]))
        return None if code is None else f"region/{code}"
    try:
        return str(parse_entity(f"{series.entity_type}/{series.entity_code}"))
    except UsageError as error:
        raise InputError(f"{name} is of an entity that is not known. {error.message}") from None


def _table(series: _Series, signal: Signal, entity: str, name: str) -> pa.Table:
    length = len(series.values)
    if not 0 < series.step <= _LONGEST_STEP:
        raise InputError(f"{name} has a step of {series.step} s.", "The API may have changed.")
    check_time(series.start, name=name, field="from")
    check_time(series.start + series.step * length, name=name, field="the end of its values")
    field = f"a value of {series.datasource}"
    values = [number(one, name=name, field=field) for one in series.values]
    times = (series.start + series.step * np.arange(length, dtype=np.int64)) * MICROSECONDS
    return to_observations(
        [signal.name] * length, [entity] * length, times, np.array(values, dtype=np.float64)
    )
