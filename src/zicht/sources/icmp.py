"""The Monash IP Observatory's shares of answering addresses, hourly, by county.

Columns ``iso, id_1, name_1, id_2, name_2, time_e, time_e_str, lat, lon, connectivity``: the country
by three letters, province and county with their numbers and names, the hour, and the percentage of
addresses that answer. ``time_e`` is local time that poses as seconds since 1970.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import InputError, UsageError
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Signal
from zicht.model.time import MICROSECONDS
from zicht.place.zones import capital_zone
from zicht.sources.country import check_country, need_country
from zicht.sources.observations import Draft, assemble
from zicht.sources.parsed import Parsed
from zicht.sources.rows import read_rows
from zicht.sources.words import EARLIEST, LATEST, local_to_utc

if TYPE_CHECKING:
    from datetime import tzinfo

    from numpy.typing import NDArray

    from zicht.sources.parsed import OnBad
    from zicht.sources.rows import Rows

ANSWERING = Signal(
    name="icmp.answering.1h",
    source="icmp",
    title="Addresses that answer, by county",
    unit="% of addresses",
    step=3600,
    plane="data",
    scale="share",
    lag=3600,
    licence="GPL-3.0",
    citation="Monash IP Observatory",
    inputs=("monash-icmp",),
)
COUNTY_MEAN = Signal(
    name="icmp.county-mean.1h",
    source="icmp",
    title="Addresses that answer, mean over counties of any size",
    unit="% of addresses",
    step=3600,
    plane="data",
    scale="share",
    lag=3600,
    licence=ANSWERING.licence,
    citation=ANSWERING.citation,
    inputs=ANSWERING.inputs,
)
"""Every county counts alike, however many live there: no share of the country's addresses."""

SIGNALS = (ANSWERING, COUNTY_MEAN)
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2})(?::?([0-5]\d))?")
_LARGEST_OFFSET = timedelta(hours=14)
_QUORUM = 0.5  # of the counties must have a value for a mean


def parse(
    data: bytes,
    *,
    name: str,
    country: str | None = None,
    utc_offset: str | None = None,
    on_bad: OnBad = "stop",
) -> Parsed:
    """Read the shares of a country's counties, and their mean as a signal of its own.

    Local times are those of the country's capital, or ahead of UTC by ``utc_offset`` (``+03:30``).

    Raises:
        BadRowError: a row cannot be read and ``on_bad`` is ``stop``.
        InputError: the file is no such table.
        UsageError: the file names no country and nor does ``country``, or they differ.
    """
    rows = read_rows(data, name=name)
    rows.take_header()
    code = _country(rows, country)
    zone = capital_zone(code) if utc_offset is None else read_offset(utc_offset)
    times = _times(rows, rows.need("time_e"), zone)
    column = rows.need("connectivity")
    values = rows.numbers(column, low=0, high=100, gaps=True)
    facts, county = _counties(rows, code)
    draft = Draft(
        [ANSWERING.name],
        np.zeros(len(rows), dtype=np.int64),
        [fact.entity for fact in facts],
        county,
        times,
        values,
        np.arange(len(rows)),
        np.full(len(rows), column),
    )
    observations, bad = assemble(rows, draft, on_bad)
    mean = _mean(observations, f"country/{code}")
    note = f"{name}: local times were taken for those of {zone}."
    return Parsed(pa.concat_tables([observations, mean]), SIGNALS, facts, bad, (note,))


def read_offset(text: str) -> tzinfo:
    """Read how far clocks are ahead of UTC: ``+03:30``, ``-5`` or ``UTC+6``.

    Raises:
        UsageError: the text is no such offset.
    """
    match = _OFFSET.fullmatch(text.strip())
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) if match else None
    if match is None or offset is None or offset > _LARGEST_OFFSET:
        raise UsageError(f"{text!r} is no offset from UTC.", "Write it as +03:30 or -05:00.")
    return timezone(-offset if match[1] == "-" else offset)


def _country(rows: Rows, country: str | None) -> str:
    column = rows.find("iso", "iso3", "country")
    if column is None:
        return need_country(country, name=rows.name, what="counties")[-2:]
    words, code = rows.codes(column)
    found = [_alpha2(word) for word in words]
    rows.reject(
        np.array([word is None for word in found])[code], column, "a country of three letters"
    )
    named = {word for word in found if word is not None}
    if len(named) > 1:
        raise InputError(
            f"{rows.name} holds several countries: {', '.join(sorted(named))}.",
            "Give a file for each: their local times differ.",
        )
    only = None if country is None else check_country(country)
    if only is not None and named and only not in named:
        raise UsageError(f"{rows.name} is of {named.pop()}, not of {only}.")
    return named.pop() if named else (only or "ZZ")


def _alpha2(word: str) -> str | None:
    """The code of two letters for one of three, by the Unicode CLDR."""
    from babel.core import get_global  # noqa: PLC0415 - slow to import, and only needed here

    word = word.upper()
    if re.fullmatch(r"[A-Z]{2}", word):
        return word
    aliases = get_global("territory_aliases").get(word, ()) if len(word) == 3 else ()  # noqa: PLR2004
    return aliases[0] if aliases else None


def _times(rows: Rows, column: int, zone: tzinfo) -> NDArray[np.int64]:
    seconds = rows.numbers(
        column, low=EARLIEST // MICROSECONDS, high=LATEST // MICROSECONDS, whole=True
    )
    local = np.where(rows.good, np.nan_to_num(seconds), EARLIEST // MICROSECONDS)
    return local_to_utc(local.astype(np.int64) * MICROSECONDS, zone)


def _counties(rows: Rows, country: str) -> tuple[tuple[EntityFact, ...], NDArray[np.int64]]:
    """The counties, and int64[n]: which of them a row is of.

    Two counties of one name get that of their province before it.
    """
    names, county = rows.codes(rows.need("name_2"))
    provinces, province = _provinces(rows)
    pairs, which = np.unique(np.stack([county, province]), axis=1, return_inverse=True)
    slugs = [_slug(names[i]) for i in pairs[0]]
    rows.reject(
        np.array([not slug for slug in slugs])[which], rows.need("name_2"), "a county's name"
    )
    facts = []
    for slug, i, j in zip(slugs, *pairs, strict=True):
        twin = slugs.count(slug) > 1
        code = f"{_slug(provinces[j])}-{slug}" if twin else slug or "unknown"
        facts.append(EntityFact(entity=f"region/{country}/{code}", name=names[i], country=country))
    return tuple(facts), which.reshape(-1)


def _provinces(rows: Rows) -> tuple[list[str], NDArray[np.int64]]:
    column = rows.find("name_1")
    if column is None:
        return [""], np.zeros(len(rows), dtype=np.int64)
    return rows.codes(column)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _mean(observations: pa.Table, country: str) -> pa.Table:
    """The mean over counties of each hour in which at least half of them have a value."""
    counties = pc.count_distinct(observations["entity"]).as_py()
    means = (
        observations.group_by("time")
        .aggregate([("value", "mean"), ("value", "count")])
        .filter(pc.field("value_count") >= _QUORUM * max(counties, 1))
        .sort_by("time")
    )
    count = means.num_rows
    columns = [
        pa.array([COUNTY_MEAN.name] * count, pa.string()),
        pa.array([country] * count, pa.string()),
        means["time"],
        means["value_mean"],
        means["value_count"],
    ]
    return pa.table(columns, schema=OBSERVATIONS)
