"""The table of operators."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from zicht.model.entity import EntityFact
from zicht.place.operators import CONFIDENCES, confidence, operator, operators_of

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {"mobile", "fixed", "mixed", "transit", "academic", "unknown"}


def test_an_operator_has_name_country_and_kind() -> None:
    assert operator(29355) == EntityFact(
        entity="asn/29355", name="Kcell JSC", country="KZ", kind="mobile"
    )
    assert confidence(29355) == "high"


def test_an_operator_that_is_not_listed_is_unknown() -> None:
    assert operator(64500) is None
    assert confidence(64500) is None


def test_a_country_has_its_operators_in_the_tables_order() -> None:
    assert [fact.entity for fact in operators_of("KZ")][:2] == ["asn/9198", "asn/29355"]
    assert operators_of("NL") == ()


def test_an_operator_of_two_countries_is_listed_in_both() -> None:
    for country in ("UG", "GA"):
        assert "asn/36924" in [fact.entity for fact in operators_of(country)]


def test_the_table_holds_the_facts_that_were_looked_up(data_folder: Path) -> None:
    with (data_folder / "place/operators.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = [f for f in operators_of(row["country"]) if f.entity == f"asn/{row['asn'][2:]}"]
            assert [(f.name, f.kind) for f in found] == [(row["name"], row["kind"])]
            assert row["kind"] in KINDS
            assert confidence(int(row["asn"][2:])) in CONFIDENCES
