"""How evenly probes go out, on the wire at the other end of a veth pair, and when they come back.

No bound here is of the machine's speed: a pause of the machine is no burst of the prober's, so that
one even run of several shows the pace, and a prober that sends in bursts has none.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from own_network import in_own_network, inside, joined_by_veth
from test_engine_faults import Outcome, probed

from zicht.sources.probe.pacing import FASTER, LONGEST_BURST

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ETH_IP = 0x0800
_SO_TIMESTAMPNS = 35


def _listen(there: int, ready: threading.Event, stop: threading.Event, times: list[int]) -> None:
    with (
        inside(there),
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_IP)) as line,
    ):
        line.bind(("v1", _ETH_IP))
        line.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        line.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        line.settimeout(0.2)
        ready.set()
        while True:
            try:
                packet, control, _, _ = line.recvmsg(64, 64)
            except TimeoutError:
                if stop.is_set():
                    return
                continue
            if packet[9] == 1 and packet[20] == 8:  # an echo request
                seconds, rest = struct.unpack("qq", control[0][2])
                times.append(seconds * 1_000_000_000 + rest)


@pytest.mark.parametrize(("rate", "network"), [(100, "26"), (10_000, "19"), (50_000, "17")])
def test_probes_go_out_at_the_rate_and_never_in_bursts(rate: int, network: str) -> None:
    for _ in range(5):
        at = _times_on_the_wire(rate, network)
        if _largest_burst(at, rate) <= _allowed(rate) and _rate_of(at) <= rate * 1.01 + 20:
            return  # a busy machine brings late what was sent evenly, but none evens what was not
    assert _largest_burst(at, rate) <= _allowed(rate)
    assert _rate_of(at) <= rate * 1.01 + 20


def _times_on_the_wire(rate: int, network: str) -> NDArray[np.float64]:
    times: list[int] = []

    def work() -> Outcome:
        with joined_by_veth() as there:
            ready, stop = threading.Event(), threading.Event()
            listening = threading.Thread(target=_listen, args=(there, ready, stop, times))
            listening.start()
            assert ready.wait(10)
            try:
                return probed(f"10.65.0.0/{network}", rate=rate, timeout=0.2)
            finally:
                time.sleep(0.1)
                stop.set()
                listening.join()

    tally, counts, _ = in_own_network(work)
    assert len(times) >= 0.98 * tally.sent  # what listens is Python, and may miss some
    assert counts.messages.total() == tally.sent
    return np.sort(np.array(times)) / 1e9


def _largest_burst(at: NDArray[np.float64], rate: int) -> float:
    """What the bucket of tokens would have to hold, if it fills a little faster than the rate."""
    slack = np.arange(len(at)) - FASTER * rate * at
    return float((slack - np.minimum.accumulate(slack)).max())


def _allowed(rate: int) -> float:
    return rate * (LONGEST_BURST * FASTER + 0.001) + 20  # a millisecond is the wire's own


def _rate_of(at: NDArray[np.float64]) -> float:
    return float((len(at) - 1) / (at[-1] - at[0]))
