"""The truth of a world as labels: who was below ordinary when, and who could see it.

Rows whose signal begins with ``world.`` say what people had left. They belong to no series; the
others say the same as one source counts it, and ``zicht score`` holds detection against them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.lab.shares import left_in
from zicht.lab.views import VIEWS, View
from zicht.model.signal import Plane as SignalPlane
from zicht.model.time import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zicht.lab.scenario import Happening
    from zicht.lab.shares import Plane
    from zicht.lab.world import World

TRUTH_BELOW = 0.8
"""An entity is below ordinary, as a label counts it, while less than this share is left."""

FEWEST = 3
"""Of fewer than this nothing can be told by counting."""

PLANE_NAMES: dict[Plane, SignalPlane] = {
    "routes": "control",
    "packets": "data",
    "traffic": "user",
}
_PEOPLE = (
    View("world.routes", "routes", "blocks"),
    View("world.packets", "packets", "users"),
    View("world.traffic", "traffic", "users"),
)
_PEOPLE_OF_SIX = (
    (View("world.routes6", "routes", "users", family=6), View("", "routes", "users")),
    (View("world.packets6", "packets", "users", family=6), View("", "packets", "users")),
)
"""What people had of IPv6, told where it is not what they had of IPv4."""


class TruthRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which an entity was below ordinary.

    Attributes:
        event: the event that it is part of.
        entity: the entity's text.
        signal: as which source counts it; ``world.packets`` and the like are what people had.
        plane: ``control``, ``data`` or ``user``.
        begin: the first minute in which less than 80 % of ordinary was left.
        end: the end of the last such minute, or ``None`` where the world ends before.
        depth_percent: the least that was left.
        cause: what it was.
        unseen_by: of a row of the world, the sources of its plane that cannot see it, and why.
        simulated: always true.
        source: which scenario says so.
    """

    event: str
    entity: str
    signal: str
    plane: SignalPlane
    begin: datetime
    end: datetime | None
    depth_percent: float
    cause: str
    unseen_by: str
    simulated: bool
    source: str


def truth_of_world(world: World) -> list[TruthRow]:
    """All stretches of all countries, regions and operators, by entity, signal and begin."""
    rows: list[TruthRow] = []
    for entity in _touched_entities(world):
        seen = _Seen(world, entity)
        for view in (*_PEOPLE, *VIEWS):
            rows += _stretches(seen, view)
        for view, four in _PEOPLE_OF_SIX:
            if not np.array_equal(seen.share(view), seen.share(four)):
                rows += _stretches(seen, view)
    return sorted(rows, key=lambda row: (row.entity, row.signal, row.begin))


def truth_csv(rows: list[TruthRow]) -> bytes:
    """Rows as a label file that ``zicht score`` reads."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, TruthRow.__struct_fields__, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = msgspec.structs.asdict(row)
        end = "" if row.end is None else format_time(row.end)
        writer.writerow(cells | {"begin": format_time(row.begin), "end": end, "simulated": "true"})
    return text.getvalue().encode()


def low_stretches(share: NDArray[np.float64]) -> list[tuple[int, int]]:
    """First minutes, and minutes after the last, of the stretches with too little left."""
    low = np.concatenate([[False], share < TRUTH_BELOW, [False]])
    edges = np.flatnonzero(low[1:] != low[:-1])
    return [(int(one), int(two)) for one, two in zip(edges[::2], edges[1::2], strict=True)]


def _touched_entities(world: World) -> list[str]:
    """Those to which anything happens; an operator in several countries also in each."""
    entities: set[str] = set()
    for part in world.touched():
        own = world.parts[part]
        abroad = len({one.country for one in world.parts_by(own.operator.asn)}) > 1
        named = {one for one in own.entities() if one.count("/") == 1 or abroad}
        if own.operator.several:
            named = {one for one in named if not one.startswith("asn/")}
        entities |= named
    return sorted(entities)


class _Seen:
    """What each view shows of an entity, looked at once."""

    def __init__(self, world: World, entity: str) -> None:
        self.world = world
        self.entity = entity
        self._shares: dict[View, NDArray[np.float64]] = {}

    def share(self, view: View) -> NDArray[np.float64]:
        alike = replace(view, signal="")
        if alike not in self._shares:
            self._shares[alike] = view.share(self.world, self.entity)
        return self._shares[alike]


def _stretches(seen: _Seen, view: View) -> Iterator[TruthRow]:
    world, entity, share = seen.world, seen.entity, seen.share(view)
    for first, after in low_stretches(share):
        happening = _cause(world, entity, view, first, after)
        people = view.signal.startswith("world.")
        yield TruthRow(
            event=happening.event or happening.id,
            entity=entity,
            signal=view.signal,
            plane=PLANE_NAMES[view.plane],
            begin=world.begin + timedelta(minutes=first),
            end=world.begin + timedelta(minutes=after) if after < world.minutes else None,
            depth_percent=round(100 * float(share[first:after].min()), 2),
            cause=happening.cause,
            unseen_by=_unseen(seen, view, (first, after)) if people else "",
            simulated=True,
            source=f"the lab's scenario {world.scenario.scenario.id}",
        )


def _cause(world: World, entity: str, view: View, first: int, after: int) -> Happening:
    """Of what happens there at that time, that which leaves the least to most people."""

    def lost(happening: Happening) -> float:
        users = world.weights("users")
        return sum(
            (1 - left_in(happening.left, world.parts[row].operator.kind, view.plane, view.service))
            * (float(users[row]) + 1)
            for row in world.parts_of(entity)
            if happening in world.happenings_of(int(row))
        )

    begin, end = (world.begin + timedelta(minutes=minute) for minute in (first, after))
    found = [
        one
        for one in world.scenario.happenings
        if min([one.begin, *one.begins.values()]) <= end
        and (one.end or world.end) >= begin - timedelta(minutes=one.return_minutes)
    ]
    return max(found, key=lost)


def _unseen(by: _Seen, view: View, span: tuple[int, int]) -> str:
    """Which sources of the plane cannot see a stretch, and why."""
    rows = by.world.parts_of(by.entity)
    found: dict[str, str] = {}
    seen: set[str] = set()
    for other in VIEWS:
        if (other.plane, other.family) != (view.plane, view.family) or other.source == "lab":
            continue
        counted = int(by.world.weights(other.weight)[rows].sum())
        share = by.share(other)[span[0] : span[1]]
        if counted < FEWEST:
            found.setdefault(other.source, f"counts {counted}")
        elif share.min() >= TRUTH_BELOW:
            found.setdefault(other.source, f"keeps {100 * share.min():.0f} %")
        else:
            seen.add(other.source)
    return "; ".join(f"{name} {why}" for name, why in found.items() if name not in seen)
