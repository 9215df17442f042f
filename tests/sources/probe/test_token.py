from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.token import echo_fields, mark_of, tokens

WORD = st.integers(0, 2**64 - 1)


@given(st.tuples(WORD, WORD), WORD, WORD, WORD, st.integers(0, 63), st.integers(0, 4))
def test_a_token_changes_with_each_bit_of_what_it_vouches_for(
    key: tuple[int, int], high: int, low: int, sent: int, bit: int, which: int
) -> None:
    given_ = [*key, high, low, sent]
    other = list(given_)
    other[which] ^= 1 << bit

    def token(k0: int, k1: int, *words: int) -> int:
        return int(tokens((k0, k1), *(np.array([w], dtype=np.uint64) for w in words))[0])

    assert token(*given_) != token(*other)


def test_identifier_sequence_and_mark_are_of_the_key_and_fit_their_fields() -> None:
    high = np.arange(1000, dtype=np.uint64) << np.uint64(32)
    low = np.zeros(1000, dtype=np.uint64)
    identifier, sequence = echo_fields((1, 2), high, low)
    other, _ = echo_fields((1, 3), high, low)
    assert max(identifier.max(), sequence.max()) <= 0xFFFF
    assert (identifier == other).sum() < 10
    assert mark_of((1, 2)) != mark_of((1, 3))
    assert mark_of((1, 2)) < 2**32
