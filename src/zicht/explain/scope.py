"""How far an event reaches: the nation, regions, operators; mobile, fixed and the rest apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zicht.model.entity import EntityFact
    from zicht.model.outage import Event, Outage

KINDS = ("mobile", "fixed", "mixed", "unknown")
"""The columns. Transit and academic networks count as unknown: their users are somebody else's."""


class KindScope(msgspec.Struct, frozen=True, kw_only=True):
    """The operators of one kind in an event.

    Attributes:
        kind: one of ``KINDS``.
        down: how many were down.
        measured: how many are measured at all.
        share_percent: which share of the country those that were down stand for, or ``None`` where
            no table gives it.
        lowest_percent: connectivity at the worst of those that were down, or ``None``.
    """

    kind: str
    down: int
    measured: int
    share_percent: float | None
    lowest_percent: float | None


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How far an event reaches.

    Attributes:
        national: a signal of the country as a whole was down.
        regions: the regions that were down.
        regions_measured: how many regions are measured.
        kinds: the operators by kind.
        share_of: ``users`` where a table of users is given, ``blocks`` where measured blocks stand
            in for it, else ``None``.
    """

    national: bool
    regions: tuple[str, ...]
    regions_measured: int
    kinds: tuple[KindScope, ...]
    share_of: str | None


def scope_of(
    event: Event,
    outages: Sequence[Outage],
    *,
    facts: Mapping[str, EntityFact],
    measured: Sequence[str],
    shares: Mapping[str, float],
    share_of: str | None,
) -> Scope:
    """How far an event reaches.

    Args:
        event: the event.
        outages: its outages.
        facts: what is known of the entities, by their text.
        measured: the operators and regions of the country that are measured.
        shares: of operators, in percent of the country.
        share_of: what the shares are of: ``users`` or ``blocks``; ``None`` without shares.
    """
    down = {one.entity: one for one in event.operators}
    kinds = []
    for kind in KINDS:
        own = [text for text in down if _column(down[text].kind) == kind]
        kinds.append(
            KindScope(
                kind=kind,
                down=len(own),
                measured=sum(
                    _column(down[text].kind if text in down else _kind(facts, text)) == kind
                    for text in {*measured, *down}
                    if text.startswith("asn/")
                ),
                share_percent=_sum([shares[text] for text in own if text in shares]),
                lowest_percent=min((down[text].depth_percent for text in own), default=None),
            )
        )
    regions = sorted({one.entity for one in outages if one.entity.startswith("region/")})
    return Scope(
        national=any(one.entity == event.entity for one in outages)
        and event.entity.startswith("country/"),
        regions=tuple(regions),
        regions_measured=len({*regions, *(one for one in measured if one.startswith("region/"))}),
        kinds=tuple(kinds),
        share_of=share_of if shares else None,
    )


def _kind(facts: Mapping[str, EntityFact], text: str) -> str:
    return facts[text].kind if text in facts else "unknown"


def _column(kind: str) -> str:
    return kind if kind in KINDS else "unknown"


def _sum(shares: Sequence[float]) -> float | None:
    return round(sum(shares), 1) if shares else None
