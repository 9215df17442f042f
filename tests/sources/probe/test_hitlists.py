"""Lists of addresses that answer: plain ones, and ISI's response history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import BadRowError, InputError
from zicht.sources.probe.history import check
from zicht.sources.probe.hitlists import Hitlist, parse_hitlist

RESPONSES = """#fsdb -F t hex_ip history score
0a0025d6\t1ffffffff\t99
0a0025d7\t3ffff\t\t99
0a002713\t10000009\t36
0a002a01\t200020000\t0
# a comment
"""


def parsed(text: str, **options: str) -> Hitlist:
    data = text.encode()
    return parse_hitlist(data, name="list", seen=9, **options)  # type: ignore[arg-type]


def test_a_plain_list_holds_both_families() -> None:
    found = parsed("# made up\n192.0.2.1\n192.0.2.1\n\n198.51.100.7 # here\n2001:db8::1\n")
    assert check(found.ipv4).ever_active.tolist() == [1, 1]
    assert check(found.ipv6).ever_active.tolist() == [1]
    assert np.isnan(found.ipv4.availability).all()
    assert found.ipv4.seen.tolist() == [9, 9]


def test_a_response_history_tells_who_answered_lately_and_how_often() -> None:
    found = parsed(RESPONSES)
    assert check(found.ipv4).high.tolist() == [0x0A002500 << 32, 0x0A002700 << 32]
    assert found.ipv4.ever_active.tolist() == [2, 1]
    assert found.ipv4.availability.tolist() == [1, 2 / 16]
    assert found.ipv4.rounds.tolist() == [16, 16]
    assert found.skipped == 1  # it answered in no census of the last 16


def test_scores_alone_tell_who_answers() -> None:
    found = parsed("#fsdb ip score\n192.0.2.1 99\n192.0.2.2 0\n192.0.2.3 -2\n")
    assert found.ipv4.ever_active.tolist() == [1]
    assert np.isnan(found.ipv4.availability).all()
    assert found.skipped == 2


@given(st.lists(st.ip_addresses().map(str), min_size=1))
def test_each_address_of_a_list_is_in_its_block(addresses: list[str]) -> None:
    found = parsed("\n".join(addresses))
    total = found.ipv4.ever_active.sum() + found.ipv6.ever_active.sum()
    assert total == len(set(addresses))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("192.0.2.1\n192.0.2.256\n", "line 2, column 1: '192.0.2.256' is not an address"),
        ("192.0.2.1\n192.0.2.0/24\n", "line 2"),
        ("192.0.2.1\n2001:db8::g\n", "line 2"),
        (RESPONSES + "xyz\t1\t1\n", "line 7, column hex_ip"),
        (RESPONSES + "0a002a0111\t1\t1\n", "line 7, column hex_ip"),
        (RESPONSES + "0a002a01\t-1\t1\n", "line 7, column history"),
        (RESPONSES + "0a002a01\t1\tx\n", "line 7, column score"),
        (RESPONSES + "0a002a01\t1\n", "line 7, column 1: .* is not a row of 3 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_or_left_out(text: str, told: str) -> None:
    with pytest.raises(BadRowError, match=told):
        parsed(text)
    assert len(parsed(text, on_bad="skip").bad_rows) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no addresses"),
        (b"#fsdb -F t hex_ip history score\n", "no addresses"),
        (b"#fsdb -F t score\n1\n", "none of them of addresses"),
        (b"192.0.2.1\n\xff\n", "line 2"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_hitlist(data, name="list", seen=0)
