"""Finding places and operators by what people type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.place.everywhere import countries_named, fold
from zicht.place.operators import operator, operators_of
from zicht.publish.wording import entity_name, kind_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zicht.model.entity import EntityFact
    from zicht.publish.language import Language
    from zicht.web.view import View

MOST = 40
"""Finds that are shown."""

_ASN = re.compile(r"(?:asn?[\s/]*)?(\d{1,10})", re.IGNORECASE)
_LEAST = 2  # letters of an operator's name


@dataclass(frozen=True)
class Find:
    """Something that was found.

    Attributes:
        entity: its text.
        name: what the language calls it.
        kind: what it is, in few words.
        measured: whether the store has any series of it.
    """

    entity: str
    name: str
    kind: str
    measured: bool


def find(words: Language, view: View, text: str) -> list[Find]:
    """What a text may mean, the likeliest first: countries, operators, regions."""
    known = set(view.entities)
    texts = dict.fromkeys(
        [*_said(text), *_numbered(view, text), *_countries(text), *_named(view, text)]
    )
    found = [_find(words, view, one, known) for one in texts]
    return sorted(found, key=lambda one: not one.measured)[:MOST]


def _said(text: str) -> Iterator[str]:
    """The entity that a text is the text of."""
    if "/" in text or re.fullmatch(r"[A-Za-z]{2}-[A-Za-z0-9]{1,3}", text.strip()):
        text = text.strip() if "/" in text else f"region/{text.strip().upper()}"
        try:
            yield str(parse_entity(text))
        except UsageError:
            return


def _numbered(view: View, text: str) -> Iterator[str]:
    """The operator whose number a text is, as a whole and its parts in countries."""
    match = _ASN.fullmatch(text.strip())
    if match is None:
        return
    try:
        whole = str(parse_entity(f"AS{int(match[1])}"))
    except UsageError:
        return
    own = [one for one in view.entities if one == whole or one.startswith(f"{whole}/")]
    yield from own or [whole]


def _countries(text: str) -> Iterator[str]:
    for code in countries_named(text):
        yield f"country/{code}"


def _named(view: View, text: str) -> Iterator[str]:
    """Operators and regions whose names hold a text, those that begin with it first."""
    asked = fold(text)
    if len(asked) < _LEAST:
        return
    found = []
    for fact in _facts(view):
        name = fold(fact.name or "")
        if asked in name:
            found.append((not name.startswith(asked), len(name), fact.entity))
    for _, _, entity in sorted(found):
        yield entity


def _facts(view: View) -> Iterator[EntityFact]:
    yield from view.facts.values()
    of = {code for code in map(view.country_of, view.entities) if code}
    for code in sorted(of):
        yield from operators_of(code)


def _find(words: Language, view: View, entity: str, known: set[str]) -> Find:
    parsed = parse_entity(entity)
    fact = view.facts.get(entity) or (operator(parsed.asn) if parsed.asn is not None else None)
    facts = dict(view.facts) | ({entity: fact} if fact else {})
    code = parsed.country or (fact.country if fact else None)
    if parsed.type == "country":
        kind = words.say("country or territory")
    elif parsed.type == "region":
        kind = words.say("region of {country}", country=words.country(code or ""))
    else:
        kind = words.say("operator")
        if fact is not None and fact.kind != "unknown":
            kind = f"{kind}, {kind_word(words, fact.kind)}"
        kind = f"{kind}, {words.country(code)}" if code else kind
    return Find(entity, entity_name(words, entity, facts), kind, entity in known)
