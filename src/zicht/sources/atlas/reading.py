"""Answers of RIPE Atlas: the archive of probes, and the events of their connections.

Read after RIPE Atlas's public documentation (https://atlas.ripe.net/docs/apis/rest-api-manual/);
no recording of either was at hand. The archive of a day lists all probes with their state
(``status.id`` is 1 connected, 2 disconnected, 3 abandoned, 4 never connected); measurement 7000
has an event for each time that a probe connects to a controller or is found to be gone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from zicht.errors import InputError
from zicht.sources.answers import check_time, decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.sources.service import Answer

TITLE = "RIPE Atlas"
CONNECTED, DISCONNECTED = 1, 2


class _Status(msgspec.Struct):
    id: int


class _Probe(msgspec.Struct):
    id: int
    status: _Status
    country_code: str | None = None
    asn_v4: int | None = None


class _Archive(msgspec.Struct):
    results: list[_Probe]
    snapshot_datetime: int | str | None = None
    next: str | None = None


class _Event(msgspec.Struct):
    prb_id: int
    timestamp: int
    event: str


class Probe(NamedTuple):
    """A probe that is not given up.

    Attributes:
        country: the country's code, or ``None``.
        asn: the operator's number, or ``None``.
        up: it was connected.
    """

    country: str | None
    asn: int | None
    up: bool


class Snapshot(NamedTuple):
    """The probes at a time (seconds since 1970), by their ids."""

    time: int
    probes: dict[int, Probe]


class Events(NamedTuple):
    """What happened to connections, in order of time.

    Attributes:
        times: int64[n], seconds since 1970.
        probes: int64[n], the probes' ids.
        up: bool[n]: it connected; else it was found to be gone.
    """

    times: NDArray[np.int64]
    probes: NDArray[np.int64]
    up: NDArray[np.bool_]


def next_page(answer: Answer) -> str | None:
    """The address of the archive's next page, where it has several."""
    return decode(answer.data, _Archive, name=answer.name, service=TITLE).next


def read_snapshot(answers: Sequence[Answer], begin: int) -> Snapshot:
    """The probes of an archive's pages; ``begin`` is its time where it states none.

    Raises:
        InputError: an answer is no such page.
    """
    probes: dict[int, Probe] = {}
    time = begin
    for answer in answers:
        page = decode(answer.data, _Archive, name=answer.name, service=TITLE)
        time = _seconds(page.snapshot_datetime, answer.name, begin)
        for one in page.results:
            if one.status.id in {CONNECTED, DISCONNECTED}:
                country = one.country_code.upper() if one.country_code else None
                up = one.status.id == CONNECTED
                probes[one.id] = Probe(country, one.asn_v4, up)
    return Snapshot(time, probes)


def _seconds(stated: int | str | None, name: str, begin: int) -> int:
    if stated is None:
        return begin
    if isinstance(stated, str):
        try:
            time = datetime.fromisoformat(stated)
        except ValueError:
            raise InputError(
                f"{name} has {stated[:40]!r} for snapshot_datetime, which is no time.",
                "The service may have changed.",
            ) from None
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
        stated = int(time.timestamp())
    return check_time(stated, name=name, field="snapshot_datetime")


def read_events(answers: Sequence[Answer]) -> Events:
    """The events of some answers; of kinds that are not known nothing is taken.

    Raises:
        InputError: an answer is no list of events.
    """
    found = set()
    for answer in answers:
        for one in decode(answer.data, list[_Event], name=answer.name, service=TITLE):
            check_time(one.timestamp, name=answer.name, field="timestamp")
            if one.event in {"connect", "disconnect"} and abs(one.prb_id) < 2**62:
                # Of two in the same second the connection is taken to be the later one.
                found.add((one.timestamp, one.event == "connect", one.prb_id))
    rows = sorted(found)
    return Events(
        np.array([time for time, _, _ in rows], dtype=np.int64),
        np.array([probe for _, _, probe in rows], dtype=np.int64),
        np.array([up for _, up, _ in rows], dtype=np.bool_),
    )
