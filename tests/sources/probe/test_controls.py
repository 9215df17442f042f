from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zicht.sources.probe.controls import ALWAYS_UP, choose_controls
from zicht.sources.probe.history import BlockHistory, BlockSort, unmeasured


def a_history(blocks: int, availability: float = 0.95, first: int = 0x0A00_0000) -> BlockHistory:
    high = (np.uint64(first) + np.arange(blocks, dtype=np.uint64) * np.uint64(256)) << np.uint64(32)
    history = unmeasured(high, np.zeros(blocks, dtype=np.uint64), ipv4=True)
    return replace(
        history,
        availability=np.full(blocks, availability, dtype=np.float32),
        rounds=np.full(blocks, 5, dtype=np.int32),
        sort=np.full(blocks, BlockSort.DENSE, dtype=np.uint8),
    )


def sizes(chosen: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]) -> dict[str, int]:
    return {country: len(blocks) for country, blocks in chosen.items()}


def test_every_country_gives_as_many() -> None:
    histories = dict.fromkeys(
        ("DE", "NL", "FR", "PL", "SE", "CZ", "AT", "CH", "ES", "PT"), a_history(500)
    )
    assert sizes(choose_controls(histories, 1)) == dict.fromkeys(histories, 10)


def test_no_country_gives_more_than_a_fifth() -> None:
    assert sizes(choose_controls({"DE": a_history(900), "NL": a_history(900)}, 1)) == {
        "DE": 20,
        "NL": 20,
    }


def test_what_a_small_country_lacks_the_others_give() -> None:
    histories = dict.fromkeys(("DE", "FR", "PL", "SE", "CZ", "AT"), a_history(500))
    found = sizes(choose_controls({**histories, "LI": a_history(5)}, 1))
    assert found["LI"] == 5
    assert sum(found.values()) == 100
    assert max(found.values()) <= 20


def test_only_blocks_that_always_answer_are_taken() -> None:
    history = a_history(100)
    history.availability[:50] = 0.5
    history.availability[50] = np.nan
    history.sort[51] = BlockSort.DIURNAL
    history.rounds[52] = 1
    (chosen,) = choose_controls({"DE": history}, 1).values()
    assert chosen.min() >= 53
    assert choose_controls({"DE": a_history(100, availability=0.3)}, 1) == {}
    assert choose_controls({}, 1) == {}


@given(
    st.dictionaries(st.sampled_from(["DE", "NL", "FR", "PL"]), st.integers(0, 90)),
    st.integers(0, 99),
)
def test_the_same_seed_chooses_the_same(blocks: dict[str, int], seed: int) -> None:
    histories = {country: a_history(number) for country, number in blocks.items()}
    once, again = choose_controls(histories, seed), choose_controls(histories, seed)
    assert sizes(once) == sizes(again)
    for country, chosen in once.items():
        assert (chosen == again[country]).all()
        assert (np.diff(chosen) > 0).all()
        assert len(chosen) <= 20
        assert (histories[country].availability[chosen] >= ALWAYS_UP).all()
