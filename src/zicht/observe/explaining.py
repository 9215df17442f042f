"""Explaining what was detected: each national event gets its likelihood, with what is around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.explain.explanation import explain
from zicht.explain.falls import Fall, falls_of
from zicht.explain.marks import Surroundings
from zicht.explain.unweighed import Occasion, unweighed_marks
from zicht.model.entity import parse_entity
from zicht.model.time import from_microseconds
from zicht.place.zones import capital_zone
from zicht.publish.language import language
from zicht.publish.likelihood_words import sides

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from zicht.detect.detection import Detection
    from zicht.model.belief import Assessment
    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event, Interval, ShutdownLikelihood
    from zicht.store import Store

_COUNTRY = "country/"


@dataclass(frozen=True, kw_only=True)
class Premises:
    """What a user brings to an explanation.

    Attributes:
        prior_percent: the probability of an ordered shutdown before any mark was seen; ``None``
            takes the fitted one.
        occasions: exams, elections and the like, by country.
    """

    prior_percent: float | None = None
    occasions: tuple[tuple[str, Occasion], ...] = ()


def explained(
    store: Store,
    detection: Detection,
    facts: Mapping[str, EntityFact],
    premises: Premises | None = None,
    *,
    as_of: datetime | None = None,
    watched: Collection[str] | None = None,
) -> Detection:
    """A detection whose national events tell how much they look like an ordered shutdown.

    Of operators and regions that stand alone nothing is said: the labels are of countries.

    Args:
        store: where the events of other countries are, and which are watched.
        detection: what was found.
        facts: what is known of entities, by their text.
        premises: the prior and the calendars.
        as_of: take only what was known then.
        watched: the entities that are measured, where the detection is of a few; else they are
            looked up.

    Raises:
        StoreError: the store cannot be read.
    """
    if not any(_is_national(event) for event in detection.events):
        return detection
    around = _Around.of(store, detection, facts, premises or Premises(), as_of, watched)
    events = tuple(around.explained(event) for event in detection.events)
    return replace(detection, events=events)


def _is_national(event: Event) -> bool:
    return (
        event.entity.startswith(_COUNTRY)
        and event.event_class != "platform-block"
        and not event.retracted
    )


@dataclass(frozen=True)
class _Around:
    events: tuple[Event, ...]
    onsets: Mapping[str, Interval]
    watched: frozenset[str]
    since: Mapping[str, datetime]
    measured: Mapping[str, frozenset[str]]
    premises: Premises

    @classmethod
    def of(
        cls,
        store: Store,
        detection: Detection,
        facts: Mapping[str, EntityFact],
        premises: Premises,
        as_of: datetime | None,
        watched: Collection[str] | None,
    ) -> _Around:
        assessed = {one.series.entity for one in detection.assessments}
        known = watched
        if known is None:
            known = {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict
        own = {event.id for event in detection.events}
        others = [event for event in store.events(as_of=as_of) if event.id not in own]
        national = tuple(filter(_is_national, (*detection.events, *others)))
        wanted = {name for one in national for name in one.outages}
        return cls(
            events=national,
            onsets={
                one.id: one.onset
                for one in (*store.outages(as_of=as_of), *detection.outages)
                if one.id in wanted and one.entity.startswith(_COUNTRY)
            },
            watched=frozenset(text for text in known if text.startswith(_COUNTRY)),
            since=_since(detection.assessments),
            measured=_operators(assessed if watched is None else watched, facts),
            premises=premises,
        )

    def explained(self, event: Event) -> Event:
        if not _is_national(event):
            return event
        country = event.entity.removeprefix(_COUNTRY)
        try:
            zone = capital_zone(country)
        except UsageError:
            return event
        own = [one for one in self.events if one.entity == event.entity and one.onset < event.onset]
        elsewhere: dict[str, list[Interval]] = {}
        for other in self.events:
            if other.entity != event.entity:
                onsets = [fall.onset for fall in self._falls(other)]
                elsewhere.setdefault(other.entity.removeprefix(_COUNTRY), []).extend(onsets)
        surroundings = Surroundings(
            zone=zone,
            earlier=[fall for one in own for fall in self._falls(one)],
            watched_since=self.since.get(event.entity),
            elsewhere=elsewhere,
            others_watched=len(self.watched - {event.entity}),
        )
        unweighed = unweighed_marks(
            event,
            measured=self.measured.get(country, frozenset()),
            occasions=[one for code, one in self.premises.occasions if code == country],
            zone=zone,
        )
        likelihood = explain(
            event,
            surroundings,
            unweighed,
            prior_percent=self.premises.prior_percent,
            onsets=self._onsets(event),
        )
        return msgspec.structs.replace(event, shutdown_likelihood=_in_words(likelihood))

    def _falls(self, event: Event) -> list[Fall]:
        return falls_of(event, self._onsets(event))

    def _onsets(self, event: Event) -> list[Interval]:
        return [self.onsets[name] for name in event.outages if name in self.onsets]


def _in_words(likelihood: ShutdownLikelihood) -> ShutdownLikelihood:
    told = sides(language("en"), likelihood)
    return msgspec.structs.replace(
        likelihood,
        evidence_for=told.evidence_for,
        evidence_against=told.evidence_against,
        not_weighed=told.not_weighed,
    )


def _since(assessments: Sequence[Assessment]) -> dict[str, datetime]:
    since: dict[str, int] = {}
    for one in assessments:
        entity, start = one.series.entity, one.series.start
        since[entity] = min(since.get(entity, start), start)
    return {entity: from_microseconds(start) for entity, start in since.items()}


def _operators(
    entities: Iterable[str], facts: Mapping[str, EntityFact]
) -> dict[str, frozenset[str]]:
    measured: dict[str, set[str]] = {}
    for text in entities:
        entity = parse_entity(text)
        if entity.asn is None:
            continue
        country = entity.country or (facts[text].country if text in facts else None)
        if country is not None:
            measured.setdefault(country, set()).add(text)
    return {country: frozenset(texts) for country, texts in measured.items()}
