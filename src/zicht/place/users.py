"""How many users an operator has in a country, as APNIC estimates it.

APNIC Labs counts whom its advertisements reach, by AS and country, and scales that to the number of
internet users of each country ("Customer Populations by AS",
https://stats.labs.apnic.net/cgi-bin/aspop; G. Huston, "How We Measure: ISP User Counts", 2024). It
publishes JSON, with ``f=j``: ``Date`` (day/month/year) and ``Data``, a record for each AS in each
country with ``AS``, ``CC``, ``Users`` and ``Description``. A CSV with the columns asn, country and
users is read too. They are estimates: about right for the large operators of most countries, and
wrong in some (Salamatian et al., "What's in the Dataset?", IMC 2024).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from zicht.errors import BadRowError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COLUMNS = {
    "asn": ("asn", "as", "as number"),
    "country": ("country", "cc", "economy"),
    "users": ("users", "users (est.)", "est. users", "estimated users"),
}
_LARGEST_ASN = 2**32 - 1
_MOST = 10**10  # people


@dataclass(frozen=True)
class Users:
    """Users by operator and country.

    Attributes:
        name: the file's name.
        as_of: the day that it tells of.
        users: by AS and country, more than 0.
        bad_rows: rows that were left out.
    """

    name: str
    as_of: date
    users: Mapping[tuple[int, str], float]
    bad_rows: tuple[BadRowError, ...] = ()

    def of(self, asn: int, country: str) -> float | None:
        """Users of an operator in a country; ``None`` where nothing is estimated."""
        return self.users.get((asn, country))

    def total(self, country: str) -> float:
        """Users of a country."""
        return sum(count for (_, where), count in self.users.items() if where == country)

    def share(self, asn: int, country: str) -> float | None:
        """The operator's share of its country's users; ``None`` where nothing is estimated."""
        count = self.of(asn, country)
        return None if count is None else count / self.total(country)


def parse_users(
    data: bytes, *, name: str, as_of: date, on_bad: Literal["stop", "skip"] = "stop"
) -> Users:
    """Read APNIC's JSON, or a CSV.

    Args:
        data: the file; JSON may be written in ISO 8859-1, as APNIC's is.
        name: its name.
        as_of: the day that a CSV tells of; JSON says it itself.
        on_bad: what to do at a row that cannot be read.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: it is neither, lacks a column, or has no rows.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if text.lstrip().startswith(("{", "[")):
        rows, as_of = _json(text, name, as_of)
    else:
        rows = _csv(text, name)
    users: dict[tuple[int, str], float] = {}
    bad: list[BadRowError] = []
    for line, row in rows:
        try:
            key, count = _read(row, name, line)
        except BadRowError as error:
            if on_bad == "stop":
                raise
            bad.append(error)
            continue
        if count > 0:
            users[key] = users.get(key, 0.0) + count
    if not users:
        raise InputError(f"{name} tells of no users.", "Give a table of asn, country and users.")
    return Users(name=name, as_of=as_of, users=users, bad_rows=tuple(bad))


def _json(text: str, name: str, as_of: date) -> tuple[Iterator[tuple[int, dict[str, Any]]], date]:
    try:
        said = msgspec.json.decode(text.encode())
        rows = said["Data"] if isinstance(said, dict) else said
        if isinstance(said, dict) and "Date" in said:
            as_of = datetime.strptime(said["Date"], "%d/%m/%Y").replace(tzinfo=UTC).date()
        plain = [{key.casefold(): value for key, value in row.items()} for row in rows]
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"{name} is not what APNIC publishes: {error}.",
            "Fetch it with f=j in its address, or give a CSV of asn, country and users.",
        ) from None
    return enumerate(plain, 1), as_of


def _csv(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = csv.reader(text.splitlines())
    header: list[str] | None = None
    for line, words in enumerate(lines, 1):
        if not words or words[0].lstrip().startswith("#"):
            continue
        if header is None:
            header = [word.strip().casefold() for word in words]
            if not all(set(names) & set(header) for names in _COLUMNS.values()):
                raise InputError(
                    f"{name} has the columns {', '.join(header)}.",
                    "Name them asn, country and users.",
                )
            continue
        yield line, dict(zip(header, words, strict=False))


def _read(row: dict[str, Any], name: str, line: int) -> tuple[tuple[int, str], float]:
    said = {
        column: str(next((row[key] for key in names if key in row), "")).strip()
        for column, names in _COLUMNS.items()
    }
    asn = re.sub(r"^AS", "", said["asn"], flags=re.IGNORECASE)
    if not re.fullmatch(r"[0-9]{1,10}", asn) or int(asn) > _LARGEST_ASN:
        raise BadRowError(name, line, "asn", said["asn"], "the number of an AS")
    if not re.fullmatch(r"[A-Za-z]{2}", said["country"]):
        raise BadRowError(name, line, "country", said["country"], "a country of two letters")
    count = said["users"].replace(",", "")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", count) or float(count) > _MOST:
        raise BadRowError(name, line, "users", said["users"], "a number of people")
    return (int(asn), said["country"].upper()), float(count)
