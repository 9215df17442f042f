"""Claims of throttling are held against speeds, and against nothing that does not tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_series import at, evidence, made

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report
from zicht.reports.verdict import Evidence, judge

if TYPE_CHECKING:
    from zicht.model.claim import SubClaim

UP = made([])
SLOW = made([(at(5, 6), at(5, 22), 0.3)], plane="user", throughput=True)
FAST = made([], plane="user", throughput=True)
THROTTLED = "The internet was throttled in Kazakhstan on Wednesday."


def judged(text: str, against: Evidence) -> SubClaim:
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    claims = find_claims(report)
    assert [one.type for one in claims] == ["restriction"]
    return judge(claims[0], against).subclaims[0]


def found(part: SubClaim) -> tuple[str, str, str]:
    return part.code, part.verdict, part.reason_code


def test_speeds_that_fell_support_it_with_their_figures() -> None:
    part = judged(THROTTLED, evidence(UP, SLOW))
    assert found(part) == ("slowed", "supported", "speed-below")
    assert part.measured[0].signal == "table.speed"
    assert part.measured[0].lowest_percent == pytest.approx(30, abs=2)


def test_speeds_that_stayed_contradict_it_where_they_would_have_shown_half() -> None:
    part = judged(THROTTLED, evidence(UP, FAST))
    assert found(part) == ("slowed", "contradicted", "never-shown")
    depth, chance = part.values["depth_percent"], part.values["chance"]
    assert isinstance(depth, float)
    assert isinstance(chance, float)
    assert depth <= 50
    assert chance >= 0.95


def test_a_figure_of_how_slow_is_held_against_the_figure() -> None:
    text = "Internet speeds in Kazakhstan were throttled to 5% of ordinary on Wednesday."
    assert judged(text, evidence(UP, SLOW)).verdict == "contradicted"
    text = "Internet speeds in Kazakhstan were throttled to 25% of ordinary on Wednesday."
    assert judged(text, evidence(UP, SLOW)).verdict == "supported"


def test_speeds_of_a_day_contradict_nothing_of_a_day() -> None:
    daily = made([], plane="user", throughput=True, step=86_400)
    assert found(judged(THROTTLED, evidence(UP, daily))) == (
        "slowed",
        "insufficient data",
        "not-shown",
    )


def test_speeds_that_nobody_saw_contradict_nothing() -> None:
    gap = made([], plane="user", throughput=True, missing=[(at(4, 20), at(5, 8))])
    assert judged(THROTTLED, evidence(UP, gap)).reason_code == "not-shown"
    nothing = made([], plane="user", throughput=True, missing=[(at(4), at(7))])
    assert judged(THROTTLED, evidence(UP, nothing)).reason_code == "no-speed"


def test_connectivity_that_stayed_tells_nothing_of_speeds() -> None:
    assert found(judged(THROTTLED, evidence(UP))) == ("slowed", "insufficient data", "no-speed")


def test_who_was_cut_off_was_limited_too() -> None:
    cut = made([(at(5, 6), at(5, 22), 0.04)])
    assert found(judged(THROTTLED, evidence(cut))) == ("slowed", "supported", "was-down")
    text = "Internet speeds in Kazakhstan were throttled to 5% of ordinary on Wednesday."
    assert judged(text, evidence(cut, FAST)).verdict == "insufficient data"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mobile internet was throttled in Kazakhstan on Wednesday.", "no-speed-of-kind"),
        (
            "Kazakhtelecom throttled the internet in Kazakhstan on Wednesday.",
            "no-speed-of-operators",
        ),
        ("The internet was throttled in Aktau on Wednesday.", "no-speed-of-place"),
    ],
)
def test_speeds_of_the_country_tell_nothing_of_a_part_of_it(text: str, reason: str) -> None:
    for speeds in (SLOW, FAST):
        part = judged(text, evidence(UP, speeds))
        assert (part.verdict, part.reason_code) == ("insufficient data", reason)


def test_speeds_of_mobile_operators_are_held_against_what_is_said_of_mobile_networks() -> None:
    mobile = made([(at(5, 6), at(5, 22), 0.3)], entity="asn/29355", plane="user", throughput=True)
    text = "Mobile internet was throttled in Kazakhstan on Wednesday."
    assert judged(text, evidence(UP, mobile)).verdict == "supported"


def test_the_speed_of_a_service_is_not_measured() -> None:
    text = "Telegram was throttled in Kazakhstan on Wednesday."
    part = judged(text, evidence(UP, SLOW))
    assert found(part) == (
        "service-slowed",
        "not measurable",
        "speed-of-services-not-measured",
    )
    tests = made([], plane="user", platform="Telegram")
    part = judged(text, evidence(UP, SLOW, tests))
    assert found(part) == ("service-slowed", "insufficient data", "tests-tell-no-speed")
    assert [one.signal for one in part.measured] == ["table.telegram"]


def test_speeds_support_no_shutdown() -> None:
    text = "The internet was shut down in Kazakhstan on Wednesday."
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    assert judge(find_claims(report)[0], evidence(UP, SLOW)).verdict == "contradicted"


def blocked(text: str, against: Evidence) -> SubClaim:
    report = read_report(text.encode(), name="a", published=publication("2022-01-06"))
    return judge(find_claims(report)[0], against).subclaims[0]


def test_a_service_that_is_said_to_be_blocked_is_held_against_tests_of_it() -> None:
    text = "Kazakhstan blocked Telegram on Wednesday."
    assert found(blocked(text, evidence(UP))) == ("unreachable", "insufficient data", "no-test")
    working = made([], plane="user", platform="Telegram")
    assert found(blocked(text, evidence(UP, working))) == (
        "unreachable",
        "contradicted",
        "never-shown",
    )
    failing = made([(at(5, 2), at(6, 2), 0.05)], plane="user", platform="Telegram")
    part = blocked(text, evidence(UP, failing))
    assert found(part) == ("unreachable", "supported", "tests-failed")
    assert part.measured[0].event
