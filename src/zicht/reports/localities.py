"""Which of what is measured is a region or a town that a report names."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import get_global

from zicht.place.regions import current_code
from zicht.reports.gazetteer import codes_of_town, russian_cases
from zicht.reports.languages import CODES
from zicht.reports.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from zicht.model.claim import Place


def is_local(place: Place) -> bool:
    """Whether a place is a region or a town: what is measured of its country tells little of it."""
    return place.inferred_from == "sentence: a town" or (place.entity or "").startswith("region/")


def measured_as(place: Place, present: Collection[str]) -> str | None:
    """The entity that a region or town is measured as, or ``None``: it is not.

    A region is found by its code, one that was changed since among them; a town by its name, as the
    region that it is (``region/UA-30``) or as a place without a code (``region/IR/tehran``).

    Args:
        place: where a claim is about.
        present: the entities that have series.
    """
    if place.entity is None or place.country is None:
        return None
    if place.entity.startswith("region/"):
        if place.entity in present:
            return place.entity
        head = f"region/{place.country}-"
        code = place.entity.removeprefix("region/")
        former = (one for one in sorted(present) if one.startswith(head))
        return next(
            (one for one in former if current_code(one.removeprefix("region/")) == code), None
        )
    return next((one for one in _of_town(place.country, place.name) if one in present), None)


def _of_town(country: str, name: str) -> Iterator[str]:
    for code in codes_of_town(country, name):
        yield f"region/{code}"
    for one in (name, _seats(country).get(fold(name), "")):
        slug = _slug(one)
        if slug:
            yield f"region/{country}/{slug}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(one if one.isalnum() else " " for one in plain).split())


@cache
def _seats(country: str) -> dict[str, str]:
    """The English names of towns that zones are called after, by their names in each language."""
    found: dict[str, str] = {}
    for zone, of in get_global("zone_territories").items():
        if of != country or "/" not in zone:
            continue
        plain = zone.rpartition("/")[2].replace("_", " ")
        for code in CODES:
            zones: dict[str, Any] = dict(Locale.parse(code).time_zones)
            own = zones.get(zone, {}).get("city") or plain
            for form in (own, *(russian_cases(own) if code == "ru" else ())):
                found[fold(form)] = plain
    return found
