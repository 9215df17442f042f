"""Names for people."""

from __future__ import annotations

import pytest

from zicht.errors import UsageError
from zicht.place.names import place_name


@pytest.mark.parametrize(
    ("entity", "locale", "name"),
    [
        ("country/KZ", "en", "Kazakhstan"),
        ("country/KZ", "nl", "Kazachstan"),
        ("country/IR", "pt-BR", "Irã"),
        ("country/ZZ", "en", "Unknown Region"),
        ("asn/29355", "en", "Kcell JSC (AS29355)"),
        ("asn/29355/KZ", "nl", "Kcell JSC (AS29355), Kazachstan"),
        ("asn/64500", "en", "AS64500"),
        ("region/IR/bandar-e-abbas", "en", "Bandar E Abbas"),
        ("region/KZ-75", "en", "KZ-75"),
    ],
)
def test_entities_have_names(entity: str, locale: str, name: str) -> None:
    assert place_name(entity, locale) == name


def test_an_unknown_language_is_said() -> None:
    with pytest.raises(UsageError, match="language"):
        place_name("country/KZ", "tlh")
