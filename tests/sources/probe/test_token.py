from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.siphash import siphash
from zicht.sources.probe.token import echo_fields, mark_of, stamp_base, syn_fields, token

WORD = st.integers(0, 2**64 - 1)


def words(*values: int) -> list[np.uint64]:
    return [np.uint64(value) for value in values]


@given(st.tuples(WORD, WORD), WORD, WORD, WORD, st.integers(0, 63), st.integers(0, 4))
def test_a_token_changes_with_each_bit_of_what_it_vouches_for(
    key: tuple[int, int], high: int, low: int, sent: int, bit: int, which: int
) -> None:
    given_ = [*key, high, low, sent]
    other = list(given_)
    other[which] ^= 1 << bit

    def of(k0: int, k1: int, *rest: int) -> int:
        return int(token(np.array([k0, k1], dtype=np.uint64), *words(*rest)))

    assert of(*given_) != of(*other)


@given(st.tuples(WORD, WORD), WORD, WORD, WORD)
def test_tokens_and_fields_are_siphash(
    key: tuple[int, int], high: int, low: int, sent: int
) -> None:
    def hashed(*message: int) -> int:
        return int(siphash(key, *(np.array([word], dtype=np.uint64) for word in message))[0])

    own = np.array(key, dtype=np.uint64)
    assert token(own, *words(high, low, sent)) == hashed(1, high, low, sent)
    assert echo_fields(own, *words(high, low)) == hashed(2, high, low) % 2**32
    assert syn_fields(own, *words(high, low)) == hashed(3, high, low)
    assert stamp_base(own, *words(high, low)) == hashed(4, high, low) % 2**32


def test_a_mark_is_of_its_key_and_fits_its_field() -> None:
    assert mark_of((1, 2)) != mark_of((1, 3))
    assert mark_of((1, 2)) < 2**32
