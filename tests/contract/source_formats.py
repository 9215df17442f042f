"""For each format of each source: made-up contents, how they are written, and what they say."""

from __future__ import annotations

import csv
import io
import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from zicht.sources import google, icmp, ioda, mlab, ooni, peers, table, tor

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.parsed import Parsed

Said = dict[tuple[str, str, datetime], float]
"""The values that a file says: by signal, entity and time."""

START = datetime(2019, 11, 11, tzinfo=UTC)


@dataclass(frozen=True)
class Format:
    """A format of a source.

    Attributes:
        name: for the test's name.
        parse: the source's ``parse``.
        options: what it needs to be told.
        contents: a strategy for contents.
        write: contents to the text of a file.
        say: contents to what ``parse`` should find, gaps left out.
        spoil: a word of the second row, and a bad one in its place.
        header: whether the first line is one.
    """

    name: str
    parse: Callable[..., Parsed]
    contents: st.SearchStrategy[Any]
    write: Callable[[Any], str]
    say: Callable[[Any], Said]
    spoil: tuple[int, str]
    options: dict[str, Any] = field(default_factory=dict)
    header: bool = True

    def read(self, data: bytes, **options: Any) -> Parsed:
        return self.parse(data, name="file", **self.options | options)


def to_csv(rows: list[list[Any]], header: list[str] | None = None) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows] if header else rows)
    return text.getvalue()


def values(low: float = 0, high: float = 1e6) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False).map(lambda value: round(value, 6))


def cells(*keys: st.SearchStrategy[Any], value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Contents as values by key, of three keys at least."""
    return st.dictionaries(st.tuples(*keys), value, min_size=3, max_size=40)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


ASNS = st.sampled_from([0, 12880, 44244, 4_294_967_295])
BINS = st.integers(0, 30)
COUNTS = st.integers(0, 10**9)
_LONG = {
    "bgp": "ioda.bgp",
    "darknet": "ioda.ucsd-nt",
    "active_probing": "ioda.ping-slash24",
}


def _write_long(contents: dict[tuple[str, int, int], float | None]) -> str:
    return to_csv(
        [
            [signal, "" if value is None else value, asn, f"Network {asn}", f"{at(hour)}"]
            for (signal, asn, hour), value in contents.items()
        ]
    )


def _say_long(contents: dict[tuple[str, int, int], float | None]) -> Said:
    return {
        (_LONG[signal], f"asn/{asn}" if asn else "country/IR", at(hour)): value
        for (signal, asn, hour), value in contents.items()
        if value is not None
    }


def _write_wide(contents: list[tuple[float, float]]) -> str:
    header = ["Time (UTC)", "BGP (#Visible /24s)", "Active Probing (#/24s Up)"]
    rows = [[f"{at(i / 2):%F %T}", bgp, ping] for i, (bgp, ping) in enumerate(contents)]
    return to_csv(rows, header)


def _say_wide(contents: list[tuple[float, float]]) -> Said:
    names = ("ioda.bgp.norm.30m", "ioda.ping-slash24.norm.30m")
    return {
        (name, "country/IR", at(i / 2)): value
        for i, row in enumerate(contents)
        for name, value in zip(names, row, strict=True)
    }


def _write_tor(contents: dict[tuple[str, int], int]) -> str:
    header = ["", "date", "country", "users", "lower", "upper", "frac"]
    rows = [
        [i, f"{at(24 * day):%F}", country, users, "", 1.5, 80]
        for i, ((country, day), users) in enumerate(contents.items())
    ]
    return to_csv(rows, header)


def _say_tor(contents: dict[tuple[str, int], int]) -> Said:
    return {
        ("tor.users", f"country/{country.upper()}", at(24 * day)): users
        for (country, day), users in contents.items()
        if len(country) == 2 and country.isalpha()
    }


def _write_results(contents: dict[tuple[int], tuple[int, int]]) -> str:
    rows = [[f"{at(24 * day):%F}", *counts] for (day,), counts in contents.items()]
    return to_csv(rows, ["date", "total", "ok"])


def _say_results(contents: dict[tuple[int], tuple[int, int]]) -> Said:
    return {
        (name, "country/IR", at(24 * day)): count
        for (day,), counts in contents.items()
        for name, count in zip(("ooni.measurements", "ooni.ok"), counts, strict=True)
    }


def _write_operators(contents: dict[tuple[int, int], int]) -> str:
    rows = [[count, f"{at(24 * day):%F %T}", asn] for (day, asn), count in contents.items()]
    return to_csv(rows, ["count", "test_day", "probe_asn"])


def _say_operators(contents: dict[tuple[int, int], int]) -> Said:
    said: Said = defaultdict(float)
    for (day, asn), count in contents.items():
        said["ooni.measurements", "country/IR", at(24 * day)] += count
        if asn:
            said["ooni.measurements", f"asn/{asn}", at(24 * day)] = count
    return dict(said)


def _write_speeds(contents: dict[tuple[int, int], tuple[int, float | None]]) -> str:
    rows = [
        [f"{at(24 * day):%F}", "IR", asn or "", tests, "" if speed is None else speed]
        for (day, asn), (tests, speed) in contents.items()
    ]
    return to_csv(rows, ["date", "country_code", "asn", "tests", "download_mbps"])


def _say_speeds(contents: dict[tuple[int, int], tuple[int, float | None]]) -> Said:
    entities = {0: "country/IR", 12880: "asn/12880", 44244: "asn/44244"}
    said: Said = {}
    for (day, asn), (tests, speed) in contents.items():
        entity = entities.get(asn, f"asn/{asn}/IR")
        said["mlab.tests", entity, at(24 * day)] = tests
        if speed is not None:
            said["mlab.download", entity, at(24 * day)] = speed
    return said


def _write_google(contents: list[float]) -> str:
    rows = [[f"{at(2 * i):%F %T}.000", value] for i, value in enumerate(contents)]
    return to_csv(rows, ["date and time", "value"])


def _write_answer(contents: list[float]) -> str:
    points = [
        [round(at(2 * i).timestamp() * 1000), [[None, value]]] for i, value in enumerate(contents)
    ]
    return ")]}'\n\n" + json.dumps([["tr.atsr", points, None, [None, [1, 2]]]])


def _say_google(contents: list[float]) -> Said:
    return {("google.youtube", "country/IR", at(2 * i)): value for i, value in enumerate(contents)}


def _write_counties(contents: dict[tuple[str, int], float]) -> str:
    header = ["iso", "id_1", "name_1", "id_2", "name_2", "time_e", "lat", "lon", "connectivity"]
    rows = [
        ["IRN", 1, "A province", 2, county, round(at(hour + 3.5).timestamp()), 38.4, 48.3, value]
        for (county, hour), value in contents.items()
    ]
    return to_csv(rows, header)


def _say_counties(contents: dict[tuple[str, int], float]) -> Said:
    slugs = {"Qom": "qom", "Mashhad/North": "mashhad-north", "Kázerun": "kazerun"}
    said: Said = {}
    hours = defaultdict(list)
    for (county, hour), value in contents.items():
        said["icmp.answering.1h", f"region/IR/{slugs[county]}", at(hour)] = value
        hours[hour].append(value)
    counties = len({county for county, _ in contents})
    for hour, of_hour in hours.items():
        if 2 * len(of_hour) >= counties:
            said["icmp.county-mean.1h", "country/IR", at(hour)] = statistics.fmean(of_hour)
    return said


def _write_peers(contents: dict[str, list[int]]) -> str:
    rows = []
    for prefix, counts in contents.items():
        for i, count in enumerate(counts):
            time = at(6 * i + 2)
            rows.append([f"{time:%Y%m%d}", f"{time:%H%M}", "AS44244", prefix, count])
        rows.append([0, 0, 0, 0, 0])
    return to_csv(rows, ["DATE", "TIME", "ASN", "PREFIX", "FREQ"])


def _say_peers(contents: dict[str, list[int]]) -> Said:
    said: Said = {}
    for i in range(5):
        past = [[count for count in counts[: i + 1] if count] for counts in contents.values()]
        now = [counts[i] for counts in contents.values()]
        enough = [
            count >= statistics.median(seen) / 2
            for count, seen in zip(now, past, strict=True)
            if seen
        ]
        if enough:
            share = 100 * sum(enough) / len(enough)
            said["bgp.usual-peers.6h", "asn/44244", at(6 * i + 2)] = share
    return said


def _write_table(contents: dict[tuple[str, int], float | None]) -> str:
    rows = [
        [entity, "a, note", f"{at(hour):%FT%TZ}", "" if value is None else value]
        for (entity, hour), value in contents.items()
    ]
    return to_csv(rows, ["where", "note", "when", "how much"])


def _say_table(contents: dict[tuple[str, int], float | None]) -> Said:
    return {
        ("own.signal", entity, at(hour)): value
        for (entity, hour), value in contents.items()
        if value is not None
    }


_PERCENT = values(0, 99).map(lambda value: value + 0.5)
_PREFIXES = ["5.22.0.0/18", "5.106.11.0/24", "2001:db8::/32", "2.144.0.0/16"]

FORMATS = [
    Format(
        "ioda-long",
        ioda.parse,
        cells(st.sampled_from(list(_LONG)), ASNS, BINS, value=st.none() | values()),
        _write_long,
        _say_long,
        (1, "many"),
        {"country": "IR"},
        header=False,
    ),
    Format(
        "ioda-wide",
        ioda.parse,
        st.lists(st.tuples(_PERCENT, _PERCENT), min_size=3, max_size=30),
        _write_wide,
        _say_wide,
        (2, "-1"),
        {"country": "IR"},
    ),
    Format(
        "tor",
        tor.parse,
        cells(st.sampled_from(["ir", "tr", "??"]), BINS, value=COUNTS).filter(
            lambda contents: len(_say_tor(contents)) > 0
        ),
        _write_tor,
        _say_tor,
        (1, "2019-02-30"),
    ),
    Format(
        "ooni-results",
        ooni.parse,
        cells(BINS, value=st.tuples(COUNTS, COUNTS)),
        _write_results,
        _say_results,
        (1, "1.5"),
        {"country": "IR"},
    ),
    Format(
        "ooni-operators",
        ooni.parse,
        cells(BINS, ASNS, value=COUNTS),
        _write_operators,
        _say_operators,
        (2, "AS"),
        {"country": "IR"},
    ),
    Format(
        "mlab",
        mlab.parse,
        cells(BINS, ASNS, value=st.tuples(COUNTS, st.none() | values())),
        _write_speeds,
        _say_speeds,
        (3, "1.5"),
    ),
    Format(
        "google",
        google.parse,
        st.lists(values(), min_size=5, max_size=40),
        _write_google,
        _say_google,
        (1, "inf"),
        {"country": "IR"},
    ),
    Format(
        "icmp",
        icmp.parse,
        cells(st.sampled_from(["Qom", "Mashhad/North", "Kázerun"]), BINS, value=values(0, 100)),
        _write_counties,
        _say_counties,
        (8, "101"),
    ),
    Format(
        "peers",
        peers.parse,
        st.dictionaries(
            st.sampled_from(_PREFIXES),
            st.lists(st.integers(0, 200), min_size=5, max_size=5),
            min_size=1,
        ).filter(lambda contents: any(map(any, contents.values()))),
        _write_peers,
        _say_peers,
        (3, "5.22.0.0"),
    ),
    Format(
        "table",
        table.parse,
        cells(
            st.sampled_from(["country/KZ", "asn/9198", "region/IR/qom"]),
            BINS,
            value=st.none() | values(-1e6, 1e6),
        ),
        _write_table,
        _say_table,
        (0, "nowhere"),
        {
            "spec": table.TableSpec(
                signal="own.signal",
                time="when",
                value="how much",
                entity_column="where",
                step=3600,
            )
        },
    ),
]
GOOGLE_ANSWER = Format(
    "google-answer",
    google.parse,
    st.lists(values(), min_size=5, max_size=40),
    _write_answer,
    _say_google,
    (0, ""),
    {"country": "IR"},
)
