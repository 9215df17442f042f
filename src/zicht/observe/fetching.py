"""Fetching: what services tell of a time, into the store, piece by piece."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import SourceRefusesError, UsageError, ZichtError
from zicht.http import open_client
from zicht.model.entity import parse_entity
from zicht.model.time import format_time
from zicht.observe.fetched import FetchedPieces
from zicht.observe.fetching_pieces import Fetched, Terms, fetch_piece, utc_now
from zicht.observe.services import service_of
from zicht.sources.fetch.ask import Asker, address_of
from zicht.sources.fetch.kept import KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from zicht.model.entity import Entity
    from zicht.sources.service import Piece, Service
    from zicht.store import Store

_KEPT = "answers"


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
    clock: Callable[[], datetime] = utc_now,
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
        SourceRefusesError: the service takes none of the questions.
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
    taken = 0
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
                one = _fetch_or_split(store, asker, piece, terms=terms, clock=clock)
            except ZichtError as error:
                error.hint = f"{error.hint or ''} {_so_far(number, len(pieces))}".strip()
                raise
            total = _sum(total, one)
            taken += one.refused < len(piece.entities)
            for note in one.notes:
                tell(note)
            if not one.refused and clock() >= piece.end + service.revised:
                done.add(piece)
    if total.refused and not taken and not total.before:
        raise SourceRefusesError(total.notes[-1], "Ask for something else.")
    return total


def _fetch_or_split(
    store: Store, asker: Asker, piece: Piece, *, terms: Terms, clock: Callable[[], datetime]
) -> Fetched:
    """Fetch a piece; where the service refuses several entities, each by itself.

    One that it does not know shall not hide the others.
    """
    try:
        return fetch_piece(store, asker, piece, terms=terms, clock=clock)
    except SourceRefusesError as error:
        refused = Fetched(
            source=asker.service.name,
            address=asker.address,
            start=piece.start,
            until=piece.end,
            pieces=1,
            refused=1,
            notes=(error.message,),
        )
    if len(piece.entities) == 1:
        return refused
    singly = [
        _fetch_or_split(store, asker, one, terms=terms, clock=clock)
        for text in piece.entities
        for one in asker.service.plan([parse_entity(text)], piece.start, piece.end, asker.address)
    ]
    whole = singly[0]
    for one in singly[1:]:
        whole = _sum(whole, one)
    return msgspec.structs.replace(whole, pieces=1, empty=int(whole.empty == whole.pieces))


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


def _sum(total: Fetched, one: Fetched) -> Fetched:
    counts = (
        "pieces",
        "empty",
        "refused",
        "rows",
        "gaps",
        "new",
        "revised",
        "unchanged",
        "sightings",
    )
    return msgspec.structs.replace(
        total,
        signals=tuple(sorted({*total.signals, *one.signals})),
        entities=tuple(sorted({*total.entities, *one.entities})),
        notes=tuple(dict.fromkeys((*total.notes, *one.notes))),
        simulated=total.simulated or one.simulated,
        **{name: getattr(total, name) + getattr(one, name) for name in counts},
    )


def _describe(piece: Piece) -> str:
    first, *others = piece.entities
    more = f" and {len(others)} more" if others else ""
    return f"{first}{more}, {piece.start:%Y-%m-%d}"


def _so_far(done: int, of: int) -> str:
    return f"{done} of {of} pieces are stored; the same command goes on there." if done else ""
