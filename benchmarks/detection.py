"""How fast many series are looked through, beside peers in the same run.

    python benchmarks/detection.py                             # 1,000, 10,000 and 100,000 series
    python benchmarks/detection.py --sizes 1000 --repeats 5
    python benchmarks/detection.py --chocolatine 3             # needs statsmodels

Each measurement runs in a process of its own, which makes its series (five-minute bins of a week
and a half-percent missing), runs once to compile, and is then timed: by the clock, and by what it
used of all processors, which other programs on the machine disturb less. Its peak of memory is told
with what the series themselves take. Zicht: the screening of all bins; one bin more of all series,
as live; and the full assessment of one series after another. Peers: the median and spread of the
same time on the days before, in Numba and in NumPy; IODA's sliding median; OONI's cumulative sum;
Chocolatine's search of a model, on a few series, since it takes seconds for each.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zicht.model.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STEP = 300
BINS = 2016
START = 1_709_510_400_000_000  # Monday 4 March 2024, 00:00 UTC
SIGNAL = Signal(
    name="bench.blocks",
    source="bench",
    title="blocks",
    unit="blocks",
    step=STEP,
    plane="data",
    scale="count",
    lag=0,
    licence="CC0-1.0",
    citation="generated",
)


def make(number: int) -> NDArray[np.float64]:
    """Counts with a rhythm, noise and gaps; one in fifty has an outage: float64[number, BINS]."""
    random = np.random.default_rng(7)
    hours = np.arange(BINS) * STEP / 3600
    rhythm = 1 + 0.1 * np.sin(2 * np.pi * hours / 24)
    levels = np.exp(random.uniform(np.log(5), np.log(50_000), number))
    values = np.empty((number, BINS))
    for row in range(number):
        noise = random.standard_normal(BINS) * np.sqrt(0.02**2 + 1 / levels[row])
        values[row] = np.rint(np.maximum(levels[row] * rhythm * (1 + noise), 0))
        if row % 50 == 0:
            values[row, 1500:1600] = 0
        values[row, random.random(BINS) < 0.005] = np.nan  # noqa: PLR2004 - half a percent
    return values


def screening(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Zicht: belief in every bin of every series, and each one's state at the end."""
    from zicht.detect.batch import new_states, screen  # noqa: PLC0415 - what is measured alone loads

    return lambda: screen(SIGNAL, values, START, new_states(SIGNAL, len(values)))


def live_step(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Zicht: one bin more of every series."""
    from zicht.detect.batch import advance_all, new_states, screen  # noqa: PLC0415 - as above

    states = new_states(SIGNAL, len(values))
    screen(SIGNAL, values[:, :300], START, states)
    begin = START + 300 * STEP * 1_000_000
    return lambda: advance_all(SIGNAL, values[:, 300].copy(), begin, states)


def assessment(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Zicht: assessments and outages of all series, one after another."""
    from zicht.detect.assess import assess  # noqa: PLC0415 - as above
    from zicht.detect.outages import find_outages  # noqa: PLC0415 - as above
    from zicht.model.series import Series  # noqa: PLC0415 - as above
    from zicht.model.time import from_microseconds  # noqa: PLC0415 - as above

    end = from_microseconds(START + BINS * STEP * 1_000_000)
    samples = np.full(BINS, np.nan)

    def run() -> int:
        count = 0
        for row in values:
            count += len(find_outages(assess(Series(SIGNAL, "asn/1", START, row, samples)), end))
        return count

    return run


def seasonal_numba(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Peer: seasonal median with spread, looking only back, in Numba."""
    from zicht.detect.baselines.seasonal import medians, season_bins  # noqa: PLC0415 - as above

    return lambda: medians(values, season_bins(STEP))


def seasonal_numpy(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Peer: seasonal median with spread over all days of the week at once, in NumPy."""

    def run() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        days = values.reshape(len(values), -1, 86_400 // STEP)
        middle = np.nanmedian(days, axis=1)
        spread = 1.4826 * np.nanmedian(np.abs(days - middle[:, None]), axis=1)
        return middle, spread

    return run


def ioda_rule(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Peer: IODA's sliding median of seven days."""
    from zicht.detect.baselines.ioda import PROBING, moving_ratios  # noqa: PLC0415 - as above

    return lambda: moving_ratios(values, STEP, rule=PROBING)


def cumulative_sum(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Peer: OONI's cumulative sum over a seasonal median."""
    from zicht.detect.baselines import cusum  # noqa: PLC0415 - as above

    return lambda: cusum.changes(
        cusum.losses(values, STEP), STEP, delay=cusum.DELAY, mean_blocked=cusum.MEAN_BLOCKED
    )


def chocolatine_search(values: NDArray[np.float64]) -> Callable[[], Any]:
    """Peer: Chocolatine's search, on two weeks of each series."""
    from zicht.detect.baselines.chocolatine import search  # noqa: PLC0415 - needs statsmodels

    histories = [np.nan_to_num(np.concatenate([row, row[::-1]])) for row in values]
    return lambda: [search(history, BINS) for history in histories]


MEASURED: dict[str, Callable[[NDArray[np.float64]], Callable[[], Any]]] = {
    "Zicht, screening": screening,
    "Zicht, one live bin": live_step,
    "Zicht, full assessment": assessment,
    "seasonal median, Numba": seasonal_numba,
    "seasonal median, NumPy": seasonal_numpy,
    "IODA's rule": ioda_rule,
    "CUSUM": cumulative_sum,
    "Chocolatine's search": chocolatine_search,
}
SLOW = {"Zicht, full assessment": 10_000}
"""At most so many series, since each is done by itself."""


def measure(name: str, number: int, repeats: int, answer: Any) -> None:
    """Run one measurement and send its seconds and bytes."""
    values = make(number)
    MEASURED[name](values[: min(number, 50)])()  # compiles
    run = MEASURED[name](values)
    own = _peak()
    seconds, busy = [], []
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        run()
        seconds.append(time.perf_counter() - begun)
        busy.append(time.process_time() - used)
    answer.send(
        {"seconds": seconds, "busy": busy, "peak": _peak(), "before": own, "values": values.nbytes}
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def in_a_process(name: str, number: int, repeats: int) -> dict[str, Any]:
    """Measure in a process of its own, so that its memory is its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(name, number, repeats, there))
    process.start()
    there.close()
    try:
        got: dict[str, Any] = here.recv()
    except EOFError:
        raise SystemExit(f"{name} with {number} series gave no answer") from None
    process.join()
    return got


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=MEASURED, default=[])
    parser.add_argument("--chocolatine", type=int, default=0, help="on so many series")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    arguments = parser.parse_args()
    rows = []
    print(
        f"| what | series x {BINS} bins | median | spread | of processors | per series | peak"
        " | of it series |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in MEASURED:
        chocolatine = name.startswith("Chocolatine")
        sizes = [arguments.chocolatine] if chocolatine else arguments.sizes
        for number in sizes:
            if (
                number < 1
                or number > SLOW.get(name, number)
                or name not in (arguments.only or MEASURED)
            ):
                continue
            got = in_a_process(name, number, arguments.repeats)
            rows.append({"name": name, "series": number, **got})
            median = statistics.median(got["seconds"])
            print(
                f"| {name} | {number:,} | {median:.3f} s"
                f" | {min(got['seconds']):.3f}–{max(got['seconds']):.3f} s"
                f" | {statistics.median(got['busy']):.3f} s"
                f" | {median / number * 1e6:,.1f} µs | {got['peak'] / 2**30:.2f} GiB"
                f" | {got['values'] / 2**30:.2f} GiB |",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
