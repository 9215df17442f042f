"""What a run's probes are, and what becomes of the messages that come back."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.errors import UsageError
from zicht.sources.probe import echo, syn
from zicht.sources.probe.echo import judge_echo, judge_quoted_echo, write_echo
from zicht.sources.probe.packets import summed
from zicht.sources.probe.syn import judge_quoted_syn, judge_syn, write_syn
from zicht.sources.probe.token import mark_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Rows, Words
    from zicht.sources.probe.token import Key

LONGEST_CONTACT = 64
_TEXT = "Zicht measures connectivity. Contact, and to be left alone: "
ROW = 192
"""Bytes of a reply that are looked at: more than any probe has, with its headers."""


class Kind(IntEnum):
    """What a probe is."""

    ECHO = 0
    """An ICMP echo request."""
    SYN = 1
    """The first segment of a TCP connection, which is never opened."""


# Kernels know plain numbers alone.
_SYN = int(Kind.SYN)


class Probes(NamedTuple):
    """What a run's probes have in common; kernels take it as it is.

    Attributes:
        kind: a ``Kind``.
        ipv4: of IPv4, or of IPv6.
        ip_header: whether the IP header stands before what is received.
        key: uint64[2], drawn for the run.
        mark: of the key.
        port: of TCP.
        source: the first 64 bits of the address that they are sent from; of TCP over IPv4 alone.
        template: uint8[width].
        fixed: the template's sum.
        timeout: ns after which an answer is late.
    """

    kind: int
    ipv4: bool
    ip_header: bool
    key: Words
    mark: np.uint64
    port: np.uint64
    source: np.uint64
    template: Rows
    fixed: np.uint64
    timeout: np.int64


class Messages(NamedTuple):
    """What sockets gave.

    Attributes:
        rows: uint8[n, ROW].
        lengths: int64[n].
        high: uint64[n]: the first 64 bits of the sender's address.
        low: uint64[n]: the last 64; 0 for IPv4.
        received: int64[n]: when, in ns of the run.
    """

    rows: Rows
    lengths: NDArray[np.int64]
    high: Words
    low: Words
    received: NDArray[np.int64]


class Judged(NamedTuple):
    """What became of messages, one entry each.

    Attributes:
        verdict: uint8[n], a ``Verdict``.
        high: uint64[n]: the address that was probed: its first 64 bits.
        low: uint64[n]: its last 64.
        round_trip: float64[n]: seconds; NaN where it is not known.
        icmp_type: uint8[n]: of answers to an echo request and of ICMP errors, else 0.
        icmp_code: uint8[n]: likewise.
    """

    verdict: Rows
    high: Words
    low: Words
    round_trip: NDArray[np.float64]
    icmp_type: Rows
    icmp_code: Rows


def room_for(count: int) -> Judged:
    """Room for so many judged messages."""
    return Judged(
        verdict=np.empty(count, dtype=np.uint8),
        high=np.empty(count, dtype=np.uint64),
        low=np.empty(count, dtype=np.uint64),
        round_trip=np.empty(count),
        icmp_type=np.empty(count, dtype=np.uint8),
        icmp_code=np.empty(count, dtype=np.uint8),
    )


def first(judged: Judged, count: int) -> Judged:
    """A copy of the first so many."""
    return Judged(
        verdict=judged.verdict[:count].copy(),
        high=judged.high[:count].copy(),
        low=judged.low[:count].copy(),
        round_trip=judged.round_trip[:count].copy(),
        icmp_type=judged.icmp_type[:count].copy(),
        icmp_code=judged.icmp_code[:count].copy(),
    )


def naming(contact: str) -> bytes:
    """The text that echo requests carry.

    Raises:
        UsageError: the contact is empty, too long, or not plain ASCII.
    """
    plain = contact.isascii() and contact.isprintable() and contact == contact.strip()
    if not contact or not plain or len(contact) > LONGEST_CONTACT:
        raise UsageError(
            f"The contact {contact!r} cannot be sent along: it is 1 to {LONGEST_CONTACT} characters"
            " of plain ASCII.",
            "Name a mail or web address at which those probed can ask to be left alone.",
        )
    return (_TEXT + contact).encode()


def echo_probes(
    key: Key, text: bytes, timeout: float, *, ipv4: bool, ip_header: bool = False
) -> Probes:
    """Echo requests that carry what ``naming`` gives; ``timeout`` is in seconds."""
    return _probes(Kind.ECHO, key, echo.template(key, text, ipv4=ipv4), timeout, ipv4, ip_header)


def syn_probes(key: Key, port: int, timeout: float, *, ipv4: bool, source: int = 0) -> Probes:
    """SYNs to a port; ``source`` is the first 64 bits of one's own address, of IPv4."""
    probes = _probes(Kind.SYN, key, syn.template(port), timeout, ipv4, ip_header=ipv4)
    return probes._replace(port=np.uint64(port), source=np.uint64(source))


def write(probes: Probes, high: Words, low: Words, sent: int) -> Rows:
    """uint8[n, width]: probes to addresses, as sockets take them.

    Args:
        probes: what they have in common.
        high: uint64[n]: the first 64 bits of each address.
        low: uint64[n]: the last 64.
        sent: when they are sent, in ns of the run.
    """
    rows = np.tile(probes.template, (len(high), 1))
    _write_all(probes, rows, high, low, sent)
    return rows


def judge(probes: Probes, messages: Messages) -> Judged:
    """Tell answers from what only looks like them; nothing needs to be known of what was sent."""
    judged = room_for(len(messages.rows))
    _judge_all(probes, messages, judged)
    return judged


@njit(cache=True, nogil=True)
def write_row(probes: Probes, rows: Rows, row: int, high: int, low: int, sent: int) -> None:
    """Write what differs from probe to probe into a row that holds the template."""
    if probes.kind == _SYN:
        write_syn(rows, row, probes.key, high, low, sent, probes.fixed, probes.source, probes.ipv4)
    else:
        write_echo(rows, row, probes.key, high, low, sent, probes.fixed, probes.ipv4)


@njit(cache=True, nogil=True)
def judge_row(
    probes: Probes, rows: Rows, row: int, length: int, high: int, low: int, received: int
) -> tuple[int, int, int, int, int, int]:
    """Judge one message, sent by an address and received at a time (ns of the run).

    Gives the verdict, the address that was probed, the round trip in ns or -1, ICMP type and code.
    """
    if probes.kind == _SYN:
        verdict, since = judge_syn(
            rows,
            row,
            length,
            probes.key,
            probes.port,
            high,
            low,
            received,
            probes.timeout,
            probes.ipv4,
        )
        return verdict, high, low, since, 0, 0
    return judge_echo(
        rows,
        row,
        length,
        probes.key,
        probes.mark,
        high,
        low,
        received,
        probes.timeout,
        probes.ipv4,
        probes.ip_header,
    )


@njit(cache=True, nogil=True)
def judge_quoted_row(
    probes: Probes, rows: Rows, row: int, length: int, high: int, low: int, received: int
) -> int:
    """The verdict on an ICMP error that the kernel gives with the probe to an address."""
    if probes.kind == _SYN:
        return judge_quoted_syn(rows, row, length, probes.key, probes.port, high, low, received)
    return judge_quoted_echo(rows, row, length, probes.key, probes.mark, high, low)


@njit(cache=True, nogil=True)
def keep(
    judged: Judged,
    at: int,
    verdict: int,
    high: int,
    low: int,
    since: int,
    icmp_type: int,
    icmp_code: int,
) -> None:
    """Write one judged message at a place."""
    judged.verdict[at] = verdict
    judged.high[at] = high
    judged.low[at] = low
    judged.round_trip[at] = since / 1e9 if since >= 0 else np.nan
    judged.icmp_type[at] = icmp_type
    judged.icmp_code[at] = icmp_code


def _probes(
    kind: Kind,
    key: Key,
    template: Rows,
    timeout: float,
    ipv4: bool,
    ip_header: bool,
) -> Probes:
    return Probes(
        kind=int(kind),
        ipv4=ipv4,
        ip_header=ip_header,
        key=np.array(key, dtype=np.uint64),
        mark=np.uint64(mark_of(key)),
        port=np.uint64(0),
        source=np.uint64(0),
        template=template,
        fixed=np.uint64(summed(template[None, :].copy(), 0, 0, len(template))),
        timeout=np.int64(timeout * 1e9),
    )


@njit(cache=True, nogil=True)
def _write_all(probes: Probes, rows: Rows, high: Words, low: Words, sent: int) -> None:
    for row in range(len(high)):
        write_row(probes, rows, row, high[row], low[row], np.uint64(sent))


@njit(cache=True, nogil=True)
def _judge_all(probes: Probes, messages: Messages, judged: Judged) -> None:
    for row in range(len(messages.rows)):
        verdict, high, low, since, icmp_type, icmp_code = judge_row(
            probes,
            messages.rows,
            row,
            messages.lengths[row],
            messages.high[row],
            messages.low[row],
            messages.received[row],
        )
        keep(judged, row, verdict, high, low, since, icmp_type, icmp_code)
