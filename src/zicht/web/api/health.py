"""Whether the observatory sees, told now and not when it last saw something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zicht.observe.watch_health import Health, health
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation

if TYPE_CHECKING:
    from zicht.web.desk import Desk

_TIME = pa.timestamp("us", tz="UTC")
TABLE = pa.schema(
    [
        ("source", pa.string()),
        ("state", pa.string()),
        ("last", _TIME),
        ("lag_minutes", pa.float64()),
        ("coverage_percent", pa.float64()),
        ("faults", pa.int64()),
        ("fault", pa.string()),
        ("since", _TIME),
        ("sick", pa.string()),
    ]
)
"""Sources as rows."""


def show_health(desk: Desk, asked: dict[str, Any]) -> Answer:
    """How the sources of a watch fare."""
    del asked
    seeing = health(desk.store, at=desk.now().replace(microsecond=0))
    return Answer(data=seeing, table=lambda: health_table(seeing))


def health_table(seeing: Health) -> pa.Table:
    """Sources as rows with the schema ``TABLE``."""
    rows = [
        {name: getattr(one, name) for name in TABLE.names} | {"sick": " ".join(one.sick)}
        for one in seeing.sources
    ]
    return pa.Table.from_pylist(rows, TABLE)


HEALTH = Operation(
    path="/api/v1/health",
    name="showHealth",
    summary="Whether the observatory sees: its sources, their last data and faults",
    description=(
        "sees is false where no source tells what is going on; nothing else that is told here says"
        " anything of such a time."
    ),
    record=Health,
    handle=show_health,
    formats=("json", "csv"),
    seconds=5,
)
OPERATIONS = (HEALTH,)
