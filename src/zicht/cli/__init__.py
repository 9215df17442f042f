"""The command line: one module a command, loaded when it is called; no logic lives here."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from zicht.cli.failure import BROKEN_PIPE, report_error
from zicht.cli.lazy import LazyGroup
from zicht.cli.options import PLACE
from zicht.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COMMANDS = {
    "alert": ("zicht.cli.alert", "Tell people of events; what is public, after a person agrees."),
    "archive": ("zicht.cli.archive", "Pack the evidence of an event for anybody to check."),
    "bgp": ("zicht.cli.bgp", "Work with routes: what route collectors publish."),
    "bulletin": ("zicht.cli.bulletin", "Write the text that a monitor would publish of an event."),
    "chart": ("zicht.cli.chart", "Draw an entity's connectivity, measured and expected."),
    "check": ("zicht.cli.check", "Hold what a report claims against what was measured."),
    "demo": ("zicht.cli.demo", "Run a documented blackout through the whole pipeline."),
    "detect": ("zicht.cli.detect", "Find outages and events in what the store holds."),
    "doctor": ("zicht.cli.doctor", "Say what is missing or sick here."),
    "events": ("zicht.cli.events", "List the events that were found."),
    "export": ("zicht.cli.export", "Write series, outages and events to files."),
    "fetch": ("zicht.cli.fetch", "Fetch what others measured into the store."),
    "import": ("zicht.cli.import_", "Read a source's files into the store."),
    "lab": ("zicht.cli.lab", "Make worlds with a known truth."),
    "ledger": ("zicht.cli.ledger", "Lay out who reported which figure."),
    "map": ("zicht.cli.map", "Draw the world: where connectivity is ordinary and where not."),
    "place": ("zicht.cli.place", "Say which addresses are where, and who says so."),
    "probe": ("zicht.cli.probe", "Measure by oneself: which addresses answer."),
    "score": ("zicht.cli.score", "Say how well outages are found, against labelled ones."),
    "serve": ("zicht.cli.serve", "Show what the store holds as pages and an API."),
    "show": ("zicht.cli.show", "Show one event with its evidence."),
    "status": ("zicht.cli.status", "Show the state of entities, now or at a time."),
    "verify": ("zicht.cli.verify", "Check a pack of evidence, and replay it."),
    "watch": ("zicht.cli.watch", "Run the observatory: fetch, detect, alert, until stopped."),
}

_GLOBAL_OPTIONS = ("--store", "--format")


@contextmanager
def _exit_on_broken_pipe() -> Iterator[None]:
    """Let a reader who went away end the command quietly, as it ends other programs."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(BROKEN_PIPE) from None


class _Zicht(LazyGroup):
    """The group of all commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _global_options_first(args))

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with _exit_on_broken_pipe():  # --help and --version write already here
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _exit_on_broken_pipe():
            return super().invoke(ctx)


def _global_options_first(args: list[str]) -> list[str]:
    """Move ``--store`` and ``--format`` to the front, so that they may stand behind the command."""
    first, rest = [], []
    remaining = iter(args)
    for word in remaining:
        if word == "--":
            rest += [word, *remaining]
        elif word in _GLOBAL_OPTIONS:
            first += [word, *([value] if (value := next(remaining, None)) is not None else [])]
        elif word.startswith(tuple(f"{option}=" for option in _GLOBAL_OPTIONS)):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


@click.group(
    cls=_Zicht, modules=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="zicht")
@click.option(
    "--store",
    type=PLACE,
    metavar="PLACE",
    envvar="ZICHT_STORE",
    default=Path("zicht-store"),
    show_default=True,
    show_envvar=True,
    help="Where the data are: a folder, or s3://BUCKET/PREFIX.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    envvar="ZICHT_FORMAT",
    default="table",
    show_default=True,
    show_envvar=True,
    help="How results are written to standard output.",
)
@click.pass_context
def cli(ctx: click.Context, /, **options: Any) -> None:
    """Zicht, an open observatory of connectivity.

    Measures how much of a country, region or operator can still be reached, compared with what is
    ordinary; finds, dates and explains blackouts; publishes evidence that anybody can cite.

    --store and --format may stand behind the command too.
    """
    ctx.obj = options


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; errors go to standard error, each with its exit code.

    ``arguments`` are those of the process unless given. ``ZICHT_DEBUG=1`` adds the traceback to
    every error. docs/errors.md lists the exit codes.
    """
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    try:
        answer = cli.main(arguments, prog_name="zicht", standalone_mode=False)
        with _exit_on_broken_pipe():
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        answer = stop.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever happens is told
        answer = report_error(error)
    if answer == BROKEN_PIPE:  # else Python would complain when it closes standard output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer if isinstance(answer, int) else 0
