"""What there is to ask: the index, the OpenAPI document, and what each kind of problem means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zicht.version import __version__
from zicht.web.api import (
    bulletins,
    charts,
    entities,
    events,
    feeds,
    grafana,
    health,
    series,
    status,
)
from zicht.web.api.formats import Answer
from zicht.web.api.openapi import document
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter
from zicht.web.api.problems import ADDRESS, TYPES, ProblemType
from zicht.web.api.records import Index, JsonObject, Link
from zicht.web.api.reports import SENT

if TYPE_CHECKING:
    from zicht.web.desk import Desk

DOCUMENT = "/api/v1/openapi.json"


def show_index(desk: Desk, asked: dict[str, Any]) -> Answer:
    """What can be asked."""
    del asked
    data = Index(
        name="Zicht",
        version=__version__,
        documentation=DOCUMENT,
        simulated=desk.view().simulated,
        operations=tuple(
            Link(address=one.path, summary=one.summary) for one in (*OPERATIONS, *SENT)
        ),
    )
    return Answer(data=data)


def show_document(desk: Desk, asked: dict[str, Any]) -> Answer:
    """The OpenAPI document."""
    del desk, asked
    return Answer(data=document(OPERATIONS, SENT))


def show_problem(desk: Desk, asked: dict[str, Any]) -> Answer:
    """What a kind of problem means."""
    del desk
    return Answer(data=TYPES[asked["name"]])


INDEX = Operation(
    path="/api/v1",
    name="showIndex",
    summary="What there is to ask",
    description="The addresses of the API.",
    record=Index,
    handle=show_index,
)
OPENAPI = Operation(
    path=DOCUMENT,
    name="showDocument",
    summary="This document",
    description="The API as OpenAPI 3.1.",
    record=JsonObject,
    handle=show_document,
)
PROBLEM = Operation(
    path=f"{ADDRESS}/{{name}}",
    name="showProblem",
    summary="What a kind of problem means, and what to do",
    description="The type of a problem (RFC 9457) is an address like this.",
    record=ProblemType,
    handle=show_problem,
    parameters=(
        Parameter(
            name="name",
            description="The end of the problem's type.",
            schema={"type": "string", "enum": list(TYPES)},
            read=str,
            where="path",
            required=True,
        ),
    ),
)
OPERATIONS = (
    INDEX,
    OPENAPI,
    *status.OPERATIONS,
    *events.OPERATIONS,
    *bulletins.OPERATIONS,
    *series.OPERATIONS,
    *charts.OPERATIONS,
    *entities.OPERATIONS,
    *health.OPERATIONS,
    *feeds.OPERATIONS,
    *grafana.OPERATIONS,
    PROBLEM,
)
"""All that is documented in the OpenAPI document."""
