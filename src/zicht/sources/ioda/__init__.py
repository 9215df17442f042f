"""IODA: signals of countries, regions and operators, from exports and from OONI's publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import InputError
from zicht.sources.ioda.long import find_columns, parse_long
from zicht.sources.ioda.service import SERVICE
from zicht.sources.ioda.signals import (
    BGP,
    GOOGLE,
    MERIT_TELESCOPE,
    MOZILLA,
    PING,
    UCSD_TELESCOPE,
    normalised,
)
from zicht.sources.ioda.wide import is_wide, parse_wide
from zicht.sources.rows import read_rows

if TYPE_CHECKING:
    from zicht.sources.parsed import OnBad, Parsed

__all__ = ["SERVICE", "SIGNALS", "parse"]

SIGNALS = (
    BGP,
    PING,
    UCSD_TELESCOPE,
    MERIT_TELESCOPE,
    GOOGLE,
    MOZILLA,
    normalised(BGP, 1800),
    normalised(PING, 1800),
    normalised(MERIT_TELESCOPE, 1800),
    normalised(GOOGLE, 1800),
    normalised(MOZILLA, 3600),
)


def parse(
    data: bytes,
    *,
    name: str,
    country: str | None = None,
    entity: str | None = None,
    on_bad: OnBad = "stop",
) -> Parsed:
    """Read an export of IODA's signals, whichever of the two forms it has.

    ``country`` names the country, ``entity`` what else an export is of that does not say so.

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is none of the two forms.
        UsageError: the file does not say of what country it is, and nor does ``country``.
    """
    rows = read_rows(data, name=name)
    if is_wide(rows):
        return parse_wide(rows, country=country, entity=entity, on_bad=on_bad)
    columns = find_columns(rows)
    if columns is None:
        raise InputError(
            f"{name} is no export of IODA's that is known: neither a header with a column of time"
            " and a column a signal, nor rows of signal, value, asn, name and time.",
            "Any table can be read with: zicht import table.",
        )
    return parse_long(rows, columns, country=country, on_bad=on_bad)
