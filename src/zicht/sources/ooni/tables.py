"""Tables of OONI's counts: measurements by day, with what result or from which operator.

Two tables are known. One counts by operator: ``count, test_day, probe_asn``; its number 0 stands
for measurements of which OONI does not know the operator. The other counts by result: ``date,
total, ok, dns, http, tls, error``, where ``total`` is the sum of ``ok`` and the three kinds of
anomalies. Neither names the country.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import InputError
from zicht.model.entity import EntityFact
from zicht.model.signal import Signal
from zicht.sources.country import check_country, need_country
from zicht.sources.observations import Draft, assemble, to_table
from zicht.sources.parsed import Parsed
from zicht.sources.rows import read_rows

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from zicht.sources.parsed import OnBad
    from zicht.sources.rows import Rows

MEASUREMENTS = Signal(
    name="ooni.measurements",
    source="ooni",
    title="Measurements made with OONI Probe",
    unit="measurements",
    step=86_400,
    plane="user",
    scale="count",
    lag=86_400,
    licence="CC BY-NC-SA 4.0",
    citation="Open Observatory of Network Interference (OONI), https://ooni.org",
    inputs=("ooni",),
)


def _of_result(result: str, title: str) -> Signal:
    return msgspec.structs.replace(MEASUREMENTS, name=f"ooni.{result}", title=title)


BY_COLUMN = {
    "total": MEASUREMENTS,
    "ok": _of_result("ok", "OONI measurements without an anomaly"),
    "dns": _of_result("dns", "OONI measurements with an anomaly of names (DNS)"),
    "http": _of_result("http", "OONI measurements with an anomaly of pages (HTTP)"),
    "tls": _of_result("tls", "OONI measurements with an anomaly of encryption (TLS)"),
    "error": _of_result("error", "OONI measurements that failed"),
}
_LARGEST_ASN = 2**32 - 1
_DAYS = ("date", "test_day", "day", "measurement_start_day")


def parse(data: bytes, *, name: str, country: str | None = None, on_bad: OnBad = "stop") -> Parsed:
    """Read counts of measurements, by operator or by result.

    Counts by operator also give the country's: their sum, unknown operators included. An operator
    that is not listed on a day has no bin then: nobody measured there, which is no measured zero.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is neither of the two tables.
        UsageError: ``country`` does not name the country.
    """
    rows = read_rows(data, name=name)
    rows.take_header()
    entity = need_country(country, name=name, what="counts of measurements")
    if rows.find("probe_asn") is not None:
        return _by_operator(rows, entity, check_country(entity[-2:]), on_bad)
    return _by_result(rows, entity, on_bad)


def _by_result(rows: Rows, entity: str, on_bad: OnBad) -> Parsed:
    times = rows.times(rows.need(*_DAYS))
    columns = {name: at for name in BY_COLUMN if (at := rows.find(name)) is not None}
    if not columns:
        raise InputError(
            f"{rows.name} has no column of counts; known are {', '.join(BY_COLUMN)}.",
            "Any table can be read with: zicht import table.",
        )
    values = [rows.numbers(at, low=0, whole=True, gaps=True) for at in columns.values()]
    signals = tuple(BY_COLUMN[name] for name in columns)
    count = len(rows)
    draft = Draft(
        [signal.name for signal in signals],
        np.repeat(np.arange(len(signals)), count),
        [entity],
        np.zeros(count * len(signals), dtype=np.int64),
        np.tile(times, len(signals)),
        np.concatenate(values),
        np.tile(np.arange(count), len(signals)),
        np.repeat(list(columns.values()), count),
    )
    observations, bad = assemble(rows, draft, on_bad)
    return Parsed(observations, signals, (), bad)


def _by_operator(rows: Rows, entity: str, country: str, on_bad: OnBad) -> Parsed:
    times = rows.times(rows.need(*_DAYS))
    column = rows.need("count", "measurement_count", "total")
    counts = rows.numbers(column, low=0, whole=True)
    asns = rows.numbers(rows.need("probe_asn"), low=0, high=_LARGEST_ASN, whole=True)
    numbers, operator = np.unique(np.nan_to_num(asns).astype(np.int64), return_inverse=True)
    draft = Draft(
        [MEASUREMENTS.name],
        np.zeros(len(rows), dtype=np.int64),
        [f"asn/{asn}" for asn in numbers.tolist()],
        operator,
        times,
        counts,
        np.arange(len(rows)),
        np.full(len(rows), column),
    )
    listed, bad = assemble(rows, draft, on_bad)
    facts = tuple(
        EntityFact(entity=f"asn/{asn}", country=country)
        for asn in np.unique(asns[rows.good]).astype(np.int64).tolist()
        if asn
    )
    return Parsed(_with_country(listed, entity), (MEASUREMENTS,), facts, bad)


def _with_country(listed: pa.Table, entity: str) -> pa.Table:
    """The operators that are known, and the country's sum of all rows."""
    times, day = np.unique(
        listed["time"].cast("int64").to_numpy(zero_copy_only=False), return_inverse=True
    )
    counts = listed["value"].to_numpy(zero_copy_only=False)
    entities, operator = _codes(listed["entity"])
    known = np.array([name != "asn/0" for name in entities], dtype=np.bool_)
    at = np.flatnonzero(known[operator]) if len(entities) else np.empty(0, dtype=np.int64)
    sums = np.bincount(day, weights=counts, minlength=len(times))
    nothing = np.zeros(len(at) + len(times), dtype=np.int64)
    return to_table(
        Draft(
            [MEASUREMENTS.name],
            nothing,
            [*entities, entity],
            np.concatenate([operator[at], np.full(len(times), len(entities))]),
            np.concatenate([times[day[at]], times]),
            np.concatenate([counts[at], sums]),
            nothing,
            nothing,
        )
    )


def _codes(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)
