"""Entities: those of which anything is stored, found by name in many languages."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zicht.model.entity import EntityFact, parse_entity
from zicht.publish.language import language
from zicht.publish.letters import tame
from zicht.publish.wording import entity_name
from zicht.web.api import common
from zicht.web.api.cursors import question_of, read_cursor, write_cursor
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter
from zicht.web.api.records import Entities, FoundEntity
from zicht.web.finding import find

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from zicht.web.desk import Desk
    from zicht.web.view import View

_MOST = 1000

SEARCH = Parameter(
    name="search",
    description="A name in any language, a country's code, or an operator's number.",
    schema={"type": "string", "minLength": 1, "maxLength": 100},
    read=str,
    example="Казахстан",
)
TYPE = Parameter(
    name="type",
    description="Only entities of this type.",
    schema={"type": "string", "enum": ["country", "region", "asn"]},
    read=str,
    example="asn",
)
COUNTRY = Parameter(
    name="country",
    description="Only entities of this country (ISO 3166-1 alpha-2).",
    schema={"type": "string", "pattern": "^[A-Z]{2}$"},
    read=str,
    example="KZ",
)
_TABLE = pa.schema(
    [
        ("entity", pa.string()),
        ("type", pa.string()),
        ("title", pa.string()),
        ("name", pa.string()),
        ("country", pa.string()),
        ("kind", pa.string()),
        ("signals", pa.string()),
    ]
)


def list_entities(desk: Desk, asked: dict[str, Any]) -> Answer:
    """A page of entities."""
    view = desk.view()
    found: Collection[str] = view.entities
    if asked["search"] is not None:
        words = language(asked["language"])
        found = [one.entity for one in find(words, view, asked["search"]) if one.measured]
    chosen = [
        one
        for one in found
        if (asked["type"] is None or one.startswith(f"{asked['type']}/"))
        and (asked["country"] is None or view.country_of(one) == asked["country"])
    ]
    question = question_of("entities", asked)
    start = 0
    if asked["cursor"] is not None:
        (last,) = read_cursor(asked["cursor"], question, parts=1)
        start = chosen.index(last) + 1 if last in chosen else len(chosen)
    signals = _signals(desk)
    page = chosen[start : start + asked["limit"]]
    more = start + len(page) < len(chosen)
    data = Entities(data=tuple(_found(view, one, asked["language"], signals[one]) for one in page))
    return Answer(
        data=data,
        table=lambda: _table(data),
        after=write_cursor(question, [page[-1]]) if more else None,
    )


def _signals(desk: Desk) -> dict[str, list[str]]:
    """The signals of each entity."""
    found: dict[str, list[str]] = defaultdict(list)
    for signal, entity in desk.store.keys():  # noqa: SIM118 - a store is no dict
        found[entity].append(signal)
    return found


def _found(view: View, text: str, code: str, signals: Sequence[str]) -> FoundEntity:
    entity = parse_entity(text)
    fact = view.facts.get(text) or EntityFact(entity=text)
    return FoundEntity(
        entity=text,
        type=entity.type,
        title=entity_name(language(code), text, view.facts),
        name=tame(fact.name) if fact.name else None,
        country=view.country_of(text),
        kind=fact.kind,
        signals=tuple(signals),
    )


def _table(data: Entities) -> pa.Table:
    rows = [
        {name: getattr(one, name) for name in _TABLE.names} | {"signals": " ".join(one.signals)}
        for one in data.data
    ]
    return pa.Table.from_pylist(rows, _TABLE)


ENTITIES = Operation(
    path="/api/v1/entities",
    name="listEntities",
    summary="Entities of which anything is stored, found by name in many languages",
    description="With search the best match comes first, else they are in order of their text.",
    record=Entities,
    handle=list_entities,
    parameters=(
        SEARCH,
        TYPE,
        COUNTRY,
        common.LANGUAGE,
        common.limit(100, _MOST),
        common.CURSOR,
    ),
    formats=("json", "csv", "arrow"),
)
OPERATIONS = (ENTITIES,)
