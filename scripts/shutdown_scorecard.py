"""Fit what marks of shutdowns weigh, and write docs/explain-scorecard.md: how well they tell.

Usage: python scripts/shutdown_scorecard.py [--data FOLDER] docs/explain-scorecard.md

The labels are not part of the project; they lie at ../shared/data, or where --data or ZICHT_DATA
says. The weights go to src/zicht/explain/weights.toml. Both say the same every time for the same
labels and the same code.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zicht.score.labels import parse_labels
from zicht.score.leave_out import (
    STAGES,
    LeftOut,
    Quality,
    folds,
    leave_countries_out,
    model_of,
    quality,
    shown_of,
)
from zicht.score.named_shutdowns import parse_named_shutdowns
from zicht.score.shutdown_cases import Unknown, shutdown_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zicht.explain.fitting import Case
    from zicht.explain.weights import Shown, Weights

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src" / "zicht" / "explain" / "weights.toml"
INVESTIGATED = "labels/ioda-investigated-outages-2018-2020.csv"
NAMED = "labels/access-now-stop-2016-2020.csv"

FILLING = frozenset({"SY", "IQ"})
"""Syria and Iraq: four in five of the ordered shutdowns in the list are theirs."""

_SOURCE = (
    "National outages of IODA's list of investigated outages 2018-2020 (Bischof et al., SIGCOMM"
    " 2023, artefact); unknown causes taken for shutdowns where Access Now's list (#KeepItOn STOP"
    " 2016-2020) names one of that country and day"
)

_UNKNOWNS: dict[Unknown, str] = {
    "not-ordered": "unknown causes taken for faults",
    "left-out": "unknown causes left out",
    "matched": "unknown causes matched with Access Now's list",
}

_PLAIN = {  # stated by an earlier trial, leave-one-country-out, unknown causes taken for faults
    ("onset", False): (0.87, 0.71),
    ("after", False): (0.92, 0.81),
    ("onset", True): (0.39, 0.03),
    ("after", True): (0.73, 0.19),
}

_HEAD = """# How well shutdowns are told from faults

<!-- Written by `make explain-scorecard`. -->

Every figure here is of countries that the model had not seen: for each country it was fitted to all
others. What it weighs and what it cannot know stands in [Shutdown or fault](explain.md).

AUC is the probability that an ordered shutdown gets a higher ratio than another outage; 0.5 is
chance. AP is the average precision; chance is the share of shutdowns. The calibration error is the
expected one, in ten equal steps. *Plain* is a logistic model of minute, recurrence and hour (and
duration after the end): figures of an earlier trial on the same list, whose code is not here. Which
marks there are, and which speak for one side alone, was chosen on these labels too, so that later
years may give less.

| labels | told | outages | shutdowns | AUC | plain | AP | plain | calibration error |
|---|---|---|---|---|---|---|---|---|"""

_READING = """
Without Syria and Iraq 18 shutdowns are left (26 with the second list), and a figure of them is
uncertain by a tenth and more. At the onset the model cannot tell them from outages of unknown
cause, and from known faults mostly because cables hit several countries. Where probabilities were
not right in these countries too, none is given: the ratio stands alone, and its probability is
*unclear*."""

_MARKS = """
## What the marks weigh

Fitted to {outages} national outages; the prior that makes probabilities right on the whole is
{prior:.1f} %. No mark weighs more than 20 : 1. The hour, recurrence and an equal length before can
only speak for a shutdown: that a first one is unlike a nightly curfew tells nothing.

| mark | level | ratio | shutdowns | others | countries of the shutdowns |
|---|---|---|---|---|---|"""

_SHOWN = """
## Where probabilities were right

Fifths of the outages by their ratio. A probability is given only where said and seen are within ten
points, with and without Syria and Iraq; elsewhere it is *unclear*.

| labels | told | ratios | outages | countries | said | seen |
|---|---|---|---|---|---|---|"""

_FOLDS = """
## Country by country

The mean probability that was given to the shutdowns and to the other outages of each country, with
unknown causes matched.

| country | outages | shutdowns | onset: shutdowns | others | after: shutdowns | others |
|---|---|---|---|---|---|---|"""

_STAGES = {"onset": "at the onset", "after": "after the end"}


def main() -> None:
    """Write the weights and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_data())
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("page", type=Path)
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        sys.exit(f"The labels are not at {arguments.data}; name their folder with --data.")
    model, page = weights_and_page(arguments.data)
    arguments.weights.write_text(model, encoding="utf-8")
    arguments.page.write_text(page, encoding="utf-8")


def _data() -> Path:
    return Path(os.environ.get("ZICHT_DATA") or ROOT.parent / "shared" / "data")


def weights_and_page(data: Path) -> tuple[str, str]:
    """The text of the weights, and of the page."""
    labels = parse_labels((data / INVESTIGATED).read_bytes(), name=INVESTIGATED, skip_bad=True)
    named = parse_named_shutdowns((data / NAMED).read_bytes(), name=NAMED).shutdowns
    cases = {one: shutdown_cases(labels.labels, named, one) for one in _UNKNOWNS}
    model = fitted(cases["matched"])
    return weights_text(model), "\n".join(_page(model, cases)) + "\n"


def fitted(cases: Sequence[Case]) -> Weights:
    """The model that is shipped."""
    shown: list[Shown] = []
    for name, own in (("all", cases), ("without SY, IQ", _without(cases))):
        for stage in STAGES:
            shown += shown_of(leave_countries_out(own, stage), name, stage)
    return model_of(cases, _SOURCE, shown)


def _without(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.country not in FILLING]


def weights_text(model: Weights) -> str:
    """The model as TOML, for people to read."""
    lines = [
        "# What each mark of an outage weighs: natural logarithms of likelihood ratios, written by",
        "# scripts/shutdown_scorecard.py; docs/explain.md tells how to read them.",
        "",
        f'source = "{model.source}"',
        f"prior_percent = {model.prior_percent:.2f}",
    ]
    for one in model.level:
        lines += [
            "",
            "[[level]]",
            f'mark = "{one.mark}"',
            f'level = "{one.level}"',
            f"weight = {one.weight:.3f} # {_odds(one.weight)}",
            f"shutdowns = {one.shutdowns}",
            f"others = {one.others}",
            f"countries = {one.countries}",
        ]
    for each in model.shown:
        lines += [
            "",
            "[[shown]]",
            f'labels = "{each.labels}"',
            f'stage = "{each.stage}"',
            f"low = {each.low:.3f}",
            f"high = {each.high:.3f}",
            f"said = {each.said:.2f}",
            f"seen = {each.seen:.2f}",
            f"outages = {each.outages}",
            f"countries = {each.countries}",
        ]
    return "\n".join(lines) + "\n"


def _odds(weight: float) -> str:
    ratio = math.exp(abs(weight))
    return f"{ratio:.1f} : 1" if weight >= 0 else f"1 : {ratio:.1f}"


def _page(model: Weights, cases: dict[Unknown, list[Case]]) -> Iterator[str]:
    yield _HEAD
    said: dict[tuple[Unknown, str], LeftOut] = {}
    for unknown, words in _UNKNOWNS.items():
        for without in (False, True):
            own = _without(cases[unknown]) if without else cases[unknown]
            for stage in STAGES:
                left = leave_countries_out(own, stage)
                if not without:
                    said[unknown, stage] = left
                plain = _PLAIN[stage, without] if unknown == "not-ordered" else None
                name = f"{words}{', without Syria and Iraq' if without else ''}"
                yield _row(name, _STAGES[stage], quality(left), plain)
    yield _READING
    yield from _weights_table(model)
    yield from _shown_table(model)
    yield from _folds_table(said)


def _row(name: str, told: str, of: Quality, plain: tuple[float, float] | None) -> str:
    auc, precision = ("", "") if plain is None else (f"{plain[0]:.2f}", f"{plain[1]:.2f}")
    return (
        f"| {name} | {told} | {of.cases} | {of.shutdowns} | {of.auc:.2f} | {auc} |"
        f" {of.average_precision:.2f} | {precision} | {of.calibration_error:.3f} |"
    )


def _weights_table(model: Weights) -> Iterator[str]:
    outages = sum(one.shutdowns + one.others for one in model.level if one.mark == "elsewhere")
    yield _MARKS.format(outages=outages, prior=model.prior_percent)
    for one in model.level:
        yield (
            f"| {one.mark} | {one.level} | {_odds(one.weight)} | {one.shutdowns} | {one.others} |"
            f" {one.countries} |"
        )


def _shown_table(model: Weights) -> Iterator[str]:
    yield _SHOWN
    for one in model.shown:
        yield (
            f"| {one.labels} | {_STAGES[one.stage]} | {_odds(one.low)} to {_odds(one.high)} |"
            f" {one.outages} | {one.countries} | {one.said:.1f} % | {one.seen:.1f} % |"
        )


def _folds_table(said: dict[tuple[Unknown, str], LeftOut]) -> Iterator[str]:
    yield _FOLDS
    onset, after = folds(said["matched", "onset"]), folds(said["matched", "after"])
    for one, other in zip(onset, after, strict=True):
        country, outages, shutdowns, *_ = one
        yield (
            f"| {country} | {outages} | {shutdowns} | {_percent(one[3])} | {_percent(one[4])} |"
            f" {_percent(other[3])} | {_percent(other[4])} |"
        )


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.0f} %"


if __name__ == "__main__":
    main()
