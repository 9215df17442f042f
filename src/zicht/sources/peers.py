"""Counts of RouteViews peers that see each prefix of an operator.

Columns ``DATE, TIME, ASN, PREFIX, FREQ``: day (``20191116``), time of day (``2000``), operator,
prefix and the number of peers that have a route to it. A row of zeros ends the block of a prefix.

What is kept is the share of an operator's prefixes that at least half of their usual peers see. A
prefix's usual number is the median of its counts so far, those of zero left out: what comes later
does not change what is said of a time, and an outage does not become usual since it is zeros. A
prefix counts from when it was first seen.
"""

from __future__ import annotations

import ipaddress
from bisect import insort
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.model.entity import EntityFact
from zicht.model.signal import Signal
from zicht.sources.country import check_country
from zicht.sources.observations import Draft, assemble, to_table
from zicht.sources.parsed import Parsed
from zicht.sources.rows import read_rows
from zicht.sources.steps import commonest_gap, step_text
from zicht.sources.words import read_asn, read_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.parsed import OnBad
    from zicht.sources.rows import Rows

USUAL_PEERS = Signal(
    name="bgp.usual-peers.6h",
    source="bgp",
    title="Prefixes seen by at least half of their usual peers",
    unit="% of prefixes",
    step=21_600,
    plane="control",
    scale="share",
    lag=3600,
    licence="no licence stated",
    citation="RouteViews, University of Oregon, https://www.routeviews.org",
    inputs=("routeviews",),
    instant=True,
)
SIGNALS = (USUAL_PEERS,)
_COLUMNS = ("date", "time", "asn", "prefix", "freq")


def parse(data: bytes, *, name: str, country: str | None = None, on_bad: OnBad = "stop") -> Parsed:
    """Read counts of peers and give the share of prefixes that enough of them see.

    ``samples`` is the number of prefixes that the share is of. ``country`` says where the operators
    are.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no such table.
    """
    rows = read_rows(data, name=name)
    rows.take_header()
    date, time, asn, prefix, freq = (rows.need(column) for column in _COLUMNS)
    rows.keep(~_is_separator(rows))
    times = _times(rows, date, time)
    asns = _asns(rows, asn)
    prefixes, code = _prefixes(rows, prefix)
    counts = rows.numbers(freq, low=0, whole=True, gaps=True)
    numbers, operator = np.unique(asns, return_inverse=True)
    pairs, pair = np.unique(operator * len(prefixes) + code, return_inverse=True)
    draft = Draft(
        [USUAL_PEERS.name],
        np.zeros(len(rows), dtype=np.int64),
        [f"{i:09d}" for i in range(len(pairs))],  # each prefix of each operator, in order
        pair,
        times,
        counts,
        np.arange(len(rows)),
        np.full(len(rows), freq),
    )
    seen, bad = assemble(rows, draft, on_bad)
    entities = [f"asn/{number}" for number in numbers.tolist()]
    signal, observations = _shares(seen, pairs // max(len(prefixes), 1), entities)
    where = None if country is None else check_country(country)
    facts = tuple(EntityFact(entity=entity, country=where) for entity in entities)
    return Parsed(observations, (signal,), facts, bad)


def _is_separator(rows: Rows) -> NDArray[np.bool_]:
    zero = np.ones(len(rows), dtype=np.bool_)
    for column in range(len(rows.cells)):
        zero &= pc.equal(rows.words(column), "0").to_numpy(zero_copy_only=False)
    return zero


def _times(rows: Rows, date: int, time: int) -> NDArray[np.int64]:
    """Day and time of day in UTC; each is looked at by itself, to tell which of them is bad."""
    days, hours = rows.words(date), rows.words(time)
    day = pc.replace_substring_regex(days, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    _, wrong = read_times(day)
    rows.reject(wrong, date, "a day such as 20191116")
    clock = pc.match_substring_regex(hours, r"^([01]\d|2[0-3])[0-5]\d$")
    rows.reject(~clock.to_numpy(zero_copy_only=False), time, "a time of day such as 2000")
    good = pa.array(rows.good)
    start = pc.replace_substring_regex(hours, r"^(\d{2})(\d{2})$", r"\1:\2")
    whole = pc.binary_join_element_wise(day, start, "T")
    times, _ = read_times(pc.if_else(good, whole, "1980-01-01T00:00"))
    return times


def _asns(rows: Rows, column: int) -> NDArray[np.int64]:
    words, code = rows.codes(column)
    numbers = [read_asn(word) or None for word in words]  # 0 is no operator
    wrong = np.array([number is None for number in numbers], dtype=np.bool_)
    rows.reject(wrong[code], column, "an operator's number such as AS44244")
    kept = next((number for number in numbers if number is not None), 0)
    return np.array([kept if number is None else number for number in numbers])[code]


def _prefixes(rows: Rows, column: int) -> tuple[list[str], NDArray[np.int64]]:
    words, code = rows.codes(column)
    wrong = np.array([not _is_prefix(word) for word in words], dtype=np.bool_)
    rows.reject(wrong[code], column, "a prefix such as 5.22.0.0/18")
    return words, code


def _is_prefix(word: str) -> bool:
    try:
        ipaddress.ip_network(word, strict=False)
    except ValueError:
        return False
    return "/" in word


def _shares(
    seen: pa.Table, operator_of: NDArray[np.int64], entities: list[str]
) -> tuple[Signal, pa.Table]:
    """The signal on the file's step, and the share of each operator and time."""
    stamps = seen["time"].cast("int64").to_numpy(zero_copy_only=False)
    times, when = np.unique(stamps, return_inverse=True)
    prefix = seen["entity"].cast("int64").to_numpy(zero_copy_only=False)
    counts = np.full((len(operator_of), len(times)), np.nan)
    counts[prefix, when] = seen["value"].to_numpy(zero_copy_only=False)
    usual = np.array([_usual(row) for row in counts]).reshape(counts.shape)
    known = ~np.isnan(counts) & ~np.isnan(usual)
    enough = known & (counts >= usual / 2)
    total, reached = np.zeros((2, len(entities), len(times)))
    np.add.at(total, operator_of, known)
    np.add.at(reached, operator_of, enough)
    operator, bin_of = np.nonzero(total)
    step = commonest_gap(times) or USUAL_PEERS.step
    name = f"bgp.usual-peers.{step_text(step)}"
    nothing = np.zeros(len(operator), dtype=np.int64)
    draft = Draft(
        [name],
        nothing,
        entities,
        operator,
        times[bin_of],
        100 * reached[operator, bin_of] / total[operator, bin_of],
        nothing,
        nothing,
        total[operator, bin_of],
    )
    return msgspec.structs.replace(USUAL_PEERS, name=name, step=step), to_table(draft)


def _usual(counts: NDArray[np.float64]) -> list[float]:
    """The median of the counts up to each time, zeros and gaps left out; NaN before the first."""
    past: list[float] = []
    usual = []
    for count in counts.tolist():
        if count > 0:  # neither zero nor a gap
            insort(past, count)
        middle = len(past) // 2
        usual.append((past[middle] + past[~middle]) / 2 if past else float("nan"))
    return usual
