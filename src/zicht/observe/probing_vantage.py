"""A vantage point from its request: who is asked, by what sockets, and what a dry run says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import UsageError
from zicht.observe.probing_run import Prober, run_prober
from zicht.observe.probing_targets import (
    Family,
    countries_of,
    in_words,
    learn,
    load_family,
    need_blocks,
)
from zicht.observe.probing_watch import Times
from zicht.sources.probe.fetch.lists import ExclusionList
from zicht.sources.probe.fetch.sockets import open_socket
from zicht.sources.probe.manners import Manners
from zicht.sources.probe.replies import naming
from zicht.sources.probe.rounds import WAIT
from zicht.store import open_store

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    import pyarrow as pa

    from zicht.sources.probe.fetch.engine import Counts
    from zicht.sources.probe.fetch.sockets import Opened

RATE = 100.0
"""Probes a second, unless told otherwise: enough for some twenty thousand blocks that are up."""
PER_MINUTE = 20.0
"""Probes a minute to one /24, unless told otherwise: as many as a turn's pauses leave room for."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SEED = 20130812
"""Orders and control blocks are drawn by it, so that they are the same after a restart."""


class VantageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be followed, and how.

    Attributes:
        countries: their codes.
        contact: a mail or web address at which those probed can ask to be left alone.
        exclude: a file of networks to leave alone, read anew whenever it changes.
        allow_private: also probe private and reserved space.
        rate: probes a second.
        per_minute: probes a minute to one /24 (IPv6: /48).
        rounds: how many rounds; ``None`` is until stopped.
        vantage: the name of the vantage point.
        control: a file of addresses in other countries that always answer.
        dry_run: open no socket, send nothing, say what would be sent.
    """

    countries: Sequence[str]
    contact: str
    exclude: Path | None = None
    allow_private: bool = False
    rate: float = RATE
    per_minute: float = PER_MINUTE
    rounds: int | None = None
    vantage: str = "local"
    control: Path | None = None
    dry_run: bool = False


def run_vantage(
    place: Path | str,
    request: VantageRequest,
    stopped: threading.Event,
    *,
    opened: Sequence[Opened] | None = None,
    tell: Callable[[str], None] = lambda _: None,
    show: Callable[[pa.Table], None] = lambda _: None,
    progress: Callable[[Counts], None] = lambda _: None,
    times: Times | None = None,
) -> None:
    """Follow which blocks answer, until ``stopped`` is set or the rounds are over.

    Args:
        place: the store's folder or address.
        request: who, and how.
        stopped: set by whoever wants it to end.
        opened: the sockets, where they were opened before rights were given up
            (``sources.probe.fetch.sockets.open_sockets``).
        tell: told what is more than figures.
        show: given the readings of each minute.
        progress: given what was sent, some times a second.
        times: the clocks, unless the world's.

    Raises:
        UsageError: a name is none; the contact cannot be sent along; no socket may be opened;
            another prober of this name is at work.
        NotFoundError: there is no store, or nobody to probe is known.
        InputError: a file cannot be read.
        StoreError: the store is damaged or cannot be written.
    """
    if not _NAME.fullmatch(request.vantage):
        raise UsageError(
            f"{request.vantage!r} is no name for a vantage point.",
            "Take up to 32 small letters, digits and hyphens, such as ams-1.",
        )
    countries = countries_of(request.countries)
    text = naming(request.contact)
    speed = 1.0 if times is None else times.speed
    manners = Manners(
        rate=request.rate, per_minute=request.per_minute, timeout=WAIT / speed, text=text
    )
    exclusions = partial(ExclusionList, request.exclude, allow_private=request.allow_private)
    store = open_store(place)
    path = store.path
    families = _families(path, request, countries, exclusions(), tell)
    for line in in_words(families, request.rate):
        tell(line)
    if request.dry_run:
        tell(f"Nothing was sent. Each probe would say: {text.decode()}")
        return
    needed = [one.watched.history.ipv4 for one in families]
    sockets = {one.ipv4: one for one in opened or ()}
    for ipv4 in sockets.keys() - set(needed):
        sockets[ipv4].socket.close()
    prober = Prober(
        store=store,
        vantage=request.vantage,
        families=[one.watched for one in families],
        manners=manners,
        exclusions=exclusions,
        seed=_SEED,
        rounds=request.rounds,
        learn=partial(learn, path),
        tell=tell,
        show=show,
        progress=progress,
        times=times or Times(),
    )
    run_prober(prober, [sockets.get(ipv4) or open_socket(ipv4=ipv4) for ipv4 in needed], stopped)


def _families(
    path: Path,
    request: VantageRequest,
    countries: list[str],
    exclusions: ExclusionList,
    tell: Callable[[str], None],
) -> list[Family]:
    allowed = exclusions.current(0.0)
    if allowed is None:
        raise UsageError("The list of exclusions cannot be read.", "Mend it first.")
    found = [
        load_family(
            path,
            countries,
            allowed,
            ipv4=ipv4,
            seed=_SEED,
            control=request.control,
            tell=tell,
        )
        for ipv4 in (True, False)
    ]
    families = [one for one in found if one is not None]
    need_blocks(families, countries)
    return families
