"""What is done with files of routes: the place where decoding and visibility meet the archives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from zicht.model.entity import EntityFact
    from zicht.model.signal import Signal
    from zicht.observe.routes_digests import DigestJob
    from zicht.sources.bgp.archives import Gap

DigestT = TypeVar("DigestT")
_DigestT_contra = TypeVar("_DigestT_contra", contravariant=True)


@dataclass(frozen=True)
class Observed:
    """What is observed in bins that are complete.

    Attributes:
        observations: a table with the schema ``zicht.model.series.OBSERVATIONS``.
        signals: the specs of the signals in it.
        entities: what is known of the entities in it.
    """

    observations: pa.Table
    signals: Sequence[Signal]
    entities: Sequence[EntityFact] = ()


class Visibility(Protocol[_DigestT_contra]):
    """What the collectors together see; it lives in the parent process."""

    def apply(self, job: DigestJob, digest: _DigestT_contra) -> None:
        """Take in what a file tells. Of each collector the first is a RIB."""

    def forget(self, gap: Gap) -> None:
        """Take in that a collector is unknown in a stretch; a RIB of it follows, or nothing."""

    def observe(self, until: datetime) -> Observed:
        """The bins that end at or before ``until`` and were not given before.

        Nothing that is applied later tells of before ``until``.
        """


@dataclass(frozen=True)
class Pipeline(Generic[DigestT]):
    """What is done with files of routes.

    Attributes:
        name: what is computed, with all that changes it (entities, snapshots of places): only a
            backfill of the same name goes on where an earlier one stopped.
        digest: what is done with one file, in another process; it must be possible to pickle it.
        begin: a ``Visibility`` for bins from one time until another. It is asked anew after a kill
            and when a listed file proves missing.
    """

    name: str
    digest: Callable[[DigestJob], DigestT]
    begin: Callable[[datetime, datetime], Visibility[DigestT]]
