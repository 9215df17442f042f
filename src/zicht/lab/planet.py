"""A world of all countries, made up by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zicht.lab.scenario import Country, OperatorRow, Planet


def planet_rows(
    planet: Planet, seed: int, size: float
) -> tuple[tuple[OperatorRow, ...], tuple[Country, ...]]:
    """The operators and countries of a planet of such a size."""
    raise NotImplementedError
