"""Roll-up: a country seen through its operators, where no signal of the country itself is measured.

The figure is the share of what was measured of its operators, and is called so: behind carrier NAT
addresses are no users.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.model.series import Series, stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
FEWEST = 3
"""Of fewer operators a sum says little of a country."""

_COVERED = 0.8  # part of the operators that must be known in a bin


def roll_up(series_list: Sequence[Series], country_of: Callable[[str], str | None]) -> list[Series]:
    """The countries' series made of their operators'.

    Counts are added, shares and indices averaged with equal weights, over the operators that are
    known; a bin in which more than a fifth of them is missing is missing. The signal's name ends in
    ``.operators``.

    Args:
        series_list: all series that are at hand.
        country_of: the country of an entity's text, or ``None``.
    """
    own = {(one.signal.name, one.entity) for one in series_list}
    rolled = []
    operators = [one for one in series_list if one.entity.startswith("asn/") and len(one.values)]
    operators.sort(key=lambda one: (one.signal.name, country_of(one.entity) or ""))
    for (name, country), group in groupby(
        operators, key=lambda one: (one.signal.name, country_of(one.entity))
    ):
        members = list(group)
        if country and (name, f"country/{country}") not in own and len(members) >= FEWEST:
            rolled.append(_rolled(f"country/{country}", members))
    return rolled


def _rolled(entity: str, members: list[Series]) -> Series:
    signal = members[0].signal
    values = stack(members)
    known = ~np.isnan(values)
    covered = known.sum(axis=0) >= _COVERED * len(members)
    means = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    if signal.scale == "count":
        # An operator that is missing counts as its own median, lest its gap look like a loss.
        usual = np.nanmedian(np.where(known.any(axis=1, keepdims=True), values, 0), axis=1)
        means = np.where(known, values, usual[:, None]).sum(axis=0)
    origins = {origin.id: origin for one in members for origin in one.origins}
    return Series(
        signal=msgspec.structs.replace(
            signal,
            name=f"{signal.name}.operators",
            title=f"{signal.title}, {len(members)} operators together",
        ),
        entity=entity,
        start=min(one.start for one in members),
        values=np.where(covered, means, np.nan),
        samples=known.sum(axis=0).astype(np.float64),
        origins=tuple(origins.values()),
    )
