"""The state of a series: one vector, so that bins fed one by one equal bins fed at once.

A state is float64[STATE_SIZE] (3.6 kB); it can be stored and restored as it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from zicht.detect.constants import FADE_PART, ONSET_RATE, ORDINARY_LOSS, RECOVERY_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.detect.constants import Habit

# Ordinary states, as parts of the ordinary loss; the first is "all is there". How likely each is
# follows the normal distribution of slow variation, of which the ordinary loss is three deviations.
ORDINARY = np.array([0.0, 0.3, 0.6, 0.9])
ORDINARY_PRIOR = np.array([0.66, 0.27, 0.06, 0.01])
# States of outage, as parts of the share below which an outage begins.
DOWN = np.array([0.0, 0.02, 0.05, 0.09, 0.14, 0.20, 0.28, 0.38, 0.50, 0.62, 0.75, 0.90])
N_ORDINARY = len(ORDINARY)
N_DOWN = len(DOWN)
N_STATES = N_ORDINARY + N_DOWN

# Offsets of the state vector.
DAY = 0  # 24 levels by hour of day, logarithms
DAY_SEEN = DAY + 24  # on how many days each was seen
WEEK = DAY_SEEN + 24  # 168 levels by hour of week, logarithms
WEEK_SEEN = WEEK + 168
BELIEF = WEEK_SEEN + 168
SHARES = BELIEF + N_STATES  # the share that each state stands for
SHARPNESS = SHARES + N_STATES  # one over the spread that a value has under each state
STARTED = SHARPNESS + N_STATES  # 1 once a value was seen
LEVEL = STARTED + 1  # what the level has moved since, logarithm
RECENT = LEVEL + 1  # level of the last hour, logarithm
UNSEEN = RECENT + 1  # hours since an ordinary value
NOISE = UNSEEN + 1  # variance from bin to bin
WOBBLE = NOISE + 1  # variance of block means
BLOCK_SUM = WOBBLE + 1
BLOCK_COUNT = BLOCK_SUM + 1
BLOCK_INDEX = BLOCK_COUNT + 1
LOSS = BLOCK_INDEX + 1  # the ordinary loss now
LOSS_HOUR = LOSS + 1  # the hour of the week that it is of
SHARP_HOUR = LOSS_HOUR + 1  # the hour of the week that the sharpness is of
SWING = SHARP_HOUR + 1  # standard deviation of the day's rhythm, logarithm
WEEKDAY_SPREAD = SWING + 1  # standard deviation of weekdays around the day's rhythm, logarithm
SETTLED = WEEKDAY_SPREAD + 1  # hours of an outage that leaves much
SETTLED_LEVEL = SETTLED + 1  # what the level has been in it of late, logarithm
USUAL_LEVEL = SETTLED_LEVEL + 1  # what the level was in the last four weeks, logarithm
NOISE_SEEN = USUAL_LEVEL + 1
WOBBLE_SEEN = NOISE_SEEN + 1
NEIGHBOUR = WOBBLE_SEEN + 1  # the rhythm at the hour next to this one, NaN where it is unknown
NEIGHBOUR_HOUR = NEIGHBOUR + 1  # the hour of the week that it is of
LOWEST = NEIGHBOUR_HOUR + 1  # how far the level may sink below the usual one, logarithm
STATE_SIZE = LOWEST + 1


def new_state(habit: Habit) -> NDArray[np.float64]:
    """The state of a series of which nothing has been seen, from its plane's habit."""
    state = np.zeros(STATE_SIZE)
    prior = ONSET_RATE / (ONSET_RATE + RECOVERY_RATE)
    state[BELIEF : BELIEF + N_ORDINARY] = (1 - prior) * ORDINARY_PRIOR
    state[BELIEF + N_ORDINARY : BELIEF + N_STATES] = prior / N_DOWN
    state[NOISE] = habit.noise**2
    state[WOBBLE] = habit.wobble**2
    state[BLOCK_INDEX] = -1
    state[LOSS] = ORDINARY_LOSS
    state[LOWEST] = math.log(1 - FADE_PART * ORDINARY_LOSS)
    state[LOSS_HOUR] = state[SHARP_HOUR] = state[NEIGHBOUR_HOUR] = -1
    state[NEIGHBOUR] = np.nan
    return state
