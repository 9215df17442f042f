"""Hit lists are added to what is known; IPv6 is asked again from them, and from them alone."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "probe"))

from own_network import in_own_network

from zicht.errors import BadRowError
from zicht.observe.probe_census import CensusRequest, FamilyCensus, take_census
from zicht.observe.probe_groups import load_groups
from zicht.observe.probe_histories import load_history
from zicht.observe.probe_hitlists import import_hitlists


def test_a_list_may_be_packed_and_hold_both_families(tmp_path: Path) -> None:
    file = tmp_path / "list.gz"
    file.write_bytes(gzip.compress(b"192.0.2.1\n192.0.2.9\n2001:db8::1\n"))
    four, six = import_hitlists(tmp_path / "store", [str(file)])
    assert (four.family, four.addresses, four.blocks, four.new_blocks) == (4, 2, 1, 1)
    assert (six.family, six.addresses, six.blocks, six.new_blocks) == (6, 1, 1, 1)
    (again, _) = import_hitlists(tmp_path / "store", [str(file)])
    assert again.new_blocks == 0
    assert load_history(tmp_path / "store", ipv4=True).ever_active.tolist() == [2]


def test_of_a_list_that_cannot_be_read_whole_nothing_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("192.0.2.1\nnobody\n")
    with pytest.raises(BadRowError, match="line 2"):
        import_hitlists(tmp_path / "store", [str(file)])
    assert not len(load_history(tmp_path / "store", ipv4=True))
    (one,) = import_hitlists(tmp_path / "store", [str(file)], on_bad="skip")
    assert (one.addresses, one.skipped) == (1, 1)


def test_addresses_of_ipv6_are_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("::1\nfd00:66::1\nfd00:66::2\n")
    import_hitlists(tmp_path, [str(file)])
    request = CensusRequest(
        targets=["::/16"],
        contact="noc@example.org",
        rounds=2,
        every=0,
        allow_private=True,
        rate=1000,
        per_minute=1e6,
        timeout=0.3,
    )

    def work() -> list[FamilyCensus]:
        return take_census(tmp_path, request)

    (done,) = in_own_network(work, seconds=300)
    assert (done.family, done.estimate.addresses, done.addresses) == (6, 1, 1)
    history = load_history(tmp_path, ipv4=False)
    assert history.rounds.tolist() == [2, 0]
    assert history.availability[0] == 1
    assert history.ever_active.tolist() == [1, 2]


def test_of_tables_that_are_missing_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("192.0.2.1\n")
    import_hitlists(tmp_path, [str(file)])
    told: list[str] = []
    groups = load_groups(tmp_path, load_history(tmp_path, ipv4=True), tell=told.append)
    assert groups.entities == ()
    assert np.array_equal(groups.of_block, np.full((1, 4), -1))
    assert len(told) == 2
