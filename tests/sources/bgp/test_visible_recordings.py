"""What real updates make visible, against a plain reckoning from bgpdump's text of them."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from zicht.errors import InputError
from zicht.observe.routes_files import collector_of, visible_in_files
from zicht.place.special import SPECIAL_PREFIXES
from zicht.sources.bgp.beacons import BEACONS

if TYPE_CHECKING:
    from pathlib import Path

    from statements import Network

WITH_TEXT = ("updates.20160811.1600.gz", "updates.20071015.1505.gz", "updates.20070211.0141.gz")
ESTABLISHED = "6"


def counts(prefix: Network) -> bool:
    longest = 24 if prefix.version == 4 else 48
    special = (p for p in SPECIAL_PREFIXES if p.version == prefix.version)
    return 8 <= prefix.prefixlen <= longest and not any(
        prefix.subnet_of(p)  # type: ignore[arg-type]
        for p in special
    )


def origin_of(path: str) -> int:
    """The last AS, or the only member of a set, of bgpdump's text of a path."""
    last = path.rsplit(maxsplit=1)[-1]
    members = last.strip("{}()").replace(",", " ").split()
    return int(members[0]) if len(members) == 1 and "(" not in path else 0


def last_tables(text: str, since: int) -> dict[tuple[str, int], dict[Network, int]]:
    """The table of each peer that is up, at the end of the text."""
    tables: dict[tuple[str, int], dict[Network, int]] = defaultdict(dict)
    down: set[tuple[str, int]] = set()
    for line in text.splitlines():
        _, time, kind, address, asn, *rest = line.split("|")
        assert int(time) >= since
        peer = (address, int(asn))
        if kind == "STATE":
            if rest[1] == ESTABLISHED or peer not in down:
                tables[peer] = {}
            (down.discard if rest[1] == ESTABLISHED else down.add)(peer)
            continue
        if peer in down:  # nobody told of the new session
            down.discard(peer)
            tables[peer] = {}
        prefix = ip_network(rest[0])
        if not counts(prefix):
            continue
        if kind == "W":
            tables[peer].pop(prefix, None)
        else:
            tables[peer][prefix] = origin_of(rest[1])
    return {peer: table for peer, table in tables.items() if peer not in down}


def plain_reckoning(tables: dict[tuple[str, int], dict[Network, int]]) -> dict[int, int]:
    """Visible /24 blocks by AS, each block and peer by itself; RIS's beacons count for nobody."""
    beacons = {ip_network(one.prefix) for one in BEACONS}
    only_4 = {
        peer: {prefix: origin for prefix, origin in table.items() if prefix.version == 4}
        for peer, table in tables.items()
    }
    carried: dict[Network, set[int]] = defaultdict(set)
    for (_, asn), table in only_4.items():
        for prefix in table:
            carried[prefix].add(asn)
    shared = sum(len(asns) >= 2 for asns in carried.values())
    voters = {peer: table for peer, table in only_4.items() if table and len(table) >= shared / 2}
    ases = len({asn for _, asn in voters})
    led: dict[int, dict[int, int]] = defaultdict(Counter)
    reached: dict[int, set[int]] = defaultdict(set)
    for (_, asn), table in voters.items():
        longest: dict[int, tuple[int, int]] = {}
        for prefix, origin in table.items():
            counted = 0 if prefix in beacons else origin
            first = int(prefix.network_address) >> 8
            for block in range(first, first + (1 << (24 - prefix.prefixlen))):
                longest[block] = max(longest.get(block, (0, 0)), (prefix.prefixlen, counted))
        for block, (_, origin) in longest.items():
            led[block][origin] += 1
            reached[block].add(asn)
    total: Counter[int] = Counter()
    for block, origins in led.items():
        if 2 * len(reached[block]) <= ases:
            continue
        chosen = {asn for asn, votes in origins.items() if 4 * votes >= ases}
        total.update(chosen or {min(origins, key=lambda asn: (-origins[asn], asn))})
    del total[0]
    return dict(total)


@pytest.mark.parametrize("name", WITH_TEXT)
def test_real_updates_give_the_figures_of_a_plain_reckoning(data_folder: Path, name: str) -> None:
    folder = data_folder / "bgp" / "mrt"
    text = gzip.decompress((folder / f"{name}.bgp.gz").read_bytes()).decode()
    times = [int(line.split("|")[1]) for line in text.splitlines()]
    step = 1 << 20  # one bin holds all
    assert min(times) // step == max(times) // step
    (one,) = visible_in_files([str(folder / name)], step, trusting=True)
    seen = {
        int(entity.partition("/")[2]): value
        for entity, value in zip(one.entities, one.values[:, 0].tolist(), strict=True)
        if value
    }
    tables = last_tables(text, min(times))
    expected = plain_reckoning(tables)
    assert len(expected) > 20
    assert seen == expected


def test_updates_without_a_dump_before_them_are_unknown(data_folder: Path) -> None:
    file = data_folder / "bgp" / "mrt" / WITH_TEXT[0]
    bins = list(visible_in_files([str(file)], 300))
    assert [one.voters for one in bins] == [(0, 0)]
    assert not bins[0].known.any()


def test_a_dump_that_is_cut_off_is_refused(data_folder: Path) -> None:
    file = data_folder / "bgp" / "mrt" / "rib.20140523.0600_firstMB.bz2"
    with pytest.raises(InputError, match=r"rib\.20140523.* is a dump of tables that is cut off"):
        list(visible_in_files([str(file)], 300))


@pytest.mark.parametrize(
    ("file", "collector"),
    [
        ("rrc00/2024.10/updates.20241001.0055.gz", "rrc00"),
        ("rrc01.updates.20241001.0055.gz", "rrc01"),
        ("archive/route-views.sydney/bgpdata/rib.bz2", "route-views.sydney"),
        ("route-views2/rib.bz2", "route-views2"),
        ("updates.20160811.1600.gz", ""),
    ],
)
def test_an_archive_path_names_its_collector(file: str, collector: str) -> None:
    assert collector_of(file) == collector
