"""``zicht check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import as_of_option, report_language_option

if TYPE_CHECKING:
    from zicht.model.claim import CheckedReport


@click.command("check")
@click.argument("report")
@click.option(
    "--published",
    default=None,
    metavar="TIME",
    help="When the report was published: a month, a day or an instant (ISO 8601).",
)
@click.option("--in", "language", default=None, help="The language of the report, if not found.")
@click.option(
    "--side",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="A side file in which a person corrects or confirms what was read.",
)
@click.option(
    "--model",
    default=None,
    metavar="NAME",
    help="Let a language model read it too; its sentences are sent to --model-address.",
)
@click.option(
    "--model-address",
    default="http://127.0.0.1:8000/v1",
    show_default=True,
    envvar="ZICHT_MODEL_ADDRESS",
    show_envvar=True,
    help="An OpenAI-compatible interface; its key, if any, is in ZICHT_MODEL_KEY.",
)
@click.option("--read-only", is_flag=True, help="Show what is claimed; check nothing.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=None,
    help="Write a page (.html), a card of one claim to cite (.md, .png), or a side file to fill in"
    " (.toml), to this file.",
)
@click.option("--claim", "claim_id", default=None, metavar="ID", help="The claim of the card.")
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@report_language_option
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, report: str, **options: Any) -> None:
    """Hold what REPORT claims of connectivity against what was measured.

    REPORT is a file (text, Markdown, HTML), - for standard input, or an address of the web, which
    is fetched. Each claim is a verbatim quote with its verdict: supported, contradicted,
    insufficient data or not measurable. Who did something, and why, is never judged.
    """
    from zicht.errors import UsageError
    from zicht.observe.checking import hold_report, read_source
    from zicht.reports.corrections import read_corrections
    from zicht.reports.reading import publication
    from zicht.store import open_store

    if options["claim_id"] is not None and options["output"] is None:
        raise UsageError(
            "--claim names the claim of a card, and no file for the card is given.",
            "Name it with -o card.md or -o card.png.",
        )
    side = options["side"]
    data, name = read_source(report)
    checking = hold_report(
        None if options["read_only"] else open_store(obj["store"]),
        data,
        name=name,
        published=publication(options["published"]) if options["published"] else None,
        language=options["language"],
        corrections=read_corrections(side.read_bytes(), side.name) if side else None,
        as_of=options["as_of"],
        model=(options["model"], options["model_address"]) if options["model"] else None,
    )
    if options["output"] is None:
        _write(checking.checked, obj["output_format"], options["code"])
        return
    from zicht.cli.output import write_record
    from zicht.observe.check_page import checked_to_file

    written = checked_to_file(
        checking,
        options["output"],
        claim_id=options["claim_id"],
        code=options["code"],
        force=options["force"],
    )
    record = {"file": written, "simulated": checking.checked.simulated}
    write_record(record, obj["output_format"], ("file", "simulated"))


def _write(checked: CheckedReport, output_format: str, code: str) -> None:
    from zicht.cli.output import write_record, write_records
    from zicht.publish.checked_words import in_words
    from zicht.publish.language import language

    for note in in_words(language(code), checked).notes:
        click.echo(note.text, err=True)
    if output_format == "json":
        write_record(checked, "json", ())
    elif output_format == "table":
        _print(checked, code)
    else:
        write_records(checked.claims, output_format, ())


def _print(checked: CheckedReport, code: str) -> None:
    """The claims, each below its quote, for a terminal."""
    from zicht.publish.checked_text import checked_lines
    from zicht.publish.language import language

    for line in checked_lines(language(code), checked):
        click.echo(line)
