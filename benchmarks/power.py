"""How often outages of known depth, length and shape are found, and how often quiet is called one.

    python benchmarks/power.py --series 20 --weeks 40               # a first look, minutes
    python benchmarks/power.py --json power.json                    # the whole
    python benchmarks/power.py --kinds traffic-30m bgp-20-5m --no-recordings

Quiet series, generated ones of many kinds (``quiet.py``) and quiet stretches of recordings
(``recordings.py``), are given to every contender (``contenders.py``) as they are, which counts its
false alerts, and then with an outage injected after half of the history. An outage counts as found
when a finding touches it and was alerted at the latest two bins after its end.

The peers run three times: as published; with the strictness, one for all kinds of a plane, at which
they give no more false alerts on the generated series of that plane than Zicht; and with a
strictness chosen for each kind, which is more than anyone could do in earnest. Deterministic for a
seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from contenders import CONTENDERS, Chocolatine
from power_report import LENGTHS, OURS, SHARES, TOGETHER, report, step_name
from quiet import generate, kinds
from recordings import FOLDER, RECORDINGS, load
from trials import WEEK, Population, Tally, judge, new_alerts, trials

from zicht.detect.injection import NEGATIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contenders import Contender

    from zicht.model.series import Series

FINE = 300  # of bins of fewer seconds a quarter of the weeks must do
MODES = ("published", "equal by plane", "equal for each")
SHAPED_HOURS = 8  # how long an outage of another shape lasts, six bins at least
SHAPES = ("zero", "ramp", "operators", "partial", "curfew", "exams", "fade", "shift")


def populations(arguments: argparse.Namespace) -> list[Population]:
    """All quiet series that the arguments ask for."""
    made = []
    for kind in kinds():
        if arguments.kinds and kind.name not in arguments.kinds:
            continue
        scored = kind.days / 7 - kind.learning * kind.step / WEEK
        weeks = arguments.weeks / (4 if kind.step < FINE else 1)
        count = max(int(np.ceil(weeks / scored)), min(arguments.series, 10))
        series = [generate(kind, number, arguments.seed) for number in range(count)]
        made.append(Population(kind.name, series, kind.learning, generated=True))
    if arguments.recordings and FOLDER.is_dir():
        for quiet in RECORDINGS:
            by_signal: dict[str, list[Series]] = {}
            for one in load(quiet):
                by_signal.setdefault(one.signal.name, []).append(one)
            for name, series in sorted(by_signal.items()):
                learning = max(len(one.values) for one in series) // 2
                made.append(Population(f"{quiet.name}: {name}", series, learning, generated=False))
    return made


def calibrate(
    quiets: Sequence[Population],
) -> tuple[dict[str, dict[str, dict[float, int]]], dict[str, dict[str, dict[str, float]]]]:
    """False alerts by kind, contender and strictness, and the strictnesses to run with."""
    alerts: dict[str, dict[str, dict[float, int]]] = {}
    for population in quiets:
        alerts[population.name] = {}
        for peer in CONTENDERS:
            rungs = sorted({peer.published, *peer.ladder})
            found = peer.find(population.series, rungs)
            alerts[population.name][peer.name] = {
                rung: population.false_alerts(one) for rung, one in zip(rungs, found, strict=True)
            }
    ours = CONTENDERS[0]
    points: dict[str, dict[str, dict[str, float]]] = {one.name: {} for one in quiets}
    for population in quiets:
        alike = [one.name for one in quiets if one.generated and one.plane == population.plane]
        for peer in CONTENDERS:
            points[population.name][peer.name] = {"published": peer.published} | {
                mode: _least_strict(
                    peer,
                    lambda point, names=names, peer=peer: sum(
                        alerts[name][peer.name][point] for name in names
                    ),
                    sum(alerts[name][ours.name][ours.published] for name in names),
                )
                for mode, names in (
                    ("equal by plane", alike or [population.name]),
                    ("equal for each", [population.name]),
                )
            }
    return alerts, points


def _least_strict(peer: Contender, count: Any, budget: int) -> float:
    within = [point for point in peer.ladder if count(point) <= budget]
    # False alerts need not fall evenly: the least strict from which on all keep the budget.
    for i, point in enumerate(peer.ladder):
        if all(one in within for one in peer.ladder[i:]):
            return point
    return peer.ladder[-1]


def injections(population: Population, *, shapes: bool) -> dict[str, dict[str, Any]]:
    """What is injected, by the name of the cell."""
    cells: dict[str, dict[str, Any]] = {
        step_name(share, bins): {"shape": "step", "share": share, "bins": bins}
        for share in SHARES
        for bins in LENGTHS
    }
    per_hour = 3600 / population.series[0].signal.step
    bins = max(round(SHAPED_HOURS * per_hour), 6)
    for shape in SHAPES if shapes else ():
        daily = shape in {"curfew", "exams"}
        if not daily or per_hour >= 1:
            cells[f"{shape} to 20%"] = {
                "shape": shape,
                "share": 0.2,
                "bins": bins,
                "days": 6 if daily else 1,
            }
    if shapes:
        day = max(round(24 * per_hour), 1)
        cells["holiday to 70%, 1 day"] = {"shape": "holiday", "share": 0.7, "bins": day}
        cells["surge by half, 3 days"] = {"shape": "surge", "share": 0.5, "bins": 3 * day}
    return cells


def measure(
    population: Population, points: dict[str, dict[str, float]], arguments: argparse.Namespace
) -> dict[str, Any]:
    """All cells of one population: by cell, contender and mode."""
    before = {
        (peer.name, point): found
        for peer in CONTENDERS
        for chosen in [sorted(set(points[peer.name].values()))]
        for point, found in zip(chosen, peer.find(population.series, chosen), strict=True)
    }
    results: dict[str, Any] = {}
    for cell, injection in injections(population, shapes=arguments.shapes).items():
        made = trials(population, injection, arguments.series, arguments.seed)
        if not made:
            continue
        results[cell] = {}
        for peer in CONTENDERS:
            chosen = sorted(set(points[peer.name].values()))
            found = dict(
                zip(chosen, peer.find([one.series for _, one in made], chosen), strict=True)
            )
            for mode, point in points[peer.name].items():
                arguments_of = (made, found[point], before[peer.name, point])
                name = OURS if peer is CONTENDERS[0] else f"{peer.name}, {mode}"
                results[cell][name] = (
                    new_alerts(*arguments_of)
                    if injection["shape"] in NEGATIVES
                    else judge(population, *arguments_of)
                )
    results[TOGETHER] = {}
    for cell in [cell for cell in results if cell.startswith("step")]:
        for name, tally in results[cell].items():
            results[TOGETHER].setdefault(name, Tally()).add(tally)
    return results


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=40, help="trials in each cell")
    parser.add_argument("--weeks", type=float, default=200, help="quiet series-weeks of each kind")
    parser.add_argument("--kinds", nargs="*", default=[], help="only these generated kinds")
    parser.add_argument("--no-recordings", dest="recordings", action="store_false")
    parser.add_argument("--no-shapes", dest="shapes", action="store_false")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--chocolatine", action="store_true", help="measure it too")
    arguments = parser.parse_args()
    if arguments.chocolatine:
        CONTENDERS.append(Chocolatine())
    quiets = populations(arguments)
    alerts, points = calibrate(quiets)
    results = {}
    for number, population in enumerate(quiets, 1):
        print(f"{number} of {len(quiets)}: {population.name}", file=sys.stderr, flush=True)
        results[population.name] = {
            "weeks": population.weeks,
            "false alerts as published": {
                peer.name: alerts[population.name][peer.name][peer.published] for peer in CONTENDERS
            },
            "strictness": points[population.name],
            "trade-off": alerts[population.name],
            "cells": measure(population, points[population.name], arguments),
        }
    text = json.dumps(results, default=lambda one: one.row(), indent=1)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")
    report(json.loads(text))


if __name__ == "__main__":
    main()
