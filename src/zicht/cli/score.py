"""``zicht score``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from zicht.score.figures import Figure, Scores
    from zicht.score.labels import LabelFile

_AGAINST = "against"
_ON_BAD = click.option(
    "--on-bad",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row of LABELS that cannot be read: stop, or skip it and count.",
)


class _ScoreGroup(click.Group):
    """A group in which ``against`` need not be said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = [_AGAINST, *args]
        return super().parse_args(ctx, args)


@click.group("score", cls=_ScoreGroup)
def command() -> None:
    """Say how well outages are found, against labelled ones.

    `zicht score LABELS` is short for `zicht score against LABELS`.
    """


@command.command(_AGAINST)
@click.argument("labels")
@click.option("--signal", "signals", multiple=True, help="Score only this; may be repeated.")
@click.option(
    "--bar",
    metavar="FIGURE=LIMIT,...",
    help="What must be reached, such as recall=0.9,false-alerts=0.02; else the exit code is 1.",
)
@click.option("--baselines", is_flag=True, help="Score other methods on the same series, too.")
@click.option("--failures", is_flag=True, help="List what was missed and what was false instead.")
@_ON_BAD
@click.pass_obj
def against(obj: dict[str, Any], /, labels: str, **options: Any) -> None:
    """Detect over what the store holds and hold the findings against LABELS; nothing is kept.

    LABELS is a file of labelled outages: CSV with the columns entity, begin and end, TOML, the
    truth.csv of `zicht demo`, or IODA's list of investigated outages. docs/scoring.md tells what
    each figure means.
    """
    from zicht.cli.output import write_record, write_records
    from zicht.observe.scoring import OURS, known_baselines, read_labels, score_store
    from zicht.score.bars import not_reached, parse_bars
    from zicht.store import open_store

    bars = parse_bars(options["bar"]) if options["bar"] else ()
    file = read_labels(labels, skip_bad=options["on_bad"] == "skip")
    say_skipped(file)
    scored = score_store(
        open_store(obj["store"]),
        file,
        signals=options["signals"] or None,
        baselines=known_baselines() if options["baselines"] else None,
    )
    if scored.unused:
        click.echo(f"{scored.unused} labels are of entities that are not stored.", err=True)
    if options["failures"]:
        write_records(scored.failures, obj["output_format"], _FAILURE_COLUMNS)
    elif obj["output_format"] == "table":
        write_tables(scored.scores)
    elif obj["output_format"] == "json":
        write_record(scored.scores, "json", ())
    else:
        write_records(scored.scores.figures, obj["output_format"], ())
    missed = not_reached(scored.scores, bars, OURS)
    for sentence in missed:
        click.echo(sentence, err=True)
    if missed:
        raise click.exceptions.Exit(1)


@command.command("fetch")
@click.argument("labels")
@click.option("--signal", "signals", multiple=True, help="Fetch only this; may be repeated.")
@click.option(
    "--days",
    type=click.FloatRange(min=0.0),
    default=14.0,
    show_default=True,
    help="Fetch so many days before each outage, and a tenth of them after it.",
)
@click.option(
    "--address",
    envvar="ZICHT_IODA",
    default="https://api.ioda.inetintel.cc.gatech.edu/v2",
    show_default=True,
    show_envvar=True,
    help="Where IODA answers.",
)
@_ON_BAD
@click.pass_obj
def fetch(obj: dict[str, Any], /, labels: str, **options: Any) -> None:
    """Fetch the series that IODA has of the labelled outages into the store.

    Needs a network. One request at a time is made, at most one a second; what is stored already is
    not fetched again.
    """
    from zicht.cli.output import write_records
    from zicht.observe.backfill import backfill
    from zicht.observe.scoring import read_labels
    from zicht.store import open_store

    file = read_labels(labels, skip_bad=options["on_bad"] == "skip")
    say_skipped(file)
    records = backfill(
        open_store(obj["store"], create=True),
        file.labels,
        address=options["address"],
        signals=options["signals"] or None,
        days=options["days"],
        tell=lambda text: click.echo(text, err=True),
    )
    write_records(records, obj["output_format"], ("signal", "entity", "from", "until", "values"))


_FAILURE_COLUMNS = ("method", "data", "kind", "signal", "entity", "begin", "end", "belief")
_SHOWN = 5


def say_skipped(file: LabelFile) -> None:
    """Say on standard error which rows were left out: how many of each kind, and the first."""
    kinds: dict[tuple[str, str], list[Any]] = {}
    for row in file.bad_rows:
        kinds.setdefault((row.column, row.expected), []).append(row)
    for (column, expected), rows in kinds.items():
        lines = ", ".join(str(row.line) for row in rows[:_SHOWN])
        more = ", ..." if len(rows) > _SHOWN else ""
        click.echo(
            f"{len(rows)} rows left out: {column} is not {expected} (lines {lines}{more}).",
            err=True,
        )


def write_tables(scores: Scores) -> None:
    """Write the figures for people: a column a detector."""
    from zicht.cli.output import print_table, write_records

    figures = scores.figures
    for data in dict.fromkeys(one.data for one in figures):
        group = [one for one in figures if one.data == data]
        methods = list(dict.fromkeys(one.method for one in group))
        names = list(dict.fromkeys(one.figure for one in group))
        cells = {(one.figure, one.method): _cell(one) for one in group}
        units = {one.figure: one.unit for one in group}
        click.echo(f"What was {data}" if data == "recorded" else f"What is {data}")
        print_table(
            ("figure", "unit", *methods),
            [
                (name, units[name], *(cells.get((name, method), "") for method in methods))
                for name in names
            ],
        )
    if scores.unscoreable:
        click.echo("\nLabels that the series could not show")
        write_records(scores.unscoreable, "table", ("data", "reason", "labels"))
    if scores.reliability:
        click.echo("\nReliability: of what was given a probability, the share that was real")
        columns = ("method", "data", "of", "probability", "given", "real", "share_real", "interval")
        write_records(scores.reliability, "table", columns)


def _cell(figure: Figure) -> str:
    value = "unknown" if figure.value is None else f"{figure.value:.3g}"
    if figure.interval is not None:
        low, high = figure.interval
        value += f" ({low:.3g} to {high:.3g})"
    return f"{value}, {figure.n:,} of {figure.of:,g}"
