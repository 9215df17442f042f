"""What goes wrong on a real line, in network namespaces of the test's own."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from own_network import in_own_network, inside, ip, joined_by_veth, use_other_side

from zicht.sources.probe.fetch.engine import Counts, run_plan
from zicht.sources.probe.fetch.lists import ExclusionList
from zicht.sources.probe.fetch.sockets import Opened, open_socket, open_sort
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.order import draw_order
from zicht.sources.probe.replies import Kind, naming
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.tally import Tally
from zicht.sources.probe.targets import Targets
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = naming("noc@example.org")


class Outcome(NamedTuple):
    tally: Tally
    counts: Counts
    seconds: float


def probed(
    network: str,
    *,
    opened: Opened | None = None,
    kind: Kind = Kind.ECHO,
    rate: float = 5000,
    timeout: float = 0.5,
    stop: Callable[[], bool] = lambda: False,
    step: int = 0,
) -> Outcome:
    one = ip_network(network)
    targets = Targets([one], ipv4=one.version == 4)
    tally = Tally(targets)
    opened = opened or open_socket(ipv4=targets.ipv4, kind=kind, port=443)
    order = draw_order(targets.size, random.Random(7).randrange)  # noqa: S311 - the same each time
    began = time.monotonic()
    with opened.socket:
        counts = run_plan(
            opened,
            Schedule(targets, order, tally, step),
            (1, 2),
            Manners(rate=rate, per_minute=1e9, timeout=timeout, text=TEXT),
            ExclusionList(None, allow_private=True),
            stop=stop,
        )
    return Outcome(tally, counts, time.monotonic() - began)


def _set(name: str, value: str) -> None:
    """Set something of this thread's namespace."""
    (Path("/proc/sys/net/ipv4") / name).write_text(value, encoding="ascii")


def over_veth(work: Callable[[int], Outcome]) -> Outcome:
    def inside_one() -> Outcome:
        with joined_by_veth() as there:
            return work(there)

    return in_own_network(inside_one)


@pytest.mark.parametrize("network", ["10.65.0.0/22", "fd65::/118"])
@pytest.mark.parametrize("kind", [Kind.ECHO, Kind.SYN])
def test_who_is_there_answers_pings_and_syns(network: str, kind: Kind) -> None:
    tally, counts, _ = over_veth(lambda _: probed(network, kind=kind))
    assert (tally.sent, tally.counts["answered"]) == (1024, 1024)
    assert counts.messages[Verdict.ANSWER] == 1024
    assert sum(counts.messages.values()) == 1024
    assert all(block.rtt_median_ms is not None for block in tally.blocks())


def test_a_port_that_is_open_answers_once_and_keeps_no_connection() -> None:
    def work(there: int) -> Outcome:
        with inside(there):
            listening = socket.create_server(("0.0.0.0", 443))  # noqa: S104 - of this namespace
        with listening:
            outcome = probed("10.65.0.0/28", kind=Kind.SYN)
            listening.settimeout(0.2)
            with pytest.raises(TimeoutError):  # this machine's kernel has reset them all
                listening.accept()
        return outcome

    tally, counts, _ = over_veth(work)
    assert tally.counts["answered"] == 16
    assert counts.messages[Verdict.FORGED] == 0


@pytest.mark.parametrize("kind", [Kind.ECHO, Kind.SYN])
@pytest.mark.parametrize("sort", ["raw", "datagram"])
def test_unreachables_are_errors_of_those_who_were_asked(kind: Kind, sort: str) -> None:
    if kind is Kind.SYN and sort == "datagram":
        return  # there are none

    def work(there: int) -> Outcome:
        _set("ping_group_range", "0 0")
        with inside(there):
            ip("route add prohibit 10.65.7.0/28")
            _set("ip_forward", "1")
            _set("icmp_ratelimit", "0")
        opened = open_sort("raw" if sort == "raw" else "datagram", ipv4=True, kind=kind, port=443)
        return probed("10.65.7.0/27", opened=opened, kind=kind, rate=200)

    for _ in range(5):  # Linux gives few of them a second, to all its namespaces together
        tally, counts, _ = over_veth(work)
        if tally.icmp_errors:
            break
        time.sleep(1)
    assert set(tally.icmp_errors) == {"3/13"}
    assert 1 <= tally.icmp_errors["3/13"] <= 16
    assert tally.counts["answered"] == 16
    assert tally.sent == 32
    assert not counts.send_errors


@pytest.mark.parametrize("own", [True, False])
def test_a_network_that_goes_down_pauses_probing_and_nobody_is_taken_for_silent(
    own: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    def work(there: int) -> Outcome:
        def break_() -> None:  # in this namespace: threads inherit it
            if own:
                ip("link set v0 down")
                time.sleep(0.5)
                ip("link set v0 up")
                use_other_side()
                return
            with inside(there):  # the carrier is lost
                ip("link set v1 down")
                time.sleep(0.5)
                ip("link set v1 up")

        breaking: list[threading.Thread] = []

        def once_probing() -> bool:
            if not breaking:
                breaking.append(threading.Timer(0.3, break_))
                breaking[0].start()
            return False

        outcome = probed("10.65.0.0/22", rate=1000, stop=once_probing)
        breaking[0].join()
        return outcome

    tally, counts, _ = over_veth(work)
    assert tally.sent == 1024
    assert counts.seconds_down > 0.2
    assert not counts.down
    assert not counts.send_errors
    # But for those on their way, until it is looked at where only the carrier is lost.
    assert tally.counts["answered"] >= (1000 if own else 500)


def test_a_flood_of_strangers_hides_no_answer() -> None:
    def work(there: int) -> Outcome:
        stop = threading.Event()

        def flood() -> None:
            with inside(there), socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) as stranger:
                message = struct.pack("!BBHHH", 0, 0, 0xFFFF, 0, 0) + bytes(40)
                while not stop.is_set():
                    stranger.sendto(message, ("10.9.0.1", 0))

        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            return probed("10.65.0.0/21", rate=4000)
        finally:
            stop.set()
            flooding.join()

    tally, counts, _ = over_veth(work)
    assert counts.messages[Verdict.FOREIGN] > 1000
    assert tally.counts["answered"] + counts.dropped >= 2048
    assert tally.counts["answered"] > 2000


def test_a_full_send_buffer_loses_nothing() -> None:
    def work(_: int) -> Outcome:
        ip("link set v0 txqueuelen 2")
        opened = open_socket(ipv4=True)
        opened.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        return probed("10.65.0.0/22", opened=opened, rate=1e9)

    tally, _, _ = over_veth(work)
    assert (tally.sent, tally.counts["answered"]) == (1024, 1024)


def test_a_run_can_be_stopped_and_gone_on_with() -> None:
    began = time.monotonic()

    def work() -> tuple[Outcome, int]:
        targets = Targets([ip_network("10.64.0.0/20")], ipv4=True)
        order = draw_order(targets.size, random.Random(7).randrange)  # noqa: S311 - the same
        tally = Tally(targets)
        plan = Schedule(targets, order, tally)
        opened = open_socket(ipv4=True)
        with opened.socket:
            run_plan(
                opened,
                plan,
                (1, 2),
                Manners(rate=2000, per_minute=1e9, timeout=0.5, text=TEXT),
                ExclusionList(None, allow_private=True),
                stop=lambda: tally.sent > 500,
            )
        assert 500 < tally.sent < 4096
        return probed("10.64.0.0/20", rate=1e6, step=plan.step), tally.sent

    rest, before = in_own_network(work)
    assert before + rest.tally.sent >= 4096 - 20  # what was put back is not in the step
    assert time.monotonic() - began < 60
