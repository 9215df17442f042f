"""The state of entities, now or at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from zicht.model.time import parse_time
from zicht.web.api import common
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter, time_schema
from zicht.web.api.problems import ProblemError
from zicht.web.api.records import Statuses

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from zicht.model.signal import Signal
    from zicht.model.status import Status
    from zicht.web.desk import Desk

MOST_WORKED_OUT = 3
"""Entities of which the state at another time is worked out at once."""

AT = Parameter(
    name="at",
    description=(
        "The time that the state is of, from the data measured by then; by default the end of the"
        f" data. With it at most {MOST_WORKED_OUT} entities can be asked for at once."
    ),
    schema=time_schema(),
    read=parse_time,
    example="2022-01-05T12:00Z",
)

_TIME = pa.timestamp("us", tz="UTC")
TABLE = pa.schema(
    [
        ("entity", pa.string()),
        ("time", _TIME),
        ("signal", pa.string()),
        ("connectivity_percent", pa.float64()),
        ("belief_outage", pa.float64()),
        ("since", _TIME),
        ("health", pa.string()),
        ("planes", pa.string()),
        ("plane_beliefs", pa.string()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ]
)
"""States as rows; what has a shape of its own is JSON in a text column."""


def list_statuses(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The state of all entities, or of some."""
    view = desk.view(asked["as_of"])
    wanted = asked["entity"]
    if asked["at"] is None and asked["as_of"] is None:
        if view.statuses is None:
            raise ProblemError(
                "unavailable",
                "The states are being worked out.",
                headers={"Retry-After": "5"},
            )
        found = [one for name, one in view.statuses.items() if not wanted or name in wanted]
    else:
        found = _worked_out(desk, wanted, asked)
    signals = {name for state in found for name in _signals_of(state)}
    simulated = {name for state in found if state.simulated for name in _signals_of(state)}
    data = Statuses(
        data=tuple(sorted(found, key=lambda one: one.entity)),
        simulated=any(one.simulated for one in found),
        sources=common.terms_of_signals(view.signals, signals, simulated=simulated),
        as_of=asked["as_of"],
    )
    return Answer(data=data, table=lambda: status_table(data.data, view.signals))


def _worked_out(desk: Desk, wanted: Collection[str], asked: Mapping[str, Any]) -> list[Status]:
    from zicht.observe.status import status  # noqa: PLC0415 - loads Numba

    if not 0 < len(wanted) <= MOST_WORKED_OUT:
        raise ProblemError(
            "bad-parameter",
            "With at or as_of the state is worked out anew.",
            f"Name one to {MOST_WORKED_OUT} entities: entity=country/KZ.",
            parameter="entity",
        )
    found = status(desk.store, entities=sorted(wanted), at=asked["at"], as_of=asked["as_of"])
    return [one for one in found if one.entity in wanted]


def _signals_of(state: Status) -> list[str]:
    return sorted({one.signal for plane in state.planes.values() for one in plane})


def status_table(states: Sequence[Status], signals: Mapping[str, Signal]) -> pa.Table:
    """States as rows with the schema ``TABLE``."""
    rows = []
    for one in states:
        known = [signals[name] for name in _signals_of(one) if name in signals]
        rows.append(
            msgspec.structs.asdict(one)
            | {
                "planes": msgspec.json.encode(one.planes).decode(),
                "plane_beliefs": msgspec.json.encode(one.plane_beliefs).decode(),
                "licence": "; ".join(dict.fromkeys(spec.licence for spec in known)),
                "citation": "; ".join(dict.fromkeys(spec.citation for spec in known)),
            }
        )
    return pa.Table.from_pylist([{name: row[name] for name in TABLE.names} for row in rows], TABLE)


STATUS = Operation(
    path="/api/v1/status",
    name="listStatus",
    summary="The state of entities, now or at a time",
    description=(
        "Connectivity in percent of ordinary, and the belief that there is an outage, each with the"
        " signal that it was read of. null is unknown, and never zero. at asks for the state of"
        " another time, as_of for what was known here at a time."
    ),
    record=Statuses,
    handle=list_statuses,
    parameters=(common.ENTITIES, AT, common.AS_OF),
    formats=("json", "csv", "arrow"),
    heavy=lambda asked: asked["at"] is not None or asked["as_of"] is not None,
)
OPERATIONS = (STATUS,)
