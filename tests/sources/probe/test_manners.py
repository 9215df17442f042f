from __future__ import annotations

import math

import pytest

from zicht.errors import UsageError
from zicht.sources.probe.manners import Manners

FINE = {"rate": 100.0, "per_minute": 60.0, "timeout": 5.0}


@pytest.mark.parametrize("name", FINE)
@pytest.mark.parametrize("number", [0, -1, math.nan, math.inf, -math.inf])
def test_what_is_no_number_above_zero_is_refused(name: str, number: float) -> None:
    with pytest.raises(UsageError, match="cannot be done"):
        Manners(**{**FINE, name: number}, text=b"")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "number"), [("rate", 1e12), ("rate", 1e-12), ("timeout", 1e300), ("timeout", 4295)]
)
def test_what_no_clock_can_keep_is_refused(name: str, number: float) -> None:
    with pytest.raises(UsageError, match="at most"):
        Manners(**{**FINE, name: number}, text=b"")  # type: ignore[arg-type]


def test_slow_and_fast_are_both_fine() -> None:
    assert Manners(rate=1e9, per_minute=1e12, timeout=3600, text=b"").rate == 1e9
    assert Manners(rate=1e-9, per_minute=1e-9, timeout=1e-9, text=b"").rate == 1e-9
