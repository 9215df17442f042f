"""What one batch changed: told once, in sentences, and nothing that only moved to another event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from zicht.model.entity import EntityFact
from zicht.model.health import Sickness
from zicht.model.outage import Event, Operator, Outage
from zicht.observe.replay import Happening, HappeningKind, Picture, compare
from zicht.observe.telling import Teller
from zicht.publish.language import SCREENS, language

if TYPE_CHECKING:
    from zicht.model.outage import Interval

NOON = datetime(2030, 3, 7, 12, tzinfo=UTC)
BLOCKS = "probe.up24"
SICK = Sickness(signal=BLOCKS, start=NOON, end=NOON + timedelta(hours=1), reason="all read zero")


def hours(first: float, last: float) -> Interval:
    return NOON + timedelta(hours=first), NOON + timedelta(hours=last)


def outage(id_: str = "o1", entity: str = "country/KZ", end: Interval | None = None) -> Outage:
    return Outage(
        id=id_,
        signal=BLOCKS,
        plane="data",
        entity=entity,
        onset=hours(0, 0.5),
        end=end,
        ongoing=end is None,
        depth_percent=40,
        depth_interval=(30, 50),
        belief=1,
        alerted_at=NOON,
        samples=5,
    )


def operator(number: int) -> Operator:
    return Operator(
        entity=f"asn/{number}",
        name=None,
        kind="mobile",
        onset=hours(0, 1),
        end=None,
        depth_percent=3,
        signal=BLOCKS,
    )


def event(id_: str = "e1", entity: str = "country/KZ") -> Event:
    return Event(
        id=id_,
        entity=entity,
        event_class="data-plane",
        onset=hours(0, 0.5),
        end=None,
        ongoing=True,
        depth_percent=40,
        depth_signal=BLOCKS,
        phases=(),
        outages=("o1",),
        operators=(),
        restorations=(),
        recurrences=0,
        shutdown_likelihood=None,
        sources=(),
        as_of=NOON,
    )


def picture(
    *events: Event, outages: tuple[Outage, ...] = (), sick: tuple[Sickness, ...] = ()
) -> Picture:
    return Picture(
        NOON, {one.id: one for one in events}, {one.id: one for one in outages}, sicknesses=sick
    )


def kinds(before: Picture, after: Picture) -> list[HappeningKind]:
    return [one.kind for one in compare(before, after)]


def test_nothing_new_is_no_news() -> None:
    known = picture(event(), outages=(outage(),), sick=(SICK,))
    assert compare(known, known) == []


def test_an_event_is_found_once() -> None:
    assert kinds(picture(), picture(event())) == ["event found"]


def test_an_event_that_deepens_much_is_told_and_one_that_deepens_little_is_not() -> None:
    much = msgspec.structs.replace(event(), depth_percent=3.0)
    little = msgspec.structs.replace(event(), depth_percent=35.0)
    assert kinds(picture(event()), picture(much)) == ["event deepened"]
    assert kinds(picture(event()), picture(little)) == []


def test_another_class_is_told() -> None:
    other = msgspec.structs.replace(event(), event_class="routes-up-packets-dead")
    assert kinds(picture(event()), picture(other)) == ["class changed"]


def test_connectivity_that_is_back_and_cut_again() -> None:
    before = picture(event(), outages=(outage(),))
    back = picture(event(), outages=(outage(end=hours(3, 3.5)),))
    assert kinds(before, back) == ["connectivity back"]
    again = msgspec.structs.replace(event(), recurrences=1)
    assert kinds(back, picture(again, outages=back_outages(back))) == ["down again"]


def back_outages(known: Picture) -> tuple[Outage, ...]:
    return tuple(known.outages.values())


def test_an_event_ends_when_it_has_an_end() -> None:
    over = msgspec.structs.replace(event(), end=hours(5, 6), ongoing=False)
    assert kinds(picture(event()), picture(over)) == ["event ended"]


def test_an_operator_is_told_once() -> None:
    first = msgspec.structs.replace(event(), operators=(operator(1),))
    both = msgspec.structs.replace(event(), operators=(operator(1), operator(2)))
    assert kinds(picture(event()), picture(first)) == ["operators down"]
    (told,) = compare(picture(first), picture(both))
    assert [one.entity for one in told.operators] == ["asn/2"]


def test_an_operator_whose_event_its_country_takes_up_is_not_withdrawn() -> None:
    alone = event("e0", "asn/1")
    national = msgspec.structs.replace(event(), operators=(operator(1),))
    assert kinds(picture(alone), picture(national)) == ["event found"]


def test_an_event_that_is_gone_is_withdrawn() -> None:
    assert kinds(picture(event()), picture()) == ["event withdrawn"]


def test_a_sickness_that_grows_is_no_other() -> None:
    longer = msgspec.structs.replace(SICK, end=SICK.end + timedelta(hours=2))
    assert kinds(picture(), picture(sick=(SICK,))) == ["source sick"]
    assert kinds(picture(sick=(SICK,)), picture(sick=(longer,))) == []


@pytest.mark.parametrize("code", SCREENS)
@pytest.mark.parametrize(
    "kind",
    [
        "event found",
        "class changed",
        "event deepened",
        "operators down",
        "connectivity back",
        "down again",
        "event ended",
        "event withdrawn",
    ],
)
def test_every_happening_has_its_sentence(code: str, kind: HappeningKind) -> None:
    teller = Teller(language(code), {"asn/1": EntityFact(entity="asn/1", name="One")})
    happening = Happening(
        NOON, kind, event=event(), outage=outage(end=hours(3, 4)), operators=(operator(1),)
    )
    sentence = teller.sentence(happening)
    assert teller.place("country/KZ") in sentence
    assert "{" not in sentence
    assert sentence.endswith(".")


def test_a_sick_source_is_said_not_to_be_an_outage() -> None:
    teller = Teller(language("en"), {})
    sentence = teller.sentence(Happening(NOON, "source sick", sickness=SICK))
    assert "unknown, not as an outage" in sentence


def test_of_many_operators_some_are_named() -> None:
    teller = Teller(language("en"), {})
    text = teller.operators(tuple(operator(number) for number in range(1, 8)))
    assert text.endswith("4 more")


def test_what_is_not_known_is_said_so() -> None:
    state = Teller(language("en"), {}).state(picture(), "country/KZ")
    assert state == "routes ? \N{MIDDLE DOT} packets ? \N{MIDDLE DOT} use ?; an outage: unknown"
