"""Visibility against a plain reckoning of peers: their sessions, several paths, both families.

Three of the peers are of one AS, and two tell several paths for a prefix.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from ipaddress import ip_network
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from statements import Network, Said, blocks_of, figures, peer

from zicht.sources.bgp.elements import Kind
from zicht.sources.bgp.ribs import Ribs
from zicht.sources.bgp.visibility import Visibility

ASNS = [100, 100, 100, 200, 300, 400]
ADD_PATH = {2, 4}
PEERS = [peer(number, asn) for number, asn in enumerate(ASNS)]
PLACES: dict[str, str | None] = {
    "5.0.0.0/19": "country/KZ",
    "5.0.4.0/22": "country/IR",
    "5.0.5.0/24": None,
    "2a00::/32": "country/KZ",
    "2a00:0:8::/45": "country/IR",
}
PREFIXES = [
    ip_network(text)
    for text in (
        "5.0.0.0/18",
        "5.0.0.0/20",
        "5.0.8.0/21",
        "5.0.4.0/22",
        "5.0.4.0/24",
        "5.0.5.0/24",
        "2a00::/44",
        "2a00:0:8::/45",
        "2a00:0:9::/48",
        "2a00:0:c::/46",
    )
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["announce"] * 6
            + ["withdraw"] * 4
            + ["read"] * 2
            + ["down", "up", "end", "dump", "forget"]
        ),
        st.integers(0, len(ASNS) - 1),
        st.sampled_from(PREFIXES),
        st.integers(1, 6),
        st.integers(1, 3),
    ),
    max_size=80,
)


@dataclass
class Table:
    """What a plain reckoning knows of a peer: by prefix and path, the origin."""

    state: str = "up"
    routes: dict[Network, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    before: tuple[int, int] = (0, 0)
    voted: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)

    def prefixes(self, version: int) -> dict[Network, int]:
        """Of each prefix the origin of its path with the lowest number."""
        return {
            prefix: paths[min(paths)]
            for prefix, paths in self.routes.items()
            if paths and prefix.version == version
        }

    def size(self) -> tuple[int, int]:
        return len(self.prefixes(4)), len(self.prefixes(6))

    def renew(self) -> None:
        if self.state == "up":
            self.before = self.size()
        self.state = "filling"
        self.ended.clear()
        self.routes.clear()
        self.voted.clear()


def voters_of(tables: list[Table], version: int) -> dict[int, list[dict[Network, int]]]:
    """The tables that vote, by their AS."""
    for table in tables:
        enough = all(n >= 0.9 * b for n, b in zip(table.size(), table.before, strict=True))
        if table.state == "filling" and any(table.before) and enough:
            table.state = "up"
    here = [i for i, table in enumerate(tables) if table.state == "up" and table.prefixes(version)]
    carriers: dict[Network, set[int]] = defaultdict(set)
    for i in here:
        for prefix in tables[i].prefixes(version):
            carriers[prefix].add(ASNS[i])
    least = min(2, len({ASNS[i] for i in here}))
    shared = sum(len(asns) >= least for asns in carriers.values())
    voters: dict[int, list[dict[Network, int]]] = defaultdict(list)
    for i, table in enumerate(tables):
        share = 0.45 if version in table.voted else 0.5
        table.voted.discard(version)
        if i in here and len(table.prefixes(version)) >= share * shared:
            table.voted.add(version)
            voters[ASNS[i]].append(table.prefixes(version))
    return voters


def owners(voters: dict[int, list[dict[Network, int]]], block: Network) -> set[int]:
    """To whom the voters' longest prefixes around a block lead; nobody where few have any."""
    led: dict[int, set[int]] = defaultdict(set)
    for asn, tables in voters.items():
        for table in tables:
            holding = [p for p in table if block.subnet_of(p)]  # type: ignore[arg-type]
            if holding:
                led[table[max(holding, key=lambda p: p.prefixlen)]].add(asn)
    if 2 * len(set().union(*led.values())) <= len(voters):
        return set()
    most = max(led, key=lambda origin: (len(led[origin]), -origin))
    return {origin for origin in led if 4 * len(led[origin]) >= len(voters)} | {most}


def place_of(block: Network) -> str | None:
    around = [
        network
        for network in map(ip_network, PLACES)
        if network.version == block.version and block.subnet_of(network)  # type: ignore[arg-type]
    ]
    return PLACES[str(max(around, key=lambda n: n.prefixlen))] if around else None


def agree(visibility: Visibility, tables: list[Table]) -> None:
    """The reading and a plain reckoning, block by block."""
    reading = visibility.read(0)
    by_asn = [Counter[int](), Counter[int](), Counter[int]()]
    by_place = [Counter[str | None](), Counter[str | None](), Counter[str | None]()]
    shared = [0, 0, 0]

    def count(column: int, block: Network, origins: set[int]) -> None:
        by_asn[column].update(origins)
        by_place[column][place_of(block)] += bool(origins)
        shared[column] += len(origins) > 1

    voters = voters_of(tables, 4), voters_of(tables, 6)
    assert reading.voters == (len(voters[0]), len(voters[1]))
    for block in ip_network("5.0.0.0/18").subnets(new_prefix=24):
        count(0, block, owners(voters[0], block))
    for prefix in PREFIXES:
        carriers = [
            asn for asn, theirs in voters[1].items() if any(prefix in table for table in theirs)
        ]
        if prefix.version == 6 and 2 * len(carriers) > len(voters[1]):
            count(1, prefix, owners(voters[1], prefix))
    for block in ip_network("2a00::/44").subnets(new_prefix=48):
        count(2, block, owners(voters[1], block))
    for column in range(3):
        assert figures(reading, column) == by_asn[column]
        told = dict(zip(visibility.places, reading.by_place[:, column].tolist(), strict=True))
        assert told == {place: by_place[column][place] for place in told}
    assert reading.shared.tolist() == shared


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_whatever_peers_do_the_figures_are_those_of_a_plain_reckoning(  # noqa: C901 - one case each
    steps: list[tuple[str, int, Network, int, int]],
) -> None:
    visibility = Visibility(blocks_of(PLACES))
    tables = [Table() for _ in PEERS]

    def dump(whose: list[int], routes: list[tuple[Network, int, int]]) -> None:
        said, others = Said(PEERS), Ribs()
        for i in whose:
            tables[i].state = "up"
            tables[i].routes.clear()
            tables[i].voted.clear()
            for prefix, origin, path in routes:
                path_id = path if i in ADD_PATH else -1
                tables[i].routes[prefix][path_id] = origin
                said.say(Kind.ROUTE, i, prefix, origin, path_id)
        others.apply(said.changes())
        visibility.take(others, 0)

    dump(list(range(len(PEERS))), [(prefix, 1, 2) for prefix in PREFIXES[:4] + PREFIXES[6:8]])
    for what, who, prefix, origin, path in steps:
        table, said = tables[who], Said(PEERS)
        path_id = path if who in ADD_PATH else -1
        match what:
            case "announce" | "withdraw":
                if table.state == "down":
                    table.renew()
                kind = Kind.ANNOUNCE if what == "announce" else Kind.WITHDRAW
                said.say(kind, who, prefix, origin, path_id)
                table.routes[prefix].pop(path_id, None)
                if what == "announce":
                    table.routes[prefix][path_id] = origin
            case "down":
                if table.state == "up":
                    table.before = table.size()
                table.state = "down"
                said.say(Kind.STATE, who, state=1)
            case "up":
                table.renew()
                said.say(Kind.STATE, who, state=6)
            case "end":
                said.rows.append((0, Kind.END_OF_RIB, who, prefix.version, 0, -1, 0))
                table.ended.add(prefix.version)
                sizes = zip((4, 6), table.size(), table.before, strict=True)
                if table.state == "filling" and table.ended >= {f for f, n, b in sizes if n or b}:
                    table.state = "up"
            case "dump":
                dump([who, (who + 1) % 6], [(prefix, origin, path), (PREFIXES[path], 2, 1)])
            case "forget":
                with patch("zicht.sources.bgp.visibility.is_mostly_dead", return_value=True):
                    assert visibility.compact()
            case "read":
                agree(visibility, tables)
        visibility.apply(said.changes())
    agree(visibility, tables)


def test_many_routers_of_one_as_that_are_led_astray_are_one_voice() -> None:
    visibility = Visibility()
    said = Said([peer(i, 100) for i in range(10)] + [peer(i) for i in range(10, 19)])
    for i in range(19):
        said.say(Kind.ROUTE, i, "5.0.0.0/22", 666 if i < 10 else 1)
    visibility.apply(said.changes())
    reading = visibility.read(0)
    assert reading.voters == (10, 0)
    assert figures(reading) == {1: 4}


def test_a_block_is_its_majoritys_however_many_others_few_are_led_to() -> None:
    visibility = Visibility()
    said = Said([peer(i) for i in range(60)])
    for i in range(60):
        said.say(Kind.ROUTE, i, "5.0.0.0/22", 1000 + i if i < 20 else 1)
    visibility.apply(said.changes())
    assert figures(visibility.read(0)) == {1: 4}


def test_the_origin_of_several_paths_is_that_of_one_that_is_still_there() -> None:
    visibility = Visibility()
    said = Said([peer(0)]).say(Kind.ROUTE, 0, "5.0.0.0/22", 1, path_id=1)
    visibility.apply(said.say(Kind.ROUTE, 0, "5.0.0.0/22", 2, path_id=2).changes())
    assert figures(visibility.read(0)) == {1: 4}
    visibility.apply(Said([peer(0)]).say(Kind.WITHDRAW, 0, "5.0.0.0/22", path_id=1).changes())
    assert figures(visibility.read(0)) == {2: 4}
