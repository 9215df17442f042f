"""Control blocks: they are in other countries and always answer, so they tell who is sick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.history import BlockSort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from zicht.sources.probe.history import BlockHistory

CONTROLS = 100
"""Twenty a minute, since a round asks each once: see ``vantage.CONTROLS_UP``."""
ALWAYS_UP = 0.9
"""Least availability of a control block: two probes leave it silent once in a hundred times."""
_FEWEST_ROUNDS = 2  # an availability of one look says little
_MOST_OF_ONE = 0.2  # of the control blocks, in one country: its blackout is no sickness of ours


def choose_controls(
    histories: Mapping[str, BlockHistory], seed: int, *, count: int = CONTROLS
) -> dict[str, NDArray[np.int64]]:
    """Choose control blocks among those of countries that are not watched.

    Every country gives as many, as far as it has so many, and none more than a fifth of ``count``.

    Args:
        histories: what is known of each country's blocks, by its code.
        seed: of the drawing; the same seed chooses the same.
        count: how many are wanted.

    Returns:
        int64: the chosen blocks of each history, ascending.
    """
    chance = np.random.default_rng(seed)
    fit = {country: chance.permutation(_fit(histories[country])) for country in sorted(histories)}
    most = int(count * _MOST_OF_ONE)
    left, chosen = count, {}
    scarce_first = sorted(fit, key=lambda country: (len(fit[country]), country))
    for place, country in enumerate(scarce_first):
        share = min(most, -(-left // (len(fit) - place)), left)
        chosen[country] = np.sort(fit[country][:share])
        left -= len(chosen[country])
    return {country: blocks for country, blocks in chosen.items() if len(blocks)}


def _fit(history: BlockHistory) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        often = history.availability >= ALWAYS_UP
    steady = history.sort == BlockSort.DENSE
    return np.flatnonzero(often & steady & (history.rounds >= _FEWEST_ROUNDS))
