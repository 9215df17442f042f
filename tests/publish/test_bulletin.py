from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pictures
import pytest
import worlds

from zicht.model.entity import EntityFact
from zicht.publish.bulletin_formats import bulletin_markdown, bulletin_page, escape
from zicht.publish.language import language

if TYPE_CHECKING:
    from zicht.publish.bulletin import Bulletin

HOSTILE = "](javascript:alert(1)) <img src=x onerror=alert(1)> **bold** `code` \u202e"


def text_of(bulletin: Bulletin) -> str:
    parts = [bulletin.title, *bulletin.lead]
    for section in bulletin.sections:
        parts += [section.heading, *section.paragraphs, *section.items]
    return "\n".join(parts)


def told(**changes: Any) -> str:
    world = worlds.blackout()
    return text_of(pictures.write(world, msgspec.structs.replace(world.event, **changes)))


@pytest.mark.parametrize("code", ["en", "nl"])
def test_the_markdown_is_what_it_was(code: str) -> None:
    text = bulletin_markdown(
        language(code), pictures.write(worlds.blackout(), code=code), "bulletin.svg"
    )
    assert pictures.same_as_golden(f"bulletin.{code}.md", text)


@pytest.mark.parametrize("code", ["en", "nl"])
def test_the_page_is_what_it_was_but_for_its_picture(code: str) -> None:
    world = worlds.blackout()
    page = bulletin_page(
        language(code), pictures.write(world, code=code), pictures.draw(world, code=code)
    )
    page = re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)
    page = re.sub(r"<tbody>.*?</tbody>", "<tbody/>", page, flags=re.DOTALL)
    page = re.sub(r"data:text/csv[^\"]*", "data:", page)
    assert pictures.same_as_golden(f"bulletin.{code}.html", page)


def test_it_says_what_since_when_how_deep_and_by_which_signal() -> None:
    text = told()
    assert "fell to 4.1% of what is ordinary, measured by “Answers to probes”" in text
    assert "began on 7 March 2030 between 09:00 and 09:10 UTC (14:00–14:10 in Almaty)" in text
    assert "after 2 d 12 h" in text
    assert "Routes" not in text.splitlines()[0]
    assert "It went down again 1 time after it had come back." in text


def test_operators_stand_by_kind() -> None:
    text = told()
    assert text.index("Operators: mobile") < text.index("AS64500 Qala Mobile: to 0%")
    assert text.index("AS64500") < text.index("Operators: fixed") < text.index("AS64501")
    assert "no end was seen" in text


def test_simulated_is_said_first_and_in_bold() -> None:
    world = worlds.blackout()
    text = bulletin_markdown(language("en"), pictures.write(world), None)
    assert text.startswith("**RECONSTRUCTION — NOT A MEASUREMENT**\n")
    page = bulletin_page(language("en"), pictures.write(world), pictures.draw(world))
    body = page[page.index("<body>") :]
    assert body.index("NOT A MEASUREMENT") < body.index("<h1>")
    measured = worlds.blackout(simulated=False)
    assert "RECONSTRUCTION" not in bulletin_markdown(language("en"), pictures.write(measured), None)


@pytest.mark.parametrize(
    ("ongoing", "said"),
    [
        (True, "It was still going on at 12 March 2030 00:00 UTC."),
        (None, "Whether it has ended is not known."),
    ],
)
def test_an_end_that_is_not_known_is_said_to_be_so(ongoing: bool | None, said: str) -> None:  # noqa: FBT001 - a parameter of the test
    text = told(end=None, ongoing=ongoing)
    assert said in text
    assert "It ended" not in text


def test_what_is_not_known_is_said() -> None:
    text = told(operators=())
    for said in (
        "Who or what caused it: measurements of connectivity do not tell.",
        "Whether it was ordered: this was not assessed.",
        "Phones: most share their addresses",
        "Which operators were down: none was measured, or none stood out.",
        "use unknown",
    ):
        assert said in text
    assert "use 0%" not in text


def test_missing_data_and_sick_sources_within_the_event_are_said() -> None:
    world = worlds.blackout()
    hole = (worlds.ONSET, worlds.LIFTED)
    seen = worlds.assess(worlds.ROUTES, "country/KZ", level=9, share={}, gaps=(hole,))
    sick = worlds.assess(worlds.TRAFFIC, "country/KZ", level=9, share={}, sick=(hole,))
    text = text_of(pictures.write(replace(world, assessments=[seen, sick])))
    assert (
        "What “Visible routes” would have shown: there are no data for 7 March 2030 09:00 to"
        " 8 March 2030 03:00 UTC." in text
    )
    assert "What “Search traffic” would have shown: the source was sick" in text
    assert "Packets: no signal of it was at hand." in text


def test_a_retracted_event_is_said_to_be_so_in_the_title() -> None:
    text = told(retracted=True)
    assert text.startswith("Retracted: ")
    assert "there was no such outage" in text


@pytest.mark.parametrize(
    "event_class",
    sorted(
        [
            "total",
            "control-plane",
            "data-plane",
            "routes-up-packets-dead",
            "filtered-access",
            "traffic-drop",
            "throttling",
            "platform-block",
            "unknown",
        ]
    ),
)
def test_every_class_is_explained_and_nobody_is_accused(event_class: str) -> None:
    text = told(event_class=event_class).lower()
    assert not re.search(r"government|regime|authorit|ordered by|shut down by|censor", text)


@pytest.mark.parametrize("code", ["en", "nl"])
def test_hostile_names_do_no_harm(code: str) -> None:
    world = worlds.blackout()
    fact = EntityFact(entity="asn/64500", name=HOSTILE, country="KZ", kind="mobile")
    world = replace(world, facts=world.facts | {"asn/64500": fact})
    written = pictures.write(world, code=code)
    markdown = bulletin_markdown(language(code), written, "a> <b.svg")
    assert "<img" not in markdown.replace("\\<img", "")
    assert "](javascript" not in markdown.replace("\\]", "")
    assert "\u202e" not in markdown
    page = bulletin_page(language(code), written, pictures.draw(world, code=code))
    assert "<img" not in page
    assert "<script" not in page


def test_plain_text_stays_plain_in_markdown() -> None:
    assert escape("1. a\n- b") == "1\\. a - b"
    assert escape("- a") == "\\- a"
    assert escape("# a <b> [c](d) *e*") == "\\# a \\<b\\> \\[c\\](d) \\*e\\*"
