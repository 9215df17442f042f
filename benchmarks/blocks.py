"""Whether belief of blocks is right, and how fast it is.

    python benchmarks/blocks.py truth                          # a simulated country, five seeds
    python benchmarks/blocks.py truth --blocks 2000 --days 1 --seeds 11     # a first look
    python benchmarks/blocks.py nation                         # its outages, minute by minute
    python benchmarks/blocks.py speed                          # updates of millions of blocks
    python benchmarks/blocks.py picture docs/pictures/blocks.svg

The country is that of the tests (``tests/sources/probe/simulated_country.py``); what probes it is
``Rounds`` as it runs, in simulated time. Seeds below 10 were used while the method was written;
those of the report were not.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "sources" / "probe"))

from simulated_country import DAY, KINDS, UTC, Country, country, run

from zicht.sources.probe.aggregate import advance, aggregate, new_panel
from zicht.sources.probe.belief import begin_turns, belief_of, hear
from zicht.sources.probe.rounds import Rounds
from zicht.sources.probe.spells import Spells

HOUR = 3600.0
LEARNING = 0.5 * DAY  # before the first outage
ELEVEN = 660.0
HALF = 0.5
LENGTHS = ((ELEVEN, 2 * ELEVEN), (2 * ELEVEN, HOUR), (HOUR, 3 * HOUR), (3 * HOUR, 8 * HOUR))
SHARES = ((0.0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0))
FEWEST_ADDRESSES = 15  # Trinocular’s


class Outage(NamedTuple):
    """One that there was, and what was found of it."""

    block: int
    length: float
    share: float
    addresses: int
    found: bool
    error: float


def with_outages(where: Country, days: float, seed: int) -> None:
    """Give a tenth of the blocks an outage a day, of 11 minutes to 8 hours."""
    draw = np.random.default_rng((seed, 1))
    end = days * DAY
    free = np.full(len(where.kind), LEARNING)
    for _ in range(int(len(free) * (days - 0.5) * 0.1)):
        block = int(draw.integers(len(free)))
        length = float(np.exp(draw.uniform(np.log(ELEVEN), np.log(8 * HOUR))))
        begin = float(draw.uniform(LEARNING, end - length - 2 * HOUR))
        if begin > free[block] and begin + length < where.gone[block]:
            where.down.append((block, begin, begin + length))
            free[block] = end


def one_truth(task: tuple[int, int, float, tuple[float, float]]) -> dict[str, Any]:
    """Probe one country; gives its outages, the false ones and the probes."""
    seed, blocks, days, loss = task
    where = country(seed, blocks, loss=loss)
    with_outages(where, days, seed)
    rounds, spells = Rounds(where.history, where.operator, seed, utc=UTC), Spells(blocks)
    probes = np.zeros(blocks)
    found: dict[int, list[tuple[float, float, float]]] = defaultdict(list)

    def each_minute(now: float) -> None:
        for sample in rounds.samples(now):
            np.add.at(probes, sample.block, sample.probes)
            ended = spells.follow(sample)
            for row in range(len(ended.block)):
                found[int(ended.block[row])].append(
                    (
                        float(ended.answered[row]) - UTC,
                        float(ended.answers[row]) - UTC,
                        float(ended.duration[row]),
                    )
                )

    run(where, rounds, 0.0, days * DAY, each_minute)
    real = {block: (begin, end) for block, begin, end in where.down}
    false: dict[str, int] = defaultdict(int)
    for block, of_block in found.items():
        for first, last, _ in of_block:
            if block not in real or last < real[block][0] or first > real[block][1]:
                false[KINDS[where.kind[block]].name] += 1
    for block in np.flatnonzero(spells.down & (where.gone > days * DAY)).tolist():
        false[KINDS[where.kind[block]].name] += 1
    return {
        "outages": [
            outage_of(where, block, begin, end, found.get(block, []))
            for block, begin, end in where.down
        ],
        "false": dict(false),
        "kinds": np.bincount(where.kind, minlength=len(KINDS)).tolist(),
        "probes": np.bincount(where.kind, weights=probes, minlength=len(KINDS)).tolist(),
        "down": sum(end - begin for _, begin, end in where.down),
        "walls": int((where.gone < (days - 0.1) * DAY).sum()),
        "walls_down": int((spells.down & (where.gone < (days - 0.1) * DAY)).sum()),
    }


def outage_of(
    where: Country, block: int, begin: float, end: float, found: list[tuple[float, float, float]]
) -> Outage:
    """What was found of an outage. Its A is that of the hour at which fewest answer."""
    hourly = where.history.hourly[block]
    share = float(where.expected[block])
    if not np.isnan(hourly).any():
        hours = np.arange(begin // HOUR, end // HOUR + 2).astype(int) % 24
        share = float(hourly[hours].min())
    overlap = [duration for first, last, duration in found if first < end and last > begin]
    return Outage(
        block,
        end - begin,
        share,
        int(np.diff(where.hosts.begin)[block]),
        bool(overlap),
        overlap[0] - (end - begin) if overlap else np.nan,
    )


def truth(blocks: int, days: float, seeds: list[int], loss: tuple[float, float]) -> dict[str, Any]:
    """Print what was found of outages of single blocks."""
    tasks = [(seed, blocks, days, loss) for seed in seeds]
    with ProcessPoolExecutor(2) as pool:
        told = list(pool.map(one_truth, tasks))
    outages = [outage for each in told for outage in each["outages"]]
    block_days = len(seeds) * blocks * days
    false = sum(sum(each["false"].values()) for each in told)
    probes = np.sum([each["probes"] for each in told], axis=0)
    kinds = np.sum([each["kinds"] for each in told], axis=0)
    print(f"{len(seeds)} countries of {blocks:,} blocks, {days:g} days; {len(outages):,} outages;")
    print(f"packets lost: {loss[0]:.0%} to {loss[1]:.0%}.\n")
    print("| A(E(b)) | " + " | ".join(_length(*length) for length in LENGTHS) + " |")
    print("|---" * (len(LENGTHS) + 1) + "|")
    counted = [o for o in outages if o.addresses >= FEWEST_ADDRESSES]
    for low, high in SHARES:
        cells = [_cell(counted, low, high, *length) for length in LENGTHS]
        print(f"| {low:g}–{high:g} | " + " | ".join(cells) + " |")
    lone = [o for o in outages if o.addresses < FEWEST_ADDRESSES]
    print(f"| fewer than {FEWEST_ADDRESSES} addresses | ", end="")
    print(" | ".join(_cell(lone, 0, 1.1, *length) for length in LENGTHS) + " |")
    sure = [o for o in counted if o.share >= 0.3]  # noqa: PLR2004 - what is claimed
    hits = [o for o in sure if o.found]
    half = np.mean([abs(o.error) <= ELEVEN / 2 for o in hits])
    print(f"\nA >= 0.3: {len(hits):,} of {len(sure):,} found, {half:.1%} of them to ± 330 s.")
    rate = false / block_days * 10_000
    print(f"False outages: {false} in {block_days:,.0f} block-days, {rate:.2f} per 10,000.")
    by_kind: dict[str, int] = defaultdict(int)
    for each in told:
        for kind, count in each["false"].items():
            by_kind[kind] += count
    print(f"by kind: {dict(by_kind)}")
    walls = sum(each["walls"] for each in told)
    print(f"Gone behind a firewall: {walls}; read as down: {sum(e['walls_down'] for e in told)}.\n")
    print("| blocks | share | probes an hour |\n|---|---|---|")
    for kind, count, sent in zip(KINDS, kinds, probes, strict=True):
        print(f"| {kind.name} | {count / kinds.sum():.0%} | {sent / count / days / 24:.1f} |")
    print(f"| all | | {probes.sum() / kinds.sum() / days / 24:.1f} |")
    return {"false": false, "block_days": block_days, "found": len(hits), "of": len(sure)}


def _length(low: float, high: float) -> str:
    def text(seconds: float) -> str:
        return f"{seconds / 60:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.0f} h"

    return f"{text(low)} – {text(high)}"


def _cell(outages: list[Outage], low: float, high: float, shortest: float, longest: float) -> str:
    these = [o for o in outages if low <= o.share < high and shortest <= o.length < longest]
    if not these:
        return "–"
    errors = np.abs([o.error for o in these if o.found])
    found = len(errors) / len(these)
    if not len(errors):
        return f"0 % of {len(these)}"
    half = (errors <= ELEVEN / 2).mean()
    return f"{found:.1%} of {len(these)}; {half:.0%} ± 330 s"


def one_nation(task: tuple[int, int]) -> dict[str, list[float]]:
    """A country with national outages; gives the figure beside the truth, minute by minute."""
    seed, blocks = task
    where = country(seed, blocks)
    draw = np.random.default_rng((seed, 2))
    events = nation_events(where, draw)
    rounds, panel = Rounds(where.history, where.operator, seed, utc=UTC), new_panel(blocks)
    group = np.zeros(blocks, dtype=np.int32)
    lines: dict[str, list[float]] = defaultdict(list)
    ever = np.zeros(blocks, dtype=np.bool_)
    sent = [0]

    def each_minute(now: float) -> None:
        nonlocal panel
        for sample in rounds.samples(now):
            panel = advance(panel, sample, where.operator)
            figures = aggregate(panel, sample, group, 1)
            ever[sample.block] = True
            at = sample.time - UTC
            truths = [where.up_at(at + by)[ever].mean() * 100 for by in range(1, 60, 2)]
            lines["time"].append(at)
            lines["figure"].append(figures.up24[0] / figures.measured[0] * 100)
            lines["error"].append(figures.error[0] / figures.measured[0] * 100)
            lines["low"].append(min(truths))
            lines["high"].append(max(truths))
            lines["truth"].append(float(np.mean(truths)))
            lines["coverage"].append(figures.coverage[0])
            lines["loss"].append(figures.loss[0])

    sent[0] = run(where, rounds, 0.0, events, each_minute)
    lines["probes"] = [sent[0] / blocks / (events / HOUR)]
    return dict(lines)


def nation_events(where: Country, draw: np.random.Generator) -> float:
    """Total, partial and slow outages of an hour each, an hour apart; gives when all is over."""
    n, at = len(where.kind), LEARNING

    def cut(rows: Any, length: float = HOUR) -> None:
        nonlocal at
        begin = at + float(draw.uniform(0, 60))
        where.down.extend((int(row), begin, begin + length) for row in rows)
        at += 2 * HOUR

    cut(range(n))
    for share in (HALF, 0.2, 0.05):
        cut(np.flatnonzero(draw.random(n) < share))
    names = np.unique(where.operator)
    cut(np.flatnonzero(np.isin(where.operator, names[draw.random(len(names)) < HALF])))
    # Each block on its own within an hour, and back within another.
    for row in range(n):
        begin = at + float(draw.uniform(0, HOUR))
        where.down.append((row, begin, at + 2 * HOUR + float(draw.uniform(0, HOUR))))
    at += 4 * HOUR
    blinks = draw.integers(n, size=n // 10)
    where.down.extend((int(row), at, at + 0.4 * HOUR) for row in blinks)
    return float(at + HOUR)


def nation(blocks: int, seeds: list[int]) -> dict[str, Any]:
    """Print how near the national figure is to the truth's mean within each minute."""
    with ProcessPoolExecutor(2) as pool:
        told = list(pool.map(one_nation, [(seed, blocks) for seed in seeds]))
    print(f"{len(seeds)} countries of {blocks:,} blocks, {len(told[0]['time'])} minutes.\n")
    print("| minutes | within ± 2 points | 99 % within | largest | mean error |")
    print("|---" * 5 + "|")
    miss, quiet = [], []
    for lines in told:
        figure, low, high = (np.array(lines[name]) for name in ("figure", "low", "high"))
        late = np.array(lines["time"]) > LEARNING - HOUR
        miss.append((figure - np.array(lines["truth"]))[late])
        quiet.append(((high - low) == 0)[late])
    off, still = np.concatenate(miss), np.concatenate(quiet)
    for name, which in (("all", off == off), ("truth at rest", still), ("truth moving", ~still)):  # noqa: PLR0124
        these = np.abs(off[which])
        print(
            f"| {name}: {which.sum():,} | {(these <= 2).mean():.2%} | "  # noqa: PLR2004
            f"{np.quantile(these, 0.99):.2f} | {these.max():.2f} | {off[which].mean():+.3f} |"
        )
    for at in range(6):
        after = np.concatenate(
            [_after(lines, LEARNING + at * 2 * HOUR, minutes=2) for lines in told]
        )
        print(f"event {at}: {np.round(after, 2).tolist()}")
    probes = [round(lines["probes"][0], 1) for lines in told]
    print(f"\nprobes an hour and block, {probes}, with a quarter of the time in national outages")
    return {"within": float((np.abs(off) <= 2).mean())}  # noqa: PLR2004


def _after(lines: dict[str, list[float]], time: float, *, minutes: int) -> Any:
    """Errors in the minute in which something happens and those after."""
    row = int(np.searchsorted(lines["time"], time // 60 * 60))
    part = slice(row, row + minutes)
    return np.array(lines["figure"])[part] - np.array(lines["truth"])[part]


def speed() -> None:
    """Print how long the update of belief takes, and what memory, by the number of blocks."""
    print("| blocks | probes | seconds | MB in arrays | peak MB of the process, before and after |")
    print("|---|---|---|---|---|")
    draw = np.random.default_rng(1)
    hear(*(np.zeros(1, dtype=kind) for kind in (np.float32, np.int32, np.bool_, np.float32)))  # type: ignore[arg-type]
    begin_turns(np.zeros(1, dtype=np.float32))
    for blocks in (250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000):
        probes = blocks * 3 // 2
        odds = np.full(blocks, 13, dtype=np.float32)
        block = draw.permutation(np.arange(probes, dtype=np.int32) % blocks)
        answered = draw.random(probes, dtype=np.float32) < 0.7  # noqa: PLR2004
        chance = draw.random(probes, dtype=np.float32)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.perf_counter()
        begin_turns(odds)
        hear(odds, block, answered, chance)
        belief = belief_of(odds)
        took = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        held = sum(array.nbytes for array in (odds, block, answered, chance, belief)) / 1e6
        print(f"| {blocks:,} | {probes:,} | {took:.3f} | {held:.0f} | {before:.0f}, {after:.0f} |")


def picture(path: Path, blocks: int, seed: int) -> None:
    """Draw the national figure beside the truth."""
    import vl_convert  # noqa: PLC0415 - of this part alone

    lines = one_nation((seed, blocks))
    rows = [
        {"hours": at / HOUR - LEARNING / HOUR, "percent": value, "what": name}
        for column, name in (("truth", "truth"), ("figure", "figure"))
        for at, value in zip(lines["time"], lines[column], strict=True)
        if at > LEARNING - HOUR
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 760,
        "height": 240,
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": {"field": "hours", "type": "quantitative", "title": "hours"},
            "y": {"field": "percent", "type": "quantitative", "title": "blocks up, percent"},
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["truth", "figure"], "range": ["#bbbbbb", "#0b5fa5"]},
            },
            "size": {
                "field": "what",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": ["truth", "figure"], "range": [4, 1.2]},
            },
        },
    }
    path.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("what", choices=("truth", "nation", "speed", "picture"))
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--blocks", type=int, default=10_000)
    parser.add_argument("--days", type=float, default=4.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13, 14, 15])
    parser.add_argument("--loss", type=float, nargs=2, default=(0.01, 0.05))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    told: dict[str, Any] = {}
    match asked.what:
        case "truth":
            told = truth(asked.blocks, asked.days, asked.seeds, tuple(asked.loss))
        case "nation":
            told = nation(asked.blocks, asked.seeds)
        case "speed":
            speed()
        case "picture":
            picture(asked.path, asked.blocks, asked.seeds[0])
    if asked.json:
        asked.json.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
