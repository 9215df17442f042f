"""What Grafana's Infinity data source reads: bare lists, times in milliseconds since 1970.

Its queries name a list's fields as columns (``/grafana/dashboard.json`` has them ready). Documented
at https://grafana.com/docs/plugins/yesoreyeram-infinity-datasource/.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from zicht.model.time import from_microseconds
from zicht.publish.language import language
from zicht.publish.wording import entity_name
from zicht.web.api import common
from zicht.web.api.charts import list_connectivity
from zicht.web.api.events import touches
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter, whole_number
from zicht.web.api.records import JsonObject

if TYPE_CHECKING:
    from datetime import datetime

    from zicht.model.outage import Interval
    from zicht.web.desk import Desk

_FILE = "grafana_dashboard.json"
_LAST = 7_258_118_400_000  # milliseconds: the year 2200


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A bin of connectivity.

    Attributes:
        time: begin of the bin, milliseconds since 1970.
        signal: the signal's name.
        percent: connectivity in percent of ordinary; ``None`` is unknown.
        value: what was measured.
        expected: what was expected.
        belief_percent: probability of an outage, in percent.
        simulated: of the lab, and no measurement.
    """

    time: int
    signal: str
    percent: float | None
    value: float | None
    expected: float | None
    belief_percent: float | None
    simulated: bool


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """An event, as a row and as an annotation.

    Attributes:
        time: when it began at the earliest, milliseconds since 1970.
        time_end: when it ended at the latest, or the last data; written ``timeEnd`` in JSON.
        title: whom it is of.
        text: its class, and how deep it was.
        id: its id.
        entity: the entity's text.
        ongoing: whether it goes on; ``None`` is unknown.
        depth_percent: the worst connectivity, in percent of ordinary.
        simulated: of the lab, and no measurement.
    """

    time: int
    time_end: int = msgspec.field(name="timeEnd")
    title: str
    text: str
    id: str
    entity: str
    ongoing: bool | None
    depth_percent: float
    simulated: bool


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An entity that a dashboard's variable may take."""

    text: str = msgspec.field(name="__text")
    value: str = msgspec.field(name="__value")


def _instant(text: str) -> datetime:
    return from_microseconds(whole_number(0, _LAST)(text) * 1000)


def _time(name: str, description: str) -> Parameter:
    return Parameter(
        name=name,
        description=description,
        schema={"type": "integer", "minimum": 0, "maximum": _LAST},
        read=_instant,
        example="1641340800000",
    )


FROM = _time("from", "Milliseconds since 1970: ${__from} in Grafana.")
TO = _time("to", "Milliseconds since 1970: ${__to} in Grafana.")


def list_points(desk: Desk, asked: dict[str, Any]) -> Answer:
    """Connectivity of an entity."""
    answer = list_connectivity(desk, asked | {"until": asked["to"], "as_of": None})
    data = [
        Point(
            time=_milliseconds(one.time),
            signal=one.signal,
            percent=one.connectivity_percent,
            value=one.value,
            expected=one.expected,
            belief_percent=None if one.belief_outage is None else 100 * one.belief_outage,
            simulated=answer.data.simulated,
        )
        for one in answer.data.data
    ]
    return Answer(data=data)


def list_marks(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The events of a time."""
    view = desk.view()
    wanted = set(asked["entity"])
    period = {"from": asked["from"], "until": asked["to"], "ongoing": None}
    data = [
        Mark(
            time=_milliseconds(one.onset[0]),
            time_end=_milliseconds(_end(one.end, one.as_of)),
            title=entity_name(language("en"), one.entity, view.facts),
            text=f"{one.event_class}, {one.depth_percent:.0f}% of ordinary",
            id=one.id,
            entity=one.entity,
            ongoing=one.ongoing,
            depth_percent=one.depth_percent,
            simulated=one.simulated,
        )
        for one in view.events
        if touches(one, period) and (not wanted or one.entity in wanted)
    ]
    return Answer(data=data)


def list_choices(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The entities of which anything is stored, by their names."""
    del asked
    view = desk.view()
    words = language("en")
    data = [Choice(text=entity_name(words, one, view.facts), value=one) for one in view.entities]
    return Answer(data=sorted(data, key=lambda one: (one.text, one.value)))


def show_dashboard(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The dashboard, to be imported into Grafana."""
    del desk, asked
    return Answer(data=_dashboard())


@cache
def _dashboard() -> msgspec.Raw:
    return msgspec.Raw((files("zicht.web.api") / _FILE).read_bytes())


def _end(end: Interval | None, as_of: datetime) -> datetime:
    return as_of if end is None else end[1]


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


POINTS = Operation(
    path="/grafana/connectivity",
    name="listGrafanaConnectivity",
    summary="For Grafana: connectivity of an entity, as a bare list",
    description="As /api/v1/connectivity, which also tells licences and citations.",
    record=list[Point],
    handle=list_points,
    parameters=(common.ENTITY, common.SIGNALS, FROM, TO),
    heavy=lambda _: True,
)
MARKS = Operation(
    path="/grafana/events",
    name="listGrafanaEvents",
    summary="For Grafana: events as rows and as annotations, as a bare list",
    description="As /api/v1/events, which also tells licences and citations.",
    record=list[Mark],
    handle=list_marks,
    parameters=(common.ENTITIES, FROM, TO),
)
CHOICES = Operation(
    path="/grafana/entities",
    name="listGrafanaEntities",
    summary="For Grafana: the entities that a dashboard’s variable may take",
    description="Their names in English and their texts.",
    record=list[Choice],
    handle=list_choices,
)
DASHBOARD = Operation(
    path="/grafana/dashboard.json",
    name="showGrafanaDashboard",
    summary="For Grafana: a dashboard, ready to be imported",
    description="It asks for an Infinity data source whose base address is this observatory's.",
    record=JsonObject,
    handle=show_dashboard,
)
OPERATIONS = (POINTS, MARKS, CHOICES, DASHBOARD)
