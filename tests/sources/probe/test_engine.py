"""Real packets, in a network namespace that each test makes for itself."""

from __future__ import annotations

import random
import threading
import time
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

import pytest
from own_network import (
    ANSWERING,
    DAMAGED,
    ELSEWHERE,
    ERROR,
    FINE,
    FORGED,
    LATE,
    MISBEHAVING,
    SILENT,
    TWICE,
    in_own_network,
    with_bad_machine,
)

from zicht.errors import InputError
from zicht.sources.probe.fetch.engine import Counts, run_plan
from zicht.sources.probe.fetch.lists import ExclusionList, read_list
from zicht.sources.probe.fetch.privileges import drop_privileges
from zicht.sources.probe.fetch.sockets import (
    Opened,
    open_socket,
    open_sort,
    permitted,
)
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.order import draw_order
from zicht.sources.probe.replies import naming
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.tally import Tally
from zicht.sources.probe.targets import Targets
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

TEXT = naming("noc@example.org")


class Outcome(NamedTuple):
    tally: Tally
    counts: Counts


def probed(
    network: str,
    opened: Opened | None = None,
    *,
    rate: float = 5000,
    per_minute: float = 1e9,
    timeout: float = 0.5,
    exclude: Path | None = None,
) -> Outcome:
    one = ip_network(network)
    targets = Targets([one], ipv4=one.version == 4)
    tally = Tally(targets)
    opened = opened or open_socket(ipv4=targets.ipv4)
    with opened.socket:
        order = draw_order(targets.size, random.Random(7).randrange)  # noqa: S311 - the same each time
        counts = run_plan(
            opened,
            Schedule(targets, order, tally),
            (1, 2),
            Manners(rate=rate, per_minute=per_minute, timeout=timeout, text=TEXT),
            ExclusionList(exclude, allow_private=True),
        )
    return Outcome(tally, counts)


def test_every_address_that_answers_is_heard() -> None:
    tally = in_own_network(lambda: probed("10.64.0.0/20")).tally
    assert (tally.sent, tally.counts["answered"]) == (4096, 4096)
    assert sum(tally.counts.values()) == 4096
    blocks = tally.blocks()
    assert [block.answered for block in blocks] == [256] * 16
    assert all(block.rtt_median_ms is not None and block.rtt_median_ms > 0 for block in blocks)
    assert len(set(tally.answered_addresses())) == 4096


def test_a_machine_that_misbehaves_is_seen_through() -> None:
    def work() -> Outcome:
        return with_bad_machine(lambda: probed("10.66.0.0/28", rate=20, timeout=0.7))

    tally, counts = in_own_network(work)
    answered = {int(address.rpartition(".")[2]) for address in tally.answered_addresses()}
    bad = {SILENT, LATE, FORGED, ERROR, ELSEWHERE, DAMAGED}
    assert answered == set(range(16)) - bad
    assert {TWICE, FINE} <= answered
    assert tally.counts["duplicate"] == 1
    assert counts.messages[Verdict.FORGED] == 2  # a made-up token, and an answer from elsewhere
    assert counts.messages[Verdict.DAMAGED] == 1
    assert tally.counts["late"] == 1
    assert tally.icmp_errors == {"3/13": 1}
    assert tally.blocks()[0].errors == 1
    assert ip_network(MISBEHAVING).supernet(new_prefix=16) != ip_network(ANSWERING)


def test_ipv6_is_probed_likewise() -> None:
    tally = in_own_network(lambda: probed("::1/128")).tally
    assert (tally.sent, tally.counts["answered"]) == (1, 1)


def test_a_datagram_socket_needs_no_right() -> None:
    def work() -> tuple[Tally, Tally]:
        with open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as groups:  # noqa: PTH123 - of this namespace
            groups.write("0 0")
        drop_privileges()
        assert permitted(ipv4=True) == ["datagram"]
        return probed("10.64.0.0/26").tally, probed("::1/128").tally

    four, six = in_own_network(work)
    assert (four.counts["answered"], six.counts["answered"]) == (64, 1)


def test_a_raw_socket_works_on_after_all_rights_are_given_up() -> None:
    def work() -> Tally:
        opened = open_socket(ipv4=True)
        assert opened.sort == "raw"
        drop_privileges()
        with pytest.raises(PermissionError):
            open_sort("raw", ipv4=True)
        return probed("10.64.0.0/28", opened).tally

    assert in_own_network(work).counts["answered"] == 16


def test_what_cannot_be_sent_is_counted_and_not_tried_for_ever() -> None:
    tally, counts = in_own_network(lambda: probed("10.99.0.0/29"))  # no route leads there
    assert tally.sent == 0
    assert counts.send_errors == {"Network is unreachable": 8}


def test_excluded_addresses_get_nothing(tmp_path: Path) -> None:
    listed = tmp_path / "exclude"
    listed.write_text("10.64.0.0/25  # asked by mail\n", encoding="utf-8")
    tally = in_own_network(lambda: probed("10.64.0.0/24", exclude=listed).tally)
    assert (tally.sent, tally.excluded, tally.counts["answered"]) == (128, 128, 128)


def test_an_exclusion_that_is_added_meanwhile_counts_at_once(tmp_path: Path) -> None:
    listed = tmp_path / "exclude"
    listed.write_text("", encoding="utf-8")

    def add() -> None:
        listed.write_text("10.64.0.0/16\n", encoding="utf-8")

    def work() -> Tally:
        threading.Timer(0.5, add).start()
        return probed("10.64.0.0/22", rate=300, exclude=listed).tally

    tally = in_own_network(work)
    assert 0 < tally.sent < 1024
    assert tally.sent + tally.excluded == 1024


def test_nobody_is_probed_while_the_list_cannot_be_read(tmp_path: Path) -> None:
    listed = tmp_path / "exclude"
    listed.write_text("", encoding="utf-8")
    exclusions = ExclusionList(listed, allow_private=False)
    assert exclusions.current(1.5) is not None
    listed.write_text("10.64.0.0/99\n", encoding="utf-8")
    assert exclusions.current(3.0) is None
    listed.unlink()
    assert exclusions.current(4.5) is None
    listed.write_text("10.64.0.0/16 # mended\n", encoding="utf-8")
    assert exclusions.current(6.0) is not None


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_list(tmp_path / "absent")


def test_a_block_is_asked_no_faster_than_is_allowed() -> None:
    def work() -> tuple[Tally, float]:
        began = time.monotonic()
        return probed("10.64.0.0/29", per_minute=300, timeout=0.1).tally, time.monotonic() - began

    tally, seconds = in_own_network(work)
    assert tally.sent == 8
    assert seconds >= 7 * 0.2
