"""The small parts that the API is made of, whatever they are given."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.model.entity import parse_entity
from zicht.web.api import common
from zicht.web.api.about import OPERATIONS
from zicht.web.api.cursors import LONGEST, read_cursor, write_cursor
from zicht.web.api.formats import MEDIA_TYPES, Answer, body_of, choose_format
from zicht.web.api.parameters import read_all
from zicht.web.api.problems import ProblemError, harmless

if TYPE_CHECKING:
    from zicht.web.api.formats import Format

FORMATS: tuple[Format, ...] = ("json", "csv", "arrow")


@given(st.text(max_size=300))
def test_no_accept_header_makes_the_choice_of_a_format_fail(accept: str) -> None:
    with contextlib.suppress(ProblemError):
        assert choose_format(FORMATS, None, accept) in FORMATS


@given(st.permutations(FORMATS))
def test_the_format_with_the_greatest_weight_is_chosen(order: list[Format]) -> None:
    weights = zip(order, (0.9, 0.5, 0.1), strict=True)
    accept = ", ".join(
        f"{MEDIA_TYPES[one].partition(';')[0]};q={weight}" for one, weight in weights
    )
    assert choose_format(FORMATS, None, accept) == order[0]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3), st.text(max_size=8))
def test_cursors_come_back_and_fit_their_parameter(parts: list[str], question: str) -> None:
    cursor = write_cursor(question, parts)
    assert read_cursor(cursor, question, parts=len(parts)) == parts
    assert re.fullmatch("[A-Za-z0-9_-]+", cursor)


@given(st.text(max_size=LONGEST))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert isinstance(read_cursor(text, "", parts=1), list)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=700)), max_size=5))
def test_whatever_is_asked_is_read_or_refused(query: list[tuple[str, str]]) -> None:
    for operation in OPERATIONS:
        path = dict.fromkeys((one.name for one in operation.parameters), "x")
        names = [one.name for one in operation.all_parameters]
        asked = [(names[len(name) % len(names)] if names else name, text) for name, text in query]
        with contextlib.suppress(ProblemError):
            assert set(read_all(operation.all_parameters, asked, path)) == set(names)


@given(
    st.one_of(
        st.integers(0, 2**32 - 1).map(lambda one: f"asn/{one}"),
        st.from_regex(r"[A-Z]{2}", fullmatch=True).map(lambda one: f"country/{one}"),
        st.from_regex(r"region/[A-Z]{2}-[A-Z0-9]{1,3}", fullmatch=True),
        st.from_regex(r"region/[A-Z]{2}/[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True),
        st.integers(0, 2**32 - 1).map(lambda one: f"asn/{one}/KZ"),
    )
)
def test_every_entity_can_be_asked_for(text: str) -> None:
    assert read_all([common.ENTITY], [("entity", text)], {}) == {"entity": str(parse_entity(text))}


@pytest.mark.parametrize("text", ["asn/4294967296", "asn/42949672950", "asn/01", "country/kz", ""])
def test_what_is_no_entity_is_refused_by_the_schema(text: str) -> None:
    with pytest.raises(ProblemError, match="is not what entity may be"):
        read_all([common.ENTITY], [("entity", text)], {})


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_finds_no_formula_in_a_csv(begin: str) -> None:
    table = pa.table({"name": [f"{begin}HYPERLINK(1)", "Dala", None], "n": [-1, 2, 3]})
    lines = body_of(Answer(data=None, table=lambda: table), "csv").decode()
    assert f'"\'{begin}HYPERLINK(1)",-1' in lines
    assert '"Dala",2' in lines


@given(st.text(max_size=400))
def test_what_is_said_back_is_one_short_line_that_can_be_seen(text: str) -> None:
    said = harmless(text)
    assert len(said) <= 300
    assert said.isprintable()
