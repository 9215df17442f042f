"""Belief: what is expected of a series and what is believed of the share still reachable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zicht.model.series import Series


@dataclass(frozen=True)
class Assessment:
    """A series with its expectation and the belief about it, bin by bin; all arrays are float64[n].

    Attributes:
        series: what was measured. Bins in which the source was sick are still there.
        expected: what the value would be if all were ordinary.
        expected_low: lower end of the central 90 % of ordinary values.
        expected_high: upper end of it.
        connectivity: measured divided by expected, in percent of ordinary; NaN where missing or
            sick.
        ordinary_above: the percent of ordinary below which this series counts as in an outage: what
            it does by itself in ordinary times stays above it.
        belief_outage: probability of an outage given the data up to that bin (what was known then).
        belief_outage_later: probability of an outage given all data, later bins included.
        share: mean of the belief about the share still reachable given all data, in percent.
        share_low: 5th percentile of that belief.
        share_high: 95th percentile of it.
        sick: 1.0 where the source itself could not see, else 0.0.
    """

    series: Series
    expected: NDArray[np.float64]
    expected_low: NDArray[np.float64]
    expected_high: NDArray[np.float64]
    connectivity: NDArray[np.float64]
    ordinary_above: NDArray[np.float64]
    belief_outage: NDArray[np.float64]
    belief_outage_later: NDArray[np.float64]
    share: NDArray[np.float64]
    share_low: NDArray[np.float64]
    share_high: NDArray[np.float64]
    sick: NDArray[np.float64]


class PlaneBelief(msgspec.Struct, frozen=True, kw_only=True):
    """What all signals of one plane say together; those that share an input count once.

    Attributes:
        belief_outage: probability that the plane is below ordinary, with the data of the time.
        signals: the signals that said anything.
        groups: the number of groups among them that share no input.
        groups_down: how many of these by themselves hold an outage to be likelier than not; less
            than all means that sources disagree.
    """

    belief_outage: float
    signals: tuple[str, ...]
    groups: int
    groups_down: int
