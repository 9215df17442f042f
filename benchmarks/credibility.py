"""How often is what is found real, by how sure the filter was? Fits it, and checks the fit.

    python benchmarks/credibility.py --fit          # the constants, from generated series
    python benchmarks/credibility.py > benchmarks/credibility.md

Quiet generated series of all kinds (``quiet.py``), rougher than these by a factor drawn anew for
each series, are given to the detector from their first bin on, as they are and with an outage of
random depth, length and shape. What is found in quiet is noise. Injected outages are weighted so
that a series has one in a year. The logarithm of the odds that a series fell is taken to be linear
in the log odds that the filter reached and in the logarithm of the days of history.

It is checked on series of other seeds: the probability that a series fell at all, since generated
ones lose nothing for reasons of their own. And on injections into quiet stretches of recordings
(``recordings.py``), which had no part in the fit: there what is published is checked, the
probability of a real outage as far as the series alone tells.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from quiet import generate, kinds
from recordings import FOLDER, RECORDINGS, load

from zicht.detect.assess import assess
from zicht.detect.batch import new_states, screen
from zicht.detect.constants import ALERT, OUTAGES_A_YEAR
from zicht.detect.credibility import credibility, fell
from zicht.detect.injection import Injection, Shape, inject
from zicht.detect.outages import find_outages, history_days
from zicht.model.series import stack
from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.score.uncertainty import bootstrap_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from quiet import Kind

    from zicht.detect.injection import Injected
    from zicht.model.series import Series
    from zicht.model.signal import Plane

ROUGHEST = 3.0  # times as noisy as its kind: real series are rougher than those made by hand
SHAPES: tuple[Shape, ...] = ("step", "ramp", "operators", "partial")
SHALLOWEST = 0.75  # what is left at most
LONGEST_DAYS = 3  # or thirty bins
DAYS_A_YEAR = 365.25
FIT, CHECK = 1, 2  # seeds
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Found:
    """An outage that was found, in which series, what of it tells, and whether it was injected."""

    series: str
    highest_belief: float
    history_days: float
    plane: Plane
    real: bool
    weight: float


def rough(kind: Kind, number: int, seed: int) -> Series:
    """A quiet series of a kind, its noise multiplied by a factor between one and three."""
    random = np.random.default_rng([number, crc32(kind.name.encode()), seed])
    factor = np.exp(random.uniform(0, np.log(ROUGHEST)))
    rougher = replace(
        kind, white=kind.white * factor, slow=kind.slow * factor, daily=kind.daily * factor
    )
    return generate(rougher, number, seed)


def injected(series: Series, random: np.random.Generator) -> Injected | None:
    """The series with an outage; ``None`` where it is too short."""
    length, day = len(series.values), max(86_400 // series.signal.step, 1)
    longest = min(max(LONGEST_DAYS * day, 30), length // 4)
    bins = int(np.exp(random.uniform(np.log(2), np.log(longest))))
    first = min(2 * day, length // 4)
    if first >= length - 2 * bins:
        return None
    chosen = Injection(
        shape=SHAPES[random.integers(len(SHAPES))],
        begin=int(random.integers(first, length - 2 * bins)),
        bins=bins,
        share=float(random.uniform(0, SHALLOWEST)),
    )
    return inject(series, chosen, random)


def gather(populations: Iterator[list[Series]], seed: int, trials: int = 1) -> list[Found]:
    """All that is found in quiet series, and what meets an outage, injected so often into each."""
    found: list[Found] = []
    for all_of_it in populations:
        signal = all_of_it[0].signal
        random = np.random.default_rng([seed, crc32(signal.name.encode())])
        states = new_states(signal, len(all_of_it))
        highest = screen(signal, stack(all_of_it), all_of_it[0].start, states)
        for number, (one, top) in enumerate(zip(all_of_it, highest, strict=True)):
            name = f"{signal.name} {number}"
            if top >= ALERT:
                found += _outages(name, one, None, 1.0)
            years = len(one.values) * signal.step / 86_400 / DAYS_A_YEAR
            for _ in range(trials):
                truth = injected(one, random)
                if truth is not None:
                    found += _outages(name, one, truth, OUTAGES_A_YEAR * years / trials)
    return found


def _outages(name: str, quiet: Series, truth: Injected | None, weight: float) -> Iterator[Found]:
    series = quiet if truth is None else truth.series
    end = series.start + len(series.values) * series.signal.step * MICROSECONDS
    assessment = assess(series)
    for one in find_outages(assessment, from_microseconds(end)):
        if truth is not None:
            begin, last = truth.outages[0]
            own_end = end if one.end is None else to_microseconds(one.end[1])
            meets = to_microseconds(one.onset[0]) < last and own_end > begin
            if not meets or to_microseconds(one.alerted_at) <= begin:
                continue
        days = history_days(assessment, one.onset[0])
        highest = one.highest_belief or one.belief
        yield Found(name, highest, days, one.plane, truth is not None, weight)


def generated(scale: float, seed: int) -> Iterator[list[Series]]:
    """Populations of each kind; fewer of those with many bins."""
    for kind in kinds():
        count = 20 if kind.step < 300 else 120 if kind.step < 3600 else 240  # noqa: PLR2004
        yield [rough(kind, number, seed) for number in range(max(round(count * scale), 1))]


def recorded() -> Iterator[list[Series]]:
    """Quiet stretches of recordings by signal."""
    for quiet in RECORDINGS:
        by_signal: dict[str, list[Series]] = {}
        for one in load(quiet):
            by_signal.setdefault(one.signal.name, []).append(one)
        yield from by_signal.values()


def fit(found: list[Found]) -> NDArray[np.float64]:
    """Weighted logistic regression by Newton's steps: constant, by log odds, by log of days."""
    rows = np.array(
        [
            (1.0, _log_odds(one.highest_belief), np.log(max(one.history_days, 1 / 24)))
            for one in found
        ]
    )
    real = np.array([one.real for one in found], dtype=float)
    weight = np.array([one.weight for one in found])
    coefficients = np.zeros(rows.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-rows @ coefficients))
        slope = rows.T @ (weight * (real - probability)) - 1e-3 * coefficients
        curve = (rows * (weight * probability * (1 - probability))[:, None]).T @ rows
        coefficients += np.linalg.solve(curve + 1e-3 * np.eye(len(coefficients)), slope)
    return coefficients


def _log_odds(belief: float) -> float:
    clipped = min(max(belief, 1e-12), 1 - 1e-12)
    return float(np.log(clipped / (1 - clipped)))


def report(title: str, found: list[Found], probability_of: Callable[[Found], float]) -> None:
    """A table of reliability, weighted so that a series has one outage in a year."""
    steps = len(EDGES) - 1
    by_series: dict[str, NDArray[np.float64]] = {}
    for one in found:
        probability = probability_of(one)
        step = min(int(np.searchsorted(EDGES, probability, side="right")) - 1, steps - 1)
        sums = by_series.setdefault(one.series, np.zeros((5, steps)))
        sums[:, step] += one.weight * np.array([1, probability, one.real, 0, 0])
        sums[3:, step] += (one.real, 1 - one.real)
    tallies = [sums.ravel() for sums in by_series.values()]
    given, mean, real, injections, quiet = np.sum(tallies, axis=0).reshape(5, steps)

    def error(flat: NDArray[np.float64]) -> float:
        weights, means, reals, *_ = flat.reshape(5, steps)
        return float(np.abs(means - reals).sum() / max(weights.sum(), 1e-12))

    interval = bootstrap_sums(tallies, error)
    width = f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
    print(f"\n## {title}\n")
    print(f"Expected calibration error: **{error(np.sum(tallies, axis=0)):.3f}**{width}.\n")
    print("| given | injected outages found | false ones found | mean given | share real |")
    print("|---|---|---|---|---|")
    for step in range(steps):
        if given[step]:
            print(
                f"| {EDGES[step]:g} to {EDGES[step + 1]:g} | {injections[step]:.0f} |"
                f" {quiet[step]:.0f} | {mean[step] / given[step]:.3f} |"
                f" {real[step] / given[step]:.3f} |"
            )


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="only print the constants")
    parser.add_argument("--scale", type=float, default=3.0, help="how many series")
    arguments = parser.parse_args()
    if arguments.fit:
        found = gather(generated(arguments.scale, FIT), FIT)
        noise = sum(not one.real for one in found)
        print(f"{len(found) - noise} injected, {noise} of noise: {fit(found).round(2)}")
        return
    report(
        "Generated series of other seeds than the fit's",
        gather(generated(arguments.scale, CHECK), CHECK),
        lambda one: fell(one.highest_belief, one.history_days),
    )
    if FOLDER.is_dir():
        report(
            "Quiet stretches of recordings, with injections",
            gather(recorded(), CHECK, trials=20),
            lambda one: credibility(one.highest_belief, one.history_days, one.plane),
        )


if __name__ == "__main__":
    main()
