"""One piece of what a service tells, fetched and stored in one commit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import NotFoundError
from zicht.model.time import MICROSECONDS, to_microseconds
from zicht.observe.keeping import facts_of, origin_of
from zicht.sources.answers import within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.model.series import Series
    from zicht.model.sighting import Sighting
    from zicht.sources.fetch.ask import Asker
    from zicht.sources.parsed import Parsed
    from zicht.sources.service import Answer, Piece, Service, Stored
    from zicht.store import Store


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
        refused: for how many entities, piece by piece, the service did not take the question.
        rows: observations that came, gaps included.
        gaps: those of them of which the source says that it has no value.
        new: bins that were not stored before.
        revised: bins that had another value before.
        unchanged: bins that were stored so already.
        sightings: how many outages the source says it saw.
        last: the begin of the newest bin with a value that came, if any did.
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
    refused: int = 0
    rows: int = 0
    gaps: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    sightings: int = 0
    last: datetime | None = None
    simulated: bool = False
    notes: tuple[str, ...] = ()


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


def fetch_piece(
    store: Store,
    asker: Asker,
    piece: Piece,
    *,
    terms: Terms,
    clock: Callable[[], datetime] = utc_now,
) -> Fetched:
    """Fetch one piece and store it, in one atomic commit.

    Of what the service tells, bins are stored that lie in the piece and ended long enough ago to be
    whole.

    Raises:
        InputError: an answer is not what the service's documentation says.
        SourceRefusesError: the service does not take a question.
        SourceUnreachableError: the service cannot be reached.
        StoreError: the store failed.
    """
    service = asker.service
    asked_at = clock()
    answers = asker.piece(piece)
    terms = replace(terms, simulated=terms.simulated or asker.simulated)
    parsed = read_answers(
        service,
        piece,
        answers,
        asked_at,
        lambda signal, entity: _stored(store, signal, entity, piece),
    )
    table = parsed.observations
    seen = _keep_sightings(store, service.name, parsed, piece, terms, asked_at)
    nothing = Fetched(
        source=service.name,
        address=asker.address,
        start=piece.start,
        until=piece.end,
        pieces=1,
        sightings=seen,
        simulated=terms.simulated,
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
        last=pc.max(table.filter(pc.is_valid(table["value"]))["time"]).as_py(),
    )


def read_answers(
    service: Service,
    piece: Piece,
    answers: Sequence[Answer],
    asked_at: datetime,
    stored: Stored,
) -> Parsed:
    """What the answers to a piece tell that can be stored.

    Args:
        service: who answered.
        piece: what was asked.
        answers: to its requests.
        asked_at: when; bins that ended too short a time before may be partial and are left out.
        stored: what is stored of a signal and an entity, to whose scale answers are brought.

    Raises:
        InputError: an answer is not what the service's documentation says.
    """
    parsed = service.parse(piece, answers)
    if service.join is not None:
        parsed = service.join(parsed, stored)
    return _settled(parsed, piece, asked_at - service.settling)


def _stored(store: Store, signal: str, entity: str, piece: Piece) -> Series | None:
    """What is stored from a month before the piece to its end."""
    back = piece.start - 2 * (piece.end - piece.start)
    try:
        return store.read(signal, entity, start=back, end=piece.end)
    except NotFoundError:
        return None


def _keep_sightings(
    store: Store,
    source: str,
    parsed: Parsed,
    piece: Piece,
    terms: Terms,
    known_at: datetime,
) -> int:
    """Store what the source says it saw; what it says no more of the piece is taken back."""
    if parsed.sightings is None:
        return 0
    said = [_on_terms(one, terms) for one in parsed.sightings]
    ids = {one.id for one in said}
    gone = [
        one
        for one in store.sightings()
        if one.source == source
        and one.entity in piece.entities
        and piece.start <= one.start < piece.end
        and one.id not in ids
    ]
    store.write_sightings(said, withdrawn=gone, known_at=known_at)
    return len(said)


def _on_terms(sighting: Sighting, terms: Terms) -> Sighting:
    return msgspec.structs.replace(
        sighting,
        licence=terms.licence or sighting.licence,
        citation=terms.citation or sighting.citation,
        simulated=terms.simulated,
    )


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
