"""What is particular to Tor, OONI, Google, the ICMP recordings and the counts of peers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pytest

from zicht.errors import BadRowError, InputError, UsageError
from zicht.sources import google, icmp, ooni, peers, tor

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.sources.parsed import Parsed


def series(parsed: Parsed, signal: str, entity: str) -> dict[datetime, float | None]:
    table = parsed.observations
    wanted = pc.and_(pc.equal(table["signal"], signal), pc.equal(table["entity"], entity))
    rows = table.filter(wanted).to_pylist()
    return {row["time"]: row["value"] for row in rows}


def steps(parsed: Parsed) -> dict[str, int]:
    return {signal.name: signal.step for signal in parsed.signals}


def test_tor_metrics_comments_and_rows_of_no_country_are_passed_over() -> None:
    text = (
        b"# Tor Metrics\n#\ndate,country,users\n2021-01-01,,9\n2021-01-01,??,1\n2021-01-01,ir,8\n"
    )
    assert tor.parse(text, name="tor").observations["value"].to_pylist() == [8]
    with pytest.raises(BadRowError) as raised:
        tor.parse(text + b"2021-01-02,ir,x\n", name="tor")
    assert raised.value.line == 7


def test_of_several_countries_one_may_be_picked() -> None:
    text = b"date,country,users\n2021-01-01,tr,9\n2021-01-01,ir,8\n"
    parsed = tor.parse(text, name="tor", country="tr")
    assert parsed.observations["entity"].to_pylist() == ["country/TR"]


def test_ooni_does_not_make_an_entity_of_unknown_operators() -> None:
    text = b'"count","test_day","probe_asn"\n6,"2019-11-10 00:00:00",0\n13,"2019-11-10",12880\n'
    parsed = ooni.parse(text, name="ooni", country="IR")
    day = datetime(2019, 11, 10, tzinfo=UTC)
    assert series(parsed, "ooni.measurements", "country/IR") == {day: 19}
    assert series(parsed, "ooni.measurements", "asn/12880") == {day: 13}
    assert [fact.entity for fact in parsed.entities] == ["asn/12880"]


@pytest.mark.parametrize("parse", [ooni.parse, google.parse])
def test_files_that_name_no_country_need_one(parse: object) -> None:
    text = b"date,value,total\n2021-01-01,1,1\n"
    with pytest.raises(UsageError, match="--country"):
        parse(text, name="file")  # type: ignore[operator]  # the parameters are functions
    with pytest.raises(UsageError, match="no country code"):
        parse(text, name="file", country="Iran")  # type: ignore[operator]  # as above


def test_google_may_change_its_step_and_leave_days_out() -> None:
    start = datetime(2024, 12, 30, tzinfo=UTC)
    two = [start + timedelta(hours=2 * i) for i in range(12)]
    after = [start + timedelta(hours=48 + 1.5 * i) for i in range(10)]
    lines = "".join(f"{time:%F %T}.000,1.5\n" for time in [*two, *after])
    parsed = google.parse(f"date and time,value\n{lines}".encode(), name="NL.csv", country="NL")
    assert list(series(parsed, "google.youtube", "country/NL")) == two
    assert list(series(parsed, "google.youtube.90m", "country/NL")) == after
    assert "90m and 2h" in parsed.notes[0]


def test_a_row_beside_holes_has_the_commonest_step() -> None:
    hours = [0, 2, 4, 6, 8, 12, 16, 18, 20, 22]
    lines = "".join(f"2024-01-01 {hour:02}:00,1\n" for hour in hours)
    parsed = google.parse(f"date and time,value\n{lines}".encode(), name="x", country="NL")
    assert steps(parsed) == {"google.youtube": 7200}


def test_a_damaged_answer_of_google_tells_the_point() -> None:
    points = '[[1719784800000,[[null,51.9]]],[1719795600000,[[null,"x"]]],[1719806400000,[[null]]]]'
    answer = f')]}}\'\n\n[["tr.atsr",{points},null,[null,[1,2]]]]'.encode()
    with pytest.raises(BadRowError) as raised:
        google.parse(answer, name="answer", country="IR")
    assert (raised.value.line, raised.value.column) == (2, "value")
    parsed = google.parse(answer, name="answer", country="IR", on_bad="skip")
    assert parsed.observations["value"].to_pylist() == [51.9, None]
    with pytest.raises(InputError, match="no answer"):
        google.parse(b')]}\'\n\n[["er",null]]', name="answer", country="IR")


COUNTY = "iso,name_1,name_2,time_e,connectivity\n"


def test_local_hours_of_iran_begin_at_half_past() -> None:
    text = f"{COUNTY}IRN,Tehran,Rey,1573430400,90\n".encode()
    (time,) = icmp.parse(text, name="x").observations["time"].unique().to_pylist()
    assert time == datetime(2019, 11, 10, 20, 30, tzinfo=UTC)
    (time,) = icmp.parse(text, name="x", utc_offset="-5").observations["time"].unique().to_pylist()
    assert time == datetime(2019, 11, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["3h", "+15", "+03:75", "Tehran"])
def test_what_is_no_offset_is_said(offset: str) -> None:
    with pytest.raises(UsageError, match="no offset"):
        icmp.parse(f"{COUNTY}IRN,A,B,1573430400,90\n".encode(), name="x", utc_offset=offset)


def test_counties_of_one_name_get_their_provinces() -> None:
    text = f"{COUNTY}IRN,East,Rey,1573430400,90\nIRN,West,Rey,1573430400,80\n".encode()
    facts = icmp.parse(text, name="x").entities
    assert [fact.entity for fact in facts] == ["region/IR/east-rey", "region/IR/west-rey"]


def test_a_country_that_the_file_contradicts_is_refused() -> None:
    with pytest.raises(UsageError, match="is of IR, not of KZ"):
        icmp.parse(f"{COUNTY}IRN,A,B,1573430400,90\n".encode(), name="x", country="KZ")


def test_a_prefix_counts_from_when_it_was_first_seen() -> None:
    counts = {"5.22.0.0/18": [100, 100, 49, 100], "5.23.0.0/18": [0, 0, 80, 0]}
    lines = [
        f"2019110{1 + i // 4},{('0200', '0800', '1400', '2000')[i % 4]},AS1,{prefix},{count}\n"
        for prefix, of_prefix in counts.items()
        for i, count in enumerate(of_prefix)
    ]
    text = "DATE,TIME,ASN,PREFIX,FREQ\n" + "".join(lines) + "0,0,0,0,0\n"
    parsed = peers.parse(text.encode(), name="x", country="IR")
    assert parsed.observations["value"].to_pylist() == [100, 100, 50, 50]
    assert parsed.observations["samples"].to_pylist() == [1, 1, 2, 2]
    assert steps(parsed) == {"bgp.usual-peers.6h": 21_600}


def test_lines_are_counted_past_the_separators() -> None:
    text = "DATE,TIME,ASN,PREFIX,FREQ\n20191101,0200,AS1,5.22.0.0/18,1\n0,0,0,0,0\n"
    with pytest.raises(BadRowError) as raised:
        peers.parse(f"{text}20191101,2500,AS1,5.22.0.0/18,1\n".encode(), name="x")
    assert (raised.value.line, raised.value.column) == (4, "TIME")


def test_the_recordings_are_read(data_folder: Path) -> None:
    folder = data_folder / "series"

    def read(module: object, file: str, **options: str) -> Parsed:
        parsed: Parsed = module.parse(  # type: ignore[attr-defined]  # a source
            (folder / file).read_bytes(), name=file, **options
        )
        return parsed

    users = read(tor, "tor-ooni/tor-data-ir.csv")
    assert users.observations.num_rows == 807
    results = read(ooni, "tor-ooni/ooni-data-tr.csv", country="TR")
    assert results.observations.num_rows == 6 * 817
    by_operator = read(
        ooni, "ioda-iran-2019/20191123-ooni-measurements-iran-by-probeasn.csv", country="IR"
    )
    assert len(by_operator.entities) == 30
    youtube = read(google, "google-transparency/NL.csv", country="NL")
    assert youtube.observations.num_rows == 25_760
    assert steps(youtube) == {"google.youtube": 7200, "google.youtube.90m": 5400}
    answer = read(google, "google-transparency/raw_api_response_example.txt", country="NL")
    assert steps(answer) == {"google.youtube.3h": 10_800}


def test_the_counties_of_iran_went_dark_between_1630_and_1830(data_folder: Path) -> None:
    file = data_folder / "series/icmp-iran-2019/irn-2019-11-11_gif.csv"
    parsed = icmp.parse(file.read_bytes(), name=file.name)
    assert len(parsed.entities) == 73
    mean = series(parsed, "icmp.county-mean.1h", "country/IR")
    before = mean[datetime(2019, 11, 16, 16, 30, tzinfo=UTC)]
    after = mean[datetime(2019, 11, 16, 18, 30, tzinfo=UTC)]
    assert before == pytest.approx(88, abs=1)
    assert after == pytest.approx(15, abs=1)


def test_four_of_nine_operators_of_iran_lost_their_prefixes(data_folder: Path) -> None:
    night = datetime(2019, 11, 17, 2, tzinfo=UTC)
    lost = set()
    for file in (data_folder / "series/routeviews-prefix-peers-iran-2019").glob("*.csv"):
        parsed = peers.parse(file.read_bytes(), name=file.name, country="IR")
        (fact,) = parsed.entities
        share = series(parsed, "bgp.usual-peers.6h", fact.entity)[night]
        if share is not None and share < 20:
            lost.add(fact.entity)
    assert lost == {"asn/44244", "asn/197207", "asn/57218", "asn/50810"}
