"""Who reported which figure: all are shown, none is picked, copies count once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_series import at, detected, made

from zicht.publish.language import language
from zicht.publish.ledger_words import relation_words
from zicht.reports.figures import find_figures
from zicht.reports.ledger import make_ledger
from zicht.reports.lineage import lineages, passages
from zicht.reports.reading import Report, publication, read_report
from zicht.reports.tokens import find_words

if TYPE_CHECKING:
    from pathlib import Path


def report(text: str, name: str = "a", published: str = "2022-01-06") -> Report:
    return read_report(text.encode(), name=name, published=publication(published))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Eight officers were killed in Togo.", ("dead", "security forces", 8, 8)),
        ("More than 1,000 citizens were wounded in Togo.", ("wounded", "civilians", 1001, None)),
        ("Dozens of protesters were shot dead in Togo.", ("dead", "protesters", 24, 99)),
        ("At least two hundred people were arrested in Togo.", ("arrested", "people", 200, None)),
        ("Up to 50 students were detained in Togo.", ("arrested", "people", 0, 50)),
        ("About 100 civilians were injured in Togo.", ("wounded", "civilians", 90, 110)),
        ("Minstens twaalf agenten kwamen om in Togo: ze zijn gedood.", None),
        ("Minstens twaalf agenten zijn gedood in Togo.", ("dead", "security forces", 12, None)),
        ("Des dizaines de manifestants ont été tués au Togo.", ("dead", "protesters", 20, 99)),
        ("Plus de 1 200 personnes ont été arrêtées au Togo.", ("arrested", "people", 1201, None)),
        ("In Togo wurden mindestens 13 Polizisten getötet.", ("dead", "security forces", 13, None)),
        ("Más de mil personas fueron detenidas en Togo.", ("arrested", "people", 1001, None)),
        ("В Казахстане погибли 13 полицейских.", ("dead", "security forces", 13, 13)),
        ("В Казахстане задержаны более 5 тысяч человек.", ("arrested", "people", 5001, None)),
    ],
)
def test_a_figure_is_a_range_of_a_group(
    text: str, expected: tuple[str, str, int, int | None] | None
) -> None:
    rows = find_figures(report(text))
    if expected is None:
        assert len(rows) <= 1
        return
    assert [(r.kind, r.group, r.value_low, r.value_high) for r in rows] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 protests in Togo turned violent and people were killed.",
        "On 5 January protesters were killed in Togo.",
        "A 13-year-old was not among the dead in Togo.",
        "Turnout was 45 percent in Togo, where people were arrested.",
    ],
)
def test_years_days_ages_and_shares_count_nobody(text: str) -> None:
    assert find_figures(report(text)) == ()


def test_measures_are_told_as_in_force_or_ended() -> None:
    text = (
        "The president of Togo declared a state of emergency. Banks were closed."
        " Flights have resumed."
    )
    rows = find_figures(report(text))
    assert [(one.kind, one.group, one.value_low) for one in rows] == [
        ("emergency", "in force", None),
        ("banks", "in force", None),
        ("flights", "ended", None),
    ]


def test_the_issuer_may_stand_in_the_next_sentence() -> None:
    text = "Dozens of people were killed in Togo. That is what the police said, quoted by Reuters."
    row = find_figures(report(text))[0]
    assert row.chain == ("Reuters",)


def relations(*texts: str) -> list[tuple[str | None, int | None]]:
    reports = [report(text, f"r{number}") for number, text in enumerate(texts)]
    return [(one.relation_code, one.relation_row) for one in make_ledger(reports)]


def test_relations_name_what_agrees_and_what_does_not() -> None:
    eight = "Eight officers were killed in Togo."
    assert relations(eight, "Thirteen officers were killed in Togo.")[1] == ("differs", 1)
    assert relations(eight, "In Togo, eight soldiers died.")[1] == ("same", 1)
    assert relations(eight, "In Togo, dozens of protesters died.")[1] == ("differs-in-scope", 1)
    said = "According to the police, eight officers were killed in Togo."
    other = "According to the army, thirteen officers were killed in Togo."
    assert relations(said, other) == [(None, None), ("conflict", 1)]
    later = "According to the army, thirteen officers were killed in Togo on Thursday."
    first = "According to the police, eight officers were killed in Togo on Tuesday."
    assert relations(first, later)[1] == ("update", 1)
    dozens = "Dozens of officers were killed in Togo."
    assert relations(dozens, "30 officers were killed in Togo.")[1] == ("within-range", 1)


def test_texts_copied_from_one_agency_count_once() -> None:
    text = (
        "At least 30 protesters were killed in Togo on Tuesday when police opened fire, a hospital"
        " source told the agency."
    )
    rows = make_ledger([report(text, "one"), report(f"Unrest. {text}", "two")])
    assert [one.lineage for one in rows] == [1, 1]
    assert (rows[1].relation_code, rows[1].relation_row) == ("copied", 1)


def test_passages_are_runs_of_eight_words() -> None:
    words = find_words("one two three four five six seven eight nine").folded
    assert len(passages(words)) == 2
    assert passages([]) == frozenset()
    assert lineages([words, words, ["other"]]) == [1, 1, 3]


def test_figures_dated_within_a_measured_blackout_are_flagged() -> None:
    found = detected(made([(at(5, 2), at(5, 22), 0.02)]))
    seen = frozenset({"country/KZ"})
    during = report("Eight officers were killed in Kazakhstan on Wednesday.")
    before = report("Eight officers were killed in Kazakhstan on Monday.")
    elsewhere = report("Eight officers were killed in Togo on Wednesday.")
    rows = make_ledger([during, before, elsewhere], found.events, seen)
    assert [one.during_blackout for one in rows] == [True, False, None]


GOLDEN = (
    ("dead", "protesters", 20, 99, False, ""),
    ("troops", "in force", None, None, False, ""),
    ("banks", "in force", None, None, False, ""),
    ("wounded", "civilians", 1001, None, False, ""),
    ("emergency", "in force", None, None, False, ""),
    ("troops", "in force", None, None, False, "same as row 2"),
    ("troops", "in force", None, None, False, "same as row 6"),
    ("airport", "in force", None, None, False, ""),
    ("flights", "in force", None, None, False, ""),
    ("arrested", "people", 200, 999, False, ""),
    (
        "dead",
        "security forces",
        8,
        8,
        False,
        "differs in scope from row 1 (security forces, protesters)",
    ),
    ("wounded", "others", 317, 317, False, "differs in scope from row 4 (others, civilians)"),
    ("dead", "protesters", 20, 99, True, "same as row 1"),
    ("dead", "protesters", 20, 99, True, "same as row 13"),
    ("emergency", "in force", None, None, False, "same as row 5"),
    ("troops", "in force", None, None, False, "same as row 7"),
    ("troops", "in force", None, None, True, "same as row 16"),
    ("troops", "in force", None, None, True, "same as row 17"),
    ("airport", "in force", None, None, False, "same as row 8"),
    ("airport", "ended", None, None, False, "update of row 19"),
    ("flights", "in force", None, None, False, "same as row 9"),
    ("dead", "security forces", 13, 13, True, "differs from row 11, issuer unknown"),
)
"""Kind, group, least, most, whether anybody is said to say it, and how it stands to others."""


def test_the_two_reports_give_all_their_figures(data_folder: Path) -> None:
    names = ("000_dc177f7ba50d71bb.txt", "002_6b07fe4871454d0d.txt")
    reports = [
        read_report((data_folder / "reports" / name).read_bytes(), name=name) for name in names
    ]
    rows = make_ledger(reports)
    words = language("en")
    found = tuple(
        (
            row.kind,
            row.group,
            row.value_low,
            row.value_high,
            row.issuer is not None,
            relation_words(words, row, rows),
        )
        for row in rows
    )
    assert found == GOLDEN
    texts = {one.name: one.text for one in reports}
    assert all(texts[row.report][row.start : row.end] == row.quote for row in rows)


def test_a_number_of_towns_counts_nobody() -> None:
    text = "Au moins 106 personnes ont été tuées dans 21 villes au Togo, selon une ONG."
    assert [row.value_low for row in find_figures(report(text))] == [106]


def test_who_says_it_ends_before_how_many() -> None:
    text = "Bij protesten in Togo kwamen volgens de oppositie tientallen mensen om het leven."
    rows = find_figures(report(text))
    assert [row.issuer for row in rows] == ["de oppositie"]


def test_each_clause_has_its_own_issuer() -> None:
    text = (
        "At least 12 people were killed in Togo, state media said, while Amnesty International put"
        " the toll at more than 100."
    )
    rows = find_figures(report(text))
    assert [(row.value_low, row.issuer) for row in rows] == [
        (12, "state media"),
        (101, "Amnesty International"),
    ]
