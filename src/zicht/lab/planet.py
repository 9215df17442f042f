"""A world of all countries, made up by size.

Nothing in it is anybody's: only the countries, their clocks and, roughly, which are large are real.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from zicht.errors import UsageError
from zicht.lab import chance
from zicht.lab.scenario_places import Country, OperatorRow
from zicht.place.names import country_codes
from zicht.place.zones import zones_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.lab.scenario_places import Kind, Planet

# The largest by people online, from memory and in rough order; the others follow by chance.
_LARGEST = [
    "CN",
    "IN",
    "US",
    "ID",
    "BR",
    "NG",
    "RU",
    "PK",
    "JP",
    "MX",
    "PH",
    "EG",
    "BD",
    "VN",
    "TR",
    "DE",
    "IR",
    "GB",
    "TH",
    "FR",
    "IT",
    "ZA",
    "KR",
    "ES",
    "CO",
    "AR",
    "PL",
    "UA",
    "MA",
    "MY",
    "SA",
    "CA",
    "DZ",
    "IQ",
    "PE",
    "AU",
    "ET",
    "KE",
    "UZ",
    "NL",
    "RO",
    "VE",
    "KZ",
    "MM",
    "CL",
    "GH",
    "NP",
    "BE",
    "SE",
    "CZ",
    "GR",
    "PT",
    "TN",
    "AZ",
    "BY",
    "HU",
    "JO",
    "CH",
    "AT",
    "DK",
]
_FIRST_ASN = 4_201_000_001  # for private use (RFC 6996)
_COUNTRY_TAIL, _OPERATOR_TAIL = 0.85, 1.05  # exponents of Zipf's law
_LARGE: tuple[Kind, ...] = ("mobile", "fixed", "mixed", "mobile", "transit")
_ANSWERS = {"mobile": 0.01, "fixed": 1.0, "mixed": 0.5, "transit": 0.8}


def planet_rows(
    planet: Planet, seed: int, size: float
) -> tuple[tuple[OperatorRow, ...], tuple[Country, ...]]:
    """The operators and countries of a planet, ``size`` of 1.0 being the whole.

    Raises:
        UsageError: the size is not above 0, or above 1.
    """
    if not 0 < size <= 1:
        raise UsageError(f"{size:g} is no size of a planet.", "Give one above 0 and up to 1.")
    codes = _codes(seed)
    weight = _zipf(np.arange(len(codes)), _COUNTRY_TAIL)
    counts = np.maximum(_divided(round(planet.operators * size), weight), 1)
    country = np.repeat(np.arange(len(codes)), counts)
    rank = np.arange(len(country)) - np.repeat(np.cumsum(counts) - counts, counts)
    tail = _zipf(rank, _OPERATOR_TAIL)
    tail *= (weight / np.add.reduceat(tail, np.cumsum(counts) - counts))[country]
    kinds = [_LARGE[one] if one < len(_LARGE) else _small(one) for one in rank.tolist()]
    rough = 0.3 + 1.4 * chance.uniforms(seed, "planet", "blocks", count=len(country))
    rough *= np.array([0.3 if kind == "mobile" else 1.0 for kind in kinds])
    columns = {
        "users": _divided(round(planet.users * size), tail),
        "blocks": np.maximum(_divided(round(planet.blocks * size), tail * rough), 1),
        "prefixes6": _divided(round(planet.prefixes6 * size), np.sqrt(tail)),
        "answering": _divided(
            round(planet.answering * size), tail * rough * np.array([_ANSWERS[k] for k in kinds])
        ),
        "atlas": _divided(round(planet.atlas * size), np.sqrt(tail)),
    }
    plain = {name: values.tolist() for name, values in columns.items()}
    rows = tuple(
        OperatorRow(
            asn=_FIRST_ASN + index,
            name=f"Lab {codes[place]} {rank[index] + 1}",
            kind=kinds[index],
            country=codes[place],
            **{name: values[index] for name, values in plain.items()},
        )
        for index, place in enumerate(country.tolist())
    )
    return rows, tuple(Country(code=code) for code in codes)


def _codes(seed: int) -> list[str]:
    """The countries that keep a clock, the largest first."""
    known = [code for code in sorted(country_codes()) if _has_clock(code)]
    luck = dict(zip(known, chance.uniforms(seed, "planet", "order", count=len(known)), strict=True))
    others = sorted((code for code in known if code not in _LARGEST), key=luck.__getitem__)
    return [*_LARGEST, *others]


def _has_clock(code: str) -> bool:
    try:
        zones_of(code)
    except UsageError:
        return False
    return True


def _zipf(rank: NDArray[np.int64], exponent: float) -> NDArray[np.float64]:
    """Zipf's law, rounded to what all machines agree on: the last bits of a power differ."""
    return ((rank + 1.0) ** -exponent).astype(np.float32).astype(np.float64)


def _small(rank: int) -> Kind:
    """The many small ones are fixed, and every eighth carries others."""
    return "transit" if rank % 8 == 7 else "fixed"  # noqa: PLR2004 - of eight


def _divided(total: int, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """A whole number divided by weights, exactly but for rounding: differences of rounded sums."""
    sums = np.rint(np.cumsum(weight) * (total / math.fsum(weight)))
    return np.diff(sums, prepend=0.0).astype(np.int64)
