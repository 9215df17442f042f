"""Regions and towns are held against their own series, never against those of their country."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from made_series import FACTS, at, detected, evidence, made

from zicht.cli import run
from zicht.model.claim import Claim, Place
from zicht.place.regions import current_code
from zicht.reports.claims import find_claims
from zicht.reports.localities import is_local, measured_as
from zicht.reports.reading import publication, read_report
from zicht.reports.verdict import judge

if TYPE_CHECKING:
    from pathlib import Path

OUTAGE = [(at(5, 6), at(5, 22), 0.04)]


def claimed(text: str) -> Claim:
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    claims = find_claims(report)
    assert len(claims) == 1, text
    return claims[0]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("The internet was cut in Khuzestan on Wednesday.", "region/IR-06"),
        ("The internet was cut in Indian Kashmir on Wednesday.", "region/IN-JK"),
        ("Ethiopia cut the internet in Tigray on Wednesday.", "region/ET-TI"),
        ("The internet was cut in India's Manipur on Wednesday.", "region/IN-MN"),
        ("Pakistan cut the internet in Punjab on Wednesday.", "region/PK-PB"),
        ("Authorities in Pakistan cut the internet in Punjab on Wednesday.", "region/PK-PB"),
        ("The internet was cut in Kazakhstan, above all in Almaty, on Wednesday.", "country/KZ"),
        ("India cut the internet in Punjab on Wednesday.", "region/IN-PB"),
        ("The internet was shut down in Sistan and Baluchestan on Wednesday.", "region/IR-11"),
        ("The internet was cut in Crimea on Wednesday.", "region/UA-43"),
        ("The internet was cut in Kyiv on Wednesday.", "region/UA-30"),
        ("In Dagestan is woensdag het internet afgesloten.", "region/RU-DA"),
        ("L'internet a été coupé au Tibet mercredi.", "region/CN-XZ"),
        ("In Papua wurde am Mittwoch das Internet abgeschaltet.", "region/ID-PA"),
        ("En Cachemira se cortó internet el miércoles.", "region/IN-JK"),
        ("В Дагестане в среду отключили интернет.", "region/RU-DA"),
        ("В Киеве в среду отключили интернет.", "region/UA-30"),
        ("The internet was cut in Kazakhstan on Wednesday.", "country/KZ"),
        ("The internet was cut in Aktau on Wednesday.", "country/KZ"),
        ("Moscow cut the internet on Wednesday.", "country/RU"),
    ],
)
def test_a_name_is_mapped_to_the_region_that_it_is_of(text: str, entity: str) -> None:
    claim = claimed(text)
    assert claim.place.entity == entity
    assert is_local(claim.place) == (not text.startswith("The internet was cut in Kazakhstan"))


def test_a_region_is_held_against_its_own_series() -> None:
    claim = claimed("The internet was cut in Almaty on Wednesday.")
    down = made(OUTAGE, entity="region/KZ-75")
    up = made([], entity="region/KZ-75")
    country = made([])
    part = judge(claim, evidence(country, down)).subclaims[0]
    assert (part.verdict, part.measured[0].entity) == ("supported", "region/KZ-75")
    assert judge(claim, evidence(made(OUTAGE), up)).verdict == "contradicted"


@pytest.mark.parametrize(
    "text",
    [
        "The internet was cut in Almaty on Wednesday.",
        "The internet was cut in Mangystau on Wednesday.",
        "The internet was cut in Aktau on Wednesday.",
        "Kazakhstan cut the internet in Aktau on Wednesday.",
    ],
)
def test_the_series_of_the_country_tell_nothing_of_a_region_or_town(text: str) -> None:
    for country in (made(OUTAGE), made([])):
        part = judge(claimed(text), evidence(country)).subclaims[0]
        assert (part.verdict, part.reason_code) == ("insufficient data", "place-not-measured")
        assert part.measured == ()


def test_operators_of_the_country_tell_nothing_of_a_region() -> None:
    claim = claimed("Mobile internet was cut in Almaty on Wednesday.")
    mobile = made(OUTAGE, entity="asn/29355")
    assert FACTS["asn/29355"].country == "KZ"
    part = judge(claim, evidence(mobile, made(OUTAGE, entity="region/KZ-75"))).subclaims[0]
    assert (part.verdict, part.reason_code) == ("insufficient data", "no-operator-of-place")


def test_a_region_is_found_by_a_code_that_was_changed() -> None:
    almaty = Place(entity="region/KZ-75", country="KZ", name="Almaty", inferred_from="sentence")
    assert measured_as(almaty, {"country/KZ", "region/KZ-ALA"}) == "region/KZ-ALA"
    assert measured_as(almaty, {"country/KZ", "region/KZ-71"}) is None


@pytest.mark.parametrize("name", ["Tehran", "Teheran", "Téhéran", "Тегеране", "تهران"])
def test_a_town_is_found_by_its_name_in_any_language(name: str) -> None:
    town = Place(entity="country/IR", country="IR", name=name, inferred_from="sentence: a town")
    assert measured_as(town, {"country/IR", "region/IR/tehran"}) == "region/IR/tehran"
    assert measured_as(town, {"country/IR", "region/IR/theran"}) == "region/IR/theran"
    assert measured_as(town, {"country/IR", "region/IR/shiraz"}) is None


def test_a_town_that_is_a_region_is_found_where_its_name_stands_alone() -> None:
    claim = claimed("Almaty was offline on Wednesday.")
    assert claim.place.entity == "country/KZ"
    series = made(OUTAGE, entity="region/KZ-75")
    assert judge(claim, evidence(made([]), series)).verdict == "supported"
    assert detected(series).assessments[0].series.entity == "region/KZ-75"


def test_codes_are_those_of_today() -> None:
    tables = tomllib.loads((files("zicht.reports") / "data" / "regions.toml").read_text("utf-8"))
    codes = [code for table in ("region", "city") for code in tables[table]]
    assert len(codes) > 130
    assert [code for code in codes if current_code(code) != code] == []


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Internet is cut in Ekibastuz since Monday.", "KZ"),
        ("В Экибастузе отключили интернет.", "KZ"),
        ("В Караганде нет интернета.", "KZ"),
        ("Sinds maandag ligt het internet plat in Bulawayo.", "ZW"),
        ("À Bouaké, Internet est coupé depuis lundi.", "CI"),
    ],
)
def test_a_large_town_tells_the_country_where_nothing_else_does(text: str, country: str) -> None:
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    [claim] = find_claims(report)
    assert claim.place.country == country
    assert claim.place.inferred_from == "sentence: a town"


def test_a_town_counts_for_nothing_beside_a_country() -> None:
    text = "Togo is offline, a man in Ekibastuz told us. The internet was cut on Monday."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    assert {claim.place.country for claim in find_claims(report)} == {"TG"}


def test_a_town_is_held_against_what_was_recorded_of_its_county(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, text = str(tmp_path / "store"), tmp_path / "report.txt"
    [file] = (data_folder / "series" / "icmp-iran-2019").glob("*.csv")
    assert run(["import", "icmp", str(file), "--store", store]) == 0
    text.write_text("Internet access was cut in Tehran on 16 November 2019.", encoding="utf-8")
    capsys.readouterr()
    assert run(["--format", "json", "check", str(text), "--store", store]) == 0
    part = json.loads(capsys.readouterr().out)["claims"][0]["subclaims"][0]
    assert part["verdict"] == "supported"
    assert [one["entity"] for one in part["measured"]] == ["region/IR/theran"]


def test_togo_is_told_from_of_that_in_russian() -> None:
    def countries(text: str) -> set[str | None]:
        report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
        return {claim.place.country for claim in find_claims(report)}

    assert countries("Власти Того отключили интернет.") == {"TG"}
    assert countries("Того, что было, больше нет: в Кении отключили интернет.") == {"KE"}
