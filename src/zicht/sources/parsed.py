"""What every source's ``parse`` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from zicht.errors import BadRowError
    from zicht.model.entity import EntityFact
    from zicht.model.sighting import Sighting
    from zicht.model.signal import Signal

OnBad = Literal["stop", "skip"]


@dataclass(frozen=True)
class Parsed:
    """The contents of one file or answer.

    Attributes:
        observations: a table with the schema ``zicht.model.series.OBSERVATIONS``.
        signals: the specs of the signals in it.
        entities: what the file says about its entities (names, the country they belong to).
        bad_rows: the rows that could not be read, where they were to be skipped.
        notes: what the reader concluded by itself, such as a step; a sentence each, for people.
        sightings: outages that the source says it saw, or ``None`` where that was not asked.
    """

    observations: pa.Table
    signals: tuple[Signal, ...]
    entities: tuple[EntityFact, ...] = ()
    bad_rows: tuple[BadRowError, ...] = ()
    notes: tuple[str, ...] = ()
    sightings: tuple[Sighting, ...] | None = None
