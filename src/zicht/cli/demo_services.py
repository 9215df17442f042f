"""What the lab's services answer, read by the sources that ask them; without a socket between."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import FaultError
from zicht.lab.serve.http import Request as Asked
from zicht.lab.services.atlas import atlas
from zicht.lab.services.google import google
from zicht.lab.services.ioda import ioda
from zicht.lab.services.radar import TOKEN, radar
from zicht.lab.services.telling import Teller
from zicht.model.entity import parse_entity
from zicht.model.series import to_series
from zicht.observe.fetching_pieces import read_answers
from zicht.observe.services import service_of
from zicht.sources.service import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from zicht.lab.serve.faults import Answer as Spoken
    from zicht.lab.world import World
    from zicht.model.entity import Entity
    from zicht.model.series import Series
    from zicht.model.signal import Signal
    from zicht.sources.parsed import Parsed
    from zicht.sources.service import Piece, Request, Service


_LEFT_OUT = {("ioda", "events"), ("radar", "annotations")}
"""Topics that are not asked about: what services themselves say they saw is no series."""

_UNUSED = {"ioda.bgp", "ioda.gtr.youtube", "radar.bandwidth"}
"""Signals that are read and not kept, so that the demo is quick: routes are counted from the files
themselves, Google's own figures are there too, and throughput tells no outage."""


class Told(NamedTuple):
    """What was told.

    Attributes:
        observations: a table with the schema ``zicht.model.series.OBSERVATIONS``.
        signals: the specs of the signals in it.
    """

    observations: pa.Table
    signals: tuple[Signal, ...]


class Services:
    """The services of a world, asked as a clock would ask them: each when it may have news.

    Args:
        world: the world.
        countries: the texts of the countries that all are asked of.
        operators: the texts of the operators that Radar is asked of besides.
    """

    def __init__(self, world: World, countries: Sequence[str], operators: Sequence[str]) -> None:
        teller = Teller(world)
        own = [parse_entity(text) for text in countries]
        more = [parse_entity(text) for text in operators]
        self._listening = [
            _Listening("atlas", atlas(world), own, world.begin),
            _Listening("google", google(teller), own, world.begin),
            _Listening("ioda", ioda(teller), own, world.begin),
            _Listening("radar", radar(teller), [*own[:1], *more], world.begin),
        ]

    def heard(self, now: datetime) -> list[Told]:
        """What is told now of the time that may have changed since services were last asked."""
        return [told for one in self._listening for told in one.heard(now)]


class _Listening:
    """One service that is asked again and again."""

    def __init__(
        self,
        name: str,
        answer: Callable[[Asked, datetime], Spoken],
        entities: Sequence[Entity],
        begin: datetime,
    ) -> None:
        self._service: Service = service_of(name)
        self._answer = answer
        self._entities = entities
        self._begin = begin
        self._asked: datetime | None = None
        self._kept: dict[tuple[str, str], Series] = {}

    def heard(self, now: datetime) -> Iterator[Told]:
        service = self._service
        if self._asked is not None and now - self._asked < service.cadence:
            return
        start = self._begin if self._asked is None else max(self._begin, now - service.revised)
        self._asked = now
        for piece in service.plan(self._entities, start, now, service.address):
            parsed = self._ask(piece, now)
            used = [one for one in parsed.signals if one.name not in _UNUSED]
            names = pa.array([one.name for one in used], pa.string())
            table = parsed.observations
            table = table.filter(pc.is_in(table["signal"], value_set=names))
            if table.num_rows:
                yield Told(table, tuple(used))

    def _ask(self, piece: Piece, now: datetime) -> Parsed:
        answers: list[Answer] = []
        for request in piece.requests:
            if (self._service.name, request.topic) in _LEFT_OUT:
                continue
            pages = list(self._pages(request, now))
            if request.needed and not pages:
                answers = []
                break
            answers += pages
        parsed = read_answers(self._service, piece, answers, now, lambda *key: self._kept.get(key))
        if self._service.join is not None:
            self._keep(parsed)
        return parsed

    def _pages(self, request: Request, now: datetime) -> Iterator[Answer]:
        following: Request | None = request
        while following is not None:
            spoken = self._answer(_as_asked(following), now)
            if spoken.code == HTTPStatus.NOT_FOUND:
                return
            if spoken.code != HTTPStatus.OK:
                raise FaultError(f"{following.address}: the lab refuses it: {spoken.body[:200]!r}.")
            answer = Answer(following, spoken.body)
            yield answer
            following = self._service.more(answer)

    def _keep(self, parsed: Parsed) -> None:
        """Keep what came, to whose scale the next answers are brought."""
        table = parsed.observations
        for signal in parsed.signals:
            own = table.filter(pc.equal(table["signal"], signal.name))
            for entity in pc.unique(own["entity"]).to_pylist():
                rows = own.filter(pc.equal(own["entity"], entity))
                times = rows["time"].cast(pa.int64()).to_numpy()
                values = rows["value"].to_numpy()
                before = self._kept.get((signal.name, entity))
                if before is not None:
                    old = before.times < times.min()
                    times = np.concatenate([before.times[old], times])
                    values = np.concatenate([before.values[old], values])
                blank = np.full(len(times), np.nan)
                self._kept[signal.name, entity] = to_series(signal, entity, times, values, blank)


def _as_asked(request: Request) -> Asked:
    """The request as the service gets it."""
    parts = urlsplit(request.address)
    headers = (("host", parts.netloc), ("authorization", f"Bearer {TOKEN}"))
    return Asked("GET", unquote(parts.path), tuple(parse_qsl(parts.query)), headers)
