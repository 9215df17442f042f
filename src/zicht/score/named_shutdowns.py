"""Access Now's list of documented shutdowns (#KeepItOn STOP), 2016 to 2020, by day.

Source of the columns: the STOP data set's own header (``start_date``, ``end_date``, ``country``,
``area_name``, ``shutdown_type``, ``shutdown_extent`` …). The list is curated and not complete.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from zicht.errors import BadRowError, InputError, UsageError
from zicht.place.names import country_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.outage import Interval

_NEEDED = {
    "start_date",
    "end_date",
    "country",
    "area_name",
    "shutdown_type",
    "shutdown_extent",
}
_DAY = timedelta(days=1)


class NamedShutdown(NamedTuple):
    """A documented shutdown of a whole country's whole network.

    Attributes:
        country: ISO 3166-1 code.
        first: its first day, in the country.
        last: its last day; the first where none is given.
    """

    country: str
    first: date
    last: date


class Named(NamedTuple):
    """What could be read of the list; rows of places that are no country here are told apart."""

    shutdowns: tuple[NamedShutdown, ...]
    unknown_countries: tuple[str, ...]


def parse_named_shutdowns(data: bytes, *, name: str) -> Named:
    """The national shutdowns of full networks that the list names.

    Raises:
        InputError: the file is no such list.
        BadRowError: a row has no day that can be read.
    """
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace")))
    if not set(reader.fieldnames or ()) >= _NEEDED:
        raise InputError(
            f"{name} is no list of shutdowns: its header lacks columns.",
            f"It must have {', '.join(sorted(_NEEDED))}.",
        )
    shutdowns, unknown = [], set()
    for line, row in enumerate(reader, start=2):
        if not _is_national(row):
            continue
        try:
            country = country_code(row["country"].strip())
        except UsageError:
            unknown.add(row["country"].strip())
            continue
        first = _day(row, "start_date", name, line)
        last = _day(row, "end_date", name, line) if row["end_date"].strip() else first
        shutdowns.append(NamedShutdown(country, first, max(first, last)))
    return Named(tuple(shutdowns), tuple(sorted(unknown)))


def is_named(shutdowns: Sequence[NamedShutdown], country: str, onset: Interval) -> bool:
    """Whether a shutdown of the country is named for the day of an onset, give or take one."""
    day = onset[0].astimezone(UTC).date()
    return any(
        one.country == country and one.first - _DAY <= day <= one.last + _DAY for one in shutdowns
    )


def _is_national(row: dict[str, str]) -> bool:
    return (
        "nation" in row["area_name"].lower()
        and "Full network" in row["shutdown_extent"]
        and "Shutdown" in row["shutdown_type"]
    )


def _day(row: dict[str, str], column: str, name: str, line: int) -> date:
    try:
        return datetime.fromisoformat(row[column].strip()).date()
    except ValueError:
        raise BadRowError(name, line, column, row[column], "a day such as 2019-11-16") from None
