"""The OpenAPI 3.1 document, made of the operations and of the structs that they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zicht.version import __version__
from zicht.web.api.formats import MEDIA_TYPES
from zicht.web.api.parameters import MOST_ENTITIES
from zicht.web.api.problems import MEDIA_TYPE, TYPES, Problem
from zicht.web.api.sending import MEDIA_TYPE as SENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.web.api.formats import Format
    from zicht.web.api.operations import Operation
    from zicht.web.api.parameters import Parameter
    from zicht.web.api.sending import Sending

_ANY_REQUEST = (400, 403, 404, 406, 413, 414, 421, 429, 431, 500, 503)
"""Statuses of problems that every operation may answer with."""

_ANY_SENT = (408, 411, 415, 422)
"""Likewise, of what is sent a body."""

_ABOUT = (
    "What this observatory measured, found and published. It is read-only and needs no token;"
    " texts that are sent to be checked are read and forgotten."
    " Times are ISO 8601 in UTC; an instant that is only known as an interval is"
    " [earliest, latest]; null is unknown, and never zero. Each answer tells the licences and"
    " citations of its data, and whether any of it is simulated: of the lab, and no measurement."
)


def document(operations: Sequence[Operation], sent: Sequence[Sending] = ()) -> dict[str, Any]:
    """The document (OpenAPI 3.1.0) of some operations, and of some that are sent a body."""
    told = [one.record for one in operations if one.record is not None]
    records = list(
        dict.fromkeys([*told, *(kind for one in sent for kind in (one.body, one.record))])
    )
    schemas, components = msgspec.json.schema_components(
        [*records, Problem], ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(records, schemas[:-1], strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Zicht",
            "summary": "An open observatory of connectivity.",
            "description": _ABOUT,
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            **{one.path: {"get": _described(one, schema_of.get(one.record))} for one in operations},
            **{
                one.path: {"post": _described_sent(one, schema_of[one.body], schema_of[one.record])}
                for one in sent
            },
        },
        "components": {"schemas": components, "responses": _problems(schemas[-1])},
    }


def _described(operation: Operation, schema: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_parameter(one) for one in operation.all_parameters],
        "responses": {
            "200": {
                "description": operation.summary,
                "headers": _headers(operation),
                "content": {
                    MEDIA_TYPES[one].partition(";")[0]: _content(one, schema)
                    for one in operation.formats
                },
            },
            "304": {"description": "Nothing has changed since If-None-Match."},
            **{
                str(status): {"$ref": f"#/components/responses/problem-{status}"}
                for status in _ANY_REQUEST
            },
        },
    }


def _described_sent(one: Sending, body: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": one.name,
        "summary": one.summary,
        "description": one.description,
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {SENT_TYPE: {"schema": body, "example": dict(one.example)}},
        },
        "responses": {
            "200": {"description": one.summary, "content": {SENT_TYPE: {"schema": record}}},
            **{
                str(status): {"$ref": f"#/components/responses/problem-{status}"}
                for status in (*_ANY_REQUEST, *_ANY_SENT)
            },
        },
    }


def _content(one: Format, schema: dict[str, Any] | None) -> dict[str, Any]:
    match one:
        case "json":
            return {"schema": schema or {}}
        case "vega":
            return {"schema": {"type": "object"}}
        case _:
            return {}


def _headers(operation: Operation) -> dict[str, Any]:
    headers = {"ETag": {"schema": {"type": "string"}, "description": "For If-None-Match."}}
    if any(one.name == "cursor" for one in operation.parameters):
        headers["Link"] = {
            "schema": {"type": "string"},
            "description": "The next page (rel=next, RFC 8288), where there is one.",
        }
    return headers


def _parameter(one: Parameter) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "in": one.where,
        "required": one.required,
        "description": one.description,
        "schema": dict(one.schema),
    }
    if one.many:
        said["schema"] = {
            "type": "array",
            "items": dict(one.schema),
            "minItems": 1,
            "maxItems": MOST_ENTITIES,
        }
        said |= {"style": "form", "explode": True}
    if one.example is not None and not one.many:
        said["example"] = one.example
    return said


def _problems(schema: dict[str, Any]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for kind in TYPES.values():
        by_status.setdefault(kind.status, []).append(kind.title)
    return {
        f"problem-{status}": {
            "description": ". ".join(titles) + ".",
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, titles in by_status.items()
    }
