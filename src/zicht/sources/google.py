"""Google's Transparency Report: traffic to its products, as CSV or as its API answers.

The CSV has two columns, ``date and time`` and ``value``. The API answers with JSON behind the guard
``)]}'``, as ``[["tr.atsr", [[milliseconds, [[null, value]]], …], null, …]]``. Neither names the
country or the product. Google gives other steps for other lengths of time: each step is a signal by
itself.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from zicht.errors import InputError, UsageError
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Signal
from zicht.model.time import MICROSECONDS
from zicht.sources.answers import decode, refused
from zicht.sources.country import need_country
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import Parsed
from zicht.sources.rows import Rows, read_rows, rows_of_table
from zicht.sources.service import Piece, Request, Service, query, windows
from zicht.sources.steps import commonest_gap, step_text
from zicht.sources.text import read_text
from zicht.sources.words import read_epochs, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.entity import Entity
    from zicht.sources.parsed import OnBad
    from zicht.sources.service import Answer

YOUTUBE = Signal(
    name="google.youtube",
    source="google",
    title="Traffic to YouTube",
    unit="index",
    step=7200,
    plane="user",
    scale="index",
    lag=7200,
    licence="no licence stated",
    citation="Google, Transparency Report, traffic and disruptions to Google,"
    " https://transparencyreport.google.com/traffic",
    inputs=("google-youtube",),
)
"""A country's requests as a fraction of the world's, scaled."""

SIGNALS = (YOUTUBE,)
_GUARD = b")]}'"
_PRODUCT = 21  # YouTube, by Google's number
_MONTH = timedelta(days=30)  # of which Google gives values every two hours
_RUN = 4  # equal distances on end are a step, fewer may be holes
_TIMES = ("date and time", "time", "datetime", "date", "timestamp", "date_time")


def parse(
    data: bytes,
    *,
    name: str,
    country: str | None = None,
    product: str = "youtube",
    on_bad: OnBad = "stop",
) -> Parsed:
    """Read the traffic of a country to one of Google's products.

    Times are taken as Google states them, as the begin of a bin.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``. In an answer of the API the
            line is the number of the point.
        InputError: the file is neither such a table nor such an answer.
        UsageError: ``country`` does not name the country, or ``product`` is no word.
    """
    entity = need_country(country, name=name, what="traffic")
    if not re.fullmatch(r"[a-z]+", product):
        raise UsageError(f"{product!r} is no product.", "Write it in small letters: youtube.")
    rows, times, column = _read(data, name)
    values = rows.numbers(column, low=0, gaps=True)
    steps, step = _steps(times, rows.good)
    signals = [_signal(product, length) for length in steps]
    draft = Draft(
        [signal.name for signal in signals],
        step,
        [entity],
        np.zeros(len(rows), dtype=np.int64),
        times,
        values,
        np.arange(len(rows)),
        np.full(len(rows), column),
    )
    observations, bad = assemble(rows, draft, on_bad)
    return Parsed(observations, tuple(signals), (), bad, _notes(name, steps))


def _notes(name: str, steps: list[int]) -> tuple[str, ...]:
    if len(steps) == 1:
        return ()
    texts = " and ".join(step_text(step) for step in steps)
    return (f"{name}: Google changed its step; {texts} are kept as signals of their own.",)


def _signal(product: str, step: int) -> Signal:
    suffix = "" if step == YOUTUBE.step else f".{step_text(step)}"
    title = YOUTUBE.title if product == "youtube" else f"Traffic to Google {product.title()}"
    return msgspec.structs.replace(
        YOUTUBE,
        name=f"google.{product}{suffix}",
        title=title,
        step=step,
        inputs=(f"google-{product}",),
    )


def _read(data: bytes, name: str) -> tuple[Rows, NDArray[np.int64], int]:
    text = read_text(data, name=name).lstrip()
    if not text.startswith((_GUARD, b"[")):
        rows = read_rows(data, name=name)
        rows.take_header()
        return rows, rows.times(rows.need(*_TIMES)), rows.need("value", "values", "traffic")
    rows = _read_answer(text.removeprefix(_GUARD), name)
    numbers, _, _ = read_numbers(rows.words(0))
    times = read_epochs(numbers)
    rows.reject(times == 0, 0, "milliseconds since 1970, from 1980 to 2199")
    return rows, times, 1


def _read_answer(text: bytes, name: str) -> Rows:
    points = _find_points(text, name)
    words = [_words(point) for point in points]
    table = pa.table(
        {
            "time": pa.array([time for time, _ in words], pa.string()),
            "value": pa.array([value for _, value in words], pa.string()),
        }
    )
    return rows_of_table(table, name=name)


def _find_points(text: bytes, name: str) -> list[Any]:
    try:
        match msgspec.json.decode(text):
            case [["tr.atsr", list() as points, *_], *_] if points:
                return points
    except msgspec.DecodeError:
        pass
    raise InputError(
        f"{name} is no answer of Google's with points of traffic.",
        "Save the answer as it came, or give the table as CSV.",
    )


def _words(point: Any) -> tuple[str, str]:
    """Time and value as they stand there; what has another form is left as it is, to be told."""
    match point:
        case [time, [[None, None] | [None], *_]] | [time, [] | None]:
            return _word(time), ""
        case [time, [[None, value], *_]]:
            return _word(time), _word(value)
        case _:
            return _word(point), ""


def _word(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return msgspec.json.encode(value).decode()


def _steps(
    times: NDArray[np.int64], good: NDArray[np.bool_]
) -> tuple[list[int], NDArray[np.int64]]:
    """The steps in seconds that occur, and int64[n]: which of them a row has.

    A row's step is its distance to the nearer neighbour, where some rows on end have the same;
    else, beside a hole, it is the commonest one.
    """
    distinct = np.unique(times[good])
    commonest = commonest_gap(distinct)
    if commonest is None:
        return [YOUTUBE.step], np.zeros(len(times), dtype=np.int64)
    gaps = np.diff(distinct) // MICROSECONDS
    gaps = np.where(_run_lengths(gaps) >= _RUN, gaps, commonest)
    nearest = np.minimum(np.append(gaps[:1], gaps), np.append(gaps, gaps[-1:]))
    of_row = nearest[np.minimum(np.searchsorted(distinct, times), len(distinct) - 1)]
    steps, step = np.unique(of_row, return_inverse=True)
    return steps.tolist(), step


def _run_lengths(gaps: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n]: how many equal ones stand together with each."""
    run = np.cumsum(np.append(0, np.diff(gaps) != 0))
    lengths: NDArray[np.int64] = np.bincount(run)[run]
    return lengths


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(start, end, _MONTH):
        for entity in entities:
            request = _request(address, entity.code, until)
            yield Piece((str(entity),), begin, until, (request,))


def _request(address: str, country: str, until: datetime) -> Request:
    """A whole month, always: of a shorter time Google would give another step."""
    start = round((until - _MONTH).timestamp() * 1000)
    end = round(until.timestamp() * 1000)
    path = "traffic/fraction"
    return Request(
        query(address, path, start=start, end=end, region=country, product=_PRODUCT),
        subject=country,
    )


def _parse_piece(_: Piece, answers: Sequence[Answer]) -> Parsed:
    parsed = [_parse_answer(one) for one in answers]
    tables = [one.observations for one in parsed]
    return Parsed(
        pa.concat_tables(tables) if tables else OBSERVATIONS.empty_table(),
        tuple({signal.name: signal for one in parsed for signal in one.signals}.values()),
        notes=tuple(note for one in parsed for note in one.notes),
    )


def _parse_answer(answer: Answer) -> Parsed:
    text = answer.data.strip().removeprefix(_GUARD)
    match decode(text, list[Any], name=answer.name, service="Google's Transparency Report"):
        case [["tr.atsr", None | [], *_], *_] | [["tr.atsr"], *_]:
            return Parsed(OBSERVATIONS.empty_table(), ())
    try:
        return parse(answer.data, name=answer.name, country=answer.request.subject)
    except InputError as error:
        raise refused(error, "Google's Transparency Report") from None


SERVICE = Service(
    name="google",
    title="Google's Transparency Report",
    address="https://transparencyreport.google.com/transparencyreport/api/v3",
    documentation="https://transparencyreport.google.com/traffic",
    signals=SIGNALS,
    types=frozenset({"country"}),
    cadence=timedelta(hours=1),
    settling=timedelta(hours=2),
    revised=timedelta(days=3),
    longest=_MONTH,
    pace=5.0,
    plan=_plan,
    parse=_parse_piece,
    sample=lambda address, now: _request(address, "NL", now),
)
"""The address is the one that the report's own pages ask; it is documented nowhere."""
