"""Sources and health: whether the observatory sees, by what, and what was sick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.publish.wording import signal_title, source_sentence
from zicht.web.addresses import HEALTH, api
from zicht.web.page import Page, page_route
from zicht.web.seeing import source_state, verdict_words

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.routing import BaseRoute

    from zicht.model.signal import Signal
    from zicht.observe.watch_health import SourceHealth
    from zicht.publish.language import Language
    from zicht.web.asked import Asked
    from zicht.web.desk import Desk

_SICKNESSES = 50


def routes(desk: Desk) -> list[BaseRoute]:
    """The page of sources and health."""
    return [page_route(desk, HEALTH, health)]


@dataclass(frozen=True)
class _Signal:
    """A signal with how much of it there is."""

    spec: Signal
    title: str
    unit: str
    entities: int
    first: datetime | None
    last: datetime | None


def health(asked: Asked) -> Page:
    """Whether the observatory sees, its sources, its signals and their sick stretches."""
    view, words = asked.view, asked.words
    signals = _signals(asked)
    return Page(
        template="health.html",
        live=True,
        title=words.say("Sources and health"),
        values={
            "verdict": verdict_words(words, view.health),
            "sources": [(one, _lag(words, one)) for one in view.health.sources],
            "source_state": lambda state: source_state(words, state),
            "signals": signals,
            "sentences": {source: _sentences(words, own) for source, own in signals.items()},
            "sicknesses": sorted(view.sicknesses, key=lambda one: one.start, reverse=True)[
                :_SICKNESSES
            ],
            "titles": {one.spec.name: one.title for own in signals.values() for one in own},
        },
        beside={"JSON": api("health"), "CSV": api("health", format="csv")},
    )


def _signals(asked: Asked) -> dict[str, list[_Signal]]:
    """The signals of each source."""
    words = asked.words
    held = {one.signal: one for one in asked.desk.store.holdings()}
    rows: dict[str, list[_Signal]] = {}
    for spec in sorted(asked.view.signals.values(), key=lambda one: one.name):
        own = held.get(spec.name)
        row = _Signal(
            spec,
            signal_title(words, spec.title),
            signal_title(words, spec.unit),
            own.entities if own else 0,
            own.first if own else None,
            own.last if own else None,
        )
        rows.setdefault(spec.source, []).append(row)
    return rows


def _sentences(words: Language, signals: list[_Signal]) -> list[str]:
    """How to cite a source's signals, each citation once."""
    cited = (source_sentence(words, one.spec.citation, one.spec.licence) for one in signals)
    return list(dict.fromkeys(cited))


def _lag(words: Language, source: SourceHealth) -> str:
    if source.lag_minutes is None:
        return "–"
    return words.step(max(0, round(source.lag_minutes * 60)))
