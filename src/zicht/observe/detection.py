"""Detection over the store: read, detect, write back."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from zicht.detect.detection import Detection, detect, last_end
from zicht.errors import UsageError
from zicht.model.entity import EntityFact, parse_entity
from zicht.model.outage import Event, Outage
from zicht.model.time import from_microseconds, to_microseconds
from zicht.observe.explaining import explained
from zicht.observe.facts import known_facts
from zicht.place.zones import clock_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from zicht.model.series import Series
    from zicht.model.time import Clock
    from zicht.observe.explaining import Premises
    from zicht.store import Store


def run_detection(
    store: Store,
    *,
    entities: Collection[str] | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    premises: Premises | None = None,
) -> Detection:
    """Detect over what the store holds, explain, and write what was found back.

    Args:
        store: the store.
        entities: countries, regions or operators; a country brings its operators and regions. By
            default all.
        until: take only bins that begin before this time.
        as_of: take only what was known then, and write nothing.
        known_at: when the result counts as known; by default now.
        premises: what the user brings to explanations.

    Raises:
        StoreError: the store cannot be read or written.
    """
    detection = detect_in_store(store, entities=entities, until=until, as_of=as_of)
    detection = explained(store, detection, known_facts(store), premises, as_of=as_of)
    if as_of is None:
        store.write_detection(
            outages=(*detection.outages, *detection.blocks.outages),
            events=(*detection.events, *detection.blocks.events),
            sicknesses=(*detection.sicknesses, *detection.blocks.sicknesses),
            known_at=known_at or datetime.now(UTC),
        )
    return detection


def detect_in_store(
    store: Store,
    *,
    entities: Collection[str] | None = None,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Detection:
    """Detect over what the store holds, and write nothing.

    The arguments are those of ``run_detection``. Whether a source was sick is told from all of its
    entities; where only some are asked for, what was found before is taken over.
    """
    facts = known_facts(store)
    chosen = chosen_entities(store, entities, facts)
    series_list = [
        series
        for series in store.read_all(
            entities=None if entities is None else sorted(chosen), end=until, as_of=as_of
        )
        if until is None or series.start < to_microseconds(until)
    ]
    return detect(
        series_list,
        facts,
        known_outages=_of(store.outages(as_of=as_of), chosen),
        known_events=_of(store.events(as_of=as_of), chosen),
        known_sicknesses=() if entities is None else store.sicknesses(as_of=as_of),
        clocks=clocks_of(series_list, facts),
    )


def clocks_of(series_list: Sequence[Series], facts: Mapping[str, EntityFact]) -> dict[str, Clock]:
    """The clocks of the countries that series are of, from their first bin to their last."""
    if not series_list:
        return {}
    begin = from_microseconds(min(one.start for one in series_list))
    end = last_end(series_list)
    clocks = {}
    for country in {_country(one.entity, facts) for one in series_list} - {None}:
        with contextlib.suppress(UsageError):  # a country of nobody's zones keeps UTC
            clocks[str(country)] = clock_of(str(country), begin, end)
    return clocks


def chosen_entities(
    store: Store, entities: Collection[str] | None, facts: Mapping[str, EntityFact]
) -> set[str]:
    """The entities in the store that are meant; a country brings its operators and regions."""
    present = {entity for _, entity in store.keys()}  # noqa: SIM118 - a store is no dict
    if entities is None:
        return present
    wanted = {str(parse_entity(text)) for text in entities}
    countries = {text.removeprefix("country/") for text in wanted if text.startswith("country/")}
    return {text for text in present if text in wanted or (_country(text, facts) in countries)}


def _country(text: str, facts: Mapping[str, EntityFact]) -> str | None:
    country = parse_entity(text).country
    return country if country or text not in facts else facts[text].country


_Record = TypeVar("_Record", Outage, Event)


def _of(records: Sequence[_Record], chosen: set[str]) -> list[_Record]:
    return [one for one in records if one.entity in chosen]
