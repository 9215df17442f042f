"""The registries' delegated files."""

from __future__ import annotations

import gzip
from datetime import date
from typing import TYPE_CHECKING

import pytest
from delegated_files import delegated_file

from zicht.errors import BadRowError, InputError
from zicht.place.delegated import Delegated, Resource, Status, parse_delegated, version_of

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "2.3|ripencc|1366322399|111223|19830705|20130418|+0200"


def parse(*lines: str, on_bad: str = "stop") -> Delegated:
    text = "\n".join((HEAD, *lines, ""))
    return parse_delegated(text.encode(), name="f", on_bad="skip" if on_bad == "skip" else "stop")


def test_a_file_says_whose_it_is_and_of_which_day() -> None:
    parsed = parse("ripencc|KZ|asn|9198|1|19990223|allocated")
    assert (parsed.registry, parsed.as_of) == ("ripencc", date(2013, 4, 18))
    assert version_of(f"# hello\n\n{HEAD}\n".encode(), name="f") == ("ripencc", date(2013, 4, 18))


def test_an_ipv4_record_counts_addresses_from_any_start() -> None:
    parsed = parse("ripencc|KZ|ipv4|2.72.0.3|768|20100603|allocated")
    assert parsed.resource.tolist() == [Resource.IPV4]
    first = (2 << 24 | 72 << 16 | 3) << 32
    assert parsed.first.tolist() == [first]
    assert parsed.last.tolist() == [first + (768 << 32) - 1]


def test_an_ipv6_record_has_a_length_and_an_asn_record_a_count() -> None:
    parsed = parse(
        "ripencc|KZ|ipv6|2001:db8::|32|20100603|allocated",
        "ripencc|KZ|asn|64496|16|20100603|assigned",
    )
    assert parsed.first.tolist() == [0x20010DB8_00000000, 64496]
    assert parsed.last.tolist() == [0x20010DB8_FFFFFFFF, 64511]
    assert parsed.status.tolist() == [Status.ALLOCATED, Status.ASSIGNED]


def test_the_last_of_everything_can_be_delegated() -> None:
    parsed = parse(
        "ripencc|KZ|ipv4|255.255.255.255|1|20100603|allocated",
        "ripencc|KZ|ipv6|ffff:ffff:ffff:ffff::|64|20100603|allocated",
        "ripencc|KZ|asn|4294967295|1|20100603|allocated",
    )
    assert parsed.last.tolist() == [2**64 - 1, 2**64 - 1, 2**32 - 1]


def test_codes_that_are_no_country_are_counted() -> None:
    parsed = parse(
        "ripencc|EU|ipv4|2.16.0.0|256|20100910|allocated",
        "ripencc|AP|ipv4|2.17.0.0|256|20100910|allocated",
        "ripencc||ipv4|2.18.0.0|256|20100910|assigned",
        "ripencc|AN|ipv4|2.19.0.0|256|20100910|assigned",
        "ripencc|EU|asn|5|1|19930901|allocated",
        "ripencc|ZZ|ipv4|2.20.0.0|256||reserved",
        "ripencc||ipv4|2.21.0.0|256||available",
    )
    assert parsed.country.tolist() == [-1] * 7
    assert parsed.pseudo == {"EU": 2, "AP": 1, "": 1, "AN": 1}


def test_summaries_comments_opaque_ids_and_extensions_are_passed_over() -> None:
    parsed = parse(
        "ripencc|*|ipv4|*|2|summary",
        "# a comment",
        "",
        "ripencc|KZ|ipv4|2.72.0.0|256|20100603|allocated|a-b-c|e-stats",
        "ripencc|NL|ipv4|2.73.0.0|256|00000000|assigned|d",
    )
    assert parsed.countries == ("KZ", "NL")
    assert parsed.date.tolist() == [20100603, 0]
    assert parsed.line.tolist() == [5, 6]


@pytest.mark.parametrize(
    ("record", "column", "expected"),
    [
        ("ripencc|KZ|ipv4|2.72.0.0|256|20100603", "date", "a record of 7 fields"),
        ("arin|KZ|ipv4|2.72.0.0|256|20100603|allocated", "registry", "ripencc"),
        ("ripencc|KZ|ipv5|2.72.0.0|256|20100603|allocated", "type", "asn, ipv4 or ipv6"),
        ("ripencc|KZ|ipv4|2.72.0|256|20100603|allocated", "start", "an IPv4 address"),
        ("ripencc|KZ|ipv4|2.72.0.0|0|20100603|allocated", "value", "a count of 1 or more"),
        ("ripencc|KZ|ipv4|2.72.0.0|²|20100603|allocated".replace("²", "-1"), "value", "a count"),
        ("ripencc|KZ|ipv4|255.0.0.0|16777217|20100603|allocated", "value", "255.255.255.255"),
        ("ripencc|KZ|ipv6|2001:db8|32|20100603|allocated", "start", "an IPv6 address"),
        ("ripencc|KZ|ipv6|2001:db8::1|32|20100603|allocated", "start", "a prefix of 32 bits"),
        ("ripencc|KZ|ipv6|2001:db8::|65|20100603|allocated", "value", "from 0 to 64"),
        ("ripencc|KZ|asn|4294967296|1|20100603|allocated", "start", "an AS number"),
        ("ripencc|KZ|asn|4294967295|2|20100603|allocated", "value", "4294967295"),
        ("ripencc|KZ|asn|1|1|20100231|allocated", "date", "YYYYMMDD"),
        ("ripencc|KZ|asn|1|1|20100603|lent", "status", "allocated, assigned, available"),
        ("ripencc|Kz|asn|1|1|20100603|allocated", "cc", "ISO 3166-1"),
    ],
)
def test_a_bad_record_is_named_by_line_and_column(record: str, column: str, expected: str) -> None:
    with pytest.raises(BadRowError) as raised:
        parse("ripencc|KZ|asn|9198|1|19990223|allocated", record)
    assert (raised.value.file, raised.value.line, raised.value.column) == ("f", 3, column)
    assert expected in raised.value.expected


def test_bad_records_can_be_left_out() -> None:
    parsed = parse(
        "ripencc|KZ|asn|x|1|19990223|allocated",
        "ripencc|KZ|asn|9198|1|19990223|allocated",
        on_bad="skip",
    )
    assert len(parsed) == 1
    assert [row.line for row in parsed.bad_rows] == [2]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html>",
        b"2|iana|1|1|19830705|20130418|+0000\niana|ZZ|asn|1|1||reserved\n",
        b"2|ripencc|1366322399|111223|19830705|20130418|+0200\n",
        b"2|ripencc|1366322399|111223|19830705|20131318|+0200\nripencc|KZ|asn|1|1||assigned\n",
        "2|ripencc|1|1|1|20130418|+0\nripencc|KZ|asn|²|1||assigned\n".encode(),
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_no_delegated_file_is_said(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^f"):
        parse_delegated(data, name="f")


def test_the_file_of_afrinic_is_read_whole(data_folder: Path) -> None:
    data = (data_folder / "place/delegated-afrinic.txt").read_bytes()
    parsed = parse_delegated(data, name="afrinic")
    assert (parsed.registry, parsed.as_of) == ("afrinic", date(2024, 7, 18))
    counts = [int((parsed.resource == kind).sum()) for kind in (Resource.ASN, 4, 6)]
    assert counts == [3326, 5441, 7571]  # as its summary lines say
    assert parsed.pseudo == {}


def test_the_file_of_ripe_ncc_is_read_whole(data_folder: Path) -> None:
    packed = (data_folder / "place/delegated-ripencc-extended-latest.gz").read_bytes()
    parsed = parse_delegated(gzip.decompress(packed), name="ripencc")
    assert (parsed.registry, parsed.as_of) == ("ripencc", date(2013, 4, 18))
    counts = [int((parsed.resource == kind).sum()) for kind in (Resource.ASN, 4, 6)]
    assert counts == [28184, 49504, 33535]
    assert parsed.pseudo == {"EU": 1167}


def test_a_made_up_file_is_one() -> None:
    data = delegated_file("apnic", "20240101", ["CN|asn|1|1|20000101|allocated"])
    assert parse_delegated(data, name="f").registry == "apnic"
