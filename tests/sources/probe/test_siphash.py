from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.siphash import siphash

REFERENCE_KEY = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
WORDS = st.integers(0, 2**64 - 1)


def word(hexadecimal: str) -> int:
    return int.from_bytes(bytes.fromhex(hexadecimal), "little")


def test_it_gives_the_vectors_of_the_reference_implementation() -> None:
    first = np.array([REFERENCE_KEY[0]], dtype=np.uint64)  # the message is 00 01 02 ... as well
    second = np.array([REFERENCE_KEY[1]], dtype=np.uint64)
    assert siphash(REFERENCE_KEY, first)[0] == word("6224939a79f5f593")
    assert siphash(REFERENCE_KEY, first, second)[0] == word("db9bc2577fcc2a3f")


@given(st.tuples(WORDS, WORDS), st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
def test_messages_hashed_together_hash_as_they_do_alone(
    key: tuple[int, int], messages: list[tuple[int, int]]
) -> None:
    columns = np.array(messages, dtype=np.uint64).T
    together = siphash(key, *columns)
    alone = [siphash(key, *(c[i : i + 1] for c in columns))[0] for i in range(len(messages))]
    assert together.tolist() == alone


def test_hashing_leaves_the_messages_as_they_were() -> None:
    message = np.arange(5, dtype=np.uint64)
    siphash(REFERENCE_KEY, message)
    assert message.tolist() == [0, 1, 2, 3, 4]
