"""Codes of regions: what they were and what they are."""

from __future__ import annotations

from datetime import date

import pytest

from zicht.model.entity import parse_entity
from zicht.place.regions import (
    CodeChange,
    code_changes,
    current_code,
    former_codes,
    ioda_number,
    ioda_region,
)

BEFORE = date(2019, 11, 16)


def test_a_code_that_was_given_up_is_known_by_the_one_in_its_place() -> None:
    assert current_code("KZ-ALA") == "KZ-75"
    assert current_code("KZ-ALA", date(2022, 1, 5)) == "KZ-75"
    assert current_code("MX-DIF") == "MX-CMX"


def test_a_code_of_which_no_change_is_known_stays() -> None:
    assert current_code("NL-NH") == "NL-NH"
    assert current_code("KZ-75") == "KZ-75"


def test_a_code_that_another_region_has_today_needs_the_day_it_was_written() -> None:
    assert current_code("IR-07") == "IR-07"  # Fars
    assert current_code("IR-07", BEFORE) == "IR-23"  # Tehran
    assert current_code("IR-07", date(2020, 11, 24)) == "IR-07"
    assert current_code("IR-31") == "IR-28"  # nobody has it today


def test_codes_that_swapped_places_keep_apart() -> None:
    then = [change.old for change in code_changes("IR")]
    assert len({current_code(code, BEFORE) for code in then}) == len(then) == 29


def test_a_chain_of_changes_is_followed_to_its_end() -> None:
    assert current_code("NO-16", date(2015, 1, 1)) == "NO-50"
    assert current_code("NO-16") == "NO-50"
    assert [change.old for change in former_codes("NO-50")] == ["NO-23", "NO-17", "NO-16"]


def test_a_region_knows_its_former_codes() -> None:
    (change,) = former_codes("KZ-75")
    assert (change.old, change.change, change.on) == ("KZ-ALA", "renamed", date(2022, 11, 29))
    assert [change.old for change in former_codes("IR-23")] == ["IR-07"]
    assert former_codes("NL-NH") == ()


@pytest.mark.parametrize("change", code_changes(), ids=lambda change: change.old)
def test_every_change_is_of_codes_of_one_country(change: CodeChange) -> None:
    assert change.old[:3] == change.new[:3]
    for code in (change.old, change.new):
        assert parse_entity(f"region/{code}").type == "region"


def test_no_code_becomes_two_on_one_day() -> None:
    changes = [(change.old, change.on) for change in code_changes()]
    assert len(changes) == len(set(changes))


def test_iodas_numbers_are_known_where_they_were_stated() -> None:
    assert ioda_region(1906) == "IT-CA"
    assert ioda_number("IT-CA") == 1906
    assert ioda_region(1) is None
    assert ioda_number("KZ-75") is None
