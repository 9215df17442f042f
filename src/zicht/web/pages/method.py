"""How outages are found, how well, and where that fails."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from zicht.web.addresses import METHOD
from zicht.web.page import Page, page_route

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of the method."""
    return [page_route(desk, METHOD, method)]


class Figure(msgspec.Struct, frozen=True):
    """A figure of the scorecard as its document has it.

    Attributes:
        value: the figure.
        interval: its 95 % interval, ``low, high``; ``None`` with too few to tell.
        support: of how many it is.
    """

    value: str
    interval: str | None
    support: str | None


class Scorecard(msgspec.Struct, frozen=True):
    """Figures of all recordings together.

    Attributes:
        methods: the names of the methods.
        figures: of each figure one a method; ``None`` where a method has none.
    """

    methods: tuple[str, ...]
    figures: dict[str, tuple[Figure | None, ...]]


@cache
def scorecard() -> Scorecard:
    """The figures that ``scripts/scorecard_page.py`` took from the scorecard."""
    data = (files("zicht.web") / "scorecard.json").read_bytes()
    return msgspec.json.decode(data, type=Scorecard)


def method(asked: Asked) -> Page:
    """How outages are found, how well, and where that fails."""
    words, shown = asked.words, scorecard()
    return Page(
        template="method.html",
        title=words.say("How outages are found, and how well"),
        values={
            "methods": [_method_word(words, one) for one in shown.methods],
            "figures": [
                (_figure_word(words, name), figures) for name, figures in shown.figures.items()
            ],
        },
    )


def _method_word(words: Language, name: str) -> str:
    return {
        "zicht": words.say("Zicht, all that is found"),
        "zicht, alerts": words.say("Zicht, alerts"),
        "IODA, warning": words.say("IODA’s rule, warning"),
        "IODA, critical": words.say("IODA’s rule, critical"),
        "CUSUM": "CUSUM",
        "seasonal median": words.say("seasonal median"),
    }.get(name, name)


def _figure_word(words: Language, name: str) -> str:
    return {
        "labelled outages found, series by series": words.say("share of labelled outages found"),
        "alerts that met a label, of those that met one or were false": words.say(
            "share of alerts that were right"
        ),
        "false alerts per quiet series-week": words.say("false alerts a week and series"),
        "false events per quiet country-week": words.say("false events a week and country"),
        "delay of the alert in bins, median": words.say("delay of the alert, in bins (median)"),
        "error of the onset in bins, median": words.say("error of the begin, in bins (median)"),
        "expected calibration error over outages": words.say(
            "how far beliefs are off (expected calibration error)"
        ),
    }.get(name, name)
