"""Probing targets once: who is asked, how, and what came of it."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from zicht.errors import UsageError
from zicht.place.special import SPECIAL_PREFIXES
from zicht.sources.probe.fetch.engine import Counts, run_plan
from zicht.sources.probe.fetch.lists import ExclusionList, read_list
from zicht.sources.probe.fetch.sockets import open_socket
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.order import draw_order
from zicht.sources.probe.plan import Asked, Refusal
from zicht.sources.probe.replies import Kind, naming
from zicht.sources.probe.schedule import Schedule
from zicht.sources.probe.tally import Block, Tally
from zicht.sources.probe.targets import Targets
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network

RATE = 100.0
"""Probes a second, unless told otherwise."""
PER_MINUTE = 60.0
"""Probes a minute to one /24, unless told otherwise."""
TIMEOUT = 5.0
"""Seconds until an answer is late. Of 100 pings that are answered 95 are within 5 s from 95 % of
addresses (Padmanabhan, Owen, Schulman and Spring, "Timeouts: beware surprisingly high delay",
IMC 2015)."""

_AT_ONCE = 1 << 16  # addresses of a dry run


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be asked, and how.

    Attributes:
        targets: addresses and networks.
        contact: a mail or web address at which those probed can ask to be left alone.
        targets_file: a file of more targets, one a line.
        exclude: a file of networks to leave alone, read anew whenever it changes.
        allow_private: also probe private and reserved space.
        rate: probes a second.
        per_minute: probes a minute to one /24 (IPv6: /48).
        timeout: seconds after which an answer is late.
        kind: ``icmp`` for echo requests, ``tcp`` for SYNs.
        port: to which SYNs go.
        dry_run: open no socket, send nothing, say what would be sent.
    """

    targets: Sequence[str]
    contact: str
    targets_file: Path | None = None
    exclude: Path | None = None
    allow_private: bool = False
    rate: float = RATE
    per_minute: float = PER_MINUTE
    timeout: float = TIMEOUT
    kind: Literal["icmp", "tcp"] = "icmp"
    port: int = 443
    dry_run: bool = False


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of probing.

    Attributes:
        dry_run: nothing was sent; ``sent`` and ``blocks`` say what would be.
        begin: when it began, UTC.
        seconds: how long it took, or would take at least.
        sockets: the sort of socket that each family was probed with, ``raw`` or ``datagram``.
        text: what each probe carried in plain words; a SYN carries none.
        targets: addresses to probe.
        excluded: of these, those left alone.
        sent: probes.
        answered: addresses that answered in time.
        late: answers after that.
        duplicate: answers of addresses that had answered.
        forged: replies with the mark of this run and no right token.
        damaged: replies with a wrong checksum.
        foreign: messages that had nothing to do with these probes.
        dropped: messages that the kernel had no room for, answers perhaps.
        seconds_down: for how long probing paused since the network was down.
        icmp_errors: ICMP errors about these probes, by type and code.
        send_errors: probes that this machine could not send, by why.
        blocks: what came of each /24 or /48.
        addresses: those that answered in time.
    """

    dry_run: bool
    begin: datetime
    seconds: float
    sockets: dict[str, str]
    text: str
    targets: int
    excluded: int
    sent: int
    answered: int
    late: int
    duplicate: int
    forged: int
    damaged: int
    foreign: int
    dropped: int
    seconds_down: float
    icmp_errors: dict[str, int]
    send_errors: dict[str, int]
    blocks: list[Block]
    addresses: list[str]


def probe_once(
    request: Request,
    *,
    after_opening: Callable[[], None] = lambda: None,
    tell: Callable[[int, int], None] = lambda _sent, _targets: None,
) -> Probed:
    """Send one probe to each address of the targets, and say who answered.

    Args:
        request: who, and how.
        after_opening: called once the sockets are open, such as to drop privileges.
        tell: called now and then with how many were sent, and of how many.

    Raises:
        UsageError: a target is no network, or private and that is not allowed; there are too many
            or none; the contact cannot be sent along; no socket may be opened.
        InputError: a file cannot be read.
    """
    manners = Manners(
        rate=request.rate,
        per_minute=request.per_minute,
        timeout=request.timeout,
        text=naming(request.contact),
        port=request.port,
    )
    kind = Kind.SYN if request.kind == "tcp" else Kind.ECHO
    spaces = _spaces(request)
    exclusions = ExclusionList(request.exclude, allow_private=request.allow_private)
    opened = []
    if not request.dry_run:
        opened = [open_socket(ipv4=space.ipv4, kind=kind, port=request.port) for space in spaces]
    after_opening()
    tallies = [Tally(space) for space in spaces]
    begin, clock = datetime.now(UTC), time.monotonic()
    key = (secrets.randbits(64), secrets.randbits(64))
    all_counts: list[Counts] = []
    for socket, space, tally in zip(opened, spaces, tallies, strict=False):
        with socket.socket:
            counts = run_plan(
                socket,
                Schedule(space, draw_order(space.size, secrets.randbelow), tally),
                key,
                manners,
                exclusions,
                tell=partial(_tell, tell, space.size),
            )
        all_counts.append(counts)
    seconds = time.monotonic() - clock
    if request.dry_run:
        for space, tally in zip(spaces, tallies, strict=True):
            _pretend(space, tally, exclusions)
        seconds = _least_time(tallies, manners)
    sorts: dict[str, str] = {f"ipv{4 if one.ipv4 else 6}": one.sort for one in opened}
    text = manners.text.decode() if kind is Kind.ECHO else ""
    return _sum_up(tallies, begin, seconds, sorts, all_counts, text, dry_run=request.dry_run)


def _tell(tell: Callable[[int, int], None], size: int, counts: Counts) -> None:
    tell(counts.sent, size)


def _spaces(request: Request) -> list[Targets]:
    networks = [_network(text) for text in request.targets]
    if request.targets_file:
        networks += read_list(request.targets_file)
    if not request.allow_private:
        refuse_private(networks)
    families = [[n for n in networks if n.version == version] for version in (4, 6)]
    spaces = [Targets(own, ipv4=own is families[0]) for own in families if own]
    if not spaces:
        raise UsageError("There is nobody to probe.", "Name addresses or networks, or --targets.")
    return spaces


def _sum_up(
    tallies: list[Tally],
    begin: datetime,
    seconds: float,
    sockets: dict[str, str],
    engine: list[Counts],
    text: str,
    *,
    dry_run: bool,
) -> Probed:
    counts = _total(tally.counts for tally in tallies)
    messages = sum((one.messages for one in engine), start=Counter[Verdict]())
    blocks = [block for tally in tallies for block in tally.blocks()]
    return Probed(
        dry_run=dry_run,
        begin=begin,
        seconds=round(seconds, 3),
        sockets=sockets,
        text=text,
        targets=sum(block.targets for block in blocks),
        excluded=sum(tally.excluded for tally in tallies),
        sent=sum(tally.sent for tally in tallies),
        answered=counts["answered"],
        late=counts["late"],
        duplicate=counts["duplicate"],
        forged=messages[Verdict.FORGED],
        damaged=messages[Verdict.DAMAGED],
        foreign=messages[Verdict.FOREIGN] + counts["foreign"],
        dropped=sum(one.dropped for one in engine),
        seconds_down=round(sum(one.seconds_down for one in engine), 3),
        icmp_errors=dict(sorted(_total(tally.icmp_errors for tally in tallies).items())),
        send_errors=dict(sorted(_total(one.send_errors for one in engine).items())),
        blocks=blocks,
        addresses=[address for tally in tallies for address in tally.answered_addresses()],
    )


def _total(counters: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counters, start=Counter())


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is neither an address nor a network.",
            "Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/120; a network has no bits beyond its"
            " length.",
        ) from None


def refuse_private(networks: Iterable[Network]) -> None:
    """Refuse networks that are not of the public internet.

    Raises:
        UsageError: one of them is private or reserved.
    """
    for network in networks:
        special = next(
            (p for p in SPECIAL_PREFIXES if p.version == network.version and p.overlaps(network)),
            None,
        )
        if special is not None:
            raise UsageError(
                f"{network} is private or reserved: {special} is not of the public internet.",
                "If it is your own network, say --allow-private.",
            )


def _pretend(space: Targets, tally: Tally, exclusions: ExclusionList) -> None:
    """Note as sent what would be sent now."""
    allowed = exclusions.current(0.0)
    if allowed is None:
        return
    for begin in range(0, space.size, _AT_ONCE):
        positions = np.arange(begin, min(begin + _AT_ONCE, space.size), dtype=np.uint64)
        part = Asked(*space.addresses(positions))
        barred = allowed.listed(part.high, ipv4=space.ipv4)
        barred |= allowed.private(part.high, ipv4=space.ipv4)
        tally.note_refused(part.where(barred), Refusal.EXCLUDED)
        tally.note_sent(part.where(~barred))


def _least_time(tallies: list[Tally], manners: Manners) -> float:
    """Seconds that the rate and the limit of the fullest block ask for, one family by one."""
    return sum(
        max(
            tally.sent / manners.rate,
            max(block.probed - 1 for block in tally.blocks()) * 60 / manners.per_minute,
        )
        + manners.timeout
        for tally in tallies
    )
