"""The constants of detection, each with its reason. They are few, and none is fitted to an event.

Rates are per hour. They set how quickly belief moves, not where it ends: a steep drop overrules
them within two bins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zicht.model.signal import Plane

ONSET_RATE = 1 / (14 * 24)
"""An outage in two weeks for a series: far more than happen, for a watcher who would rather look
once too often; generated quiet series (``benchmarks/power.py``) show how often that is."""

RECOVERY_RATE = 1 / 12
"""An outage lasts half a day on average (median of the national outages in IODA's curated list:
hours). Longer ones last because every bin says so, not because of this rate."""

DEPTH_RATE = 1.0
"""The depth of an outage may change once an hour: restorations and cuts come in steps."""

WOBBLE_RATE = 0.5
"""Within what is ordinary the share moves every two hours: slower than noise."""

GLITCH_RATE = 0.004
"""How often, an hour, a bin's value says nothing (a collector's hiccup, a wrong row)."""

GLITCH_LEAST = 1e-4
GLITCH_MOST = 0.002
"""Chance of that for a bin, whatever its length. It bounds what one bin can prove, so that an
outage of a five-minute series takes two bins."""

ORDINARY_LOSS = 0.2
"""A loss of less than this share is never called an outage: routes, and all else, count as up at
80 % of ordinary and more."""

WOBBLE_WIDTH = 3.0
"""An outage lies more than so many standard deviations of the series' own slow variation below what
is expected."""

DOUBT_WIDTH = 1.5
"""What one and a half standard deviations of doubt about the expectation explain is no evidence."""

LARGEST_ORDINARY_LOSS = 0.8
"""A series that by itself loses more than this is too unruly to show any outage but a total one."""

NEW_LEVEL_DAYS = 28.0
"""A loss that leaves much and stays as it is for four weeks is the new level: a network renumbered
or sold keeps the rest of its rhythm. It fails for a partial shutdown that lasts as long."""

NEW_LEVEL_SHARE = 0.3
"""With less than this part left it is a blackout, which never becomes ordinary."""

LEVEL_HOURS = 48.0
"""The overall level follows ordinary values within two days: trends are, nights are not."""

RECENT_HOURS = 1.0
"""Where the rhythm is not known yet, the expectation follows the last hour."""

RHYTHM_HOURS = 6.0
"""In six hours a daily rhythm can swing through its whole range."""

WEEKDAY_SWING = 0.5
"""A weekday not seen yet may differ from the others by half of what the hours of a day differ."""

WEEKDAY_DAYS = 10.0
"""A week and a weekend more show how much weekdays differ."""

USUAL_DAYS = 28.0
"""The usual level is that of the last four weeks: a series that rose for days may fall back to it,
and one that fades for days is held against it."""

FADE_PART = 0.75
"""The level may sink below the usual one by this part of the ordinary loss; then the expectation
stops following. A fade of days becomes an outage, a decline of months does not."""

RETURN_MARGIN = 0.85
"""That level, and what lies little below it."""

MEMORY_DAYS = 28.0
"""The rhythm forgets what is older than four weeks or so: seasons pass."""

NOISE_DAYS = 7.0
"""The spread is that of the last week or so."""

BLOCK_HOURS = 3.0
"""Slow variation is that of means over three hours, or over so many bins where that is longer."""

BLOCK_BINS = 4.0
"""Of fewer bins a mean cannot tell slow variation from noise."""

SMALLEST_COUNT = 2.5
"""Of fewer than three (with room for rounding) none may be chance: they cannot show an outage."""

RESOLUTION = 0.02
"""Least spread of a share, as part of the expectation, that no noise explains."""

GRID_BLUR = 0.4
"""Each state of the belief stands for the shares around it, with this part of its distance to its
neighbours as spread: a share between two states is then likely enough under both."""


class Habit(NamedTuple):
    """What is held of a plane's series before any of them was seen, as parts of the level.

    Attributes:
        rhythm: how far a day may swing.
        noise: standard deviation from bin to bin.
        wobble: standard deviation of means over three hours from one day to the next.
    """

    rhythm: float
    noise: float
    wobble: float


HABITS: dict[Plane, Habit] = {
    # A routing table knows no nights.
    "control": Habit(rhythm=0.03, noise=0.02, wobble=0.01),
    # Hosts that answer sleep a little; a telescope's sources more.
    "data": Habit(rhythm=0.3, noise=0.06, wobble=0.04),
    # People sleep: traffic at night is a tenth to a half of the day's.
    "user": Habit(rhythm=0.8, noise=0.12, wobble=0.10),
}

ALERT = 0.9
"""Belief, with the data known then, at which an outage is found."""

DATING = (0.05, 0.95)
"""Belief, with all data, between which the instant of onset or end is only known as an interval."""

FRESH_BINS = 4
"""A series whose last bins are missing longer than this tells nothing of now."""

LONGEST_GAP_HOURS = 72.0
"""Over a gap of more than three days nothing is claimed: six times an outage's usual length."""

JOIN_HOURS = 24.0
"""Outages of a place that follow within a day belong to one event ("for the second time in 24 h",
a curfew at the same hour of the next day)."""

ROUTES_UP = 80.0
"""Percent of ordinary from which routes count as up."""

PACKETS_DEAD = 50.0
"""Percent of ordinary below which packets count as dead, and from which a user service is up."""

OVERWHELMING_BELIEF = 0.999
"""One source alone may raise an alert where less than a thousandth speaks against ..."""

OVERWHELMING_SAMPLES = 6
"""... in six bins at least ..."""

OVERWHELMING_DEPTH = 50.0
"""... that leaves less than half, with all doubt about the depth ..."""

OVERWHELMING_DAYS = 1.0
"""... of what was there for a day before: what goes sooner may have been a visitor, as prefixes are
that somebody hijacked for an hour."""

HANDFUL = 10.0
"""Of fewer than ten, one more or less is a tenth: other signals speak first where there are any."""

OUTAGES_A_YEAR = 1.0
"""Real outages of a series. IODA's curated list has 619 national ones with a valid begin and end in
three years of some two hundred countries: one a year each."""

OWN_LOSSES_A_YEAR: dict[Plane, float] = {"control": 0.1, "data": 0.2, "user": 2.0}
"""How often a series loses much for a reason of its own, which no other would show. Judged, not
measured. Routes seldom do: a collector's fault takes all entities with it, which is sickness.
Probers and telescopes are few, and addresses move. What people do falls with an app's new version
or the end of a campaign, twice as often as by an outage."""

CREDIBLE_AT_ONCE = -3.82
CREDIBLE_BY_BELIEF = 0.48
CREDIBLE_BY_HISTORY = 1.15
"""Log odds that a series fell and that it is not noise: a constant, a part of the log odds that the
filter reached (it is less than one, since bins that follow one another share their noise), and how
much the logarithm of the days of history adds, since the filter errs most where it has seen least.
Fitted by ``benchmarks/credibility.py`` to generated series and injections."""
