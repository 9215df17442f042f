"""Of whom too little is measured nothing is said; the country's figure says for whom it speaks."""

from __future__ import annotations

from datetime import date
from math import comb

import numpy as np
import pytest

from zicht.model.entity import EntityFact
from zicht.place.users import Users
from zicht.sources.probe.history import BlockSort, unmeasured
from zicht.sources.probe.observable import (
    FEWEST_BLOCKS,
    LEAST_SHARE,
    CountryCoverage,
    coverage,
    in_words,
    is_measured,
    observable,
)

FIXED, MOBILE, SMALL, ABROAD = 9198, 44244, 64500, 64501
FACTS = (
    EntityFact(entity=f"asn/{FIXED}", name="Telecom", country="KZ", kind="fixed"),
    EntityFact(entity=f"asn/{MOBILE}", name="Mobile", country="KZ", kind="mobile"),
)
USERS = Users(
    name="users",
    as_of=date(2026, 1, 1),
    users={(FIXED, "KZ"): 300.0, (MOBILE, "KZ"): 600.0, (ABROAD, "KZ"): 100.0, (FIXED, "KG"): 9.0},
)
KNOWN = np.repeat(np.array([FIXED, MOBILE, SMALL, -1]), [1000, 4896, 10, 94])
MEASURED = np.repeat(np.array([FIXED, MOBILE, SMALL, -1]), [400, 8, 10, 20])


def told(users: Users | None = USERS) -> CountryCoverage:
    return coverage("KZ", KNOWN, MEASURED, facts=FACTS, users=users)


def test_an_operator_of_which_too_few_blocks_answer_is_not_observable() -> None:
    rows = {one.entity: one for one in told().operators}
    assert rows["asn/9198/KZ"].observable
    assert rows["asn/9198/KZ"].why is None
    mobile = rows["asn/44244/KZ"]
    assert not mobile.observable
    assert mobile.why == "8 of 4,896 blocks measured, fewer than 20"
    assert (mobile.name, mobile.kind, mobile.users_percent) == ("Mobile", "mobile", 60)
    assert not rows["asn/64500/KZ"].observable  # all of its blocks, but they are ten


def test_a_few_per_cent_of_a_network_are_not_the_network() -> None:
    assert observable(1000, 39) == "39 of 1,000 blocks measured, 3.9%: less than 4%"
    assert observable(1000, 40) is None
    assert observable(20, 20) is None
    assert observable(20, 19) is not None


def test_a_country_says_for_which_share_it_speaks() -> None:
    whole = told().whole
    assert (whole.operators, whole.observable_operators) == (4, 1)
    assert (whole.known_blocks, whole.measured_blocks) == (6000, 438)
    assert whole.operators_percent == 25
    assert whole.blocks_percent == pytest.approx(100 * 1000 / 6000, abs=0.01)
    assert whole.users_percent == 30
    assert told(None).whole.users_percent is None


def test_mobile_and_fixed_are_apart() -> None:
    kinds = told().by_kind
    assert kinds["fixed"].users_percent == 30
    assert kinds["mobile"].users_percent == 0
    assert (kinds["mobile"].operators, kinds["mobile"].observable_operators) == (1, 0)
    assert kinds["unknown"].operators == 2


def test_those_with_most_users_come_first_even_without_blocks() -> None:
    assert [one.entity for one in told().operators] == [
        "asn/44244/KZ",
        "asn/9198/KZ",
        "asn/64501/KZ",
        "asn/64500/KZ",
    ]
    assert told(None).operators[0].entity == "asn/44244/KZ"


def test_it_is_said_in_words() -> None:
    assert in_words(told()) == (
        "country/KZ: 438 of 6,000 blocks are measured. The figure speaks for 1 of 4 operators, with"
        " 17 % of the blocks and 30 % of the users. None of its mobile operators is observable by"
        " probing."
    )
    assert "no table of users" in in_words(told(None))
    unknown = np.full(3, -1)
    assert in_words(coverage("KZ", unknown, unknown[:1])) == (
        "country/KZ: 1 of 3 blocks are measured. Whose they are is not known."
    )


def test_blocks_of_one_or_two_addresses_and_unknown_ones_are_not_measured() -> None:
    high = np.arange(6, dtype=np.uint64) << np.uint64(40)
    history = unmeasured(high, np.zeros_like(high), ipv4=True)
    object.__setattr__(history, "sort", np.array([sort.value for sort in BlockSort], np.uint8))
    assert is_measured(history).tolist() == [False, True, True, True, False, False]


def test_the_reasons_that_are_given_for_the_limits_are_right() -> None:
    def at_most(k: int, n: int, p: float) -> float:
        return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    assert at_most(9, FEWEST_BLOCKS, 0.8) == pytest.approx(0.0006, abs=0.0001)
    assert 1 - at_most(15, FEWEST_BLOCKS, 0.5) == pytest.approx(0.006, abs=0.0002)
    assert abs(LEAST_SHARE - 5.3 / 11 / 10) < 0.01
