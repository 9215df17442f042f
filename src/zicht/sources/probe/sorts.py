"""Which sort a block is of, by how many of its addresses answer, how often, and at which hours.

Trinocular follows blocks of which E(b) has 15 addresses and A(E(b)) is 0.1 at least (Quan,
Heidemann and Pradkin, SIGCOMM 2013, section 4). Sparser ones need all their addresses asked before
anything is said, and those of one or two addresses a rule of their own (Baltra and Heidemann,
"Improving Coverage of Internet Outage Detection in Sparse Blocks", PAM 2020). That many blocks
sleep at night is from Quan, Heidemann and Pradkin, "When the Internet Sleeps", IMC 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zicht.sources.probe.history import HOURS, BlockSort

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_ACTIVE = 15
"""Addresses of E(b) below which a block is sparse (Trinocular)."""
LEAST_AVAILABILITY = 0.1
"""A(E(b)) below which it is (Trinocular)."""
LONE_ACTIVE = 2
"""Addresses of E(b) up to which it is a lone address's (PAM 2020: one or two)."""
LEAST_SWING = 0.5
"""The day's wave, as a share of the mean, from which on a block is diurnal: at its low it answers
half as often as on average. Gentler ones are found by a few more probes."""
CLEARER = 2.0
"""How many times stronger the day's wave is than any shorter one but its harmonic: IMC 2014 asks
the same of the frequency of one a day."""


def sort_blocks(
    ever_active: NDArray[np.int64],
    availability: NDArray[np.float32],
    hourly: NDArray[np.float32],
) -> NDArray[np.uint8]:
    """The sort of each block.

    Args:
        ever_active: int64[n]: addresses of E(b).
        availability: float32[n]: A(E(b)); NaN where not measured.
        hourly: float32[n, 24]: the same by hour, NaN where not measured; or float32[n, 0].

    Returns:
        uint8[n]: a ``BlockSort`` each.
    """
    sort = np.full(len(ever_active), BlockSort.UNKNOWN, dtype=np.uint8)
    measured = ~np.isnan(availability)
    sparse = (ever_active < FEWEST_ACTIVE) | (availability < LEAST_AVAILABILITY)
    sort[measured] = BlockSort.DENSE
    sort[measured & sparse] = BlockSort.SPARSE
    sort[measured & is_diurnal(hourly)] = BlockSort.DIURNAL
    sort[ever_active <= LONE_ACTIVE] = BlockSort.LONE
    sort[ever_active == 0] = BlockSort.SILENT
    return sort


def is_diurnal(hourly: NDArray[np.float32]) -> NDArray[np.bool_]:
    """bool[n]: whether the share that answers swings with the day, and clearly so.

    Args:
        hourly: float32[n, 24], NaN where not measured, or float32[n, 0]; a block with an hour that
            was not measured is not called diurnal.
    """
    if hourly.shape[1] != HOURS:
        return np.zeros(len(hourly), dtype=np.bool_)
    known = ~np.isnan(hourly).any(axis=1)
    waves = np.abs(np.fft.rfft(np.nan_to_num(hourly), axis=1)) / HOURS
    mean, day, others = waves[:, 0], 2 * waves[:, 1], 2 * waves[:, 3:]
    swings: NDArray[np.bool_] = (day >= LEAST_SWING * mean) & (day > 0)
    clear: NDArray[np.bool_] = day >= CLEARER * others.max(axis=1)
    return known & swings & clear
