"""Countries by their names in any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.place.everywhere import countries_named, fold


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nederland", "NL"),
        ("Pays-Bas", "NL"),
        ("هولندا", "NL"),
        ("ایران", "IR"),
        ("إيران", "IR"),
        ("Côte d’Ivoire", "CI"),
        ("cote divoire", "CI"),
        ("Беларусь", "BY"),
        ("日本", "JP"),
    ],
)
def test_a_name_in_its_language(name: str, code: str) -> None:
    assert countries_named(name)[0] == code


def test_a_whole_name_goes_before_the_begin_of_one() -> None:
    assert countries_named("niger")[:2] == ["NE", "NG"]
    assert {"CG", "CD"} <= set(countries_named("congo"))


def test_a_name_that_is_mistyped() -> None:
    assert countries_named("Kirgizstann")[0] == "KG"


@pytest.mark.parametrize("text", ["", " ", "!!", "zzzzqqq", "\u202e"])
def test_what_names_nothing(text: str) -> None:
    assert countries_named(text) == []


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
