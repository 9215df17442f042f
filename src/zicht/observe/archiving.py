"""Evidence that lasts: what an event rests on, packed so that anybody can replay it."""

from __future__ import annotations

import io
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow.parquet as pq

from zicht.detect import constants, credibility
from zicht.errors import NotFoundError
from zicht.http import host_of, post
from zicht.observe.code import hash_of_code
from zicht.observe.detection import chosen_entities
from zicht.observe.evidence import Evidence, evidence, with_evidence
from zicht.observe.facts import known_facts
from zicht.observe.verifying import replay_pack
from zicht.observe.watch_detection import READ
from zicht.publish.pack import Manifest, Pack, build_pack, manifest_bytes, members_of
from zicht.publish.signing import public_text, read_or_make_key, sign
from zicht.publish.timestamps import QUERY_TYPE, REPLY_TYPE, check_answer, timestamp_request
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event, Outage
    from zicht.store import Store
    from zicht.store.records import Stored

_LIBRARIES = ("numba", "numpy", "pyarrow")


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that was made.

    Attributes:
        data: its bytes.
        event: the event's id.
        entity: the event's entity.
        simulated: the data are of the lab and no measurement.
        signer: the public key that signed it, or ``None``.
        key_made: the signing key was made for it.
        stamped_at: the time that the time-stamping authority states, or ``None``.
        differences: where a replay of the pack says something else than the event does.
    """

    data: bytes
    event: str
    entity: str
    simulated: bool
    signer: str | None
    key_made: bool
    stamped_at: datetime | None
    differences: tuple[str, ...]


def usual_key() -> Path:
    """Where the key lies that signs packs unless another one is named."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    return home / "zicht" / "signing-key.pem"


def archive_event(
    store: Store,
    event_id: str,
    *,
    as_of: datetime | None = None,
    key: Path | None = None,
    authority: str | None = None,
    made_at: datetime | None = None,
) -> Archived:
    """Pack an event with all that it rests on, as it was known when it was last revised.

    Args:
        store: the store.
        event_id: the event.
        as_of: the event as it was known then; by default now.
        key: the file of the key to sign with, which is made if it is not there; ``None`` to leave
            the pack unsigned.
        authority: the address of a time-stamping authority (RFC 3161), or ``None``. It learns a
            hash and nothing else.
        made_at: when the pack is made; by default now.

    Raises:
        NotFoundError: the store holds no such event.
        InputError: the key cannot be read or made.
        SourceUnreachableError: the authority gives no time stamp.
    """
    signing = None if key is None else read_or_make_key(key)
    found = evidence(store, event_id, as_of=as_of)
    stored = _stored_event(store, found)
    files = _files(store, found, stored)
    manifest = _manifest(found, stored, files, made_at or datetime.now(UTC))
    manifest, differences = _replayed(manifest, files, stored.known_at)
    written = manifest_bytes(manifest)
    stamp = None if authority is None else _time_stamp(written, authority)
    signature = None if signing is None else sign(written, signing[0])
    return Archived(
        data=build_pack(written, files, signature=signature, timestamp=stamp and stamp[0]),
        event=found.event.id,
        entity=found.event.entity,
        simulated=found.event.simulated,
        signer=None if signing is None else public_text(signing[0]),
        key_made=signing is not None and signing[1],
        stamped_at=stamp and stamp[1],
        differences=differences,
    )


def _replayed(
    manifest: Manifest, files: Mapping[str, bytes], known_at: datetime
) -> tuple[Manifest, tuple[str, ...]]:
    """The manifest with the time from which values were taken, and what a replay says otherwise.

    ``zicht detect`` takes all that there is, a watch the last weeks.
    """
    tried = []
    for since in (None, known_at - READ):
        one = msgspec.structs.replace(manifest, since=since and _time(since))
        pack = Pack(
            manifest=one,
            manifest_bytes=b"",
            files=dict(files),
            faults=(),
            signature=None,
            timestamp=None,
        )
        tried.append((one, replay_pack(pack)))
        if not tried[-1][1]:
            return tried[-1]
    return tried[0]


def _stored_event(store: Store, found: Evidence) -> Stored[Event]:
    for one in store.event_revisions(found.event.id):
        if one.record == found.event:
            return one
    raise NotFoundError(f"There is no event {found.event.id!r}.")  # it was read just before


def _files(store: Store, found: Evidence, stored: Stored[Event]) -> dict[str, bytes]:
    facts = known_facts(store)
    entities = chosen_entities(store, [_scope(found, facts)], facts)
    rows = store.revisions(entities)
    signals, origins = store.signals(), store.origins()
    named = set(rows["origin"].unique().to_pylist())
    present = set(rows["signal"].unique().to_pylist())
    event = with_evidence(found)
    revisions: list[Stored[Event] | Stored[Outage]] = [
        *store.event_revisions(found.event.id),
        *store.outage_revisions(found.event.outages),
    ]
    return {
        "README.txt": _readme(found).encode(),
        "event.json": _json(event),
        "revisions.json": _json(
            [
                {"known_at": one.known_at, "retracted": one.retracted, "record": one.record}
                for one in revisions
                if one.known_at <= stored.known_at
            ]
        ),
        "series.parquet": _parquet(rows),
        "signals.json": _json([one for name, one in signals.items() if name in present]),
        "origins.json": _json([one for name, one in origins.items() if name in named]),
        "entities.json": _json([fact for name, fact in facts.items() if name in entities]),
        "sicknesses.json": _json(store.sicknesses(as_of=stored.known_at)),
    }


def _scope(found: Evidence, facts: Mapping[str, EntityFact]) -> str:
    """The country of an event, since its operators are judged beside one another."""
    entity = found.event.entity
    fact = facts.get(entity)
    if not entity.startswith("country/") and fact is not None and fact.country is not None:
        return f"country/{fact.country}"
    return entity


def _manifest(
    found: Evidence, stored: Stored[Event], files: Mapping[str, bytes], made_at: datetime
) -> Manifest:
    event = found.event
    return Manifest(
        event=event.id,
        entity=event.entity,
        revision=event.revision,
        simulated=event.simulated,
        known_at=_time(stored.known_at),
        until=_time(event.as_of),
        made_at=_time(made_at),
        zicht=__version__,
        code=hash_of_code(),
        libraries={"python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        settings={
            name: value
            for module in (constants, credibility)
            for name, value in sorted(vars(module).items())
            if name.isupper() and type(value) in {int, float, str}
        },
        files=members_of(files),
    )


def _time_stamp(written: bytes, authority: str) -> tuple[bytes, datetime]:
    answer = post(
        authority, timestamp_request(written), sends=QUERY_TYPE, accept=REPLY_TYPE, largest=1 << 20
    )
    return answer, check_answer(written, answer, host_of(authority))


def _parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd")
    return sink.getvalue()


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _readme(found: Evidence) -> str:
    event = found.event
    simulated = (
        "THIS IS SIMULATED: a reconstruction or a lab's world, no measurement.\n\n"
        if event.simulated
        else ""
    )
    sources = "".join(
        f"- {one.signal}\n    licence: {one.licence}\n    source: {one.citation}\n"
        for one in event.sources
    )
    return f"""The evidence behind event {event.id} ({event.entity}), packed by Zicht.

{simulated}It says how much could be reached, compared with what is ordinary. It does not say who or
what caused it.

event.json       the event, with the outages that it rests on as "evidence"
revisions.json   how the event and its outages were revised
series.parquet   the values of all series, each with its revisions and when they were known
signals.json     what the signals are; origins.json: where values came from
entities.json    names, countries and kinds of operators
sicknesses.json  when a source could not see
manifest.json    the hash of each file, the versions and the settings; signature.json signs it

To check it, and to run the detection again:   zicht verify FILE

The data stay under the licences of their sources:
{sources}"""
