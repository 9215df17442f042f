"""Services: what can be asked of a source over HTTP, and when; said as data.

A source says which requests tell of some entities in a time, and reads the answers. It neither
asks nor waits: ``zicht.sources.fetch`` does, in the same way for all. A clock, a back-fill and a
test run any of them alike.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from zicht.model.entity import Entity, EntityType
    from zicht.model.series import Series
    from zicht.model.signal import Signal
    from zicht.sources.parsed import Parsed

    Stored = Callable[[str, str], Series | None]
    """The stored series of a signal's name and an entity's text, where there is one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 64 << 20  # bytes


@dataclass(frozen=True)
class Request:
    """One question to a service.

    Attributes:
        address: the address with its query; never with a secret.
        topic: what the answer is of, for the source's own ``parse``.
        subject: of whom, likewise: an entity's text, or empty.
        accept: the media types that are asked for.
        largest: the most bytes of an answer.
        needed: without an answer to it those to the others of its piece tell nothing.
        final: from when on the answer does not change any more, or ``None`` where that is not so.
    """

    address: str
    topic: str = ""
    subject: str = ""
    accept: str = "application/json"
    largest: int = _LARGEST
    needed: bool = False
    final: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What came back to a request."""

    request: Request
    data: bytes

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.request.address


@dataclass(frozen=True)
class Piece:
    """A bounded time of some entities, with the requests whose answers tell it together.

    Attributes:
        entities: texts of the entities.
        start: begin of the first bin that is wanted.
        end: end of the last one.
        requests: in the order in which they are asked.
    """

    entities: tuple[str, ...]
    start: datetime
    end: datetime
    requests: tuple[Request, ...]


def no_more(_: Answer) -> Request | None:
    """Of services that answer on one page."""
    return None


@dataclass(frozen=True, kw_only=True)
class Service:
    """What can be asked of a source, and how.

    Attributes:
        name: the source's name.
        title: the service's name, for people.
        address: where it answers, without a slash at the end.
        documentation: where its answers are documented.
        signals: what it tells, as far as that is known beforehand.
        types: the types of entities that it can be asked of.
        cadence: how often there is something new to ask for.
        settling: how long the values of a bin that has ended may still be partial; younger ones
            are left out, for what is not yet counted looks like an outage.
        revised: how far back to ask again, for late and revised values.
        longest: the longest time to ask for at once.
        pace: seconds between two requests, at least.
        plan: the pieces that tell of entities from a time to a time, given the address. Each is
            of ``longest`` at most.
        parse: what the answers of a piece tell, and perhaps what lies around it; pure.
        sample: a small request that shows whether the service answers, at a time.
        more: the request for the next page, or ``None`` where an answer is the last.
        join: what was told, on the scale of what is stored; for services whose answers are each on
            a scale of their own.
        token: the environment's variable with the token that it needs; empty where it needs none.
        key: how a token becomes the request's headers.
    """

    name: str
    title: str
    address: str
    documentation: str
    signals: tuple[Signal, ...]
    types: frozenset[EntityType]
    cadence: timedelta
    settling: timedelta
    revised: timedelta
    longest: timedelta
    pace: float
    plan: Callable[[Sequence[Entity], datetime, datetime, str], Iterator[Piece]]
    parse: Callable[[Piece, Sequence[Answer]], Parsed]
    sample: Callable[[str, datetime], Request]
    more: Callable[[Answer], Request | None] = no_more
    join: Callable[[Parsed, Stored], Parsed] | None = None
    token: str = ""
    key: Callable[[str], Mapping[str, str]] = field(
        default=lambda token: {"Authorization": f"Bearer {token}"}
    )

    def recent(self, entities: Sequence[Entity], now: datetime, address: str) -> Iterator[Piece]:
        """The pieces that a clock asks for every ``cadence``: all that may still change."""
        return self.plan(entities, now - self.revised, now, address)

    @property
    def variable(self) -> str:
        """The environment's variable that names another address, such as a mirror's."""
        return f"ZICHT_{self.name.upper()}_URL"


def windows(
    start: datetime, end: datetime, longest: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """``[start, end)`` cut at whole multiples of ``longest`` since 1970.

    The cuts are the same whatever is asked for, so that a run that goes on asks what it asked
    before.
    """
    begin = start
    while begin < end:
        cut = _EPOCH + ((begin - _EPOCH) // longest + 1) * longest
        yield begin, min(cut, end)
        begin = cut


def midnight(time: datetime) -> datetime:
    """The begin of the day in UTC that a time lies in."""
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def whole_days(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The days in UTC that lie in ``[start, end)``, those at its edges as wholes."""
    last = midnight(end)
    return midnight(start), last if last == end else last + timedelta(days=1)


def query(address: str, path: str, **parameters: object) -> str:
    """An address with a path and a query; parameters that are ``None`` are left out.

    A parameter whose name Python has taken is written with an underscore behind it.
    """
    words = {name.rstrip("_"): word for name, word in parameters.items() if word is not None}
    asked = urllib.parse.urlencode(words, safe="/:,")
    return f"{address.rstrip('/')}/{path}" + (f"?{asked}" if asked else "")
