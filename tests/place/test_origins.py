"""Tables of origins: the longest prefix decides, and the first AS of several."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import BadRowError, InputError
from zicht.place.blocks import high_bits
from zicht.place.origins import Origins, origin_of, parse_origins

DAY = date(2026, 11, 22)
TABLE = b"""# made for this test
1.0.0.0\t24\t13335
5.0.0.0\t8\t9198
5.1.0.0\t16\t64500_64501
5.1.2.0\t24\t64502,64503
2001:db8::\t32\t64504
2001:db8:1::\t48\t64505
2001:db8:1:2:3::\t80\t64506
"""


def parsed(data: bytes, **options: str) -> Origins:
    return parse_origins(data, name="pfx2as", as_of=DAY, **options)  # type: ignore[arg-type]


def origin(table: Origins, address: str) -> int:
    high = np.array([high_bits(ip_address(address))], dtype=np.uint64)
    return int(origin_of(table, ip_address(address).version, high)[0])


def test_the_longest_prefix_decides() -> None:
    table = parsed(TABLE)
    assert origin(table, "1.0.0.9") == 13335
    assert origin(table, "5.9.9.9") == 9198
    assert origin(table, "5.1.9.9") == 64500
    assert origin(table, "5.1.2.9") == 64502
    assert origin(table, "6.0.0.0") == -1
    assert origin(table, "2001:db8:9::1") == 64504
    assert origin(table, "2001:db8:1:2:3::1") == 64505
    assert len(table) == 6


def test_a_table_may_be_a_csv_with_a_header() -> None:
    table = parsed(
        b'prefix,length,asn\n1.0.0.0,24,13335\n5.0.0.0,8,"{9198,9199}"\n'.replace(b'"', b"")
    )
    assert origin(table, "1.0.0.1") == 13335
    assert origin(table, "5.0.0.1") == 9198


@given(st.dictionaries(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), st.integers(1, 9)))
def test_it_is_what_looking_through_all_prefixes_says(rows: dict[tuple[int, int], int]) -> None:
    prefixes = {(a >> (32 - n) << (32 - n), n): asn for (a, n), asn in rows.items()}
    text = "".join(f"{ip_address(a)}\t{n}\t{asn}\n" for (a, n), asn in prefixes.items())
    if not text:
        return
    table = parsed(text.encode())
    for address in [0, 2**32 - 1, *(a for a, _ in prefixes), *(a ^ 1 for a, _ in prefixes)]:
        holding = [p for p in prefixes if address >> (32 - p[1]) == p[0] >> (32 - p[1])]
        wanted = prefixes[max(holding, key=lambda p: p[1])] if holding else -1
        assert origin(table, str(ip_address(address))) == wanted


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1.0.0.1\t24\t1", "other bits are zero"),
        ("-1.0.0.0\t8\t1", "other bits are zero"),
        ("1.0.0.0\t33\t1", "other bits are zero"),
        ("1.0.0.0\t24", "its length and its AS"),
        ("1.0.0.0\t24\tAS1", "number of an AS"),
        ("1.0.0.0\t24\t4294967296", "number of an AS"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_or_left_out(line: str, expected: str) -> None:
    data = b"5.0.0.0\t8\t9198\n" + line.encode()
    with pytest.raises(BadRowError, match=f"line 2.*{expected}"):
        parsed(data)
    assert len(parsed(data, on_bad="skip").bad_rows) == 1


def test_no_rows_and_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        parsed(b"# nothing\n")
    with pytest.raises(InputError, match="no text"):
        parsed(b"\xff\xfe")
