"""A blackout as it may have looked in the data, made from a table of facts and a seed.

Pure and deterministic: the same table gives the same numbers. What is made is no measurement, and
every signal and the origin say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from zicht.lab.facts import load_facts
from zicht.lab.makers import Maker
from zicht.lab.mishaps import befall
from zicht.lab.signals import make_signals
from zicht.lab.truth import truth_of
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.model.time import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from zicht.lab.facts import Facts
    from zicht.lab.mishaps import Column

ARRIVALS = OBSERVATIONS.append(pa.field("arrives", pa.timestamp("us", tz="UTC"), nullable=False))
"""Observations with the time at which their source publishes them."""


@dataclass(frozen=True)
class Reconstruction:
    """A reconstructed world.

    Attributes:
        facts: the table that it is made from.
        signals: the specs of its signals by name.
        entities: what is known of its entities.
        origin: where its values come from: the lab.
        arrivals: a table with the schema ``ARRIVALS``, in order of arrival. A key may occur twice:
            first provisional, then corrected.
        truth: a table with the schema ``zicht.lab.truth.TRUTH``: what really happens in it.
    """

    facts: Facts
    signals: dict[str, Signal]
    entities: tuple[EntityFact, ...]
    origin: Origin
    arrivals: pa.Table
    truth: pa.Table

    def deliveries(self, times: Iterable[datetime]) -> Iterator[tuple[datetime, pa.Table]]:
        """What the sources have published at each of these rising times since the one before.

        Yields:
            The time, and a table with the schema ``zicht.model.series.OBSERVATIONS``. Where a value
            was corrected in between, only the correction is in it.
        """
        arrives = np.asarray(self.arrivals["arrives"].cast(pa.int64()))
        done = 0
        for time in times:
            until = int(np.searchsorted(arrives, to_microseconds(time), side="right"))
            fresh = self.arrivals.slice(done, max(until - done, 0))
            done = max(done, until)
            yield time, _newest(fresh)


def reconstruct(facts: Facts | None = None, *, seed: int | None = None) -> Reconstruction:
    """Make a world from a table of facts.

    Args:
        facts: the table; Kazakhstan in January 2022 when it is left out.
        seed: another seed than the table's, for another world with the same facts.
    """
    facts = facts or load_facts()
    seed = facts.world.seed if seed is None else seed
    signals = make_signals(facts.world)
    columns = Maker(facts, signals, seed).columns()
    return Reconstruction(
        facts=facts,
        signals=signals,
        entities=_entities(facts),
        origin=make_origin(facts),
        arrivals=_arrivals(befall(columns, facts, signals)),
        truth=truth_of(columns, signals),
    )


def make_origin(facts: Facts) -> Origin:
    """The origin of a reconstruction's values; ``simulated`` travels with them from here."""
    name = facts.world.id.replace("-", "_") + ".toml"
    resource = files("zicht.lab") / name
    digest = sha256(resource.read_bytes() if resource.is_file() else b"").hexdigest()
    world = facts.world
    identity = msgspec.json.encode(["lab", name, digest, world.licence, world.citation, True])
    return Origin(
        id=sha256(identity).hexdigest()[:16],
        source="lab",
        name=name,
        sha256=digest,
        licence=world.licence,
        citation=world.citation,
        simulated=True,
    )


def _entities(facts: Facts) -> tuple[EntityFact, ...]:
    country = facts.world.country
    code = country.removeprefix("country/")
    name = facts.world.title.split(",", maxsplit=1)[0]
    return (
        EntityFact(entity=country, name=name, country=code),
        *(
            EntityFact(entity=row.entity, name=row.name, country=code, kind=row.kind)
            for row in facts.operators
        ),
        *(
            EntityFact(entity=row.entity, name=row.name, country=row.entity.split("/")[1])
            for row in facts.neighbours
        ),
    )


def _newest(fresh: pa.Table) -> pa.Table:
    """One row a key: the one that arrived last."""
    keys = ["signal", "entity", "time"]
    places = fresh.append_column("place", pa.array(np.arange(fresh.num_rows)))
    last = places.group_by(keys).aggregate([("place", "max")])["place_max"]
    return fresh.take(last.combine_chunks().sort()).select(OBSERVATIONS.names).cast(OBSERVATIONS)


def _arrivals(columns: list[Column]) -> pa.Table:
    table = pa.concat_tables([_table(column) for column in columns])
    return table.sort_by(
        [("arrives", "ascending"), ("signal", "ascending"), ("entity", "ascending")]
    )


def _table(column: Column) -> pa.Table:
    count = len(column.times)
    stamp = pa.timestamp("us", tz="UTC")
    return pa.table(
        [
            pa.array([column.signal] * count, pa.string()),
            pa.array([column.entity] * count, pa.string()),
            pa.array(column.times, pa.int64()).cast(stamp),
            pa.array(column.values, pa.float64(), from_pandas=True),
            pa.nulls(count, pa.int64()),
            pa.array(column.arrives, pa.int64()).cast(stamp),
        ],
        schema=ARRIVALS,
    )
