"""What the demo says of the lab's facts: what was found beside what was published, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from zicht.observe.exhibit import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zicht.lab.comparison import Comparison, What
    from zicht.lab.facts import Fact
    from zicht.lab.scenario import Scenario
    from zicht.publish.language import Language


_MANY = ("window", "sick source")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was to be found.

    Attributes:
        id: which, in any language the same: ``blackout-begins``, ``window-1``.
        what: which, in words.
        published: who published what of it.
        found: what was found, or that nothing was.
        agrees: whether what was found lies within what was published and its doubts.
        simulated: always true: the data are a reconstruction and no measurement.
    """

    id: str
    what: str
    published: str
    found: str
    agrees: bool
    simulated: bool = True


def comparison_rows(words: Language, comparisons: Sequence[Comparison]) -> list[Row]:
    """Comparisons in words, the windows counted."""
    rows: list[Row] = []
    seen: Counter[str] = Counter()
    for one in comparisons:
        seen[one.what] += 1
        number = seen[one.what]
        rows.append(
            Row(
                id=one.what.replace(" ", "-") + (f"-{number}" if one.what in _MANY else ""),
                what=_what(words, one.what, number),
                published=_published(words, one),
                found=_found(words, one),
                agrees=one.agrees,
            )
        )
    return rows


def page_tables(words: Language, scenario: Scenario, rows: Sequence[Row]) -> tuple[Table, ...]:
    """The tables of the demo's page: found beside published, and all facts with their sources."""
    say = words.say
    return (
        Table(
            title=say("Found beside published"),
            about=say(
                "The reconstruction is made from some of these times, so this says whether the"
                " pipeline finds what went in. It is no evidence of what happened."
            ),
            columns=(say("What"), say("Published"), say("Found"), say("Agrees")),
            rows=tuple(
                (
                    Cell(row.what),
                    Cell(row.published),
                    Cell(row.found),
                    Cell(say("yes") if row.agrees else say("no")),
                )
                for row in rows
            ),
        ),
        Table(
            title=say("The facts, and where they stand"),
            about=say(
                "All times are UTC. Where publications disagree, all are listed; those that the"
                " reconstruction uses are marked, with the reason."
            ),
            columns=(
                say("When"),
                say("What is said"),
                say("Who"),
                say("Doubt"),
                say("Used"),
                say("Why"),
            ),
            rows=tuple(_fact(words, scenario, fact) for fact in _by_time(scenario)),
        ),
    )


def _by_time(scenario: Scenario) -> list[Fact]:
    return sorted(scenario.facts, key=lambda fact: (fact.begin, fact.id))


def _fact(words: Language, scenario: Scenario, fact: Fact) -> tuple[Cell, ...]:
    source = scenario.publication(fact)
    access = "" if source.access == "read" else f" ({words.say('as others relate')})"
    return (
        Cell(_span(words, fact.begin, fact.end)),
        Cell(fact.statement, language="en"),
        Cell(f"{source.publisher}{access}", link=source.url),
        Cell(words.say("\N{PLUS-MINUS SIGN}{n} min", n=fact.doubt_minutes)),
        Cell(words.say("yes") if fact.chosen else words.say("no")),
        Cell(fact.why, language="en"),
    )


def _what(words: Language, what: What, window: int) -> str:
    say = words.say
    return {
        "mobile begins": say("mobile restrictions begin"),
        "blackout begins": say("the whole country goes dark"),
        "depth": say("how much is left"),
        "window": say("window {n} of connectivity", n=window),
        "blackout ends": say("stable again"),
        "sick source": say("a sick source"),
    }[what]


def _published(words: Language, one: Comparison) -> str:
    if one.percent_published is not None:
        low, high = one.percent_published
        who = words.join(list(dict.fromkeys(name for name, _, _ in one.published)))
        return f"{words.percent(low)}\N{EN DASH}{words.percent(high)} ({who})"
    if one.what == "sick source":
        (_, begin, end) = one.published[0]
        return words.say("assumed, {span}", span=_span(words, begin, end))
    spans = [f"{_span(words, begin, end)} ({name})" for name, begin, end in one.published]
    return "; ".join(dict.fromkeys(spans))


def _found(words: Language, one: Comparison) -> str:
    if one.percent_found is not None:
        return words.percent(max(one.percent_found, 0.0))
    if one.found is None:
        return words.say("not found")
    span = _span(words, *one.found)
    if one.what == "sick source":
        return words.say("unknown, {span}; no outage", span=span) if one.agrees else span
    if one.what == "window":
        return span
    return words.say("within {span}", span=span)


def _span(words: Language, begin: datetime, end: datetime | None) -> str:
    if end is None or end == begin:
        return words.short_moment(begin)
    until = words.clock(end) if begin.date() == end.date() else words.short_moment(end)
    return f"{words.short_moment(begin)}\N{EN DASH}{until}"
