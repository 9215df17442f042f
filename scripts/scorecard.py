"""Write docs/scorecard.md: how well outages are found in the recordings, ours beside others.

Usage: python scripts/scorecard.py [--data FOLDER] docs/scorecard.md

The recordings are not part of the project; they lie at ../shared/data, or where --data or
ZICHT_DATA says. Each is imported into a store of its own, so that none can help another. The page
says the same every time for the same data and the same code.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scorecard_run import RECORDINGS, Run, Verdicts, late_alerts, run

from zicht.model.time import from_microseconds
from zicht.observe.scoring import OURS, collect, read_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zicht.model.label import Label
    from zicht.observe.scoring import Scored
    from zicht.score.failures import Failure
    from zicht.score.figures import Figure
    from zicht.score.judge import Verdict

ROOT = Path(__file__).parents[1]
LABELS = ROOT / "benchmarks" / "labels" / "recordings.toml"
INVESTIGATED = "labels/ioda-investigated-outages-2018-2020.csv"
POWER = ROOT / "benchmarks" / "power.md"
CREDIBILITY = ROOT / "benchmarks" / "credibility.md"
PICTURES = "pictures"

_SHOWN = {
    "recall": "events found",
    "recall-series": "labelled outages found, series by series",
    "precision": "alerts that met a label, of those that met one or were false",
    "false-alerts": "false alerts per quiet series-week",
    "false-events-national": "false events per quiet country-week",
    "false-events-local": "false events per quiet week of an operator or region",
    "alerts-per-event": "alerts per labelled outage found",
    "delay": "delay of the alert in bins, median",
    "delay-p90": "delay in bins, 90th percentile",
    "delay-minutes": "delay in minutes, median",
    "delay-at-most": "delay from the earliest begin in bins, median",
    "onset-error": "error of the onset in bins, median",
    "onset-error-p90": "error of the onset in bins, 90th percentile",
    "end-error": "error of the end in bins, median",
    "end-error-p90": "error of the end in bins, 90th percentile",
    "brier": "Brier's score over bins",
    "ece": "expected calibration error over bins",
    "brier-outages": "Brier's score over outages",
    "ece-outages": "expected calibration error over outages",
}


def main() -> None:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_data())
    parser.add_argument("page", type=Path)
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        sys.exit(f"The recordings are not at {arguments.data}; name their folder with --data.")
    text, pictures = scorecard(arguments.data)
    arguments.page.write_text(text, encoding="utf-8")
    folder = arguments.page.parent / PICTURES
    folder.mkdir(exist_ok=True)
    for old in folder.glob("failure-*.svg"):
        old.unlink()
    for name, svg in pictures.items():
        (folder / name).write_bytes(svg)


def _data() -> Path:
    return Path(os.environ.get("ZICHT_DATA", ROOT.parent / "shared" / "data"))


def scorecard(data: Path) -> tuple[str, dict[str, bytes]]:
    """The page, and its pictures by file name."""
    done = run(data, read_labels(str(LABELS)))
    sections = [
        _INTRODUCTION,
        _data_section(done.verdicts),
        _figures_section(done.scored),
        _equal_section(done.equal),
        _sample_section(done.sample),
        _each_section(done.verdicts),
        _reliability_section(done.scored),
        _unscoreable_section(done.scored, data),
        _failures_section(done),
        _lab_section(done.lab),
        _power_section(),
        _LIMITS,
    ]
    return "\n".join(sections), done.pictures


_INTRODUCTION = """\
# The scorecard

<!-- Written by `make scorecard`; a test fails when its form is stale. -->

How well outages are found, by Zicht and by the rules of others on the same series in the same run.
[Scoring](scoring.md) tells what each figure means. How well news reports are read has [a page of
its own](reports-scorecard.md).

**Protocol.** Nothing was fitted to these outages: the constants of detection are priors, each with
its reason beside it (three of them, of how far an outage is believed, were fitted to generated
series), and the rules of others run with the constants that they were published with.
So there is no recording that was used for fitting, and none that had to be left out for it. Labels
were written down from what others say and from the recordings, never from what a detector found;
each says [who read it where](../benchmarks/labels/recordings.toml). Every recording lies in a store
of its own. What was recorded, what is simulated and what was injected are never counted together.

**Support.** Behind each figure stand *n of N* and a 95 % interval: exact for shares and rates, by
bootstrap over events (calibration: over series) for the others, and none where there are fewer than
five of them. There are few labels with a series: two events, both in Iran. Their figures say that
nothing went wrong there, and little more.
"""

_LIMITS = """\
## What this does not show

- **Two events in one country.** Recall on real outages rests on them. `zicht score fetch` fetches
  the series of IODA's investigated outages where there is a network, so that anybody can extend it.
- **Labels are read off charts**, often off the same signals; an outage that no signal shows has no
  label.
- **Not labelled is not the same as nothing.** Alerts of operators and counties of Iran in
  November 2019 are *doubtful*, since nobody says when each of them was down; before and after, they
  count as false, even where something may have happened.
- **The planet's budget of false alerts** (250 countries, 75,000 operators) cannot be measured on
  these few series-years; the intervals say how far they reach.
"""


def _data_section(verdicts: dict[str, Verdicts]) -> str:
    rows = []
    for one in RECORDINGS:
        ours = verdicts[one.name][OURS]
        steps = sorted({verdict.case.series.signal.step for verdict in ours})
        trials = [trial for verdict in ours for trial in verdict.trials if trial.scoreable]
        rows.append(
            (
                one.name,
                one.licence,
                f"{len(ours):,}",
                ", ".join(_step(step) for step in steps),
                len(trials),
                f"{sum(verdict.weeks for verdict in ours):,.1f}",
            )
        )
    header = ("recording", "licence", "series", "step", "labels scored", "quiet series-weeks")
    return "## The data\n\n" + _table(header, rows)


def _step(seconds: int) -> str:
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _figures_section(scored: Scored) -> str:
    return "## All recordings together\n\n" + _figures(scored.scores.figures)


def _equal_section(equal: Scored) -> str:
    return (
        "## At equal false alerts\n\nThe others, each made as strict as it takes to give no more"
        " false alerts on these series than Zicht: IODA by the part of the median that may be lost,"
        " CUSUM by its delay in bins, the seasonal median by its width in spreads. Their strictness"
        " is chosen on the answers, which is more than anyone could do in earnest; who cannot be"
        " as quiet is shown at the strictest.\n\n" + _figures(equal.scores.figures)
    )


def _sample_section(sample: Scored) -> str:
    head = "## Beside Chocolatine, on a sample\n\n"
    if not sample.verdicts:
        return head + "Not measured: its models need statsmodels (group `benchmarks`).\n"
    ours = sample.verdicts[OURS]
    return (
        f"{head}Chocolatine searches a model for each series, in seconds, and learns it from the"
        " first two weeks (four where bins are hours, twelve where they are days). The sample is"
        f" every series here that is longer than that: {len(ours)}"
        f" series, {sum(one.weeks for one in ours):,.1f} quiet series-weeks. Its weeks of learning,"
        " in which it cannot be wrong, count as quiet for it too.\n\n"
        + _figures(sample.scores.figures)
    )


def _figures(figures: Sequence[Figure]) -> str:
    methods = list(dict.fromkeys(one.method for one in figures))
    cells = {(one.figure, one.method): _cell(one) for one in figures}
    rows = [
        (title, *(cells.get((name, method), "") for method in methods))
        for name, title in _SHOWN.items()
        if any((name, method) in cells for method in methods)
    ]
    return _table(("figure", *methods), rows)


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return f"– ({figure.n:,} of {figure.of:,g})"
    interval = ""
    if figure.interval is not None:
        low, high = figure.interval
        interval = f" [{low:.3g}, {high:.3g}]"
    return f"**{figure.value:.3g}**{interval} ({figure.n:,} of {figure.of:,g})"


def _each_section(verdicts: dict[str, Verdicts]) -> str:
    names = ("recall-series", "false-alerts", "delay", "onset-error", "end-error", "ece")
    rows = []
    for name, part in verdicts.items():
        found = {
            one.figure: _cell(one) for one in collect(part).scores.figures if one.method == OURS
        }
        rows.append((name, *(found.get(figure, "") for figure in names)))
    header = ("recording", *(_SHOWN[name] for name in names))
    return "## Each recording, Zicht\n\n" + _table(header, rows)


def _reliability_section(scored: Scored) -> str:
    rows = [
        (
            one.of if one.method == OURS else f"{one.of} of alerts",
            f"{one.probability[0]:g} to {one.probability[1]:g}",
            f"{one.given:,}",
            f"{one.real:,}",
            f"{one.mean_probability:.3f}",
            f"{one.share_real:.3f} [{one.interval[0]:.3f}, {one.interval[1]:.3f}]",
        )
        for one in scored.scores.reliability
    ]
    header = ("of", "probability given", "how many", "real", "mean given", "share that was real")
    return (
        "## Is the belief calibrated?\n\nOf the bins and outages that were given a probability, how"
        " many were real? Bins of one series are not independent: their intervals are too"
        " narrow.\n\n" + _table(header, rows) + _CREDIBILITY + _included(CREDIBILITY)
    )


_CREDIBILITY = """
The outages of the recordings are few, and no constant was fitted to them. How the noise of the
detector is told from a loss was fitted to generated series with injected outages; below it is
checked on others of these, and on injections into quiet stretches of recordings, where what is
published is the probability of a real outage as far as one series alone can tell. How often a
series loses much for reasons of its own is judged and not measured. The two kinds of recordings err
to opposite sides: in quiet stretches fewer such losses were found than are assumed, and more in the
recordings above, in which nothing is labelled in four weeks of five (Tor, OONI).
"""


def _unscoreable_section(scored: Scored, data: Path) -> str:
    file = read_labels(str(data / INVESTIGATED), skip_bad=True)
    bad = len(file.bad_rows)
    listed = len({one.event for one in file.labels}) + bad
    ours = {trial.label.entity for one in scored.verdicts[OURS] for trial in one.trials}
    rows = [(one.reason, one.labels) for one in scored.scores.unscoreable]
    overlap = [
        one
        for one in file.labels
        if one.entity in ours and any(_covers(verdict, one) for verdict in scored.verdicts[OURS])
    ]
    events = sorted({one.event for one in overlap})
    return (
        "## What could not be scored\n\n"
        + _table(("reason", "labels, once for each series"), rows)
        + f"\nOf the {listed:,} outages of IODA's list {bad} cannot"
        " be read: they lack an end or end before they begin. Of the others"
        f" {len(events)} {'overlaps' if len(events) == 1 else 'overlap'} a series that is here:"
        " Iran, November 2019, whose begin and end stand in our labels too.\n"
    )


def _covers(verdict: Verdict, label: Label) -> bool:
    series = verdict.case.series
    if series.entity != label.entity or not len(series.values) or label.signal is None:
        return False
    name = series.signal.name
    first, last = (from_microseconds(int(series.times[i])) for i in (0, -1))
    return name.startswith(label.signal) and first <= label.begin[0] <= last


def _failures_section(done: Run) -> str:
    ours = [one for one in done.scored.failures if one.method == OURS]
    wrong = [one for one in ours if one.kind != "doubtful"]
    late = [
        (trial.label.entity, trial.series.signal.name, f"{bins:.1f}")
        for trial, bins in late_alerts(done.scored.verdicts[OURS])
    ]
    return (
        "## Where Zicht fails\n\nWhat was missed, and alerts where nothing is attested."
        f" Another {len(ours) - len(wrong)} alerts are doubtful: they lie near a label of the same"
        " country, and nobody says whether they are right.\n\n"
        + _failures(wrong)
        + "\nAlerts that came more than two bins after the latest begin:\n\n"
        + (_table(("entity", "signal", "bins"), late) if late else "None.\n")
        + "\nPictures are shown of recordings whose licence allows it, and of the lab.\n"
        + "".join(
            f"\n![{name.removesuffix('.svg')}: measured and expected]({PICTURES}/{name})\n"
            for name in done.pictures
        )
    )


def _failures(failures: Iterable[Failure]) -> str:
    rows = [
        (
            one.kind,
            one.entity,
            one.signal,
            f"{one.begin:%Y-%m-%d %H:%M}Z",
            "–" if one.end is None else f"{one.end:%Y-%m-%d %H:%M}Z",
            "–" if one.belief is None else f"{one.belief:.3f}",
        )
        for one in failures
    ]
    header = ("what", "entity", "signal", "begin", "end", "belief")
    return _table(header, rows) if rows else "None.\n"


def _lab_section(lab: Scored) -> str:
    return (
        "## The lab's reconstruction\n\nKazakhstan, January 2022, [as reconstructed](lab.md) with a"
        " known truth: simulated, no measurement. A series counts as down while less than 80 % of"
        " ordinary is left.\n\n"
        + _figures(lab.scores.figures)
        + "\nWhere Zicht fails there (*merged*: an earlier outage was held to go on):\n\n"
        + _failures(one for one in lab.failures if one.method == OURS)
    )


def _power_section() -> str:
    text = _included(POWER)
    return (
        "## Power on injected outages\n\nOutages of known depth, length and shape, put into quiet"
        " series: how many are found. They are no outages, and are not in the figures above.\n\n"
        + (text or "`python benchmarks/power.py > benchmarks/power.md` measures them.\n")
    )


def _included(page: Path) -> str:
    """A page that a benchmark wrote, its headings one level down."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return re.sub("^## ", "### ", text, flags=re.MULTILINE)


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
