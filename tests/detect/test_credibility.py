"""How likely it is that an outage is real: noise, a loss of the series' own, and witnesses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from detection_worlds import BEGIN, end_of, ordinary, series, signal
from hypothesis import given
from hypothesis import strategies as st

from zicht.detect.constants import OUTAGES_A_YEAR, OWN_LOSSES_A_YEAR
from zicht.detect.credibility import corroborate, credibility, fell
from zicht.detect.detection import detect
from zicht.model.outage import Outage

if TYPE_CHECKING:
    from zicht.model.series import Series
    from zicht.model.signal import Plane, Signal

NOW = BEGIN + timedelta(days=30)
PLANES: dict[str, tuple[Plane, tuple[str, ...]]] = {
    "a.routes": ("control", ("ris", "routeviews")),
    "b.routes": ("control", ("ris",)),
    "b.probing": ("data", ("probers",)),
    "c.telescope": ("data", ("telescope",)),
    "d.searches": ("user", ("searches",)),
}
SIGNALS = {
    name: msgspec.structs.replace(signal(name, plane=plane), inputs=inputs)
    for name, (plane, inputs) in PLANES.items()
}
beliefs = st.floats(0.01, 0.99)


def outage(
    name: str, *, belief: float = 0.8, entity: str = "country/XK", day: float = 1, days: float = 1
) -> Outage:
    begin = BEGIN + timedelta(days=day)
    end = begin + timedelta(days=days)
    return Outage(
        id="",
        signal=name,
        plane=SIGNALS[name].plane,
        entity=entity,
        onset=(begin, begin),
        end=(end, end),
        ongoing=False,
        depth_percent=10,
        depth_interval=(5, 15),
        belief=belief,
        alerted_at=begin,
        samples=10,
    )


def country_of(entity: str) -> str | None:
    return {"country/XK": "XK", "asn/64500": "XK"}.get(entity)


def believed(*outages: Outage) -> list[float]:
    return [one.belief for one in corroborate(outages, SIGNALS, country_of, NOW)]


@given(st.floats(0.5, 0.999999), st.floats(0.5, 0.999999), st.floats(0.1, 1000), st.floats(1, 10))
def test_the_surer_and_the_longer_known_the_likelier_that_it_fell(
    one: float, other: float, days: float, times: float
) -> None:
    low, high = sorted((one, other))
    assert fell(low, days) <= fell(high, days) <= fell(high, days * times)


@pytest.mark.parametrize("plane", ["control", "data", "user"])
def test_one_series_alone_never_rules_out_a_loss_of_its_own(plane: Plane) -> None:
    most = 1 / (1 + OWN_LOSSES_A_YEAR[plane] / OUTAGES_A_YEAR)
    assert credibility(1.0, 10_000, plane) == pytest.approx(most, abs=1e-3)


def test_an_independent_witness_all_but_rules_it_out() -> None:
    assert min(believed(outage("a.routes"), outage("b.probing"))) > 0.99


@pytest.mark.parametrize(
    "other",
    [
        outage("b.routes"),
        outage("a.routes", entity="asn/64500"),
        outage("b.probing", day=9),
        outage("b.probing", entity="country/XB"),
    ],
    ids=["shares an input", "is the same signal", "comes later", "is another country's"],
)
def test_what_is_no_witness_changes_nothing(other: Outage) -> None:
    assert believed(outage("a.routes"), other)[0] == 0.8


def test_a_countrys_outage_is_a_witness_of_its_operators_and_not_the_other_way_round() -> None:
    operator, country = believed(outage("a.routes", entity="asn/64500"), outage("b.probing"))
    assert operator > 0.99
    assert country == 0.8


@given(st.lists(st.tuples(st.sampled_from(sorted(SIGNALS)), beliefs), min_size=1, max_size=6))
def test_a_witness_never_lowers_a_belief_and_order_does_not_matter(
    chosen: list[tuple[str, float]],
) -> None:
    outages = [outage(name, belief=belief) for name, belief in chosen]
    found = believed(*outages)
    assert all(new >= old.belief - 1e-4 for new, old in zip(found, outages, strict=True))
    assert found == believed(*outages[::-1])[::-1]


def test_two_that_share_an_input_are_one_witness() -> None:
    probing, routes, copy = (outage(name) for name in ("b.probing", "a.routes", "b.routes"))
    assert believed(probing, routes, copy)[0] == believed(probing, routes)[0]


def test_the_belief_of_an_event_is_that_of_its_surest_outage() -> None:
    def fallen(spec: Signal) -> float:
        values = ordinary(spec, 20)
        values[2000:2050] *= 0.1
        world.append(series(spec, values))
        (event,) = detect(world, {}, as_of=end_of(world[0])).events
        assert event.belief is not None
        assert event.level == "alert"
        return event.belief

    world: list[Series] = []
    alone = fallen(SIGNALS["b.probing"])
    together = fallen(SIGNALS["c.telescope"])
    assert 0.5 < alone < 0.9
    assert together > 0.99
