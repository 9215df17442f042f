"""Entities as IODA describes them, and which of ours they are.

IODA's regions have numbers of its own; where the number of one of ours is not known its ISO code
stands in its place. The part of an operator in a country is IODA's ``geoasn``: ``9198-KZ``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.errors import UsageError
from zicht.model.entity import parse_entity
from zicht.place.everywhere import fold
from zicht.place.regions import ioda_number, ioda_region
from zicht.publish.language import language
from zicht.publish.wording import entity_name
from zicht.web.api.ioda.asking import Asked, RefusedError

if TYPE_CHECKING:
    from zicht.web.view import View

TYPES = ("country", "region", "asn", "geoasn")


def described(view: View, text: str) -> dict[str, Any]:
    """An entity of ours as IODA describes it."""
    kind, code = in_their_words(text)
    entity = parse_entity(text)
    name = entity_name(language("en"), text, view.facts)
    country = view.country_of(text)
    attrs = {"fqid": f"asn.{entity.asn}" if kind == "asn" else f"geo.{country}.{code}"}
    if kind == "country":
        attrs["fqid"] = f"geo.{code}"
    if kind == "region":
        attrs["region"] = entity.code
    if country is not None and kind != "country":
        attrs |= {
            "country_code": country,
            "country_name": entity_name(language("en"), f"country/{country}", view.facts),
        }
    attrs["zicht"] = text
    return {"code": code, "name": name, "type": kind, "subnames": [], "attrs": attrs}


def in_their_words(text: str) -> tuple[str, str]:
    """The type and the code that IODA has for an entity of ours."""
    entity = parse_entity(text)
    if entity.type == "region":
        number = ioda_number(entity.code)
        return "region", entity.code.replace("/", "~") if number is None else str(number)
    if entity.asn is not None and entity.country is not None:
        return "geoasn", f"{entity.asn}-{entity.country}"
    return entity.type, entity.code


def in_our_words(kind: str, code: str) -> str | None:
    """The entity of ours that a type and a code of IODA's name; ``None`` where it is not known."""
    if kind == "region" and code.isascii() and code.isdecimal():
        region = ioda_region(int(code[:9]))
        return None if region is None else f"region/{region}"
    text = f"{kind}/{code.replace('~', '/')}"
    if kind == "geoasn":
        text = f"asn/{code.replace('-', '/')}"
    try:
        return str(parse_entity(text))
    except UsageError:
        return None


def chosen(view: View, asked: Asked) -> list[str]:
    """The entities that are asked for by type, codes, relation and a word of their names.

    Raises:
        RefusedError: the type is none, or a code names nothing.
    """
    kind, codes = asked.kind(), asked.codes()
    if kind is not None and kind not in TYPES:
        return []  # continents, counties: none is stored of those
    known = {*view.entities, *_countries(view)}
    found = sorted(known)
    if kind is not None and codes is not None:
        found = [one for code in codes if (one := in_our_words(kind, code)) in known and one]
    elif kind is not None:
        found = [one for one in found if in_their_words(one)[0] == kind]
    related = asked.text("relatedTo")
    if related is not None:
        found = [one for one in found if _related(view, one, related)]
    word = asked.text("search")
    if word is not None:
        wanted = fold(word)
        found = [
            one
            for one in found
            if wanted in fold(entity_name(language("en"), one, view.facts))
            or wanted == fold(in_their_words(one)[1])
        ]
    return found


def _countries(view: View) -> set[str]:
    """The countries of all that is stored, though nothing be stored of themselves."""
    return {f"country/{code}" for one in view.entities if (code := view.country_of(one))}


def one_of(view: View, kind: str, code: str) -> str:
    """The entity of a type and a code.

    Raises:
        RefusedError: nothing is stored of such an entity.
    """
    text = in_our_words(kind, code)
    if text is None or text not in view.entities:
        raise RefusedError("cannot find corresponding metadata entity")
    return text


def _related(view: View, text: str, related: str) -> bool:
    """Whether an entity lies in another, holds it, or is it: ``country/KZ``, ``region/1870``."""
    kind, _, code = related.partition("/")
    if not code:
        return kind in {in_their_words(text)[0], ""}
    other = in_our_words(kind, code)
    if other is None:
        return False
    own, theirs = parse_entity(text), parse_entity(other)
    if other == text or (own.asn is not None and own.asn == theirs.asn):
        return True
    if theirs.type == "country":
        return view.country_of(text) == theirs.code
    if own.type != "country":
        return False
    parts = [other]
    if theirs.asn is not None:
        parts += [one for one in view.entities if parse_entity(one).asn == theirs.asn]
    return own.code in {view.country_of(one) for one in parts}
