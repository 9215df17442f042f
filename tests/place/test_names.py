"""Countries by their codes and by what they are called."""

from __future__ import annotations

import pytest

from zicht.errors import UsageError
from zicht.place.names import country_code, country_codes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kazakhstan", "KZ"),
        ("kazakhstan", "KZ"),
        ("United States of America", "US"),
        ("Myanmar (Burma)", "MM"),
        ("IR", "IR"),
    ],
)
def test_a_country_is_known_by_its_names(name: str, code: str) -> None:
    assert country_code(name) == code


def test_what_is_no_country_is_said() -> None:
    with pytest.raises(UsageError, match="Atlantis"):
        country_code("Atlantis")


def test_codes_that_are_no_countries_are_left_out() -> None:
    assert {"KZ", "IR", "XK"} <= set(country_codes())
    assert not {"EU", "UN", "XX", "ZZ", "001"} & set(country_codes())
