"""The facts that a world is reconstructed from: a table in TOML, a source on each row."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from typing import Literal

import msgspec

from zicht.errors import FaultError

Kind = Literal["mobile", "fixed", "mixed", "transit"]
Moment = Literal[
    "mobile-begins",
    "mobile-deepens",
    "mobile-share",
    "mobile-in-windows",
    "blackout-begins",
    "blackout-depth",
    "blackout-ends",
    "routes-stay",
    "window",
    "window-largely",
    "infrastructure-back",
    "operators-cut",
]
State = Literal[
    "mobile-begins",
    "mobile-deepens",
    "blackout-begins",
    "infrastructure-back",
    "window",
    "window-largely",
    "blackout-ends",
]


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is reconstructed.

    Attributes:
        id: its name in addresses.
        title: its name for people.
        country: the country's entity.
        seed: the seed of all that is random in it.
        begin: where the history begins.
        live_from: where the days begin that a replay shows one after another.
        end: where the reconstruction ends.
        utc_offset_hours: the clock that people live by, against UTC.
        days_off: days on which they behave as on a Sunday.
        citation: how to cite the reconstruction.
        licence: under which it may be used.
    """

    id: str
    title: str
    country: str
    seed: int
    begin: datetime
    live_from: datetime
    end: datetime
    utc_offset_hours: float
    days_off: tuple[date, ...]
    citation: str
    licence: str


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a row stands.

    Attributes:
        id: the name that rows use.
        publisher: who published it.
        title: its title, or what it is.
        url: where it is to be found.
        published: its day, as well as it is known.
        access: ``read`` when its own text was read, ``related`` when somebody else relates it.
        note: what to know of it.
    """

    id: str
    publisher: str
    title: str
    url: str
    published: date
    access: Literal["read", "related"]
    note: str = ""


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that one publication says.

    Attributes:
        id: its name.
        moment: what happened.
        scope: of what place or kind of operator.
        plane: whose clock it is; ``probes`` are connected measurement devices.
        begin: when, or when it began.
        end: when it ended, where that is said.
        doubt_minutes: how far off the times may be.
        statement: what is said, in our own words.
        source: the publication's id.
        chosen: whether the reconstruction uses this row.
        why: why, or why not.
        percent_low: a figure in percent, where one is given.
        percent_high: its upper end.
    """

    id: str
    moment: Moment
    scope: str
    plane: Literal["control", "data", "user", "probes"]
    begin: datetime
    doubt_minutes: int
    statement: str
    source: str
    chosen: bool
    why: str
    end: datetime | None = None
    percent_low: float | None = None
    percent_high: float | None = None


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator, or all others together: its kind and its sizes.

    Attributes:
        blocks: number of its /24 blocks that are visible in BGP.
        answering: number of its /24 blocks that answer probes.
        traffic: its share of the country's traffic, from 0 to 1.
    """

    kind: Kind
    blocks: int
    answering: int
    traffic: float
    entity: str = ""
    name: str = ""
    source: str = "lab"


class Neighbour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country in which nothing happens, seen by the same sources."""

    entity: str
    name: str
    source: str
    answering: int
    telescope: int


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Percent of ordinary in a state, by plane and kind of operator."""

    state: State
    source: str
    data: dict[Kind, float]
    user: dict[Kind, float]
    probes: float


class Routes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the control plane does meanwhile, in percent of ordinary."""

    source: str
    wobble_percent: float
    wobble_minutes: int
    after_percent: float


class Pace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many minutes a cut and a return take, and by how many the operators differ."""

    source: str
    cut_minutes: int
    return_minutes: int
    stagger_minutes: int


class Assumption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that befalls a source itself.

    Attributes:
        kind: ``sick`` (zeros for all), ``gap`` (no rows), ``blank`` (rows without a value),
            ``late`` (rows that come later than usual), ``provisional`` (values that are corrected
            later).
        delay_minutes: how much later, for the last two.
    """

    id: str
    kind: Literal["sick", "gap", "blank", "late", "provisional"]
    signal: str
    begin: datetime
    end: datetime
    source: str
    statement: str
    delay_minutes: int = 0


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in a table of facts."""

    world: World
    sources: tuple[Publication, ...] = msgspec.field(name="source")
    facts: tuple[Fact, ...] = msgspec.field(name="fact")
    operators: tuple[Network, ...] = msgspec.field(name="operator")
    others: Network
    neighbours: tuple[Neighbour, ...] = msgspec.field(name="neighbour")
    levels: tuple[Level, ...] = msgspec.field(name="level")
    routes: Routes
    pace: Pace
    assumptions: tuple[Assumption, ...] = msgspec.field(name="assumption")

    def chosen(self, *moments: Moment, plane: str | None = None) -> tuple[Fact, ...]:
        """The rows of these moments that the reconstruction uses, by time."""
        rows = (
            fact
            for fact in self.facts
            if fact.chosen and fact.moment in moments and plane in (None, fact.plane)
        )
        return tuple(sorted(rows, key=lambda fact: fact.begin))

    def published(self, *moments: Moment) -> tuple[Fact, ...]:
        """All rows of these moments, the disagreeing ones included, by time."""
        rows = (fact for fact in self.facts if fact.moment in moments)
        return tuple(sorted(rows, key=lambda fact: fact.begin))

    def level(self, state: State) -> Level:
        """The level of a state."""
        return next(level for level in self.levels if level.state == state)

    def publication(self, row: Fact) -> Publication:
        """The publication that a row stands in."""
        return next(source for source in self.sources if source.id == row.source)


def load_facts(name: str = "kazakhstan_2022") -> Facts:
    """Read a table of facts that is part of Zicht.

    Raises:
        FaultError: the table is missing or not as it should be: then Zicht itself is broken.
    """
    resource = files("zicht.lab") / f"{name}.toml"
    try:
        return msgspec.toml.decode(resource.read_bytes(), type=Facts)
    except (OSError, msgspec.MsgspecError) as error:
        raise FaultError(f"The lab's table {name}.toml cannot be read: {error}.") from error
