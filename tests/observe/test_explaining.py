"""National events in a store are explained with what is around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from zicht.cli import run
from zicht.errors import InputError
from zicht.model.outage import Mark, ShutdownLikelihood
from zicht.observe.bulletins import bulletin
from zicht.observe.detection import run_detection
from zicht.observe.evidence import evidence
from zicht.observe.explaining import Premises, explained
from zicht.observe.ingest import import_files
from zicht.observe.scoping import scope
from zicht.observe.settings import premises_of, read_settings
from zicht.publish.bulletin_formats import bulletin_markdown
from zicht.publish.language import language
from zicht.publish.likelihood_words import (
    likelihood_sentence,
    looks_like,
    mark_sentence,
    odds_words,
    sides,
    weighed_sentence,
)
from zicht.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from zicht.store import Store

DOWN = range(6 * 1440 + 90, 6 * 1440 + 90 + 150)
"""Minutes: from 01:30 UTC, 05:00 in Iran, for two hours and a half, on the seventh day."""


def observed(folder: Path) -> Path:
    """Eight days of a country and an operator, with one national outage."""
    rows = []
    for minute in range(0, 8 * 1440, 10):
        day, rest = divmod(minute, 1440)
        for asn, name, level in ((0, "Country wide", 9000), (64500, "Example", 700)):
            value = level // 20 if minute in DOWN else level + minute % 7
            time = f"2019-11-{14 + day} {rest // 60:02}:{rest % 60:02}:00+00:00"
            rows.append(f"active_probing,{value},{asn},{name},{time}\n")
    path = folder / "days.csv"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("explained")
    store = open_store(folder / "store", create=True)
    import_files(store, "ioda", [observed(folder)], country="IR")
    run_detection(store)
    return store


def test_a_national_event_is_explained_at_its_onset_and_after_its_end(store: Store) -> None:
    (event,) = [one for one in store.events() if one.entity == "country/IR"]
    told = event.shutdown_likelihood
    assert told is not None
    levels = {mark.name: mark.level for mark in told.marks}
    assert levels["onset-minute"] == "hour"
    assert levels["duration"] == "under 12 h"
    assert levels["whole-half-hours"] == "yes"
    assert "elsewhere" not in levels  # nobody else is watched here
    assert told.at_onset is not None
    assert told.after_end is not None
    assert told.after_end > told.at_onset > 1
    assert any("05:05 in Tehran" in sentence for sentence in told.evidence_for)


def test_explaining_again_says_the_same_and_revises_nothing(store: Store) -> None:
    before = store.events()
    again = run_detection(store)
    assert store.events() == before
    assert [one.revision for one in again.events] == [one.revision for one in before]


def test_a_prior_that_is_given_is_stated(store: Store) -> None:
    (event,) = run_detection(store, premises=Premises(prior_percent=40.0)).events
    assert event.shutdown_likelihood is not None
    assert event.shutdown_likelihood.prior_percent == 40.0
    run_detection(store)


def test_operators_that_stand_alone_are_not_explained(store: Store) -> None:
    detection = run_detection(store)
    alone = [msgspec.structs.replace(one, entity="asn/64500") for one in detection.events]
    bare = [msgspec.structs.replace(one, shutdown_likelihood=None) for one in alone]
    (told,) = explained(store, replace(detection, events=tuple(bare)), {}).events
    assert told.shutdown_likelihood is None


def test_show_and_bulletins_tell_it_in_their_language(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (event,) = store.events()
    assert run(["--store", str(store.path), "show", event.id]) == 0
    shown = capsys.readouterr().out
    assert "Ordered, or a fault?" in shown
    assert "for: It began on the hour of the local clock (05:05 in Tehran). (2.76" in shown
    for code, heading in (("en", "Ordered, or a fault?"), ("nl", "Bevolen, of een storing?")):
        published = bulletin(store, event.id, code=code)
        text = bulletin_markdown(published.words, published.bulletin, None)
        assert heading in text


def test_the_scope_counts_measured_operators_by_kind(store: Store) -> None:
    (event,) = store.events()
    reach = scope(store, evidence(store, event.id))
    assert reach.national
    kinds = {one.kind: one for one in reach.kinds}
    assert (kinds["unknown"].down, kinds["unknown"].measured) == (1, 1)
    assert reach.share_of is None  # neither users nor blocks are known


def test_ratios_are_odds_and_say_what_they_look_like() -> None:
    words = language("en")
    assert odds_words(words, 14.2) == "14.2 : 1"
    assert odds_words(words, 0.05) == "1 : 20"
    assert looks_like(words, 14.0) == "looks like an ordered shutdown (14 : 1)"
    assert looks_like(words, 0.1) == "looks like a fault (1 : 10)"
    assert looks_like(words, 2.0) == "looks like neither more than the other (2 : 1)"


def test_marks_are_sorted_by_side_and_weight_and_strange_ones_are_named() -> None:
    words = language("en")
    heavy = Mark(name="recurrence", level="repeated", ratio=20.0, known="onset", figures={})
    light = Mark(name="whole-half-hours", level="yes", ratio=1.8, known="end", figures={})
    against = Mark(name="elsewhere", level="several", ratio=0.05, known="onset", figures={})
    rest = Mark(name="routes-up-packets-dead", level="yes", ratio=None, known="onset", figures={})
    told = ShutdownLikelihood(
        at_onset=1.0, after_end=None, marks=(light, heavy, against, rest), prior_percent=10.0
    )
    said = sides(words, told)
    assert said.evidence_for == (weighed_sentence(words, heavy), weighed_sentence(words, light))
    assert len(said.evidence_against) == len(said.not_weighed) == 1
    strange = Mark(name="<b>", level="new", ratio=None, known="onset", figures={})
    assert mark_sentence(words, strange) == "<b>: new"
    sentence = likelihood_sentence(words, told)
    assert "probability: unclear" in sentence
    assert sentence.endswith("None of it tells who did it.")


def test_settings_bring_a_prior_and_a_calendar(tmp_path: Path) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(
        "[explain]\nprior_percent = 15\n\n[[occasion]]\ncountry = 'DZ'\nfirst = 2026-06-14\n"
        "what = 'exams'\n"
    )
    premises = premises_of(read_settings(path))
    ((country, occasion),) = premises.occasions
    assert (premises.prior_percent, country) == (15, "DZ")
    assert (occasion.first, occasion.last) == (date(2026, 6, 14), date(2026, 6, 14))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[explain]\nprior_percent = 100\n", "prior_percent"),
        ("[[occasion]]\ncountry = 'QQ'\nfirst = 2026-06-14\nwhat = 'x'\n", "country"),
        (
            "[[occasion]]\ncountry = 'DZ'\nfirst = 2026-06-14\nlast = 2026-06-13\nwhat = 'x'\n",
            "before it begins",
        ),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "zicht.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=fault):
        read_settings(path)
