"""IODA's shape: clients of its API work when they are pointed here."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient
from web_world import AGAIN, END, KNOWN, ONSET, RESTORED, START

from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin
from zicht.observe.detection import run_detection
from zicht.observe.fetching import fetch_source
from zicht.sources.ioda.api import parse_answer
from zicht.sources.ioda.events import parse_events
from zicht.sources.ioda.signals import BGP, GOOGLE, MERIT_TELESCOPE, PING, for_product
from zicht.store import Store, open_store
from zicht.web.api.ioda.signals import datasource_of
from zicht.web.app import application
from zicht.web.desk import Desk
from zicht.web.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FROM, UNTIL = int(ONSET.timestamp()) - 86_400, int(END.timestamp())
TIME = f"from={FROM}&until={UNTIL}"
SIGNALS = (BGP, PING, MERIT_TELESCOPE, GOOGLE, for_product("youtube"))
ORIGIN = Origin(
    id="11223344",
    source="ioda",
    name="made",
    sha256="",
    licence="CC0 1.0",
    citation="The lab of Zicht",
    simulated=True,
)
ENTITIES = ("country/KZ", "country/IR", "region/IQ-BB", "asn/64500", "asn/64501/KZ")


def get(client: TestClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {"type", "metadata", "requestParameters", "error", "perf", "data"} <= set(told)
    assert told["error"] is None
    return told


@pytest.fixture(scope="module")
def of_ioda(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with IODA's signals, a gap and a country that was cut off."""
    chance = np.random.default_rng(5)
    tables = []
    for signal in SIGNALS:
        for entity in ENTITIES:
            times = np.arange(START.timestamp(), END.timestamp(), signal.step)
            values = np.round(1000 * (1 + 0.02 * chance.standard_normal(len(times))))
            if entity == "country/KZ":
                values[(times >= ONSET.timestamp()) & (times < RESTORED.timestamp())] //= 20
            kept = (times < AGAIN.timestamp()) | (times >= AGAIN.timestamp() + 7200)
            count = int(kept.sum())
            tables.append(
                pa.table(
                    {
                        "signal": [signal.name] * count,
                        "entity": [entity] * count,
                        "time": pa.array((times[kept] * 1e6).astype(np.int64)).cast(
                            pa.timestamp("us", tz="UTC")
                        ),
                        "value": values[kept],
                        "samples": pa.nulls(count, pa.int64()),
                    },
                    schema=OBSERVATIONS,
                )
            )
    store = open_store(tmp_path_factory.mktemp("ioda") / "store", create=True)
    store.append(
        pa.concat_tables(tables),
        signals=SIGNALS,
        origin=ORIGIN,
        entities=[EntityFact(entity="asn/64500", name="Dala Mobile", country="KZ")],
        known_at=KNOWN,
    )
    run_detection(store, entities=["country/KZ"], known_at=KNOWN)
    return store


@pytest.fixture(scope="module")
def ioda(of_ioda: Store) -> Iterator[TestClient]:
    with TestClient(application(Desk(of_ioda, now=lambda: KNOWN))) as client:
        yield client


def test_our_own_fetch_of_ioda_reads_back_what_is_stored(of_ioda: Store, tmp_path: Path) -> None:
    copy = open_store(tmp_path / "copy", create=True)
    entities = ["country/KZ", "country/IR", "region/IQ-BB", "asn/64500"]
    begin = END - timedelta(days=9)
    with serving(of_ioda) as address:
        fetched = fetch_source(
            copy,
            "ioda",
            entities,
            begin,
            END,
            address=f"{address}v2",
            pause=lambda _: None,
            clock=lambda: KNOWN + timedelta(days=3),
        )
    assert not fetched.notes
    signals = [one.name for one in SIGNALS]
    for signal in signals:
        for entity in entities:
            theirs = of_ioda.read(signal, entity, start=begin, end=END)
            ours = copy.read(signal, entity)
            assert ours.start == theirs.start
            np.testing.assert_array_equal(ours.values, theirs.values)
    sightings = copy.sightings()
    assert {one.entity for one in sightings} == {"country/KZ"}
    told = {(one.seen_in, one.start) for one in sightings}
    stored = {
        (one.signal.removeprefix("ioda."), one.onset[0].replace(microsecond=0))
        for one in of_ioda.outages()
        if one.entity == "country/KZ" and one.signal.count(".") == 1
    }
    assert stored <= told


REPLAYED = [
    # What IODA's own dashboard asks
    "/v2/entities/query?entityType=country&limit=170",
    "/v2/entities/query?entityType=region&relatedTo=country/IQ&limit=2000",
    "/v2/entities/query?entityType=country&relatedTo=region/1870",
    "/v2/entities/query?entityType=country&relatedTo=asn/64500",
    "/v2/entities/query?entityType=geoasn&relatedTo=asn/64501",
    "/v2/entities/query?entityType=asn&entityCode=64500",
    "/v2/entities/query?search=kaz&limit=11",
    f"/v2/signals/raw/country/KZ?{TIME}&maxPoints=3000&sourceParams=WEB_SEARCH",
    f"/v2/outages/alerts?entityType=country&entityCode=KZ&{TIME}",
    f"/v2/outages/events?entityType=country&entityCode=KZ&{TIME}&includeAlerts=false&overall=true",
    f"/v2/outages/summary?entityType=country&{TIME}&limit=170&page=0",
    "/v2/datasources/",
    # What monitors and maps ask
    f"/v2/outages/events?entityType=country&{TIME}&format=codf&limit=2000",
    f"/v2/outages/events?{TIME}&entityType=country&limit=250&extendWindow=0",
    f"/v2/outages/events?{TIME}&relatedTo=country%2FKZ&includeAlertsors=true&limit=2000&overall=false",
    f"/v2/outages/events?entityType=country&{TIME}&limit=200&format=ioda",
    f"/v2/outages/summary?entityType=country&{TIME}&orderBy=score/desc",
    f"/v2/signals/raw/asn/64500?{TIME}",
    f"/v2/signals/raw/country/IR?{TIME}&datasource=ping-slash24&maxPoints=50",
]


@pytest.mark.parametrize("address", REPLAYED, ids=range(len(REPLAYED)))
def test_requests_of_clients_of_ioda_are_answered(ioda: TestClient, address: str) -> None:
    told = get(ioda, address)
    assert told["data"], address
    assert told["copyright"]


def test_a_client_that_draws_series_finds_what_it_reads(ioda: TestClient) -> None:
    told = get(ioda, f"/v2/signals/raw/country/KZ?{TIME}")["data"]
    (series,) = [told[0]]
    assert {one["datasource"] for one in series} == {"bgp", "ping-slash24", "merit-nt", "gtr"}
    assert {one["subtype"] for one in series if one["datasource"] == "gtr"} == {
        "WEB_SEARCH",
        "YOUTUBE",
    }
    for one in series:
        assert one["entityType"] == "country"
        assert one["entityFqid"]
        assert one["until"] == one["from"] + one["step"] * len(one["values"])
        assert one["from"] >= FROM
        assert one["from"] % one["nativeStep"] == 0
        assert None in one["values"]  # the gap
        assert all(value is None or isinstance(value, int) for value in one["values"])


def test_the_answers_are_those_that_our_own_parsers_read(ioda: TestClient) -> None:
    answer = ioda.get(f"/v2/signals/raw/country/KZ,IR?{TIME}").content
    parsed = parse_answer(answer, name="here")
    assert {fact.entity: fact.name for fact in parsed.entities} == {
        "country/KZ": "Kazakhstan",
        "country/IR": "Iran",
    }
    assert not parsed.notes
    sightings = parse_events(ioda.get(f"/v2/outages/events?{TIME}").content, name="here")
    assert sightings
    assert all(one.end is not None for one in sightings)


def test_records_have_the_fields_that_ioda_s_have(ioda: TestClient, data_folder: Path) -> None:
    recorded = json.loads((data_folder / "api/ioda/outages_events_sample.json").read_text())
    told = get(ioda, f"/v2/outages/events?{TIME}")
    assert set(recorded) <= set(told)
    assert set(recorded["data"][0]) <= set(told["data"][0])
    files = (data_folder / "api/ioda").glob("1299_*.json")
    for file in files:
        recorded = json.loads(file.read_text())
        told = get(ioda, f"/v2/signals/raw/country/KZ?{TIME}")
        assert set(recorded["data"][0][0]) <= set(told["data"][0][0])
        assert set(recorded["metadata"]) <= set(told["metadata"])


def test_events_in_both_formats_tell_the_same(ioda: TestClient) -> None:
    codf = get(ioda, f"/v2/outages/events/country/KZ?{TIME}&format=codf")["data"]
    own = get(ioda, f"/v2/outages/events/country/KZ?{TIME}&format=ioda&includeAlerts=true")["data"]
    assert [(one["start"], one["duration"], one["datasource"]) for one in codf] == [
        (one["from"], one["until"] - one["from"], one["datasource"]) for one in own
    ]
    assert all(one["entity"]["code"] == "KZ" for one in own)
    levels = [alert["level"] for one in own for alert in one["alerts"]]
    assert set(levels) == {"critical", "normal"}
    assert all(one["location"] == "country/KZ" for one in codf)


def test_events_are_ordered_and_paged_as_asked(ioda: TestClient) -> None:
    by_score = get(ioda, f"/v2/outages/events?{TIME}&orderBy=score/desc")["data"]
    scores = [one["score"] for one in by_score]
    assert scores == sorted(scores, reverse=True)
    pages = [
        get(ioda, f"/v2/outages/events?{TIME}&limit=1&page={page}")["data"]
        for page in range(len(scores))
    ]
    whole = get(ioda, f"/v2/outages/events?{TIME}")["data"]
    assert [one for page in pages for one in page] == whole
    assert not get(ioda, f"/v2/outages/events?{TIME}&limit=1&page={len(scores)}")["data"]
    merged = get(ioda, f"/v2/outages/events?{TIME}&overall=true")["data"]
    assert len(merged) < len(whole)
    assert merged[0]["score"] == pytest.approx(sum(scores))


def test_entities_are_paged_from_one(ioda: TestClient) -> None:
    whole = get(ioda, "/v2/entities/query")["data"]
    first = get(ioda, "/v2/entities/query?limit=2&page=1")["data"]
    second = get(ioda, "/v2/entities/query?limit=2&page=2")["data"]
    assert first + second == whole[:4]


def test_entities_go_by_ioda_s_codes(ioda: TestClient) -> None:
    found = {one["attrs"]["zicht"]: one for one in get(ioda, "/v2/entities/query")["data"]}
    assert (found["region/IQ-BB"]["type"], found["region/IQ-BB"]["code"]) == ("region", "1870")
    assert (found["asn/64501/KZ"]["type"], found["asn/64501/KZ"]["code"]) == ("geoasn", "64501-KZ")
    (country,) = get(ioda, "/v2/entities/query?entityType=country&relatedTo=region/1870")["data"]
    assert country["code"] == "IQ"
    assert found["asn/64500"]["name"] == "AS64500 Dala Mobile"
    assert get(ioda, f"/v2/signals/raw/geoasn/64501-KZ?{TIME}")["data"][0]


def test_fewer_points_are_means_over_longer_steps(ioda: TestClient) -> None:
    address = f"/v2/signals/raw/country/IR?{TIME}&datasource=ping-slash24"
    (fine,) = get(ioda, address)["data"][0]
    (coarse,) = get(ioda, f"{address}&maxPoints=50")["data"][0]
    width = coarse["step"] // fine["step"]
    assert coarse["nativeStep"] == fine["step"]
    assert 0 < len(coarse["values"]) <= 50
    assert coarse["values"][0] == pytest.approx(np.mean(fine["values"][:width]))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/v2/outages/events", "'from' timestamp must be set"),
        ("/v2/outages/events?from=1", "'until' timestamp must be set"),
        ("/v2/outages/events?from=now-1d&until=now", "positive integer"),
        ("/v2/outages/events?from=9&until=3", "must be earlier"),
        (f"/v2/outages/events?{TIME}&format=xml", "invalid format"),
        (f"/v2/outages/events?{TIME}&limit=0", "greater than 0"),
        (f"/v2/outages/events?{TIME}&page=1", "limit also needs to be set"),
        (f"/v2/outages/events?{TIME}&orderBy=colour", "orderBy attribute"),
        (f"/v2/outages/events?{TIME}&orderBy=time/up", "orderBy order"),
        (f"/v2/signals/raw/country/XX?{TIME}", "cannot find corresponding metadata entity"),
        (f"/v2/signals/raw/country/KZ?{TIME}&datasource=x", "invalid datasource x"),
        ("/v2/signals/raw/country/KZ?from=0&until=2147483647", "at most 400 days"),
        (f"/v2/signals/raw/country/{','.join(['KZ'] * 60)}?{TIME}", "at most 50 codes"),
        (f"/v2/outages/events?{TIME}&entityType={'x' * 200}", "longer than"),
    ],
)
def test_what_makes_no_sense_is_refused_in_ioda_s_envelope(
    ioda: TestClient, address: str, said: str
) -> None:
    answer = ioda.get(address)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert answer.json()["data"] is None


def test_an_address_that_ioda_does_not_have_is_said_to_be_none(ioda: TestClient) -> None:
    answer = ioda.get("/v2/topo/country")
    assert answer.status_code == 404
    assert "No route" in answer.json()["error"]


def test_too_much_at_once_is_refused(ioda: TestClient) -> None:
    year = f"from={UNTIL - 390 * 86_400}&until={UNTIL}"
    codes = ",".join(["KZ"] * 10)
    answer = ioda.get(f"/v2/signals/raw/country/{codes}?{year}")
    assert answer.status_code == 400
    assert "maxPoints" in answer.json()["error"]


def test_licences_citations_and_simulated_stand_in_the_metadata(ioda: TestClient) -> None:
    for address in (f"/v2/signals/raw/country/KZ?{TIME}", f"/v2/outages/events?{TIME}"):
        metadata = get(ioda, address)["metadata"]
        assert metadata["simulated"] is True
        assert metadata["sources"]["ioda.bgp"]["citation"] == "The lab of Zicht"
        assert metadata["sources"]["ioda.bgp"]["simulated"] is True


def test_our_own_signals_go_by_ioda_s_names_where_ioda_s_are_not_stored(
    client: TestClient,
) -> None:
    (series,) = get(client, f"/v2/signals/raw/country/KZ?{TIME}")["data"]
    assert {(one["datasource"], one["signal"]) for one in series} == {
        ("bgp", "bgp.visible24"),
        ("ping-slash24", "probe.up24"),
        ("gtr", "google.search"),
    }
    events = get(client, f"/v2/outages/events?{TIME}&datasource=ping-slash24")["data"]
    assert {one["datasource"] for one in events} == {"ping-slash24"}
    assert datasource_of("bgp.visible24", ["bgp.visible24", "ioda.bgp"]) == ("bgp.visible24", "")
    assert datasource_of("tor.users", []) == ("tor.users", "")
