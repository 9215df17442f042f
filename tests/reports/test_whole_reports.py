"""Whole reports, written for this project: what one sentence says helps to read the next."""

from __future__ import annotations

import pytest

from zicht.reports.claims import find_claims
from zicht.reports.reading import publication, read_report

SUDAN = """Sudan: internet disrupted as military seizes power

KHARTOUM (Reuters) - Sudan's military arrested the prime minister on Monday and internet access \
was severely disrupted across the country.

Internet monitor NetBlocks, based in London, said that the internet had been cut since early \
Monday, with national connectivity at 34% of ordinary levels.

The United States said it was alarmed. Soldiers blocked roads and bridges to the capital.

Sudan previously cut the internet in June 2019, when protesters were killed."""

IRAN = """Iran: Internet fast vollständig abgeschaltet

Teheran (dpa) - Im Iran ist das Internet am Samstagabend fast vollständig abgeschaltet worden. \
Die Konnektivität fiel nach Angaben von NetBlocks auf sieben Prozent des üblichen Niveaus.

Das Innenministerium erklärte, die Sperre werde aufgehoben, sobald Ruhe einkehre. In Frankfurt \
demonstrierten Exil-Iraner. Am Donnerstag funktionierte das Internet in einigen Provinzen wieder."""

UGANDA = """Oegandees netwerk plat

Oeganda zit sinds woensdagavond 19.00 uur zonder internet. Dat meldt NetBlocks. De toezichthouder \
had providers eerder die dag bevolen alle internetdiensten op te schorten. Sociale media waren \
dinsdag al geblokkeerd. Mobiel bankieren is onmogelijk.

Maandag om 12 uur keerde het internet gedeeltelijk terug."""

POWER = """Massive power outage hits Ukraine after missile strikes

Russian missiles knocked out power to most of Ukraine on Wednesday. Connectivity fell to 35% of \
ordinary levels as batteries ran out, NetBlocks said. Power was being restored on Thursday.

The blackout is the worst since the invasion began. Hospitals switched to generators."""

CONGRESS = """Federal government shutdown looms

The US government will shut down on Saturday unless Congress passes a bill. Networks carried the \
speech live. The shutdown would be the third in five years."""


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        (
            SUDAN,
            "2021-10-25",
            [
                ("shutdown", "SD", "2021-10-25", None),
                ("shutdown", "SD", None, 34.0),
                ("historical", "SD", None, None),
            ],
        ),
        (
            IRAN,
            "2019-11-21",
            [
                ("shutdown", "IR", "2019-11-16", None),
                ("shutdown", "IR", "2019-11-16", 7.0),
                ("plan", "IR", "2019-11-21", None),
                ("restoration", "IR", "2019-11-21", None),
            ],
        ),
        (
            UGANDA,
            "2021-01-18",
            [
                ("shutdown", "UG", None, None),
                ("order", "UG", "2021-01-18", None),
                ("service-block", "UG", "2021-01-12", None),
                ("restoration", "UG", "2021-01-18", None),
            ],
        ),
        (POWER, "2022-11-24", [("technical-outage", "UA", "2022-11-24", 35.0)]),
        (CONGRESS, "2023-09-28", []),
    ],
    ids=["Sudan", "Iran", "Uganda", "power", "Congress"],
)
def test_a_report_is_read_as_a_whole(
    text: str, published: str, expected: list[tuple[str, str, str | None, float | None]]
) -> None:
    report = read_report(text.encode(), name="a", published=publication(published))
    found = [
        (one.type, one.place.country, str(one.time.day) if one.time.day else None, one.percent)
        for one in find_claims(report)
    ]
    assert found == expected


def test_who_says_it_may_stand_in_the_next_sentence() -> None:
    report = read_report(UGANDA.encode(), name="a", published=publication("2021-01-18"))
    assert find_claims(report)[0].source == "NetBlocks"
