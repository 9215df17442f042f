"""The API does what its OpenAPI document says, whatever is asked of it."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from zicht.web.api.about import OPERATIONS
from zicht.web.api.openapi import document
from zicht.web.api.reports import SENT
from zicht.web.serving import serving, terms_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

    from zicht.store import Store

_GUARD = 60
DOCUMENT = json.loads(msgspec.json.encode(document(OPERATIONS, SENT)))
BEYOND_A_SCHEMA = (
    "cursor cannot be used",  # it must be one that was given
    "not before until",
    "is no time",  # 31 June
    "state is worked out anew",  # with at or as_of entities must be named
    "The chart would begin",  # behind the last data
    "A mark has no text",  # or none that can be seen
    " marks.",  # more of them than are drawn
)
"""Why a request is refused that the schemas of its parameters, one by one, allow."""

schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    """The API as it runs: guard, server, sockets and all."""
    with serving(store, terms=terms_at("127.0.0.1", per_second=0)) as first_page:
        told = 0
        while told != 200:  # until the states are worked out
            with suppress(HTTPError), urlopen(f"{first_page}api/v1/status", timeout=_GUARD) as one:  # noqa: S310
                told = one.status
        yield first_page.rstrip("/")


def test_the_document_that_is_served_is_the_one_that_is_tested(address: str) -> None:
    with urlopen(f"{address}/api/v1/openapi.json", timeout=_GUARD) as answer:  # noqa: S310
        assert json.load(answer) == DOCUMENT


def is_as_documented(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


@schema.parametrize()
@settings(
    max_examples=7,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_it_is_documented(case: Case[Any], address: str) -> None:
    answer = case.call(base_url=address, timeout=_GUARD)
    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
    if answer.status_code == HTTPStatus.BAD_REQUEST and is_as_documented(case):
        said = answer.json()["detail"]
        assert any(sense in said for sense in BEYOND_A_SCHEMA), said
