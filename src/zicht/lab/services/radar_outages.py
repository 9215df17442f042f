"""The outages that Cloudflare Radar's people note: of a world, those that its happenings cause.

They are written some hours after the begin, and so is the end after it. Keys and words are those of
a recorded answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zicht.lab.services.answers import iso
from zicht.model.entity import parse_entity
from zicht.place.names import country_codes

if TYPE_CHECKING:
    from zicht.lab.scenario import Happening
    from zicht.lab.world import World

_NOTED_AFTER = timedelta(hours=3)
_CAUSES = {
    "shutdown": "GOVERNMENT_DIRECTED",
    "curfew": "GOVERNMENT_DIRECTED",
    "exam": "GOVERNMENT_DIRECTED",
    "allow-list": "GOVERNMENT_DIRECTED",
    "cable cut": "CABLE_CUT",
    "power failure": "POWER_OUTAGE",
}
_TYPES = {"country": "NATIONWIDE", "region": "REGIONAL", "asn": "NETWORK"}
_LARGEST_LEFT = 70  # percent of the traffic; what leaves more is no outage to them


def outages(world: World, now: datetime) -> list[dict[str, Any]]:
    """What is noted by now, the newest first."""
    found = [
        _annotation(world, happening, number, now)
        for number, happening in enumerate(world.scenario.happenings)
        if happening.cause in _CAUSES
        and happening.begin + _NOTED_AFTER <= now
        and (happening.left.traffic or 100) <= _LARGEST_LEFT
    ]
    return sorted(found, key=lambda one: one["startDate"], reverse=True)


def _annotation(world: World, happening: Happening, number: int, now: datetime) -> dict[str, Any]:
    entities = [parse_entity(text) for text in happening.who]
    rows = sorted({int(row) for text in happening.who for row in world.parts_of(text)})
    countries = sorted({world.parts[row].country for row in rows})
    operators = {one.asn: one for one in world.operators}
    asns = [operators[one.asn] for one in entities if one.asn in operators]
    end = happening.end
    is_over = end is not None and end + _NOTED_AFTER <= now
    names = country_codes()
    return {
        "id": str(1000 + number),
        "dataSource": "ALL",
        "description": happening.statement or f"Made by the lab: {happening.cause}",
        "scope": asns[0].name if asns else None,
        "startDate": iso(happening.begin.timestamp()),
        "endDate": iso(end.timestamp()) if end is not None and is_over else None,
        "locations": countries,
        "asns": [one.asn for one in asns],
        "eventType": "OUTAGE",
        "linkedUrl": None,
        "asnsDetails": [
            {
                "asn": str(one.asn),
                "name": one.name,
                "location": {"code": one.country, "name": names.get(one.country, one.country)},
            }
            for one in asns
        ],
        "locationsDetails": [{"name": names.get(code, code), "code": code} for code in countries],
        "outage": {
            "outageCause": _CAUSES[happening.cause],
            "outageType": _TYPES[entities[0].type],
        },
    }
