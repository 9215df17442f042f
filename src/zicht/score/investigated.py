"""IODA's list of investigated outages, 2018 to 2020.

It is part of the artefact of "Destination Unreachable: Characterizing Internet Outages and
Shutdowns" (Bischof et al., SIGCOMM 2023). People looked at IODA's charts and wrote down, in UTC,
when an outage began and ended and in which of three signals they saw it. Its outages were chosen
because these signals showed them.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from zicht.errors import BadRowError, UsageError
from zicht.model.label import Label
from zicht.place.names import country_code

SOURCE = "IODA's investigated outages 2018-2020 (SIGCOMM 2023 artefact), read off charts by people"

_SCOPE = "Scope (based on granularity at which the outage appears in IODA)"
_SEEN = {
    "IODA BGP visible by human": "ioda.bgp",
    "IODA AP visible by human": "ioda.ping-slash24",
    "IODA IBR visible by human": "ioda.ucsd-nt",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WORDS = re.compile(
    r"(?:[A-Za-z]+,? )?([A-Za-z]+) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{1,2})(?::\d{1,2})? ([AP]M)"
)
_NUMBERS = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{1,2})(?::\d{1,2})? ([AP]M)")
_NOON = 12


def is_investigated(header: list[str]) -> bool:
    """Whether a CSV's header is that of the list."""
    return {"ID", "Begin time", "End time", "Country", _SCOPE, *_SEEN} <= set(header)


def parse_investigated(row: dict[str, str], name: str, line: int) -> list[Label]:
    """The labels of a row: one for each signal in which people saw it.

    Where the row does not say in which, one label without a signal.

    Raises:
        BadRowError: the row has no end, ends before it begins, or cannot be read.
    """
    begin = _time(row, "Begin time", name, line)
    end = _time(row, "End time", name, line)
    if end <= begin:
        raise BadRowError(name, line, "End time", row["End time"], "a time after the begin")
    entity = _entity(row, name, line)
    seen: list[str | None] = [signal for column, signal in _SEEN.items() if _yes(row[column])]
    silent = all(row[column].strip().upper() in {"", "N/A", "NA"} for column in _SEEN)
    if not seen and not silent:
        raise BadRowError(name, line, next(iter(_SEEN)), "FALSE", "seen in any signal")
    return [
        Label(
            event=row["ID"],
            entity=entity,
            begin=(begin, begin),
            end=(end, end),
            signal=signal,
            cause=row.get("Cause", "").strip() or None,
            source=SOURCE,
        )
        for signal in seen or [None]
    ]


def _yes(cell: str) -> bool:
    return cell.strip().upper() in {"TRUE", "TURE"}  # the second stands there once


def _time(row: dict[str, str], column: str, name: str, line: int) -> datetime:
    text = " ".join((row[column] or "").split())
    bad = BadRowError(name, line, column, text, "a time such as July 28, 2020, 11:10:00 AM")
    if match := _WORDS.fullmatch(text):
        month, day, year, hour, minute, half = match.groups()
        if month not in _MONTHS:
            raise bad
        number = _MONTHS.index(month) + 1
    elif match := _NUMBERS.fullmatch(text):
        number_text, day, year, hour, minute, half = match.groups()
        number = int(number_text)
    else:
        raise bad
    try:
        return datetime(
            int(year), number, int(day), _hour(int(hour), half), int(minute), tzinfo=UTC
        )
    except ValueError:
        raise bad from None


def _hour(hour: int, half: str) -> int:
    """Some rows write 17:00 PM or 23:40 AM: an hour above twelve says enough."""
    if hour > _NOON:
        return hour
    return hour % _NOON + (_NOON if half == "PM" else 0)


def _entity(row: dict[str, str], name: str, line: int) -> str:
    scope = (row[_SCOPE] or "").strip()
    if match := re.fullmatch(r"AS \((\d+)\)", scope):
        return f"asn/{int(match[1])}"
    try:
        country = country_code(row["Country"])
    except UsageError:
        raise BadRowError(name, line, "Country", row["Country"], "a country") from None
    if scope == "Country":
        return f"country/{country}"
    if match := re.fullmatch(r"Region \((.+)\)", scope):
        return f"region/{country}/{slug(match[1])}"
    raise BadRowError(name, line, _SCOPE, scope, "Country, Region (name) or AS (number)")


def slug(name: str) -> str:
    """A place's name as it stands in an entity: ``Táchira`` is ``tachira``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "unnamed"
