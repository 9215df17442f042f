"""The series of a world, straight from its shares: what sources may have published, with noise.

Pure and deterministic: the same scenario gives the same numbers. What is made is no measurement,
and every signal and the origin say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from zicht.lab.mishaps import befall
from zicht.lab.sensing import sense
from zicht.lab.signals import make_signals, probing
from zicht.model.entity import EntityFact
from zicht.model.series import OBSERVATIONS
from zicht.model.signal import Origin, Signal
from zicht.model.time import to_microseconds
from zicht.place.names import country_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from zicht.lab.mishaps import Column
    from zicht.lab.world import World

ARRIVALS = OBSERVATIONS.append(pa.field("arrives", pa.timestamp("us", tz="UTC"), nullable=False))
"""Observations with the time at which their source publishes them."""


@dataclass(frozen=True)
class Recording:
    """What the sources of a world publish.

    Attributes:
        world: the world.
        signals: the specs of its signals by name.
        entities: what is known of its entities.
        origin: where its values come from: the lab.
        arrivals: a table with the schema ``ARRIVALS``, in order of arrival. A key may occur twice:
            first provisional, then corrected.
    """

    world: World
    signals: dict[str, Signal]
    entities: tuple[EntityFact, ...]
    origin: Origin
    arrivals: pa.Table

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


def record(world: World, countries: Sequence[str] | None = None) -> Recording:
    """Record what the sources of a world publish.

    Args:
        world: the world.
        countries: of these alone, as for a planet; all when left out.
    """
    wanted = tuple(row.code for row in world.countries) if countries is None else tuple(countries)
    signals = make_signals(world.scenario.scenario, reconstruction=is_reconstruction(world))
    return _record(world, wanted, signals)


def record_probing(world: World) -> Recording:
    """Record what Zicht's own probers of a world would tell, under the name of their signal."""
    signal = probing(world.scenario.scenario, reconstruction=is_reconstruction(world))
    return _record(world, [row.code for row in world.countries], {signal.name: signal})


def is_reconstruction(world: World) -> bool:
    """Whether a world follows published facts."""
    return bool(world.scenario.facts)


def _record(world: World, wanted: Sequence[str], signals: dict[str, Signal]) -> Recording:
    columns = sense(world, signals, wanted)
    return Recording(
        world=world,
        signals=signals,
        entities=entities_of(world, wanted),
        origin=make_origin(world),
        arrivals=_arrivals(befall(columns, world.faults, signals, world.seed)),
    )


def make_origin(world: World) -> Origin:
    """The origin of a world's values; ``simulated`` travels with them from here."""
    header = world.scenario.scenario
    digest = sha256(msgspec.json.encode([world.scenario, world.seed])).hexdigest()
    name = f"{header.id}.toml"
    identity = msgspec.json.encode(["lab", name, digest, header.licence, header.citation, True])
    return Origin(
        id=sha256(identity).hexdigest()[:16],
        source="lab",
        name=name,
        sha256=digest,
        licence=header.licence,
        citation=header.citation,
        simulated=True,
    )


def entities_of(world: World, countries: Sequence[str] | None = None) -> tuple[EntityFact, ...]:
    """What is known of countries of a world, all when left out, their regions and operators."""
    if countries is None:
        countries = [row.code for row in world.countries]
    names = country_codes()
    operators = {
        part.operator.asn: part.operator
        for country in countries
        for row in world.parts_of(f"country/{country}")
        if not (part := world.parts[int(row)]).operator.several
    }
    return (
        *(
            EntityFact(entity=f"country/{code}", name=names.get(code), country=code)
            for code in countries
        ),
        *(
            EntityFact(entity=f"region/{row.code}", name=row.name, country=row.code[:2])
            for row in world.scenario.regions
            if row.code[:2] in countries
        ),
        *(
            EntityFact(entity=f"asn/{one.asn}", name=one.name, country=one.country, kind=one.kind)
            for one in operators.values()
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
