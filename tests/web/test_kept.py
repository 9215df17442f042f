"""Answers that are kept, within their bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zicht.web.kept import Kept, KeptAnswers


def _answer(size: int) -> Kept:
    return Kept(body=b"x" * size, zipped=None, etag='"x"', status=200, headers={})


def test_the_one_not_used_for_longest_goes_first() -> None:
    kept = KeptAnswers(most=3 * _answer(100).size)
    for name in ("a", "b", "c"):
        kept.put(name, _answer(100))
    assert kept.get("a")
    kept.put("d", _answer(100))
    assert kept.get("b") is None
    assert kept.get("a")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5_000))))
def test_no_more_is_kept_than_there_is_room_for(puts: list[tuple[int, int]]) -> None:
    kept = KeptAnswers(most=10_000)
    for name, size in puts:
        kept.put(name, _answer(size))
    assert sum(one.size for name in range(10) if (one := kept.get(name))) <= 10_000
