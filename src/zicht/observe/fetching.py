"""Fetching: what services tell of a time, into the store, piece by piece."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import NotFoundError, UsageError, ZichtError
from zicht.http import open_client
from zicht.model.entity import parse_entity
from zicht.model.time import MICROSECONDS, format_time, to_microseconds
from zicht.observe.fetched import FetchedPieces
from zicht.observe.keeping import facts_of, origin_of
from zicht.observe.services import service_of
from zicht.sources.answers import within
from zicht.sources.fetch.ask import Asker, address_of
from zicht.sources.fetch.kept import KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.model.entity import Entity
    from zicht.model.series import Series
    from zicht.sources.parsed import Parsed
    from zicht.sources.service import Answer, Piece, Service
    from zicht.store import Store

_KEPT = "answers"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for all that is fetched in one go.

    Attributes:
        licence: under which the data may be used, where it is not the source's own.
        citation: how to cite them, where it is not as the source asks.
        simulated: they are of the lab and no measurement.
    """

    licence: str | None = None
    citation: str | None = None
    simulated: bool = False


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What a fetch did.

    Attributes:
        source: the source's name.
        address: where its service answered.
        signals: names of the signals of which something came.
        entities: texts of the entities of which something came.
        start: begin of what was asked for, written ``from`` in JSON.
        until: its end.
        pieces: how many pieces were fetched.
        before: how many were left out, because they had been fetched for good before.
        empty: of how many the service had nothing. That is no outage.
        rows: observations that came, gaps included.
        gaps: those of them of which the source says that it has no value.
        new: bins that were not stored before.
        revised: bins that had another value before.
        unchanged: bins that were stored so already.
        simulated: the data are of the lab and no measurement.
        notes: what was concluded or left out; a sentence each.
    """

    source: str
    address: str
    signals: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    start: datetime = msgspec.field(name="from")
    until: datetime
    pieces: int = 0
    before: int = 0
    empty: int = 0
    rows: int = 0
    gaps: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    simulated: bool = False
    notes: tuple[str, ...] = ()


def _now() -> datetime:
    return datetime.now(UTC)


def fetch_source(  # noqa: PLR0913 - each is a choice of the user's
    store: Store,
    source: str,
    entities: Sequence[str],
    start: datetime,
    end: datetime | None = None,
    *,
    address: str | None = None,
    terms: Terms | None = None,
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[str, float], None] = lambda _, __: None,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = _now,
) -> Fetched:
    """Fetch what a source's service tells of entities from a time to a time.

    Each piece is one atomic commit. A run that was interrupted goes on where it was: pieces that
    are fetched for good are left out, others are asked for again, which stores nothing twice.

    Args:
        store: where the observations go.
        source: one of ``zicht.observe.services.SERVICES``.
        entities: texts of the entities.
        start: begin of the first bin.
        end: end of the last one; now when not given, or when it lies ahead.
        address: where the service answers, where that is neither its own address nor that of the
            environment (``ZICHT_IODA_URL`` and so on).
        terms: licence and the like, where they are not the source's own.
        tell: told what is noteworthy.
        progress: told what is being done, and how many seconds of the time are done.
        pause: waits for so many seconds.
        clock: gives the time; the lab has one of its own.

    Raises:
        InputError: an answer is not what the service's documentation says.
        SourceUnreachableError: the service cannot be reached; what was fetched before is stored.
        StoreError: the store failed.
        UsageError: there is no such source, it does not tell of such entities, it needs a token
            that there is not, or the time is none.
    """
    service = service_of(source)
    terms = terms or Terms()
    where = address_of(service, address)
    asked = _entities(service, entities)
    until = min(end or clock(), clock())
    if start >= until:
        raise UsageError(
            f"Nothing lies between {format_time(start)} and {format_time(until)}.",
            "Give a --from before --until, and in the past.",
        )
    pieces = list(service.plan(asked, start, until, where))
    done = FetchedPieces(store.path, source)
    total = Fetched(
        source=source, address=where, start=start, until=until, simulated=terms.simulated
    )
    with open_client() as client:
        asker = Asker(
            service,
            client,
            address=where,
            kept=KeptAnswers(store.path / _KEPT / source),
            pause=pause,
            clock=clock,
        )
        for number, piece in enumerate(pieces):
            progress(_describe(piece), number / len(pieces) * (until - start).total_seconds())
            if piece in done:
                total = msgspec.structs.replace(total, before=total.before + 1)
                continue
            try:
                one = fetch_piece(store, asker, piece, terms=terms, clock=clock)
            except ZichtError as error:
                error.hint = f"{error.hint or ''} {_so_far(number, len(pieces))}".strip()
                raise
            total = _sum(total, one)
            for note in one.notes:
                tell(note)
            if clock() >= piece.end + service.revised:
                done.add(piece)
    return total


def fetch_piece(
    store: Store,
    asker: Asker,
    piece: Piece,
    *,
    terms: Terms,
    clock: Callable[[], datetime] = _now,
) -> Fetched:
    """Fetch one piece and store it, in one atomic commit.

    Of what the service tells, bins are stored that lie in the piece and ended long enough ago to be
    whole.

    Raises:
        InputError: an answer is not what the service's documentation says.
        SourceUnreachableError: the service cannot be reached.
        StoreError: the store failed.
    """
    service = asker.service
    asked_at = clock()
    answers = asker.piece(piece)
    parsed = service.parse(piece, answers)
    if service.join is not None:
        parsed = service.join(parsed, lambda signal, entity: _stored(store, signal, entity, piece))
    parsed = _settled(parsed, piece, asked_at - service.settling)
    table = parsed.observations
    nothing = Fetched(
        source=service.name,
        address=asker.address,
        start=piece.start,
        until=piece.end,
        pieces=1,
        notes=parsed.notes,
    )
    if table.num_rows == table["value"].null_count == 0:
        return msgspec.structs.replace(nothing, empty=1)
    appended = store.append(
        table,
        signals=parsed.signals,
        origin=origin_of(
            parsed,
            source=service.name,
            name=piece.requests[0].address,
            sha256=_hash(answers),
            licence=terms.licence,
            citation=terms.citation,
            simulated=terms.simulated,
        ),
        entities=facts_of(parsed),
        known_at=asked_at,
    )
    return msgspec.structs.replace(
        nothing,
        signals=tuple(pc.unique(table["signal"]).sort().to_pylist()),
        entities=tuple(pc.unique(table["entity"]).sort().to_pylist()),
        rows=table.num_rows,
        gaps=table["value"].null_count,
        new=appended.new,
        revised=appended.revised,
        unchanged=appended.unchanged,
    )


def _entities(service: Service, texts: Sequence[str]) -> list[Entity]:
    found = {str(entity): entity for entity in map(parse_entity, texts)}
    if not found:
        raise UsageError("No entity was named.", "Name a country: KZ.")
    for text, entity in found.items():
        if entity.type not in service.types:
            kinds = {"country": "countries", "region": "regions", "asn": "operators"}
            told = ", ".join(kinds[one] for one in sorted(service.types))
            raise UsageError(f"{service.title} does not tell of {text}.", f"It tells of {told}.")
    return list(found.values())


def _stored(store: Store, signal: str, entity: str, piece: Piece) -> Series | None:
    """What is stored from a month before the piece to its end."""
    back = piece.start - 2 * (piece.end - piece.start)
    try:
        return store.read(signal, entity, start=back, end=piece.end)
    except NotFoundError:
        return None


def _settled(parsed: Parsed, piece: Piece, settled: datetime) -> Parsed:
    """What lies in the piece, without bins that may still be partial."""
    table = within(parsed.observations, piece.start, piece.end)
    lengths = {one.name: 0 if one.instant else one.step for one in parsed.signals}
    names = table["signal"].combine_chunks().dictionary_encode()
    steps = np.array([lengths[name] for name in names.dictionary.to_pylist()], dtype=np.int64)
    places = names.indices.to_numpy(zero_copy_only=False)
    ends = table["time"].cast(pa.int64()).to_numpy(zero_copy_only=False)
    if len(ends):
        ends = ends + steps[places] * MICROSECONDS
    last = min(to_microseconds(settled), to_microseconds(piece.end))
    kept = table.filter(pa.array(ends <= last))
    present = set(pc.unique(kept["signal"]).to_pylist())
    entities = set(pc.unique(kept["entity"]).to_pylist())
    return replace(
        parsed,
        observations=kept,
        signals=tuple(one for one in parsed.signals if one.name in present),
        entities=tuple(one for one in parsed.entities if one.entity in entities),
    )


def _hash(answers: Sequence[Answer]) -> str:
    digest = hashlib.sha256()
    for one in answers:
        digest.update(one.data)
    return digest.hexdigest()


def _sum(total: Fetched, one: Fetched) -> Fetched:
    counts = ("pieces", "empty", "rows", "gaps", "new", "revised", "unchanged")
    return msgspec.structs.replace(
        total,
        signals=tuple(sorted({*total.signals, *one.signals})),
        entities=tuple(sorted({*total.entities, *one.entities})),
        notes=tuple(dict.fromkeys((*total.notes, *one.notes))),
        **{name: getattr(total, name) + getattr(one, name) for name in counts},
    )


def _describe(piece: Piece) -> str:
    first, *others = piece.entities
    more = f" and {len(others)} more" if others else ""
    return f"{first}{more}, {piece.start:%Y-%m-%d}"


def _so_far(done: int, of: int) -> str:
    return f"{done} of {of} pieces are stored; the same command goes on there." if done else ""
