"""Blocks: which place each address belongs to."""

from __future__ import annotations

import gzip
from datetime import date
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import numpy as np
import pytest
from delegated_files import delegated_file
from hypothesis import given
from hypothesis import strategies as st

from zicht.errors import UsageError
from zicht.place.blocks import Blocks, PlaceSource, build_blocks, high_bits, place_of
from zicht.place.delegated import Delegated, parse_delegated
from zicht.place.geofeed import parse_geofeed

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2022, 1, 5)


def registry(name: str, day: str, *records: str) -> Delegated:
    return parse_delegated(delegated_file(name, day, records), name=name)


def place(blocks: Blocks, address: str) -> str | None:
    """The place of an address; an empty text where no block has it."""
    parsed = ip_address(address)
    places, rows = place_of(blocks, parsed.version, np.array([high_bits(parsed)], np.uint64))
    if rows[0] < 0:
        return ""
    return blocks.places[places[0]] if places[0] >= 0 else None


def networks(blocks: Blocks) -> list[str]:
    texts = []
    for family, high, length in zip(
        blocks.family.tolist(), blocks.high.tolist(), blocks.length.tolist(), strict=True
    ):
        number = high >> 32 if family == 4 else high << 64
        texts.append(str(ip_network((number, length) if family == 4 else (_v6(number), length))))
    return texts


def _v6(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_a_record_becomes_the_fewest_blocks_that_cover_it() -> None:
    blocks = build_blocks(
        [
            registry(
                "ripencc",
                "20220101",
                "KZ|ipv4|192.0.2.0|192|20100603|allocated",
                "KZ|ipv6|2001:db8::|32|20100603|allocated",
                "KZ|asn|9198|1|20100603|allocated",
            )
        ]
    )
    assert networks(blocks) == ["192.0.2.0/25", "192.0.2.128/26", "2001:db8::/32"]
    assert blocks.places == ("country/KZ",)
    assert blocks.as_of == date(2022, 1, 1)


def test_neighbours_of_one_country_become_one_block() -> None:
    blocks = build_blocks(
        [
            registry("ripencc", "20220101", "KZ|ipv4|192.0.2.0|128|20100603|allocated"),
            registry("apnic", "20220101", "KZ|ipv4|192.0.2.128|128|20110603|assigned"),
        ]
    )
    assert networks(blocks) == ["192.0.2.0/24"]


def test_what_is_of_no_country_is_a_block_of_none() -> None:
    blocks = build_blocks(
        [
            registry(
                "ripencc",
                "20220101",
                "EU|ipv4|192.0.2.0|128|20100603|allocated",
                "|ipv4|192.0.2.128|128||reserved",
            )
        ]
    )
    assert networks(blocks) == ["192.0.2.0/24"]
    assert place(blocks, "192.0.2.200") is None
    assert place(blocks, "192.0.3.0") == ""
    assert blocks.sources == (
        PlaceSource(name="ripencc", kind="delegated", as_of=date(2022, 1, 1), records=2, unknown=1),
    )


def test_what_moved_to_another_registry_is_where_it_was_delegated_last() -> None:
    old = registry("arin", "20220101", "US|ipv4|192.0.2.0|256|19930101|allocated")
    new = registry("ripencc", "20211231", "NL|ipv4|192.0.2.64|64|20200101|allocated")
    for files in ([old, new], [new, old]):
        blocks = build_blocks(files)
        assert place(blocks, "192.0.2.63") == "country/US"
        assert place(blocks, "192.0.2.64") == "country/NL"
        assert place(blocks, "192.0.2.128") == "country/US"


def test_a_registry_that_reserves_does_not_take_from_one_that_delegates() -> None:
    blocks = build_blocks(
        [
            registry("ripencc", "20220101", "|ipv4|192.0.2.0|256|20210101|reserved"),
            registry("arin", "20220101", "US|ipv4|192.0.2.0|256|19930101|allocated"),
        ]
    )
    assert place(blocks, "192.0.2.1") == "country/US"


def test_of_two_delegations_of_one_day_the_later_file_wins_then_the_smaller_range() -> None:
    late = registry("ripencc", "20220102", "NL|ipv4|192.0.2.0|256|20200101|allocated")
    early = registry("arin", "20220101", "US|ipv4|192.0.2.0|128|20200101|allocated")
    assert place(build_blocks([early, late]), "192.0.2.1") == "country/NL"
    same = registry("arin", "20220102", "US|ipv4|192.0.2.0|128|20200101|allocated")
    assert place(build_blocks([same, late]), "192.0.2.1") == "country/US"


def test_a_geofeed_wins_and_its_longer_prefix_over_the_shorter() -> None:
    country = registry("ripencc", "20220101", "KZ|ipv4|192.0.2.0|256|20200101|allocated")
    feed = parse_geofeed(
        b"192.0.2.128/26,KZ,KZ-19,,\n192.0.2.128/25,KZ,KZ-75,,\n198.51.100.0/24,,,,\n",
        name="feed",
        as_of=DAY,
    )
    blocks = build_blocks([country], [feed])
    assert place(blocks, "192.0.2.1") == "country/KZ"
    assert place(blocks, "192.0.2.129") == "region/KZ-19"
    assert place(blocks, "192.0.2.200") == "region/KZ-75"
    assert place(blocks, "198.51.100.1") is None
    assert [source.name for source in blocks.sources] == ["ripencc", "feed"]
    assert blocks.as_of == DAY


def test_nested_blocks_are_looked_up_by_the_longest() -> None:
    blocks = Blocks(
        family=np.array([4, 4], np.uint8),
        high=np.array([0xC0000200 << 32] * 2, np.uint64),
        length=np.array([24, 26], np.uint8),
        place=np.array([0, 1], np.int32),
        places=("country/KZ", "region/KZ-75"),
        as_of=DAY,
        sources=(),
    )
    assert place(blocks, "192.0.2.1") == "region/KZ-75"
    assert place(blocks, "192.0.2.65") == "country/KZ"


def test_blocks_are_made_of_something() -> None:
    with pytest.raises(UsageError, match="no file"):
        build_blocks([])


ADDRESS = st.integers(0, 255)
RECORD = st.tuples(ADDRESS, st.integers(1, 64), st.sampled_from(["KZ", "NL", "EU", ""]), ADDRESS)


@given(st.lists(RECORD, min_size=1, max_size=12))
def test_blocks_cover_exactly_the_addresses_of_the_records(
    records: list[tuple[int, int, str, int]],
) -> None:
    lines = [
        f"{code}|ipv4|192.0.2.{start}|{count}|{20000101 + age}|"
        + ("allocated" if code else "reserved")
        for start, count, code, age in ((s, n, c, a % 28) for s, n, c, a in records)
    ]
    blocks = build_blocks([registry("ripencc", "20220101", *lines)])
    for offset in range(300):
        covering = [
            (bool(code), age % 28, -count, at, code)
            for at, (start, count, code, age) in enumerate(records)
            if start <= offset < start + count
        ]
        found = place(blocks, str(ip_address("192.0.2.0") + offset))
        code = max(covering)[-1] if covering else None
        expected = "" if code is None else f"country/{code}" if code in {"KZ", "NL"} else None
        assert found == expected


def test_the_real_files_give_each_address_to_its_record(data_folder: Path) -> None:
    folder = data_folder / "place"
    afrinic = parse_delegated((folder / "delegated-afrinic.txt").read_bytes(), name="afrinic")
    packed = (folder / "delegated-ripencc-extended-latest.gz").read_bytes()
    ripencc = parse_delegated(gzip.decompress(packed), name="ripencc")
    for file in (afrinic, ripencc):
        blocks = build_blocks([file])
        for family in (4, 6):
            mine = file.resource == family
            index = [*(blocks.places.index(f"country/{code}") for code in file.countries), -1]
            expected = np.array(index)[file.country[mine]]
            for ends in (file.first[mine], file.last[mine]):
                places, rows = place_of(blocks, family, ends)
                assert (rows >= 0).all()
                assert (places == expected).all()
            length = blocks.length[blocks.family == family].astype(float)
            span = (file.last[mine] - file.first[mine]).astype(float) + 1
            assert np.sum(2.0 ** (64 - length)) == pytest.approx(np.sum(span), rel=1e-12)
    both = build_blocks([afrinic, ripencc])
    assert place(both, "2.72.0.1") == "country/KZ"
    assert place(both, "41.0.0.1") == "country/ZA"
    assert place(both, "2.16.0.1") is None
