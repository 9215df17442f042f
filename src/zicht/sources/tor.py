"""Tor Metrics: estimated users of Tor by day and country.

The format is that of https://metrics.torproject.org/stats.html, ``userstats-relay-country.csv``:
columns ``date, country, users, lower, upper, frac``, perhaps with comments before the header. Tor
asks that columns are found by their names, and that new ones are passed over. The same table is
given for a country and a time, or for all countries at once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import InputError, UsageError
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Signal
from zicht.sources.answers import refused
from zicht.sources.country import check_country, need_country
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import Parsed
from zicht.sources.rows import read_rows
from zicht.sources.service import Piece, Request, Service, midnight, query, whole_days, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from zicht.model.entity import Entity
    from zicht.sources.parsed import OnBad
    from zicht.sources.rows import Rows
    from zicht.sources.service import Answer

USERS = Signal(
    name="tor.users",
    source="tor",
    title="Users of Tor, estimated",
    unit="users",
    step=86_400,
    plane="user",
    scale="count",
    lag=2 * 86_400,
    licence="no licence stated",
    citation="The Tor Project, Tor Metrics, https://metrics.torproject.org",
    inputs=("tor-directories",),
)
"""Directly connecting users, estimated from requests to directories."""

SIGNALS = (USERS,)
_NO_COUNTRY = ("", "??")  # all countries together; users whose country is not known
_CODE = re.compile(r"[A-Za-z]{2}")
_HALF_YEAR = timedelta(days=180)
_MANY = 10  # countries of which all are asked for at once


def parse(data: bytes, *, name: str, country: str | None = None, on_bad: OnBad = "stop") -> Parsed:
    """Read estimates of users.

    ``country`` names the country of a file without such a column, and picks one of a file with
    several. Rows of all countries together, and of users whose country is unknown, are left out.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no such table.
        UsageError: the file names no country and nor does ``country``.
    """
    rows = read_rows(data, name=name, comment=b"#")
    rows.take_header()
    times = rows.times(rows.need("date"))
    column = rows.need("users")
    values = rows.numbers(column, low=0, gaps=True)
    entities, entity, wanted = _entities(rows, country)
    at = np.flatnonzero(wanted)
    draft = Draft(
        [USERS.name],
        np.zeros(len(at), dtype=np.int64),
        entities,
        entity[at],
        times[at],
        values[at],
        at,
        np.full(len(at), column),
    )
    observations, bad = assemble(rows, draft, on_bad)
    return Parsed(observations, SIGNALS, (), bad)


def _entities(
    rows: Rows, country: str | None
) -> tuple[list[str], NDArray[np.int64], NDArray[np.bool_]]:
    """The entities, int64[n] which of them a row is of, and bool[n] whether it is wanted."""
    column = rows.find("country")
    if column is None:
        entity = need_country(country, name=rows.name, what="users")
        return [entity], np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=np.bool_)
    words, code = rows.codes(column)
    wrong = np.array([not (word in _NO_COUNTRY or _CODE.fullmatch(word)) for word in words])
    rows.reject(wrong[code], column, "a country of two letters")
    only = None if country is None else check_country(country)
    wanted = np.array([_is_wanted(word, only) for word in words])
    names = sorted({f"country/{word.upper()}" for word in words})
    place = np.array([names.index(f"country/{word.upper()}") for word in words])
    return names, place[code], wanted[code]


def _is_wanted(word: str, only: str | None) -> bool:
    return word not in _NO_COUNTRY and (only is None or word.upper() == only)


def _plan(
    entities: Sequence[Entity], start: datetime, end: datetime, address: str
) -> Iterator[Piece]:
    for begin, until in windows(*whole_days(start, end), _HALF_YEAR):
        if len(entities) > _MANY:
            request = _request(address, begin, until, None)
            yield Piece(tuple(str(one) for one in entities), begin, until, (request,))
            continue
        for entity in entities:
            request = _request(address, begin, until, entity.country)
            yield Piece((str(entity),), begin, until, (request,))


def _request(address: str, start: datetime, end: datetime, country: str | None) -> Request:
    return Request(
        query(
            address,
            "userstats-relay-country.csv",
            start=f"{start:%F}",
            end=f"{end - timedelta(days=1):%F}",
            country="all" if country is None else country.lower(),
            events="off",
        ),
        accept="text/csv",
    )


def _parse_piece(piece: Piece, answers: Sequence[Answer]) -> Parsed:
    tables = [_read_answer(one) for one in answers if not _is_bare(one.data)]
    table = pa.concat_tables(tables) if tables else OBSERVATIONS.empty_table()
    wanted = pc.is_in(table["entity"], value_set=pa.array(piece.entities, pa.string()))
    return Parsed(table.filter(wanted), SIGNALS)


def _read_answer(answer: Answer) -> pa.Table:
    try:
        return parse(answer.data, name=answer.name).observations
    except (InputError, UsageError) as error:  # the second is of a table without countries
        raise refused(error, "Tor Metrics") from None


def _is_bare(data: bytes) -> bool:
    """Whether there is a header and no row: nothing is known of that time."""
    lines = [line for line in data.splitlines() if line.strip() and not line.startswith(b"#")]
    return len(lines) == 1 and lines[0].startswith(b"date,")


def _sample(address: str, now: datetime) -> Request:
    day = midnight(now) - timedelta(days=7)
    return _request(address, day, day + timedelta(days=1), "NL")


SERVICE = Service(
    name="tor",
    title="Tor Metrics",
    address="https://metrics.torproject.org",
    documentation="https://metrics.torproject.org/stats.html",
    signals=SIGNALS,
    types=frozenset({"country"}),
    cadence=timedelta(hours=12),
    settling=timedelta(0),
    revised=timedelta(days=14),
    longest=_HALF_YEAR,
    pace=5.0,
    plan=_plan,
    parse=_parse_piece,
    sample=_sample,
)
