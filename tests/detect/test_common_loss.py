"""A source that sees half of every country is sick; a cable that serves them all is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from detection_worlds import ordinary, series, signal

from zicht.detect.detection import detect

if TYPE_CHECKING:
    from zicht.model.series import Series
    from zicht.model.signal import Signal

PROBING = signal("ours.probing")
OTHERS = signal("others.probes")
ROUTES = signal("lab.bgp", plane="control")
COUNTRIES = ("country/XK", "country/KZ", "country/NL", "country/BE")
LOSS = slice(1000, 1012)


def watching(spec: Signal, *fallen: str, left: float = 0.5) -> list[Series]:
    """Ten days of four countries, of which some lose half for two hours."""
    world = []
    for entity in COUNTRIES:
        values = ordinary(spec, 10)
        if entity in fallen:
            values[LOSS] *= left
        world.append(series(spec, values, entity))
    return world


def test_half_of_every_country_in_one_source_alone_is_a_sickness_and_nobody_is_down() -> None:
    found = detect([*watching(PROBING, *COUNTRIES), *watching(OTHERS)], {})
    (sickness,) = found.sicknesses
    assert sickness.signal == "ours.probing"
    assert "4 countries" in sickness.reason
    assert (found.outages, found.events) == ((), ())
    unknown = [one for one in found.assessments if one.series.signal == PROBING]
    assert all(np.isnan(one.connectivity[LOSS]).all() for one in unknown)


@pytest.mark.parametrize(
    "others",
    [
        [],
        watching(ROUTES),
        watching(signal("ours.more")),
        watching(OTHERS, *COUNTRIES),
        watching(OTHERS, *COUNTRIES[:2]),
        watching(signal("others.tests", step=86_400, plane="user")),
    ],
    ids=[
        "nobody else looks",
        "routes may stay where packets are dead",
        "another signal of the same source",
        "another source sees it too",
        "another source sees it in half of the countries",
        "a day's figure cannot show two hours",
    ],
)
def test_without_others_to_contradict_it_the_loss_stands(others: list[Series]) -> None:
    found = detect([*watching(PROBING, *COUNTRIES), *others], {})
    assert found.sicknesses == ()
    assert {one.entity for one in found.outages} == set(COUNTRIES)


def test_a_loss_of_a_few_of_many_countries_is_theirs() -> None:
    found = detect([*watching(PROBING, *COUNTRIES[:2]), *watching(OTHERS)], {})
    assert found.sicknesses == ()
    assert {one.entity for one in found.outages} == set(COUNTRIES[:2])


def test_what_one_country_loses_beyond_the_sickness_is_found() -> None:
    world = watching(PROBING, *COUNTRIES)
    world[0].values[LOSS.start : LOSS.start + 300] *= 0.1
    found = detect([*world, *watching(OTHERS)], {})
    assert len(found.sicknesses) == 1
    assert {one.entity for one in found.outages} == {COUNTRIES[0]}
