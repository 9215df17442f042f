"""What a backfill makes of files of routes: digests become what could be reached, bin by bin."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from zicht.errors import InputError, NotFoundError
from zicht.model.entity import EntityFact, parse_entity
from zicht.model.time import to_microseconds
from zicht.observe.places import load_blocks
from zicht.observe.routes_files import digest_file
from zicht.observe.routes_pipeline import Observed, Pipeline
from zicht.observe.routes_plan import BIN
from zicht.place.operators import operator
from zicht.sources.bgp.playback import Playback
from zicht.sources.bgp.series import Entities, observations
from zicht.sources.bgp.signals import SIGNALS, on_step
from zicht.sources.bgp.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from zicht.observe.routes_digests import DigestJob
    from zicht.place.blocks import Blocks
    from zicht.sources.bgp.archives import Gap
    from zicht.sources.bgp.digest import Digest
    from zicht.store import Store

_STEP = int(BIN.total_seconds())


def pipeline(
    store: Store,
    entities: Iterable[str],
    until: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Pipeline[Digest]:
    """Visible /24 blocks, IPv6 prefixes and /48 blocks of operators and countries.

    Args:
        store: whose places say where addresses are, and whose entities were seen before.
        entities: the only ones that are wanted; all where there is none.
        until: the end of the backfill; where addresses are is taken as of that day.
        tell: told what is missing or damaged.

    Raises:
        UsageError: an entity is none.
    """
    only = sorted(str(parse_entity(entity)) for entity in entities)
    try:
        blocks = load_blocks(store.path, until.date(), tell)
    except NotFoundError as error:
        tell(f"No countries are told: {error}")
        blocks = None
    places = [] if blocks is None else [msgspec.to_builtins(file) for file in blocks.sources]
    said = msgspec.json.encode([only, places])
    return Pipeline(
        f"visibility-{hashlib.sha256(said).hexdigest()[:12]}",
        digest_job,
        lambda start, _: _Seen(blocks, only, store, start, tell),
    )


def digest_job(job: DigestJob) -> Digest:
    """Digest the file of a job.

    Raises:
        InputError: it is no file of MRT, or a dump of tables that is cut off.
    """
    digest = digest_file(job.path, job.collector)
    if digest.ribs is not None and digest.problems.is_cut:
        raise InputError(
            f"{job.path} is a dump of tables that is cut off: {digest.problems.first[-1]}.",
            "Delete it, and run this again.",
        )
    return digest


class _Seen:
    """What the collectors together see; see ``routes_pipeline.Visibility``."""

    def __init__(
        self,
        blocks: Blocks | None,
        only: Collection[str],
        store: Store,
        start: datetime,
        tell: Callable[[str], None],
    ) -> None:
        visibility = Visibility(blocks)
        self._playback = Playback(visibility, to_microseconds(start), _STEP)
        seen = seen_before(store, _STEP)
        self._entities = Entities(visibility.places, _STEP, only=only or None, seen=seen)
        self._tell = tell

    def apply(self, job: DigestJob, digest: Digest) -> None:
        """Take in what a file tells."""
        if digest.problems.damaged:
            first = digest.problems.first[0]
            self._tell(f"{job.path}: damaged in {digest.problems.damaged} places, first {first}")
        self._playback.take(digest)

    def forget(self, gap: Gap) -> None:
        """Take in that a collector is unknown for a while."""
        self._playback.lose(gap.collector, to_microseconds(gap.start))

    def observe(self, until: datetime) -> Observed:
        """The bins that end at or before a time and were not given before."""
        bins = map(self._entities.bin, self._playback.until(to_microseconds(until)))
        table = observations(bins, _STEP)
        facts = map(fact_of, table["entity"].unique().to_pylist())
        return Observed(table, SIGNALS, tuple(facts))


def seen_before(store: Store, step: int) -> list[str]:
    """Entities of which the store has routes: to be without any is a measurement.

    ``step`` is the length of a bin in seconds.
    """
    names = {on_step(signal, step).name for signal in SIGNALS}
    held = store.keys()
    return sorted({entity for name, entity in held if name in names})


def fact_of(entity: str) -> EntityFact:
    """What is known of an entity of routes.

    Raises:
        UsageError: it is none.
    """
    parsed = parse_entity(entity)
    known = None if parsed.asn is None else operator(parsed.asn)
    if known is None:
        return EntityFact(entity=entity, country=parsed.country)
    return EntityFact(
        entity=entity,
        name=known.name,
        country=parsed.country or known.country,
        kind=known.kind,
    )
