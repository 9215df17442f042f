"""Series: every value as it is stored, and the signals that they are of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from zicht.errors import UsageError
from zicht.model.series import SERIES
from zicht.model.time import format_time, parse_time
from zicht.publish.export import series_table
from zicht.web.api import common
from zicht.web.api.cursors import question_of, read_cursor, write_cursor
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.problems import ProblemError
from zicht.web.api.records import (
    Observation,
    Observations,
    OriginTerms,
    Signals,
    SignalSpec,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zicht.model.signal import Origin, Signal
    from zicht.web.desk import Desk

_MOST = 20_000
_INSTANT = timedelta(microseconds=1)


def list_values(desk: Desk, asked: dict[str, Any]) -> Answer:
    """A page of values."""
    common.check_order(asked["from"], asked["until"])
    question = question_of("series", asked)
    rows, more = _rows(desk, asked, _behind(asked["cursor"], question))
    after = write_cursor(question, _key(rows, rows.num_rows - 1)) if more else None
    origins = desk.store.origins()
    used = {name: origins[name] for name in rows["origin"].unique().to_pylist()}
    names = rows["signal"].unique().to_pylist()
    signals = desk.store.signals()
    data = Observations(
        data=tuple(msgspec.convert(rows.to_pylist(), list[Observation])),
        signals={name: spec_of(signals[name]) for name in names},
        origins={name: terms_of(one) for name, one in used.items()},
        simulated=any(one.simulated for one in used.values()),
        sources=common.terms_of_origins(_origins_of(rows, used)),
        as_of=asked["as_of"],
    )
    return Answer(data=data, table=lambda: series_table(rows, used), after=after)


def list_signals(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The specs of all signals."""
    del asked
    signals = desk.store.signals()
    data = Signals(
        data=tuple(spec_of(one) for one in signals.values()),
        sources=common.terms_of_signals(signals, list(signals)),
    )
    return Answer(data=data)


def _rows(
    desk: Desk, asked: Mapping[str, Any], behind: tuple[str, str, datetime] | None
) -> tuple[pa.Table, bool]:
    """So many rows behind a row, and whether there are more; series by series."""
    wanted, signals = set(asked["entity"]), set(asked["signal"])
    pairs = [
        (signal, entity)
        for signal, entity in desk.store.keys()  # noqa: SIM118 - a store is no dict
        if entity in wanted
        and (not signals or signal in signals)
        and (behind is None or (signal, entity) >= behind[:2])
    ]
    found: list[pa.Table] = []
    room = asked["limit"] + 1
    for signal, entity in pairs:
        start = asked["from"]
        if behind is not None and (signal, entity) == behind[:2]:
            start = behind[2] + _INSTANT
        table = desk.store.table(
            signals=[signal],
            entities=[entity],
            start=start,
            end=asked["until"],
            as_of=asked["as_of"],
        )
        found.append(table.slice(0, room))
        room -= found[-1].num_rows
        if room <= 0:
            break
    rows = pa.concat_tables(found) if found else SERIES.empty_table()
    return rows.slice(0, asked["limit"]), rows.num_rows > asked["limit"]


def _behind(cursor: str | None, question: str) -> tuple[str, str, datetime] | None:
    if cursor is None:
        return None
    signal, entity, time = read_cursor(cursor, question, parts=3)
    try:
        return signal, entity, parse_time(time)
    except UsageError:
        raise ProblemError("bad-parameter", "It is no cursor.", parameter="cursor") from None


def _origins_of(
    rows: pa.Table, origins: Mapping[str, Origin]
) -> Iterator[tuple[str, list[Origin]]]:
    """The origins of each signal's values."""
    pairs = rows.group_by(["signal", "origin"]).aggregate([])
    for signal, origin in zip(
        pairs["signal"].to_pylist(), pairs["origin"].to_pylist(), strict=True
    ):
        yield signal, [origins[origin]]


def _key(rows: pa.Table, at: int) -> list[str]:
    return [
        rows["signal"][at].as_py(),
        rows["entity"][at].as_py(),
        format_time(rows["time"][at].as_py()),
    ]


def spec_of(signal: Signal) -> SignalSpec:
    """A signal as the API tells it."""
    return SignalSpec(**{name: getattr(signal, name) for name in SignalSpec.__struct_fields__})


def terms_of(origin: Origin) -> OriginTerms:
    """An origin as the API tells it."""
    return OriginTerms(**{name: getattr(origin, name) for name in OriginTerms.__struct_fields__})


SERIES_OPERATION = Operation(
    path="/api/v1/series",
    name="listSeries",
    summary="Values of signals, as they were measured",
    description=(
        "The newest revision of each value, sorted by signal, entity and time. A bin that is not"
        " there was not measured, which is not zero. Of CSV and Arrow each row says its licence,"
        " its citation and whether it is simulated."
    ),
    record=Observations,
    handle=list_values,
    parameters=(
        replace(common.ENTITIES, required=True),
        common.SIGNALS,
        common.FROM,
        common.UNTIL,
        common.AS_OF,
        common.limit(2000, _MOST),
        common.CURSOR,
    ),
    formats=("json", "csv", "arrow"),
)
SIGNALS = Operation(
    path="/api/v1/signals",
    name="listSignals",
    summary="The signals of which anything is stored, with licence and citation",
    description="A signal is one measured quantity of a source, on its own step.",
    record=Signals,
    handle=list_signals,
)
OPERATIONS = (SERIES_OPERATION, SIGNALS)
