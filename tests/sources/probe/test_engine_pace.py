"""How evenly probes go out, on the wire at the other end of a veth pair, and when they come back.

No bound of time here is of the machine's speed: a machine that pauses is seen in its own clock, and
what it could not do is not asked of it.
"""

from __future__ import annotations

import socket
import struct
import threading
import time

import numpy as np
import pytest
from own_network import in_own_network, inside, joined_by_veth
from test_engine_faults import Outcome, probed

from zicht.sources.probe.pacing import FASTER, LONGEST_BURST

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
    at = np.sort(np.array(times)) / 1e9
    # The token bucket: in any time of t seconds at most so many. A millisecond is the wire's own.
    number = np.arange(len(at))
    slack = number - FASTER * rate * at
    worst = float((slack - np.minimum.accumulate(slack)).max())
    assert worst <= rate * (LONGEST_BURST * FASTER + 0.001) + 20
    assert counts.messages.total() == tally.sent
    # Never faster than asked; and, if this machine was not kept from it, no slower.
    assert (len(at) - 1) / (at[-1] - at[0]) <= rate * 1.01 + 20
