"""A census: who answers in a country, found out politely, in any number of sittings."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import UsageError
from zicht.observe.private import locked
from zicht.observe.probe_census_state import CensusState, read_state, write_state
from zicht.observe.probe_histories import change_history
from zicht.observe.probe_space import spaces_of
from zicht.observe.probing import PER_MINUTE, TIMEOUT
from zicht.sources.probe.census import Estimate, estimate, found, learn
from zicht.sources.probe.fetch.engine import run_plan
from zicht.sources.probe.fetch.lists import ExclusionList
from zicht.sources.probe.fetch.sockets import open_socket, open_sockets
from zicht.sources.probe.history import BlockHistory, BlockSort
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.replies import naming
from zicht.sources.probe.sweep import MOST_ROUNDS, Sweep, begin
from zicht.sources.probe.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from zicht.sources.probe.fetch.engine import Counts
    from zicht.sources.probe.fetch.sockets import Opened
    from zicht.sources.probe.space import Listed, Ranges

RATE = 1000.0
"""Probes a second, unless told otherwise: less than 1 Mbit/s, and never more than ``PER_MINUTE`` of
them to one block."""
ROUNDS = 3
"""Rounds, unless told otherwise: from the second on it is known how often a block answers."""
EVERY = 3600.0
"""Seconds between the begins of rounds, unless told otherwise, so that they are of different
hours."""
_WRITE_EVERY = 10.0  # seconds; longer where writing takes long
_WRITING_AT_MOST = 0.02  # of the time
_NOT_OURS = (Verdict.FORGED, Verdict.DAMAGED, Verdict.FOREIGN)
_BINS = (1, 3, 15, 64, 128)
"""Where the bins of E(b) begin: lone, sparse (Trinocular), and then by doubling."""


class CensusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be asked, and how.

    Attributes:
        targets: countries, regions, AS numbers, networks.
        contact: a mail or web address at which those probed can ask to be left alone.
        rounds: how often each address is asked.
        every: seconds from the begin of a round to that of the next, at least.
        exclude: a file of networks to leave alone, read anew whenever it changes.
        allow_private: also probe private and reserved space.
        rate: probes a second.
        per_minute: probes a minute to one /24 (IPv6: /48).
        timeout: seconds after which an answer is late.
        restart: forget a census of these targets that was not ended.
        dry_run: open no socket, send nothing, say what would be sent.
    """

    targets: Sequence[str]
    contact: str
    rounds: int = ROUNDS
    every: float = EVERY
    exclude: Path | None = None
    allow_private: bool = False
    rate: float = RATE
    per_minute: float = PER_MINUTE
    timeout: float = TIMEOUT
    restart: bool = False
    dry_run: bool = False


class FamilyCensus(msgspec.Struct, frozen=True, kw_only=True):
    """What a census is, or was, of one family.

    Attributes:
        family: 4 or 6.
        estimate: what it takes as a whole.
        resumed: whether it went on with one that was not ended.
        told: counts: ``sent``, ``answered``, ``excluded``, ``private``, ``unsendable``, what
            else came, as in ``zicht probe once``, and ``dropped``, messages for which this machine
            had no room.
        blocks: blocks in which anybody answered.
        addresses: who answered.
        ever_active: blocks by how many of their addresses answered, such as ``15-63``.
        sorts: blocks by their sort.
        availability: the median of A(E(b)); ``None`` after one round, or where nobody answered.
    """

    family: int
    estimate: Estimate
    resumed: bool
    told: dict[str, int]
    blocks: int
    addresses: int
    ever_active: dict[str, int]
    sorts: dict[str, int]
    availability: float | None


def take_census(
    store: Path,
    request: CensusRequest,
    *,
    opened: Sequence[Opened] | None = None,
    tell: Callable[[str], None] = lambda _: None,
    show: Callable[[int, int, float], None] = lambda _sent, _probes, _rate: None,
) -> list[FamilyCensus]:
    """Ask every address of a space several times whether it answers, and keep what is learned.

    Where one of the same targets was not ended it is gone on with, with its own space and rounds.
    It may be broken off or killed at any time.

    Args:
        store: the store's folder.
        request: who, and how.
        opened: the sockets, where they were opened before rights were given up
            (``sources.probe.fetch.sockets.open_sockets``).
        tell: told what is not known, and what is begun.
        show: told now and then how many probes were sent, of how many, and how many a second.

    Raises:
        UsageError: a target is no place or network; there is nobody to probe; the contact cannot be
            sent along; no socket may be opened; such a census is going on already.
        NotFoundError: it is not known where addresses are.
        InputError: a file cannot be read.
        StoreError: the store is damaged or cannot be written.
    """
    if not 1 <= request.rounds <= MOST_ROUNDS:
        raise UsageError(f"{request.rounds} rounds are not gone through; 1 to {MOST_ROUNDS} are.")
    if not 0 <= request.every < math.inf:
        raise UsageError(f"Rounds cannot begin {request.every:g} seconds apart.", "Take 0 or more.")
    manners = _manners(request)
    exclusions = ExclusionList(request.exclude, allow_private=request.allow_private)
    if request.dry_run:
        spaces = _spaces(store, request, tell)
        return [_summary(_new(space, request), request, resumed=False) for space in spaces]
    path = _path(store, request.targets)
    done = []
    with ExitStack() as stack:
        sockets = {one.ipv4: one for one in (open_sockets() if opened is None else opened)}
        for one in sockets.values():
            stack.enter_context(one.socket)
        if not stack.enter_context(locked(path.with_suffix(".lock"), wait=False)):
            raise UsageError(
                "A census of these targets is going on already.", "Wait for it, or stop it."
            )
        states = _states(store, path, request, tell)
        for file, state, resumed in states:
            socket = sockets.get(state.space.ipv4) or open_socket(ipv4=state.space.ipv4)
            _run(socket, state, file, request, manners, exclusions, show=show)
            _keep(store, state)
            done.append(_summary(state, request, resumed=resumed))
        for file, _, _ in states:
            file.unlink(missing_ok=True)
    return done


def _manners(request: CensusRequest) -> Manners:
    return Manners(
        rate=request.rate,
        per_minute=request.per_minute,
        timeout=request.timeout,
        text=naming(request.contact),
    )


def _spaces(
    store: Path, request: CensusRequest, tell: Callable[[str], None]
) -> list[Ranges | Listed]:
    both = spaces_of(store, request.targets, allow_private=request.allow_private, tell=tell)
    return [space for space in both if space is not None]


def _new(space: Ranges | Listed, request: CensusRequest) -> CensusState:
    progress = begin(space.size, request.rounds, secrets.randbelow, time.time())
    return CensusState(space, progress, (secrets.randbits(64), secrets.randbits(64)))


def _path(store: Path, targets: Sequence[str]) -> Path:
    named = "\n".join(sorted({text.strip().casefold() for text in targets}))
    digest = hashlib.sha256(named.encode()).hexdigest()[:16]
    return store / "probe" / f"census-{digest}.npz"


def _states(
    store: Path, path: Path, request: CensusRequest, tell: Callable[[str], None]
) -> list[tuple[Path, CensusState, bool]]:
    """The census of each family, begun or gone on with."""
    files = [path.with_stem(f"{path.stem}-{family}") for family in (4, 6)]
    if request.restart:
        for file in files:
            file.unlink(missing_ok=True)
    going = [(file, state, True) for file in files if (state := read_state(file)) is not None]
    if going:
        tell("A census of these targets was not ended; it is gone on with. --restart forgets it.")
        return going
    new = [
        (files[not space.ipv4], _new(space, request), False)
        for space in _spaces(store, request, tell)
    ]
    for file, state, _ in new:
        write_state(file, state)
    return new


def _run(
    opened: Opened,
    state: CensusState,
    file: Path,
    request: CensusRequest,
    manners: Manners,
    exclusions: ExclusionList,
    *,
    show: Callable[[int, int, float], None],
) -> None:
    """Go through the rounds that are left, writing down now and then where it stands."""
    if state.ended:
        return
    sweep = Sweep(
        state.space,
        state.progress,
        secrets.randbelow,
        every=request.every,
        timeout=request.timeout,
        wall=time.time(),
    )
    began, before = time.monotonic(), state.progress.told["sent"]
    due = began + _WRITE_EVERY
    probes = state.space.size * state.progress.rounds
    told: Counter[str] = Counter()

    def count(counts: Counts) -> None:
        """Put to the counts what the plan is not told of."""
        nonlocal told
        fresh = Counter({which.name.lower(): counts.messages[which] for which in _NOT_OURS})
        fresh["dropped"] = counts.dropped
        state.progress.told += fresh - told
        told = fresh

    def tell(counts: Counts) -> None:
        nonlocal due
        now = time.monotonic()
        count(counts)
        show(before + counts.sent, probes, counts.sent / max(now - began, 1e-3))
        if now >= due:
            sweep.settle()
            write_state(file, state)
            took = time.monotonic() - now
            due = now + max(_WRITE_EVERY, took / _WRITING_AT_MOST)

    count(run_plan(opened, sweep, state.key, manners, exclusions, tell=tell))
    sweep.settle()
    state.ended = int(time.time() * 1e6)
    write_state(file, state)


def _keep(store: Path, state: CensusState) -> None:
    def change(history: BlockHistory) -> BlockHistory:
        return learn(history, state.space, state.progress, state.ended)

    change_history(store, change, ipv4=state.space.ipv4)


def _summary(state: CensusState, request: CensusRequest, *, resumed: bool) -> FamilyCensus:
    history = found(state.space, state.progress, state.ended)
    active = history.ever_active
    bins = np.digitize(active, _BINS) - 1
    counts = np.bincount(bins, minlength=len(_BINS)).tolist()
    known = history.availability[~np.isnan(history.availability)]
    sorts = Counter(BlockSort(sort).name.lower() for sort in history.sort.tolist())
    names = [f"{a}-{b - 1}" for a, b in zip(_BINS, (*_BINS[1:], 257), strict=True)]
    return FamilyCensus(
        family=4 if state.space.ipv4 else 6,
        estimate=estimate(
            state.space,
            state.progress.rounds,
            rate=request.rate,
            per_minute=request.per_minute,
            every=request.every,
            timeout=request.timeout,
        ),
        resumed=resumed,
        told=dict(sorted(state.progress.told.items())),
        blocks=len(history),
        addresses=int(active.sum()),
        ever_active=dict(zip(names, counts, strict=True)),
        sorts=dict(sorted(sorts.items())),
        availability=round(float(np.median(known)), 4) if len(known) else None,
    )
