"""Whom probing can see at all, and for whom a country's figure speaks.

Networks behind carrier NAT and firewalls hardly answer: of the mobile operator Irancell 8 of 4,896
blocks do. Of an operator of which too few blocks are measured nothing is said, neither that it is
up nor that it is down: it is *not observable* by probing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.sources.probe.history import BlockHistory, BlockSort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zicht.model.entity import EntityFact
    from zicht.place.users import Users

FEWEST_BLOCKS = 20
"""Measured blocks below which an operator is not observable. Of 20 blocks, 80 % of which are up, 9
or fewer show so with a chance of 0.06 %, and of 20 of which half are, 16 or more with 0.6 %
(binomial): what is up (80 % or more) and what is dead (below 50 %) are told apart."""
LEAST_SHARE = 0.04
"""The share of its known blocks that must be measured: ours, a tenth of what ISI measures of all
(5.3 of some 11 million routed /24, https://ant.isi.edu/outage, 2020). Where less answers, it is
servers and routers that answer, not the network that people use."""

_MEASURED = (BlockSort.DENSE, BlockSort.SPARSE, BlockSort.DIURNAL)


class OperatorCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What probing can see of an operator in a country.

    Attributes:
        entity: ``asn/9198/KZ``.
        name: its name, or ``None`` where it is not known.
        kind: ``mobile``, ``fixed``, ``mixed``, ``transit``, ``academic`` or ``unknown``.
        known_blocks: /24 blocks that it originates there.
        measured_blocks: those of which enough answers that their state can be told.
        observable: whether anything is said of it by probing.
        why: why not, else ``None``.
        users: how many it is estimated to have; ``None`` where nobody estimated it.
        users_percent: their share of the country's.
    """

    entity: str
    name: str | None
    kind: str
    known_blocks: int
    measured_blocks: int
    observable: bool
    why: str | None
    users: float | None
    users_percent: float | None


class CoverageShare(msgspec.Struct, frozen=True, kw_only=True):
    """For whom the figure of a country, or of one kind of its operators, speaks.

    Attributes:
        operators: how many there are.
        observable_operators: how many of them probing can see.
        known_blocks: /24 blocks of all.
        measured_blocks: how many of them are measured.
        operators_percent: the share of operators that probing can see.
        blocks_percent: the share of blocks that is of these operators.
        users_percent: the share of the country's users that they have; ``None`` without a table.
    """

    operators: int
    observable_operators: int
    known_blocks: int
    measured_blocks: int
    operators_percent: float | None
    blocks_percent: float | None
    users_percent: float | None


class CountryCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What probing can see of a country.

    Attributes:
        entity: ``country/KZ``.
        whole: of all operators. Blocks of no known operator count as blocks that nobody speaks for.
        by_kind: of operators of each kind, so that no average hides the mobile ones.
        operators: each of them, those with most users, then most blocks, first.
    """

    entity: str
    whole: CoverageShare
    by_kind: dict[str, CoverageShare]
    operators: list[OperatorCoverage]


def is_measured(history: BlockHistory) -> NDArray[np.bool_]:
    """bool[n]: the blocks whose state can be told.

    One of which one or two addresses answer tells of these, and not of its users.
    """
    return np.isin(history.sort, np.array(_MEASURED, dtype=np.uint8))


def observable(known_blocks: int, measured_blocks: int) -> str | None:
    """Why an operator is not observable by probing; ``None`` where it is."""
    if measured_blocks < FEWEST_BLOCKS:
        return f"{measured_blocks} of {known_blocks:,} blocks measured, fewer than {FEWEST_BLOCKS}"
    if measured_blocks < LEAST_SHARE * known_blocks:
        share = measured_blocks / known_blocks
        return (
            f"{measured_blocks} of {known_blocks:,} blocks measured, {share:.1%}: less than"
            f" {LEAST_SHARE:.0%}"
        )
    return None


def coverage(
    country: str,
    known: NDArray[np.int64],
    measured: NDArray[np.int64],
    *,
    facts: Sequence[EntityFact] = (),
    users: Users | None = None,
) -> CountryCoverage:
    """What probing can see of a country and its operators.

    Args:
        country: its code of two letters.
        known: int64[k]: the AS of each /24 block of the country, -1 where it is not known.
        measured: int64[m]: likewise of each of them that is measured.
        facts: what is known of operators, by ``asn/...``.
        users: how many users operators have.
    """
    blocks, seen = _counts(known), _counts(measured)
    asns = set(blocks) - {-1}
    if users is not None:
        asns |= {asn for asn, where in users.users if where == country}
    told = {fact.entity: fact for fact in facts}
    total = users.total(country) if users is not None else 0.0
    operators = [
        _operator(
            f"asn/{asn}/{country}",
            (blocks.get(asn, 0), seen.get(asn, 0)),
            told.get(f"asn/{asn}"),
            users.of(asn, country) if users is not None else None,
            total,
        )
        for asn in sorted(asns)
    ]
    operators.sort(key=lambda one: (-(one.users or 0), -one.known_blocks, one.entity))
    kinds = sorted({one.kind for one in operators})
    return CountryCoverage(
        entity=f"country/{country}",
        whole=_share(operators, len(known), len(measured)),
        by_kind={kind: _share([one for one in operators if one.kind == kind]) for kind in kinds},
        operators=operators,
    )


def in_words(told: CountryCoverage) -> str:
    """For whom a country's figure speaks, in a sentence or two."""
    whole = told.whole
    if not whole.operators:
        return (
            f"{told.entity}: {whole.measured_blocks:,} of {whole.known_blocks:,} blocks are"
            " measured. Whose they are is not known."
        )
    users = "an unknown share of the users (there is no table of users)"
    if whole.users_percent is not None:
        users = f"{whole.users_percent:.0f} % of the users"
    mobile = told.by_kind.get("mobile")
    unseen = ""
    if mobile is not None and not mobile.observable_operators:
        unseen = " None of its mobile operators is observable by probing."
    return (
        f"{told.entity}: {whole.measured_blocks:,} of {whole.known_blocks:,} blocks are measured."
        f" The figure speaks for {whole.observable_operators} of {whole.operators} operators, with"
        f" {whole.blocks_percent or 0:.0f} % of the blocks and {users}.{unseen}"
    )


def _counts(asn: NDArray[np.int64]) -> dict[int, int]:
    found, counts = np.unique(asn, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _operator(
    entity: str,
    blocks: tuple[int, int],
    fact: EntityFact | None,
    count: float | None,
    total: float,
) -> OperatorCoverage:
    known, measured = blocks
    why = observable(known, measured)
    return OperatorCoverage(
        entity=entity,
        name=fact.name if fact is not None else None,
        kind=fact.kind if fact is not None else "unknown",
        known_blocks=known,
        measured_blocks=measured,
        observable=why is None,
        why=why,
        users=count,
        users_percent=None if count is None else round(100 * count / total, 2),
    )


def _share(
    operators: Sequence[OperatorCoverage], known: int | None = None, measured: int | None = None
) -> CoverageShare:
    known = sum(one.known_blocks for one in operators) if known is None else known
    measured = sum(one.measured_blocks for one in operators) if measured is None else measured
    seen = [one for one in operators if one.observable]
    users = [one.users_percent for one in operators if one.users_percent is not None]
    return CoverageShare(
        operators=len(operators),
        observable_operators=len(seen),
        known_blocks=known,
        measured_blocks=measured,
        operators_percent=_percent(len(seen), len(operators)),
        blocks_percent=_percent(sum(one.known_blocks for one in seen), known),
        users_percent=round(sum(one.users_percent or 0 for one in seen), 2) if users else None,
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
