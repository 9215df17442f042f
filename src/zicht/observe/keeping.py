"""What a source tells becomes what the store keeps: whence it came, and what is known of entities.

Files and services go through here alike, so that a replay stores what was stored live.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pyarrow.compute as pc

from zicht.model.entity import EntityFact, parse_entity
from zicht.model.signal import Origin
from zicht.place.operators import operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.sources.parsed import Parsed

_UNSTATED = ("no licence stated", "no source stated")


def facts_of(parsed: Parsed) -> list[EntityFact]:
    """What a source says of its entities, and what the table of operators adds to it."""
    said = {fact.entity: fact for fact in parsed.entities}
    facts = []
    for entity in pc.unique(parsed.observations["entity"]).to_pylist():
        fact = said.pop(entity, EntityFact(entity=entity))
        asn = parse_entity(entity).asn
        known = None if asn is None else operator(asn)
        if known is not None:
            fact = EntityFact(
                entity=entity,
                name=fact.name or known.name,
                country=fact.country or parse_entity(entity).country or known.country,
                kind=known.kind if fact.kind == "unknown" else fact.kind,
            )
        if fact != EntityFact(entity=entity):
            facts.append(fact)
    return [*facts, *said.values()]


def origin_of(
    parsed: Parsed,
    *,
    source: str,
    name: str,
    sha256: str,
    licence: str | None = None,
    citation: str | None = None,
    simulated: bool = False,
) -> Origin:
    """Where what was parsed came from, under the same id whenever the same is said of it.

    Args:
        parsed: what was parsed.
        source: the source's name.
        name: the file or address that was read.
        sha256: hash of the bytes read, in hexadecimal.
        licence: under which these data may be used, where it is not that of the signals.
        citation: how to cite them, where it is not as the signals say.
        simulated: the data are of the lab and no measurement.
    """
    licence = licence or _joined([signal.licence for signal in parsed.signals])
    citation = citation or _joined([signal.citation for signal in parsed.signals])
    said = (source, name, sha256, licence, citation, simulated)
    return Origin(
        id=hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16],
        source=source,
        name=name,
        sha256=sha256,
        licence=licence,
        citation=citation,
        simulated=simulated,
    )


def _joined(texts: Sequence[str]) -> str:
    """Each different text once; that nothing is stated only where nothing else is."""
    distinct = list(dict.fromkeys(texts))
    stated = [text for text in distinct if text not in _UNSTATED]
    return "; ".join(stated or distinct)
