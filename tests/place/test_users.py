"""Users by operator and country: APNIC's JSON, or a CSV."""

from __future__ import annotations

import json
from datetime import date

import pytest

from zicht.errors import BadRowError, InputError
from zicht.place.users import Users, parse_users

DAY = date(2026, 1, 1)
RECORDS = [
    {"rank": 1, "AS": 9198, "Description": "KAZTELECOM-AS", "CC": "KZ", "Users": 6000000},
    {"rank": 2, "AS": 29355, "Description": "KCELL", "CC": "KZ", "Users": 2000000},
    {"rank": 3, "AS": 9198, "Description": "KAZTELECOM-AS", "CC": "KG", "Users": 1000},
]
SAID = {"copyright": "(C) APNIC", "Date": "22/11/2025", "Window": "60 days", "Data": RECORDS}


def parsed(data: bytes, **options: str) -> Users:
    return parse_users(data, name="users", as_of=DAY, **options)  # type: ignore[arg-type]


def test_apnics_records_are_of_an_operator_in_a_country_on_their_own_day() -> None:
    users = parsed(json.dumps(SAID).encode())
    assert users.as_of == date(2025, 11, 22)
    assert users.of(9198, "KZ") == 6_000_000
    assert users.of(9198, "KG") == 1000
    assert users.of(9198, "UZ") is None
    assert users.total("KZ") == 8_000_000
    assert users.share(29355, "KZ") == 0.25
    assert users.share(1, "KZ") is None


def test_names_may_be_written_in_latin_letters_of_one_byte() -> None:
    said = json.dumps(SAID, ensure_ascii=False).replace("KCELL", "Télécom").encode("latin-1")
    assert parsed(said).of(29355, "KZ") == 2_000_000


def test_a_csv_says_the_same() -> None:
    users = parsed(b'asn,country,users\nAS9198,kz,"6,000,000"\n29355,KZ,2000000\n29355,KZ,0\n')
    assert users.as_of == DAY
    assert users.share(9198, "KZ") == 0.75


def test_the_columns_of_apnics_page_are_known() -> None:
    users = parsed(b'Rank,ASN,AS Name,CC,Users (est.)\n1,AS812,ROGERS,CA,"5,420,034"\n')
    assert users.of(812, "CA") == 5_420_034


@pytest.mark.parametrize(
    ("row", "column"),
    [("x,KZ,1", "asn"), ("9198,KAZ,1", "country"), ("9198,KZ,many", "users"), ("9198,KZ", "users")],
)
def test_a_row_that_cannot_be_read_is_named_or_left_out(row: str, column: str) -> None:
    data = f"asn,country,users\n1,KZ,1\n{row}\n".encode()
    with pytest.raises(BadRowError, match=f"line 3, column {column}"):
        parsed(data)
    assert len(parsed(data, on_bad="skip").bad_rows) == 1


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"Data": 3}', b'{"Date": "x", "Data": []}', b"a,b\n1,2\n", b"[]"]
)
def test_what_tells_of_no_users_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parsed(data)
