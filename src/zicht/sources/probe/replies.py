"""What a probe carries, and what becomes of the messages that come back.

A probe's data: the run's mark (4 bytes), the time at which it was sent (8, ns since 1970), its
token (8), then a text that tells whoever looks at the packet who asks and how to be left alone.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zicht.errors import UsageError
from zicht.sources.probe.packets import (
    Kind,
    Read,
    big_endian,
    big_number,
    checksums_hold,
    echo_requests,
    read,
)
from zicht.sources.probe.token import echo_fields, mark_of, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.packets import Rows, Words
    from zicht.sources.probe.token import Key

STAMP = 20
"""Bytes of mark, time and token, before the text."""
LONGEST_CONTACT = 64
_TEXT = "Zicht measures connectivity. Contact, and to be left alone: "
ROW = 192
"""Bytes of a reply that are looked at: more than any probe has, with its headers."""


class Verdict(IntEnum):
    """What a message that came back is."""

    FOREIGN = 0
    """Not to a probe of this run: other programs' pings, strangers, other runs."""
    DAMAGED = 1
    """Its checksum is wrong."""
    FORGED = 2
    """It has the run's mark and no token of its sender's address: made up or altered on the way, or
    of a host that answers from another address than was probed."""
    LATE = 3
    """A right answer, later than was waited for."""
    ANSWER = 4
    """A right answer in time."""
    ERROR = 5
    """An ICMP error that quotes a probe of this run."""


class Messages(NamedTuple):
    """What sockets gave.

    Attributes:
        rows: uint8[n, ROW].
        lengths: int64[n].
        high: uint64[n]: the first 64 bits of the sender's address.
        low: uint64[n]: the last 64; 0 for IPv4.
        received: uint64[n]: when, in ns since 1970.
    """

    rows: Rows
    lengths: NDArray[np.int64]
    high: Words
    low: Words
    received: Words


class Judged(NamedTuple):
    """What became of messages, one entry each.

    Attributes:
        verdict: uint8[n], a ``Verdict``.
        high: uint64[n]: the address that was probed: its first 64 bits.
        low: uint64[n]: its last 64.
        round_trip: float64[n]: seconds; NaN where it is no answer or the clock was set back.
        icmp_type: uint8[n].
        icmp_code: uint8[n].
    """

    verdict: Rows
    high: Words
    low: Words
    round_trip: NDArray[np.float64]
    icmp_type: Rows
    icmp_code: Rows


def naming(contact: str) -> bytes:
    """The text that probes carry.

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


def probes(key: Key, high: Words, low: Words, sent: int, text: bytes, *, ipv4: bool) -> Rows:
    """Echo requests to addresses, as sockets take them.

    Args:
        key: the run's.
        high: uint64[n]: the first 64 bits of each address.
        low: uint64[n]: the last 64.
        sent: when they are sent, in ns since 1970.
        text: what ``naming`` gives.
        ipv4: for IPv4, or for IPv6.
    """
    n = len(high)
    times = np.full(n, sent, dtype=np.uint64)
    data = np.empty((n, STAMP + len(text)), dtype=np.uint8)
    data[:, :4] = big_endian(np.array([mark_of(key)], dtype=np.uint64), 4)
    data[:, 4:12] = big_endian(times, 8)
    data[:, 12:20] = big_endian(tokens(key, high, low, times), 8)
    data[:, STAMP:] = np.frombuffer(text, dtype=np.uint8)
    identifier, sequence = echo_fields(key, high, low)
    return echo_requests(identifier, sequence, data, ipv4=ipv4)


def judge(key: Key, messages: Messages, timeout: float, *, ipv4: bool, ip_header: bool) -> Judged:
    """Tell answers from what only looks like them; nothing needs to be known of what was sent.

    Args:
        key: the run's.
        messages: what came.
        timeout: seconds after which an answer is late.
        ipv4: of IPv4, or of IPv6.
        ip_header: whether the IP header stands before the ICMP message.
    """
    rows, lengths = messages.rows, messages.lengths
    found = read(rows, lengths, ipv4=ipv4, ip_header=ip_header)
    is_reply, is_error = found.kind == Kind.REPLY, found.kind == Kind.ERROR
    marked = (lengths >= found.body + STAMP) & (big_number(rows, found.body, 4) == mark_of(key))
    sent = big_number(rows, found.body + 4, 8)
    token = big_number(rows, found.body + 12, 8)
    genuine = marked & (token == tokens(key, messages.high, messages.low, sent))
    since = np.where(genuine & is_reply, (messages.received - sent).view(np.int64) / 1e9, np.nan)

    verdict = np.full(len(rows), Verdict.FOREIGN, dtype=np.uint8)
    verdict[is_reply & marked] = Verdict.FORGED
    verdict[is_reply & genuine] = Verdict.ANSWER
    verdict[is_reply & genuine & (since > timeout)] = Verdict.LATE
    verdict[is_error & marked] = Verdict.FORGED
    verdict[is_error & _quotes_ours(key, found)] = Verdict.ERROR
    if ipv4:
        sound = checksums_hold(rows, lengths, ip_header=ip_header)
        verdict[(verdict != Verdict.FOREIGN) & ~sound] = Verdict.DAMAGED
    return Judged(
        verdict=verdict,
        high=np.where(is_error, found.high, messages.high),
        low=np.where(is_error, found.low, messages.low),
        round_trip=np.where(since >= 0, since, np.nan),
        icmp_type=found.icmp_type,
        icmp_code=found.icmp_code,
    )


def _quotes_ours(key: Key, found: Read) -> NDArray[np.bool_]:
    identifier, sequence = echo_fields(key, found.high, found.low)
    ours: NDArray[np.bool_] = (found.identifier == identifier) & (found.sequence == sequence)
    return ours
