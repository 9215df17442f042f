"""IODA's entities: its metadata of a world's countries, regions and operators.

From IODA's public documentation: regions have numbers of its own, which stand in
``zicht.place.regions`` where they are known; others get numbers of the lab's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from zicht.place.names import country_codes
from zicht.place.regions import ioda_number, ioda_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.lab.world import World

_CONTINENTS = {"Africa": "AF", "America": "NA", "Asia": "AS", "Europe": "EU", "Pacific": "OC"}
_FIRST_NUMBER = 900_000  # of regions of which IODA's own number is not known


def entities_of(world: World) -> Iterator[dict[str, Any]]:
    """The metadata of all entities of a world, as IODA's API gives them."""
    names = country_codes()
    countries = sorted({part.country for part in world.parts})
    for code in countries:
        continent = _CONTINENTS.get(ZoneInfo(world.zone(code)).key.partition("/")[0], "OC")
        fqid = f"geo.netacuity.{continent}.{code}"
        yield _described("country", code, names.get(code, code), fqid=fqid)
    titles = {region.code: region.name for region in world.scenario.regions}
    regions = sorted({part.region for part in world.parts if part.region is not None})
    for place, region in enumerate(regions):
        number = str(ioda_number(region) or _FIRST_NUMBER + place)
        country = region[:2]
        more = {"country_code": country, "country_name": names.get(country, country)}
        fqid = f"geo.netacuity.{country}.{number}"
        yield _described(
            "region", number, titles.get(region, region), fqid=fqid, region=region, **more
        )
    single = (operator for operator in world.operators if not operator.several)
    for operator in sorted(single, key=lambda one: one.asn):
        name = f"AS{operator.asn} ({operator.name})"
        yield _described(
            "asn",
            str(operator.asn),
            name,
            fqid=f"asn.{operator.asn}",
            name=operator.name,
            country_code=operator.country,
        )


def _described(kind: str, code: str, title: str, **attrs: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": title,
        "type": kind,
        "subnames": [],
        "attrs": attrs,
    }


def in_our_words(one: dict[str, Any]) -> str:
    """An entity as the world calls it: ``region/KZ-75``."""
    if one["type"] == "region":
        return f"region/{ioda_region(int(one['code'])) or one['attrs']['region']}"
    return f"{one['type']}/{one['code']}"


def is_in(one: dict[str, Any], related: str) -> bool:
    """Whether an entity lies in another, or is it: ``country/KZ``."""
    kind, _, code = related.partition("/")
    return kind == "country" and code in {one["attrs"].get("country_code"), one["code"]}
