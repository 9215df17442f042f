"""Vantage points: which of them are sick, so that what they miss is unknown and no outage.

A vantage point whose own line is cut sees the whole world fall silent. Three signs tell:

- its *control blocks* are gone: blocks that always answer, in other countries than those watched;
- it *alone* sees what the others do not, of several countries or operators at once
  (leave-one-out);
- its own machine could not send, or nobody at all answered it.

A line may break and mend in the midst of a minute: the minutes beside a sick one are sick too.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.sources.probe.panel import Panel

    Floats = NDArray[np.float64]

CONTROLS_UP = 0.5
"""Below this share of the control blocks that a minute asked, the vantage point is sick. Of twenty
a minute of which a fifth is in a country that is dark, chance makes it less in one minute of 1,800;
of twenty that each fail to answer once in a hundred times, never."""
FEWEST_CONTROLS = 10
"""Of fewer control blocks a minute says nothing; a fifth of them is asked in each."""
UNLIKE = 0.2
"""A vantage point that differs by more, beyond the noise of samples, sees something of its own."""
ALIKE = 0.05
"""Vantage points that differ by less, beyond the noise of samples, agree: paths of different
providers lose some blocks always."""
NOISE = 3.0
"""Standard deviations of what samples may differ by chance."""
FEWEST_JUDGED = 10
"""Of fewer blocks a share says too little to be compared."""
FEWEST_GROUPS = 3
"""So many countries, or operators of one, must differ at once."""
_OTHERS = 2  # so many others that agree tell in which direction soever
_LEAST_PROBES = 100  # that nobody answers so many is no chance


class Sick(IntEnum):
    """Why a vantage point is held to be sick."""

    NO = 0
    CONTROLS = 1
    """Its control blocks are gone."""
    ALONE = 2
    """It alone sees what the others do not."""
    SILENT = 3
    """Nobody at all answered it, and no control block tells whether that is its own fault."""
    UNSENT = 4
    """Its own machine could not send."""


REASONS = {
    Sick.CONTROLS: "control blocks in other countries did not answer either",
    Sick.ALONE: "differed alone from all others, over several countries or operators",
    Sick.SILENT: "nobody at all answered, and without control blocks a prober cannot tell its own"
    " sickness from an outage",
    Sick.UNSENT: "could not send",
}


def find_sick(panel: Panel) -> NDArray[np.uint8]:
    """uint8[V, T]: a ``Sick`` for each vantage point and minute; absent ones are not sick."""
    sick = np.zeros(panel.present.shape, dtype=np.uint8)
    for why, found in (
        (Sick.SILENT, _silent(panel)),
        (Sick.ALONE, _alone(panel)),
        (Sick.CONTROLS, _controls_gone(panel)),
        (Sick.UNSENT, _unsent(panel)),
    ):
        sick[found & panel.present] = why
    return _with_neighbours(sick, panel.present)


def noise_of(share: Floats, one: Floats, other: Floats) -> Floats:
    """How far two samples of ``one`` and ``other`` blocks may differ by chance, as a share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = share * (1 - share) * (1 / one + 1 / other)
    return NOISE * np.sqrt(np.maximum(variance, 0))


def apart(judged: Floats, up: Floats, row: int, margin: float) -> tuple[Floats, NDArray[np.bool_]]:
    """How one vantage point differs from the others where these agree with one another.

    Args:
        judged: float64[V, ...]: blocks judged by each.
        up: float64[V, ...]: sums of belief.
        row: the one.
        margin: of agreement and difference, beyond the noise of samples.

    Returns:
        its difference to the others together, 0 where it is within the margin and the noise; and
        where it could be compared.
    """
    known = judged >= FEWEST_JUDGED
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, up / judged, np.nan)
    rest = np.arange(len(judged)) != row
    theirs = np.where(known[rest], judged[rest], 0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.where(known[rest], up[rest], 0).sum(axis=0) / theirs
    least = np.where(known[rest], judged[rest], np.inf).min(axis=0, initial=np.inf)
    highest = np.where(known[rest], share[rest], -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(known[rest], share[rest], np.inf).min(axis=0, initial=np.inf)
    comparable = known[row] & (theirs > 0)
    comparable &= highest - lowest <= ALIKE + noise_of(middle, least, least)
    difference = np.where(comparable, share[row] - middle, 0.0)
    together = np.where(comparable, (up[row] + middle * theirs) / (judged[row] + theirs), 0.0)
    chance = noise_of(together, judged[row], theirs)
    return np.where(np.abs(difference) > margin + chance, difference, 0.0), comparable


def _controls_gone(panel: Panel) -> NDArray[np.bool_]:
    judged, up = panel.controls["judged"], panel.controls["up"]
    return np.asarray((judged >= FEWEST_CONTROLS) & (up < CONTROLS_UP * judged))


def _unsent(panel: Panel) -> NDArray[np.bool_]:
    unsent = panel.controls["unsent"]
    return np.asarray(unsent > _of_widest(panel, "probes") + panel.controls["probes"])


def _silent(panel: Panel) -> NDArray[np.bool_]:
    """Nobody answered, and neither control blocks nor another's silence say what it means."""
    probes = _of_widest(panel, "probes")
    silent = panel.present & (probes >= _LEAST_PROBES) & (_of_widest(panel, "answers") == 0)
    alone = silent.sum(axis=0) < _OTHERS
    return np.asarray(silent & (panel.controls["judged"] < FEWEST_CONTROLS) & alone)


def _of_widest(panel: Panel, column: str) -> Floats:
    """float64[V, T]: the sum over countries, or over all entities where there are none."""
    rows = [i for i, one in enumerate(panel.entities) if one.startswith("country/")]
    total: Floats = panel.sums[column][:, rows or slice(None)].sum(axis=1)
    return total


def _alone(panel: Panel) -> NDArray[np.bool_]:
    """Leave-one-out: over countries, or with three vantage points over operators of one."""
    found = np.zeros(panel.present.shape, dtype=np.bool_)
    countries = _rows(panel, "country/", parts=2)
    groups = countries
    if len(groups) < FEWEST_GROUPS:
        groups = _rows(panel, "asn/", parts=3)
    if len(groups) < FEWEST_GROUPS:
        return found
    judged, up = panel.sums["judged"][:, groups], panel.sums["up"][:, groups]
    for row in range(len(found)):
        difference, comparable = apart(judged, up, row, UNLIKE)
        compared = comparable.sum(axis=0)
        enough = compared >= FEWEST_GROUPS
        others = panel.present.sum(axis=0) - panel.present[row]
        unlike = ((difference != 0).sum(axis=0) > compared / 2) & (others >= _OTHERS)
        fallen = ((difference < 0).sum(axis=0) > compared / 2) & (groups is countries)
        found[row] = enough & (unlike | fallen)
    return found


def _rows(panel: Panel, begin: str, *, parts: int) -> list[int]:
    return [
        row
        for row, entity in enumerate(panel.entities)
        if entity.startswith(begin) and len(entity.split("/")) == parts
    ]


def _with_neighbours(sick: NDArray[np.uint8], present: NDArray[np.bool_]) -> NDArray[np.uint8]:
    spread = sick.copy()
    for source, target in (
        (sick[:, 1:], spread[:, :-1]),
        (sick[:, :-1], spread[:, 1:]),
    ):
        np.copyto(target, source, where=target == Sick.NO)
    spread[~present] = Sick.NO
    return spread
