"""Entities: what connectivity is stated of.

``country/KZ`` · ``region/KZ-75`` (ISO 3166-2) or ``region/IR/tehran`` (a place without an ISO code)
· ``asn/9198`` · ``asn/9198/KZ`` (the part of an operator in a country).
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from zicht.errors import UsageError

EntityType = Literal["country", "region", "asn"]

_COUNTRY = re.compile(r"country/([A-Z]{2})")
_REGION_ISO = re.compile(r"region/(([A-Z]{2})-[A-Z0-9]{1,3})")
_REGION_SLUG = re.compile(r"region/([A-Z]{2})/([a-z0-9]+(?:-[a-z0-9]+)*)")
_ASN = re.compile(r"asn/(0|[1-9][0-9]{0,9})(?:/([A-Z]{2}))?")
_LARGEST_ASN = 2**32 - 1  # RFC 6793


class Entity(msgspec.Struct, frozen=True, order=True):
    """What connectivity is stated of.

    Attributes:
        type: ``country``, ``region`` or ``asn``.
        code: the code within its type: ``KZ``, ``KZ-75``, ``IR/tehran``, ``9198`` or ``9198/KZ``.
        country: the ISO 3166-1 alpha-2 code, or ``None`` for an operator as a whole.
        asn: the operator's autonomous system number, or ``None`` for a place.
    """

    type: EntityType
    code: str
    country: str | None = None
    asn: int | None = None

    def __str__(self) -> str:
        return f"{self.type}/{self.code}"


class EntityFact(msgspec.Struct, frozen=True, kw_only=True):
    """What a source or a table says about an entity.

    Attributes:
        entity: the entity's text.
        name: its name, or ``None`` when unknown.
        country: the country that it belongs to, or ``None`` when unknown.
        kind: an operator's kind (``mobile``, ``fixed``, ``mixed``, ``transit``, ``academic``), else
            ``unknown``.
    """

    entity: str
    name: str | None = None
    country: str | None = None
    kind: str = "unknown"


def parse_entity(text: str) -> Entity:
    """Read an entity from its text.

    A bare country code (``KZ``) and a bare ``AS9198`` are understood too, in either case.

    Raises:
        UsageError: the text names no entity.
    """
    text = _expand(text.strip())
    if match := _COUNTRY.fullmatch(text):
        return Entity("country", match[1], country=match[1])
    if match := _REGION_ISO.fullmatch(text):
        return Entity("region", match[1], country=match[2])
    if match := _REGION_SLUG.fullmatch(text):
        return Entity("region", f"{match[1]}/{match[2]}", country=match[1])
    if (match := _ASN.fullmatch(text)) and int(match[1]) <= _LARGEST_ASN:
        asn = int(match[1])
        code = f"{asn}/{match[2]}" if match[2] else str(asn)
        return Entity("asn", code, country=match[2], asn=asn)
    raise UsageError(
        f"{text!r} is no entity.",
        "Write country/KZ, region/KZ-75, asn/9198 or asn/9198/KZ.",
    )


def _expand(text: str) -> str:
    if re.fullmatch(r"[A-Za-z]{2}", text):
        return f"country/{text.upper()}"
    if match := re.fullmatch(r"(?:AS|as)([0-9]+)(?:/([A-Za-z]{2}))?", text):
        return f"asn/{match[1]}/{match[2].upper()}" if match[2] else f"asn/{match[1]}"
    return text
