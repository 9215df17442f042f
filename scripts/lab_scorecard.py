"""Write docs/lab-scorecard.md: what is found of each of the lab's worlds, held against its truth.

Usage: python scripts/lab_scorecard.py docs/lab-scorecard.md

Each world speaks over real sockets, as all services and as the archives of its collectors; the real
sources listen into a store of the world's own. The page says the same every time for the same code.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # where the listening is

from hearing import SERVICES, STRETCHES, Heard, heard, listen, opened, read_routes, stage_of

from zicht.observe.scoring import ALERTS, OURS
from zicht.score.uncertainty import rate_interval

if TYPE_CHECKING:
    from zicht.score.figures import Figure

COUNTRIES = 250
"""So many countries the planet's budget of false alarms is reckoned for."""

_HEAD = """# The lab's scorecard

<!-- Written by `make lab-scorecard`. -->

What Zicht finds of [the lab's worlds](lab.md), held against their truth. Each world speaks over
real sockets as six services, and its collectors' archives are read for the hours around what
happens; the real sources listen. All of it is made: these figures tell whether the machinery
works, and not how well it does in the world, which is [the scorecard's](scorecard.md) matter.

*Alerts* are events shown by two sources or by one beyond doubt; *notices* are all that is found.
A truth counts where a source could have shown it. Errors of the onset are medians, in bins. False
ones are per quiet week of a series, with how many there were in how many weeks.

"""

_COLUMNS = (
    "world",
    "series",
    "events found",
    "outages found, series by series",
    "error of the onset",
    "false alerts",
    "false notices",
    "sick",
)

_BUDGET = """
## The planet's budget

On {names} nothing happens. In {weeks:,.1f} quiet country-weeks were {events:,.0f} false
national alerts and {notices:,.0f} false national notices. With 95 % confidence that bounds the rate
of alerts to {most:.3g} per country and week, {planet:,.0f} a week for {countries} countries. So few
weeks cannot show that a planet's budget of one in five weeks is kept.
"""


def hear(name: str) -> Heard:
    """All that the sources hear of a world, and what is made of it."""
    with tempfile.TemporaryDirectory() as folder:
        stage = stage_of(name)
        store = opened(Path(folder))
        listen(stage, store, SERVICES)
        read_routes(stage, store)
        return heard(store, stage.world)


def figure(found: Heard, name: str, method: str = ALERTS) -> Figure:
    """A figure of the scores."""
    figures = found.scored.scores.figures
    return next(one for one in figures if (one.figure, one.method) == (name, method))


def row(name: str, found: Heard) -> str:
    """A line of the table."""
    recall, series = figure(found, "recall"), figure(found, "recall-series", OURS)
    onset = figure(found, "onset-error").value
    cells = [
        f"`{name}`",
        f"{len(found.detection.assessments)}",
        _of(recall),
        _of(series),
        "–" if onset is None else f"{onset:.2f}",
        _rate(figure(found, "false-alerts")),
        _rate(figure(found, "false-alerts", OURS)),
        ", ".join(sorted({f"`{one.signal}`" for one in found.detection.sicknesses})) or "–",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _of(one: Figure) -> str:
    return "–" if one.value is None else f"{one.value:.3g} ({one.n} of {one.of:.0f})"


def _rate(one: Figure) -> str:
    return "–" if one.value is None else f"{one.value:.2g} ({one.n} in {one.of:,.0f})"


def budget(quiet: dict[str, Heard]) -> str:
    """What the worlds in which nothing happens say of the planet's false alarms."""
    alerts = [figure(one, "false-events-national") for one in quiet.values()]
    notices = [figure(one, "false-events-national", OURS) for one in quiet.values()]
    events, weeks = sum(one.n for one in alerts), float(sum(one.of for one in alerts))
    _, most = rate_interval(events, weeks)
    return _BUDGET.format(
        names=" and ".join(f"`{name}`" for name in quiet),
        events=events,
        weeks=weeks,
        notices=sum(one.n for one in notices),
        most=most,
        planet=COUNTRIES * most,
        countries=COUNTRIES,
    )


def main() -> None:
    """Listen to all worlds and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    page = parser.parse_args().page
    every = {}
    for name in STRETCHES:
        every[name] = hear(name)
        print(row(name, every[name]), end="", file=sys.stderr)
    quiet = {name: found for name, found in every.items() if name in {"quiet-month", "sick-day"}}
    lines = ["| " + " | ".join(_COLUMNS) + " |\n", "|" + "---|" * len(_COLUMNS) + "\n"]
    rows = "".join([*lines, *(row(name, found) for name, found in every.items())])
    page.write_text(_HEAD + rows + budget(quiet), encoding="utf-8")


if __name__ == "__main__":
    main()
