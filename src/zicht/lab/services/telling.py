"""What a service tells of a quantity, bin by bin: its lag, its revisions, its own faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.lab import chance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zicht.lab.parts import Operator
    from zicht.lab.scenario import FaultRow
    from zicht.lab.world import World

    Floats = NDArray[np.float64]
    Make = Callable[[World, "Quantity", str], Floats]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT = 0.25  # of a value may still be missing when it is first told
_PROVISIONAL = 0.2  # that a provisional value may be off by
_ROUNDED = 6


@dataclass(frozen=True)
class Quantity:
    """One thing that a service counts.

    Attributes:
        source: the service's name, as scenarios' faults call it.
        name: its name within the service.
        step: seconds of a bin.
        lag: seconds after a bin's end at which its value is first told.
        settles: seconds after that in which the value grows to what it will be.
        make: makes the settled values of an entity, float64[bins].
        alias: another name that scenarios' faults have for it.
    """

    source: str
    name: str
    step: int
    lag: int
    settles: int
    make: Make
    alias: str = ""


class When(NamedTuple):
    """Of which time something is asked, and when.

    Attributes:
        begin: of the time, in seconds since 1970.
        end: of it.
        now: the world's time at which it is asked.
    """

    begin: int
    end: int
    now: datetime


class Told(NamedTuple):
    """What is told of an entity.

    Attributes:
        times: int64[n]: begins of the bins in seconds since 1970.
        values: float64[n]; NaN is a bin that is told without a value.
        present: bool[n]: whether anything is told of the bin at all.
    """

    times: NDArray[np.int64]
    values: Floats
    present: NDArray[np.bool_]

    def lines(self) -> list[tuple[int, float | None]]:
        """Time and value of what is told; ``None`` where there is no value."""
        rows = zip(
            self.times[self.present].tolist(), self.values[self.present].tolist(), strict=True
        )
        return [(time, None if value != value else value) for time, value in rows]  # noqa: PLR0124 - NaN

    def values_or_none(self) -> list[float | None]:
        """A value for every bin, ``None`` where there is none."""
        return [
            value if there and value == value else None  # noqa: PLR0124 - NaN
            for value, there in zip(self.values.tolist(), self.present.tolist(), strict=True)
        ]


class Teller:
    """Tells of a world; what was made once is kept."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._made: dict[tuple[str, str, str], Floats] = {}
        self._kept: dict[tuple[str, str, str], Floats] = {}

    def settled(self, quantity: Quantity, entity: str) -> Floats:
        """The values that a service has in the end, its own faults left aside, float64[bins]."""
        key = (quantity.source, quantity.name, entity)
        if key not in self._made:
            self._made[key] = np.round(quantity.make(self.world, quantity, entity), _ROUNDED)
        return self._made[key]

    def kept(self, key: tuple[str, str, str], make: Callable[[], Floats]) -> Floats:
        """What ``make`` makes, made once for each key: service, name, entity."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def told(self, quantity: Quantity, entity: str, when: When) -> Told:
        """What is told of the bins of an entity that begin in a time."""
        begin, end, now = when
        step = quantity.step
        times = np.arange(-(-begin // step) * step, -(-end // step) * step, step, dtype=np.int64)
        settled = self.settled(quantity, entity)
        place = (times - first_bin(self.world, step)) // step
        present = (place >= 0) & (place < len(settled))
        values = np.full(len(times), np.nan)
        values[present] = settled[place[present]]
        published = times + step + quantity.lag
        for fault in self._faults(quantity):
            values, present, published = _befallen(
                self.world.seed, fault, quantity, entity, (times, values, present, published), now
            )
        age = (now - _EPOCH) / timedelta(seconds=1) - published
        if quantity.settles:
            missing = np.clip(1 - age / quantity.settles, 0.0, 1.0) * _SHORT
            whole = _are_whole(settled)
            values = np.rint(values * (1 - missing)) if whole else values * (1 - missing)
        return Told(times, values, present & (age >= 0))

    def _faults(self, quantity: Quantity) -> list[FaultRow]:
        own = f"{quantity.source}/{quantity.name}"
        names = {quantity.source, own, f"{quantity.source}/{quantity.alias}"}
        return [fault for fault in self.world.faults if fault.source in names]


_Rows = tuple["NDArray[np.int64]", "Floats", "NDArray[np.bool_]", "NDArray[np.int64]"]


def _befallen(
    seed: int, fault: FaultRow, quantity: Quantity, entity: str, rows: _Rows, now: datetime
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """What a fault makes of values, their presence and when they are published."""
    times, values, present, published = rows
    begin = fault.begin.timestamp()
    end = np.inf if fault.end is None else fault.end.timestamp()
    inside = (times >= begin) & (times < end)
    key = chance.key(seed, "fault", fault.source, fault.begin.isoformat(), quantity.name, entity)
    luck = chance.uniforms_at(key, times.astype(np.uint64))
    later = published + fault.delay_minutes * 60
    match fault.kind:
        case "silent" | "dies":
            present = present & ~inside
        case "zeros":
            values = np.where(inside, 0.0, values)
        case "half":
            values = np.where(inside, np.rint(values * fault.share / 100), values)
        case "missing":
            present = present & ~(inside & (luck < fault.share / 100))
        case "blank":
            values = np.where(inside, np.nan, values)
        case "late":
            published = np.where(inside, later, published)
        case "provisional":
            wrong = values * (1 + _PROVISIONAL * (2 * luck - 1))
            early = inside & (later > now.timestamp())
            values = np.where(early, np.rint(wrong), values)
        case "reset":
            pass  # of sessions, which no service has
    return values, present, published


def _are_whole(values: Floats) -> bool:
    return bool((values == np.rint(values)).all())


def asn_of(operator: Operator) -> int | None:
    """Its AS number; ``None`` of one that stands for several, of which nobody knows which."""
    return None if operator.several else operator.asn


def first_bin(world: World, step: int) -> int:
    """The begin of the first bin that lies in the world as a whole, in seconds since 1970."""
    return -(-int(world.begin.timestamp()) // step) * step


def binned(world: World, minutes: Floats, step: int) -> Floats:
    """Means over the bins that lie in the world as a whole, float64[bins]."""
    width = step // 60
    skipped = (first_bin(world, step) - int(world.begin.timestamp())) // 60
    count = (len(minutes) - skipped) // width
    return np.asarray(minutes[skipped : skipped + count * width].reshape(count, width).mean(axis=1))


def ends_of_bins(world: World, minutes: Floats, step: int) -> Floats:
    """What is so in the last minute of each bin that lies in the world as a whole."""
    width = step // 60
    skipped = (first_bin(world, step) - int(world.begin.timestamp())) // 60
    count = (len(minutes) - skipped) // width
    return np.asarray(minutes[skipped : skipped + count * width].reshape(count, width)[:, -1])


def activity(world: World, entity: str, strength: float = 1.0) -> Floats:
    """The day and week of an entity's people, float64[minutes], about 1.0 on average.

    ``strength`` is how much of it a quantity shows, from 0 to 1.
    """
    users: dict[str, float] = {}
    example: dict[str, int] = {}
    for row in world.parts_of(entity).tolist():
        part = world.parts[row]
        users[part.country] = users.get(part.country, 0.0) + part.users
        example.setdefault(part.country, row)
    total = sum(users.values())
    if not total:
        return np.ones(world.minutes)
    whole = np.zeros(world.minutes)
    for country, count in users.items():
        whole += count / total * world.rhythm(example[country])
    return np.asarray(1 + strength * (whole - 1))


def users_of(world: World, entity: str) -> int:
    """How many people an entity has."""
    return int(world.weights("users")[world.parts_of(entity)].sum())


def wander(
    world: World, quantity: Quantity, entity: str, count: int, *, spread: float, memory: float
) -> Floats:
    """A factor around 1 that walks: the exponential of a first-order autoregression.

    Args:
        world: whose seed it is.
        quantity: of what.
        entity: of whom.
        count: how many bins.
        spread: the standard deviation of its logarithm in the long run.
        memory: how much of one bin is left in the next.
    """
    random = chance.generator(world.seed, quantity.source, quantity.name, entity, "wander")
    steps = random.normal(0.0, spread * np.sqrt(1 - memory**2), count).tolist()
    last = float(random.normal(0.0, spread))
    walk = []
    for step in steps:
        last = memory * last + step
        walk.append(last)
    return np.asarray(np.exp(np.array(walk)))


def jitter(world: World, quantity: Quantity, entity: str, count: int, spread: float) -> Floats:
    """A factor around 1 that is drawn anew for each bin."""
    random = chance.generator(world.seed, quantity.source, quantity.name, entity, "jitter")
    return np.asarray(np.exp(random.normal(0.0, spread, count)))


def coarser(told: Told, step: int) -> Told:
    """Means over bins of ``step`` seconds, of what is told of them so far."""
    times, place = np.unique(told.times // step * step, return_inverse=True)
    usable = told.present & ~np.isnan(told.values)
    count = np.bincount(place[usable], minlength=len(times))
    total = np.bincount(place[usable], weights=told.values[usable], minlength=len(times))
    present = np.bincount(place[told.present], minlength=len(times)) > 0
    with np.errstate(invalid="ignore"):
        return Told(times, total / count, present)
