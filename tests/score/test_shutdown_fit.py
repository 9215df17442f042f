"""Fitting to labels, leaving countries out, and the list that names shutdowns."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from zicht.errors import BadRowError, InputError
from zicht.explain.fitting import Case, fit_levels, fit_prior
from zicht.explain.weights import probability, total
from zicht.model.label import Label
from zicht.score.leave_out import (
    folds,
    leave_countries_out,
    model_of,
    quality,
    shown_of,
)
from zicht.score.named_shutdowns import NamedShutdown, is_named, parse_named_shutdowns
from zicht.score.shutdown_cases import shutdown_cases

ROOT = Path(__file__).parents[2]
HEADER = "start_date,end_date,country,area_name,shutdown_type,shutdown_extent\n"
NOON = datetime(2019, 6, 1, 12, tzinfo=UTC)


def cases() -> list[Case]:
    made = []
    for country in "ABCDE":
        made += [Case(country, {"m": "yes"}, {}, shutdown=True)] * 6
        made += [Case(country, {"m": "no"}, {}, shutdown=True)] * 2
        made += [Case(country, {"m": "yes"}, {}, shutdown=False)] * 4
        made += [Case(country, {"m": "no"}, {}, shutdown=False)] * 28
    return made


def test_a_level_weighs_how_much_more_often_shutdowns_had_it() -> None:
    levels = {one.level: one for one in fit_levels(cases())}
    assert levels["yes"].weight == pytest.approx(math.log(0.75 / 0.125), abs=0.2)
    assert levels["no"].weight < 0
    assert (levels["yes"].shutdowns, levels["yes"].others, levels["yes"].countries) == (30, 20, 5)
    with pytest.raises(ValueError, match="shutdowns and other outages"):
        fit_levels([case for case in cases() if case.shutdown])


def test_the_prior_makes_probabilities_right_on_the_whole() -> None:
    levels = fit_levels(cases())
    prior = fit_prior(levels, cases())
    model = model_of(cases(), "")
    assert model.prior_percent == pytest.approx(prior)
    mean = np.mean([probability(total(model, case.onset), prior) for case in cases()])
    assert mean == pytest.approx(100 * 8 / 40, abs=0.1)


def test_countries_that_were_left_out_are_told_by_the_others() -> None:
    said = leave_countries_out(cases(), "onset")
    figures = quality(said)
    assert (figures.cases, figures.shutdowns) == (200, 40)
    # By hand: pairs won 0.75 * 0.875, ties half of 0.75 * 0.125 and 0.25 * 0.875.
    assert figures.auc == pytest.approx(0.75 * 0.875 + (0.75 * 0.125 + 0.25 * 0.875) / 2)
    assert figures.average_precision == pytest.approx(0.75 * 0.6 + 0.25 * 0.2)
    assert figures.calibration_error < 0.05
    assert {row[0] for row in folds(said)} == set("ABCDE")
    assert sum(one.outages for one in shown_of(said, "all", "onset")) == 200


def test_the_list_names_national_shutdowns_of_full_networks() -> None:
    rows = (
        "2019-06-01,2019-06-03,Ethiopia,National,Shutdown,Full network\n"
        "2019-06-01,,Chad,Nationwide,Shutdown,Service-based\n"
        "2019-06-01,,India,Kashmir,Shutdown,Full network\n"
        "2019-06-01,,Nowhere,National,Shutdown,Full network\n"
    )
    named = parse_named_shutdowns((HEADER + rows).encode(), name="list.csv")
    assert named.shutdowns == (NamedShutdown("ET", date(2019, 6, 1), date(2019, 6, 3)),)
    assert named.unknown_countries == ("Nowhere",)
    assert is_named(named.shutdowns, "ET", (NOON, NOON))
    assert not is_named(named.shutdowns, "ET", (NOON + timedelta(days=9),) * 2)
    assert not is_named(named.shutdowns, "TD", (NOON, NOON))
    with pytest.raises(InputError, match="no list of shutdowns"):
        parse_named_shutdowns(b"a,b\n", name="list.csv")
    with pytest.raises(BadRowError, match="start_date"):
        parse_named_shutdowns(
            (HEADER + "soon,,Chad,National,Shutdown,Full network\n").encode(), name="list.csv"
        )


def test_unknown_causes_are_taken_as_is_asked() -> None:
    def label(name: str, country: str, day: int, cause: str | None) -> Label:
        begin = NOON + timedelta(days=day)
        end = begin + timedelta(hours=2)
        return Label(
            event=name,
            entity=f"country/{country}",
            begin=(begin, begin),
            end=(end, end),
            cause=cause,
        )

    labels = [
        label("a", "ET", 0, None),
        label("b", "ET", 30, "Unknown"),
        label("c", "IQ", 0, "Exams"),
        label("d", "LR", 0, "Cable-Cut"),
    ]
    named = [NamedShutdown("ET", date(2019, 6, 1), date(2019, 6, 1))]
    taken = {
        unknown: {(case.country, case.shutdown) for case in shutdown_cases(labels, named, unknown)}
        for unknown in ("not-ordered", "left-out", "matched")
    }
    assert taken["left-out"] == {("IQ", True), ("LR", False)}
    assert taken["not-ordered"] == {("ET", False), ("IQ", True), ("LR", False)}
    assert taken["matched"] == {("ET", True), ("ET", False), ("IQ", True), ("LR", False)}


def test_the_weights_and_the_page_are_what_the_labels_give(
    data_folder: Path, tmp_path: Path
) -> None:
    page, weights = tmp_path / "page.md", tmp_path / "weights.toml"
    subprocess.run(
        [
            sys.executable,
            str(ROOT / "scripts" / "shutdown_scorecard.py"),
            f"--data={data_folder}",
            f"--weights={weights}",
            str(page),
        ],
        check=True,
    )
    for new, kept in (
        (weights, ROOT / "src" / "zicht" / "explain" / "weights.toml"),
        (page, ROOT / "docs" / "explain-scorecard.md"),
    ):
        assert kept.read_text(encoding="utf-8") == new.read_text(encoding="utf-8")
