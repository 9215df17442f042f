"""A sick source yields unknown, never down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from detection_worlds import ordinary, series, signal

from zicht.detect.detection import detect
from zicht.model.entity import EntityFact

if TYPE_CHECKING:
    from zicht.model.series import Series

OPERATORS = ("asn/1", "asn/2", "asn/3", "asn/4")
FACTS = {name: EntityFact(entity=name, country="XK") for name in OPERATORS}


def telescope(*, entities: tuple[str, ...] = OPERATORS, zeros: slice) -> list[Series]:
    spec = signal("lab.telescope")
    world = []
    for entity in entities:
        values = ordinary(spec, 10, level=200)
        values[zeros] = 0
        world.append(series(spec, values, entity))
    return world


def witness(*, drop: slice | None = None) -> Series:
    spec = signal("lab.probing")
    values = ordinary(spec, 10)
    if drop is not None:
        values[drop] *= 0.05
    return series(spec, values, "country/XK")


def test_a_source_whose_entities_vanish_together_is_sick_when_others_see_nothing() -> None:
    found = detect([*telescope(zeros=slice(1000, 1060)), witness()], FACTS)
    assert [one.signal for one in found.sicknesses] == ["lab.telescope"]
    assert found.outages == ()
    sick = next(one for one in found.assessments if one.series.signal.name == "lab.telescope")
    assert np.isnan(sick.connectivity[1000:1060]).all()
    assert sick.sick.sum() == 60


def test_it_is_an_outage_when_another_signal_falls_at_the_same_time() -> None:
    world = [*telescope(zeros=slice(1000, 1060)), witness(drop=slice(1000, 1060))]
    found = detect(world, FACTS)
    assert found.sicknesses == ()
    assert {one.entity for one in found.outages} >= set(OPERATORS)


def test_entities_of_several_countries_do_not_vanish_together() -> None:
    countries = ("country/XK", "country/KZ", "country/IR", "country/NL")
    found = detect(telescope(entities=countries, zeros=slice(1000, 1060)), {})
    assert len(found.sicknesses) == 1
    assert "4 countries" in found.sicknesses[0].reason
    assert found.outages == ()


def test_one_series_alone_cannot_tell_a_sick_source_from_an_outage() -> None:
    found = detect(telescope(entities=("country/XK",), zeros=slice(1000, 1060)), {})
    assert found.sicknesses == ()
    assert len(found.outages) == 1


def test_zeros_where_nothing_lived_before_are_no_sickness() -> None:
    world = telescope(zeros=slice(0, 1060))
    assert detect([*world, witness()], FACTS).sicknesses == ()
