"""Time zones of countries: the capital's, and the others.

The zones of a country are those of the IANA database (``zone.tab`` of the tzdata package). Which
one is the capital's follows where a country has only one; for the others it is written here.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zicht.errors import UsageError
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.time import Clock

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)  # clocks change at most once a day

_CAPITALS = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",  # Canberra
    "BR": "America/Sao_Paulo",  # Brasília
    "CA": "America/Toronto",  # Ottawa
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",  # Beijing
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",  # Quito
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",  # Palikir
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",  # Astana keeps Almaty's time
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",  # Wellington
    "PF": "Pacific/Tahiti",  # Papeete
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",  # Ramallah
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",  # Washington
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",  # Pristina; zone.tab does not list Kosovo
}


def zones_of(country: str) -> tuple[str, ...]:
    """The names of a country's zones, the capital's first.

    Raises:
        UsageError: no zone of such a country is known.
    """
    capital = _capital(country)
    return (capital, *(name for name in _zones().get(country, ()) if name != capital))


@cache
def capital_zone(country: str) -> ZoneInfo:
    """The zone that a country's capital keeps.

    Raises:
        UsageError: no zone of such a country is known.
    """
    return ZoneInfo(_capital(country))


def offsets_at(country: str, time: datetime) -> dict[timedelta, tuple[str, ...]]:
    """How far the country's clocks are ahead of UTC at a time, with the zones, the capital's first.

    Raises:
        UsageError: no zone of such a country is known.
    """
    offsets: dict[timedelta, tuple[str, ...]] = {}
    for name in zones_of(country):
        offset = time.astimezone(ZoneInfo(name)).utcoffset()
        if offset is not None:
            offsets[offset] = (*offsets.get(offset, ()), name)
    return offsets


def clock_of(country: str, begin: datetime, end: datetime) -> Clock:
    """How far the clocks of a country's capital are ahead of UTC, from a time to another.

    Raises:
        UsageError: no zone of such a country is known.
    """
    zone = capital_zone(country)
    clock = [(to_microseconds(begin), _ahead(zone, begin))]
    time = begin
    while time < end:
        following = min(time + _DAY, end)
        if _ahead(zone, following) != clock[-1][1]:
            while _ahead(zone, time + _MINUTE) == clock[-1][1]:
                time += _MINUTE
            clock.append((to_microseconds(time + _MINUTE), _ahead(zone, following)))
        time = following
    return tuple(clock)


def _ahead(zone: ZoneInfo, time: datetime) -> int:
    offset = time.astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _capital(country: str) -> str:
    zones = _zones().get(country, ())
    if country not in _CAPITALS and not zones:
        raise UsageError(f"No time zone of {country!r} is known.", "Is it an ISO 3166-1 code?")
    return _CAPITALS.get(country) or zones[0]


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    zones: dict[str, tuple[str, ...]] = {}
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones
