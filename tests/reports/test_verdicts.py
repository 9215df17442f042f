"""Claims are held against series: supported, contradicted, or honestly neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_series import at, detected, evidence, made

from zicht.errors import InputError, UsageError
from zicht.publish.language import language
from zicht.publish.verdict_words import part_words, reason_words
from zicht.reports.claims import find_claims
from zicht.reports.corrections import correct, read_corrections
from zicht.reports.measured import look, power
from zicht.reports.publication import published_by_event
from zicht.reports.reading import publication, read_report
from zicht.reports.verdict import Evidence, judge

if TYPE_CHECKING:
    from zicht.model.claim import Claim

DOWN = made([(at(5, 10), at(5, 22), 0.04)])
TWICE = made([(at(4, 20), at(5, 2), 0.04), (at(5, 8), at(5, 14), 0.04)])
QUIET = made([])


def judged(text: str, against: Evidence, published: str = "2022-01-06") -> Claim:
    report = read_report(text.encode(), name="a", published=publication(published))
    claims = find_claims(report)
    assert len(claims) == 1
    return judge(claims[0], against)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Almost all of Kazakhstan was offline on Wednesday.", "supported"),
        ("Internet traffic in Kazakhstan fell to 2% on Wednesday.", "supported"),
        ("Almost all of Kazakhstan was offline on Tuesday.", "contradicted"),
        ("The internet in Kazakhstan works normally on Wednesday.", "contradicted"),
        ("The internet in Kazakhstan works normally on Tuesday.", "supported"),
        ("The internet was restored in Kazakhstan on Thursday.", "supported"),
        ("Phone lines were cut in Kazakhstan on Wednesday.", "not measurable"),
        ("Mobile data was cut in Kazakhstan on Wednesday.", "insufficient data"),
        ("The internet was cut in Togo on Wednesday.", "insufficient data"),
        ("Kazakhstan ordered operators to cut mobile data.", "not measurable"),
        ("Kazakhstan threatened to cut the internet.", "not measurable"),
        ("Unconfirmed rumours said the internet in Kazakhstan was cut.", "not measurable"),
        ("Kazakhstan blocked Telegram on Wednesday.", "insufficient data"),
        ("In 2019 Kazakhstan cut the internet.", "insufficient data"),
        ("Mobile internet was throttled in Kazakhstan on Tuesday.", "insufficient data"),
    ],
)
def test_a_claim_meets_the_series_of_its_place_and_time(text: str, verdict: str) -> None:
    found = judged(text, evidence(DOWN))
    assert found.verdict == verdict
    assert all(one.reason_code for one in found.subclaims)


def test_the_numbers_are_told_with_the_verdict() -> None:
    part = judged("Almost all of Kazakhstan was offline on Wednesday.", evidence(DOWN)).subclaims[0]
    assert (part.reason_code, part.values["left_percent"]) == ("was-down", 20)
    shown = part.measured[0]
    assert shown.lowest_percent == pytest.approx(4, abs=0.2)
    assert shown.lowest_at is not None
    assert at(5, 10) <= shown.lowest_at < at(5, 22)


def test_a_second_time_needs_two_outages_with_connectivity_in_between() -> None:
    text = "Kazakhstan was offline on Wednesday for the second time."
    twice = judged(text, evidence(TWICE))
    assert [one.verdict for one in twice.subclaims] == ["supported", "supported"]
    spells = twice.subclaims[1].measured[0].spells
    assert [one.down for one in spells] == [False, True, False, True, False]
    assert twice.subclaims[1].values["times_down"] == 2
    once = judged(text, evidence(DOWN))
    assert [one.verdict for one in once.subclaims] == ["supported", "insufficient data"]


def test_routes_alone_contradict_nothing() -> None:
    routes = made([], plane="control")
    part = judged("Kazakhstan was offline on Wednesday.", evidence(routes)).subclaims[0]
    assert (part.verdict, part.reason_code) == ("insufficient data", "routes-alone")


def test_what_was_not_seen_contradicts_nothing() -> None:
    gap = made([], missing=[(at(4, 18), at(5, 8))])
    assert judged("Kazakhstan was offline on Wednesday.", evidence(gap)).verdict == (
        "insufficient data"
    )


def test_a_day_that_is_not_known_contradicts_nothing() -> None:
    found = judged("Kazakhstan was offline this morning.", evidence(QUIET), published="2022-01")
    assert found.verdict == "insufficient data"


def test_a_series_that_could_not_have_shown_it_contradicts_nothing() -> None:
    whole = detected(QUIET).assessments[0]
    assert power(whole, at(5), at(6), 10) > 0.99
    assert power(whole, at(5), at(6), 79.9) < 0.95
    assert power(whole, at(5), at(5, 0, 10), 10) == 0.0


def test_what_is_said_of_mobile_networks_is_held_against_mobile_operators() -> None:
    mobile = made([(at(5, 10), at(5, 22), 0.02)], entity="asn/29355")
    text = "Mobile data was cut in Kazakhstan on Wednesday."
    assert judged(text, evidence(QUIET, mobile)).verdict == "supported"
    named = "The internet of Kazakhtelecom was cut in Kazakhstan on Wednesday."
    assert judged(named, evidence(mobile)).verdict == "insufficient data"


MOBILE = "Mobile data was completely cut in Kazakhstan on Wednesday."


def test_one_dead_operator_is_not_a_country_without_mobile_data() -> None:
    down = made([(at(5, 10), at(5, 22), 0.02)], entity="asn/29355")
    up = made([], entity="asn/48503")
    part = judged(MOBILE, evidence(QUIET, down, up)).subclaims[0]
    assert (part.verdict, part.reason_code) == ("insufficient data", "some-operators")
    assert (part.values["operators_showing"], part.values["operators_seen"]) == (1, 2)
    both = made([(at(5, 10), at(5, 22), 0.02)], entity="asn/48503")
    assert judged(MOBILE, evidence(QUIET, down, both)).verdict == "supported"


def test_a_reason_tells_which_operator_showed_it() -> None:
    mobile = made([(at(5, 10), at(5, 22), 0.02)], entity="asn/29355")
    part = judged(MOBILE, evidence(QUIET, mobile)).subclaims[0]
    assert part.values["series_entity"] == "asn/29355"
    assert "(AS29355)" in reason_words(language("en"), part)
    named = judged("Kcell went offline in Kazakhstan on Wednesday.", evidence(QUIET, mobile))
    assert part_words(language("en"), named.subclaims[0]) == "AS29355 (Kazakhstan): down"


def test_what_came_back_in_part_does_not_speak_against_a_restoration() -> None:
    text = "The internet was restored in Kazakhstan on Thursday."
    dead = made([(at(5, 10), at(8), 0.04)])
    assert judged(text, evidence(dead)).verdict == "contradicted"
    better = made([(at(5, 10), at(6, 2), 0.04), (at(6, 2), at(8), 0.6)])
    assert judged(text, evidence(better)).verdict != "contradicted"


def test_against_made_data_everything_reads_simulated() -> None:
    simulated = evidence(made([(at(5, 10), at(5, 22), 0.04)], simulated=True))
    for text in (
        "Kazakhstan was offline on Wednesday.",
        "The regime cut the internet in Kazakhstan on Tuesday in order to hide its crimes.",
        "Kazakhstan threatened to cut the internet.",
    ):
        found = judged(text, simulated)
        assert {found.verdict, *(one.verdict for one in found.subclaims)} == {"simulated"}
        assert found.subclaims[0].simulated_verdict in {
            "supported",
            "contradicted",
            "not measurable",
        }


def test_who_and_why_is_never_judged() -> None:
    found = judged(
        "The regime cut the internet in Kazakhstan on Wednesday to silence critics.",
        evidence(DOWN),
    )
    assert found.verdict == "supported"
    assert found.subclaims[-1].verdict == "not measurable"


def test_a_window_shows_how_low_and_how_much_was_seen() -> None:
    view = look(detected(TWICE).assessments[0], at(4, 18), at(5, 18))
    assert view.lowest is not None
    assert 3 < view.lowest < 5
    assert view.coverage == 1.0
    assert [one.down for one in view.stretches] == [False, True, False, True, False]
    assert look(detected(TWICE).assessments[0], at(30), at(31)).lowest is None


def test_an_unknown_day_of_publication_is_told_by_the_one_event_that_fits() -> None:
    events = detected(DOWN).events
    if not any(one.level == "alert" for one in events):
        pytest.fail("the made outage should be an alert")
    found = published_by_event(None, "KZ", events)
    assert found is not None
    assert found.start.date().isoformat() == "2022-01-05"
    assert "measured event" in found.inferred_from
    assert published_by_event(None, "TG", events) is None
    stated = publication("2022-01-09")
    assert published_by_event(stated, "KZ", events) is stated


SIDE = """
confirmed_by = "A. Reader"
[[claim]]
id = "{id}"
place = "country/KZ"
from = 2022-01-05T12:00:00Z
until = 2022-01-05T14:00:00Z
"""


def test_a_person_can_correct_what_was_read_and_the_verdict_follows() -> None:
    text = "The internet was cut in Togo on Tuesday."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    claims = find_claims(report)
    side = read_corrections(SIDE.format(id=claims[0].id).encode(), "side.toml")
    corrected = correct(claims, side)[0]
    assert corrected.confirmed_by == "A. Reader"
    assert judge(claims[0], evidence(DOWN)).verdict == "insufficient data"
    assert judge(corrected, evidence(DOWN)).verdict == "supported"
    removed = f'confirmed_by = "A"\n[[claim]]\nid = "{claims[0].id}"\nremove = true\n'
    assert correct(claims, read_corrections(removed.encode(), "s")) == ()


def test_a_side_file_with_a_mistake_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"line 5, claim\[1\].place"):
        read_corrections(SIDE.replace("country/KZ", "Kasachstan").encode(), "side.toml")
    with pytest.raises(UsageError, match="No claim"):
        correct((), read_corrections(SIDE.format(id="x").encode(), "side.toml"))
