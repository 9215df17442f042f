"""Replaying a pack: whether it is whole, whose it is, and whether the same comes out again."""

from __future__ import annotations

import io
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.detect.detection import Detection, detect
from zicht.errors import InputError
from zicht.model.entity import EntityFact
from zicht.model.health import Sickness
from zicht.model.outage import Event, Outage
from zicht.model.series import SERIES
from zicht.model.signal import Origin, Signal
from zicht.model.time import MICROSECONDS, format_time, to_microseconds
from zicht.observe.code import hash_of_code
from zicht.observe.detection import clocks_of
from zicht.observe.evidence import Evidence, with_evidence
from zicht.publish.pack import Pack, read_pack
from zicht.publish.signing import signer_of
from zicht.publish.timestamps import stamped_at, vouches
from zicht.store.laying import series_of
from zicht.store.series_table import newest_rows
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

State = Literal["passed", "failed", "not checked"]
_T = TypeVar("_T")

_UNIMPORTANT = {"revision", "as_of"}  # counted by the store, not found by detection
_TOLERANCE = 1e-6  # of numbers: processors round their last digits differently
_SHOWN, _LONGEST = 5, 200  # faults that are told, and letters of each
_LONGEST_STEP = 366 * 86_400  # seconds
_MANY_BINS, _BINS_A_ROW = 10**6, 100  # what is sparser than real series are is there to do harm


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        check: what.
        state: ``passed``, ``failed``, or ``not checked``.
        detail: what was found, for people.
    """

    check: str
    state: State
    detail: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What came of verifying a pack.

    Attributes:
        event: the event's id.
        entity: the event's entity.
        simulated: the data are of the lab and no measurement.
        verified: nothing failed.
        checks: what was looked at.
    """

    event: str
    entity: str
    simulated: bool
    verified: bool
    checks: tuple[Check, ...]


def verify_pack(
    data: bytes,
    name: str,
    *,
    signer: str | None = None,
    certificates: bytes | None = None,
) -> Verification:
    """Check a pack and run the detection in it again.

    Args:
        data: the bytes of the pack.
        name: its name, for errors.
        signer: the public key that should have signed it, 64 hexadecimal digits.
        certificates: the root certificates, in PEM, of authorities that are trusted for time
            stamps.

    Raises:
        InputError: it is no pack, or its files cannot be read.
    """
    pack = read_pack(data, name)
    checks = [_check_files(pack), _check_signature(pack, signer), _check_stamp(pack, certificates)]
    checks += [_check_code(pack), _check_replay(pack)]
    return Verification(
        event=pack.manifest.event,
        entity=pack.manifest.entity,
        simulated=pack.manifest.simulated or _is_simulated(pack),
        verified=all(check.state != "failed" for check in checks),
        checks=tuple(checks),
    )


def replay_pack(pack: Pack) -> tuple[str, ...]:
    """Where detection over a pack's series says something else than its event does.

    Raises:
        InputError: the files cannot be read.
    """
    event, outages = _event_of(pack)
    misnamed = tuple(_misnamed(pack, event))
    detection = _detect_again(pack, event, outages)
    events = (*detection.events, *detection.blocks.events)
    again = next((one for one in events if one.id == event.id), None)
    if again is None or again.retracted:
        return (*misnamed, "the event is not found again")
    members = {one.id: one for one in (*detection.outages, *detection.blocks.outages)}
    evidence = sorted((members[one] for one in again.outages), key=lambda one: (one.onset, one.id))
    found = with_evidence(Evidence(event=again, outages=tuple(evidence)))
    stated = with_evidence(Evidence(event=event, outages=outages))
    return (*_differences(_plain(stated), _plain(found)), *misnamed)


def _misnamed(pack: Pack, event: Event) -> Iterator[str]:
    """What the manifest says of the event that the event's own files do not."""
    for name in ("entity", "revision", "simulated"):
        stated, found = getattr(pack.manifest, name), getattr(event, name)
        if stated != found:
            yield f"{name}: {_short(stated)} in the manifest, {_short(found)} in the event"
    if pack.manifest.event != event.id:
        yield f"id: {_short(pack.manifest.event)} in the manifest, {_short(event.id)} in the event"
    known_at, record = _time(pack.manifest.known_at), _plain(event)
    revisions = _read(pack, "revisions.json", list[_Revision])
    if not any(one.known_at == known_at and one.record == record for one in revisions):
        yield "the event does not stand so in revisions.json"


def _check_files(pack: Pack) -> Check:
    if pack.faults:
        return Check(check="files", state="failed", detail=_listed(pack.faults))
    count = len(pack.files)
    return Check(check="files", state="passed", detail=f"{count} files are what the manifest says")


def _check_signature(pack: Pack, expected: str | None) -> Check:
    if pack.signature is None:
        state: State = "failed" if expected else "not checked"
        return Check(check="signature", state=state, detail="it is not signed")
    signer = signer_of(pack.manifest_bytes, pack.signature)
    if signer is None:
        return Check(check="signature", state="failed", detail="the signature does not hold")
    if expected is None:
        detail = f"signed by {signer}; whose key that is you must know from elsewhere"
        return Check(check="signature", state="passed", detail=detail)
    if signer != expected.strip().lower():
        return Check(check="signature", state="failed", detail=f"signed by another key: {signer}")
    return Check(check="signature", state="passed", detail=f"signed by {signer}, as expected")


def _check_stamp(pack: Pack, certificates: bytes | None) -> Check:
    name = "time stamp"
    if pack.timestamp is None:
        state: State = "failed" if certificates else "not checked"
        return Check(check=name, state=state, detail="there is none")
    stated = stamped_at(pack.manifest_bytes, pack.timestamp)
    if stated is None:
        return Check(check=name, state="failed", detail="it is of something else")
    time = format_time(stated)
    if certificates is None:
        detail = f"it states {time}; by whom was not checked: name an authority's certificate"
        return Check(check=name, state="not checked", detail=detail)
    doubt = vouches(pack.manifest_bytes, pack.timestamp, certificates)
    if doubt is not None:
        return Check(
            check=name, state="failed", detail=f"the authority is not vouched for: {doubt}"
        )
    return Check(check=name, state="passed", detail=f"the authority states {time}")


def _check_code(pack: Pack) -> Check:
    if pack.manifest.code == hash_of_code():
        return Check(
            check="code", state="passed", detail=f"made with this very Zicht {__version__}"
        )
    detail = (
        f"made with Zicht {pack.manifest.zicht}, code {pack.manifest.code[:12]}; this is"
        f" {__version__}, code {hash_of_code()[:12]}: what differs may be the code's doing"
    )
    return Check(check="code", state="not checked", detail=detail)


def _check_replay(pack: Pack) -> Check:
    if pack.faults:
        return Check(
            check="replay", state="not checked", detail="the files are not the ones signed"
        )
    differences = replay_pack(pack)
    if not differences:
        since = pack.manifest.since
        begin = "" if since is None else f" from {format_time(_time(since))} on"
        detail = f"detection over the packed series{begin} gives the same event"
        return Check(check="replay", state="passed", detail=detail)
    return Check(check="replay", state="failed", detail=_listed(differences))


def _listed(found: Sequence[str]) -> str:
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(one[:_LONGEST] for one in found[:_SHOWN]) + more


def _event_of(pack: Pack) -> tuple[Event, tuple[Outage, ...]]:
    event = _read(pack, "event.json", Event)
    outages = _read(pack, "event.json", _WithEvidence).evidence
    return event, outages


class _WithEvidence(msgspec.Struct):
    evidence: tuple[Outage, ...]


class _Revision(msgspec.Struct):
    known_at: datetime
    record: dict[str, Any]


class _Marked(msgspec.Struct):
    simulated: bool


def _is_simulated(pack: Pack) -> bool:
    """Whether the event or the origin of any value says so, whatever the manifest says."""
    try:
        marked = [*_read(pack, "origins.json", list[_Marked]), _read(pack, "event.json", _Marked)]
    except InputError:  # the checks tell of files that are missing or altered
        return False
    return any(one.simulated for one in marked)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InputError(f"The manifest of this pack has {text[:80]!r} for a time.")
    return time


def _detect_again(pack: Pack, event: Event, outages: tuple[Outage, ...]) -> Detection:
    known_at, until = _time(pack.manifest.known_at), _time(pack.manifest.until)
    signals = {one.name: one for one in _read(pack, "signals.json", list[Signal])}
    if not all(0 < one.step <= _LONGEST_STEP for one in signals.values()):
        raise InputError("signals.json in this pack cannot be read: a step is no length of time.")
    try:
        rows = pq.read_table(io.BytesIO(_bytes_of(pack, "series.parquet"))).cast(SERIES)
        wanted = pc.and_(pc.less_equal(rows["known_at"], known_at), pc.less(rows["time"], until))
        if pack.manifest.since is not None:
            since = _time(pack.manifest.since)
            wanted = pc.and_(wanted, pc.greater_equal(rows["time"], since))
        rows = rows.filter(wanted)
        _refuse_sparse(rows, signals)
        series_list = series_of(
            newest_rows(rows),
            signals,
            {one.id: one for one in _read(pack, "origins.json", list[Origin])},
        )
    except (ValueError, KeyError, TypeError, OSError, pa.ArrowException) as error:
        raise InputError(f"The series of this pack cannot be read: {error}.") from error
    series_list = [one for one in series_list if one.start < to_microseconds(until)]
    facts = {one.entity: one for one in _read(pack, "entities.json", list[EntityFact])}
    return detect(
        series_list,
        facts,
        as_of=until,
        known_outages=outages,
        known_events=[event],
        known_sicknesses=_read(pack, "sicknesses.json", list[Sickness]),
        clocks=clocks_of(series_list, facts),
    )


def _refuse_sparse(rows: pa.Table, signals: dict[str, Signal]) -> None:
    """Hold values to a density that series have: a grid is laid from the first to the last."""
    times = rows.set_column(
        rows.schema.get_field_index("time"), "time", rows["time"].cast(pa.int64())
    )
    spans = times.group_by(["signal", "entity"]).aggregate([("time", "min"), ("time", "max")])
    bins = sum(
        (row["time_max"] - row["time_min"]) // (signals[row["signal"]].step * MICROSECONDS) + 1
        for row in spans.to_pylist()
    )
    if bins > max(_MANY_BINS, _BINS_A_ROW * rows.num_rows):
        raise InputError(
            f"The series of this pack cannot be read: {rows.num_rows:,} values for {bins:,} bins."
        )


def _bytes_of(pack: Pack, name: str) -> bytes:
    if name not in pack.files:
        raise InputError(f"This pack cannot be replayed: it has no {name}.")
    return pack.files[name]


def _read(pack: Pack, name: str, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(_bytes_of(pack, name), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} in this pack cannot be read: {error}.") from error


def _plain(record: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(record))


def _differences(stated: Any, found: Any, where: str = "") -> Iterator[str]:
    """Where two records say different things, field by field."""
    if isinstance(stated, dict) and isinstance(found, dict):
        for name in [*stated, *(name for name in found if name not in stated)]:
            if name not in _UNIMPORTANT:
                inner = f"{where}.{name}" if where else name
                yield from _differences(stated.get(name), found.get(name), inner)
    elif isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        for place, (one, other) in enumerate(zip(stated, found, strict=True)):
            yield from _differences(one, other, f"{where}[{place}]")
    elif not _same(stated, found):
        yield f"{where}: {_short(stated)} in the pack, {_short(found)} now"


def _same(one: Any, other: Any) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if numbers and not isinstance(one, bool) and not isinstance(other, bool):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(one == other)


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line for people
