"""``zicht ledger``."""

from __future__ import annotations

from typing import Any

import click

from zicht.cli.options import as_of_option, report_language_option


@click.command("ledger")
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option(
    "--published",
    default=None,
    metavar="TIME",
    help="When those were published that do not say: a month, a day or an instant (ISO 8601).",
)
@click.option("--in", "language", default=None, help="The language of the reports, if not found.")
@click.option("--read-only", is_flag=True, help="Ask the store nothing; flag no blackout.")
@report_language_option
@as_of_option
@click.pass_obj
def command(obj: dict[str, Any], /, reports: tuple[str, ...], **options: Any) -> None:
    """Lay out who reported which figure: victims, wounded, arrests, measures.

    It never picks one and never averages. Texts copied from one another count once; figures dated
    within a measured blackout, when nobody could check them, are flagged.
    """
    from zicht.cli.output import print_table, write_records
    from zicht.observe.checking import read_source
    from zicht.observe.ledgers import ledger
    from zicht.publish.checked_words import note_words
    from zicht.publish.language import language
    from zicht.publish.ledger_words import ledger_table
    from zicht.publish.letters import tame
    from zicht.reports.reading import publication
    from zicht.store import open_store

    words = language(options["code"])
    rows = ledger(
        None if options["read_only"] else open_store(obj["store"]),
        [read_source(one) for one in reports],
        published=publication(options["published"]) if options["published"] else None,
        language=options["language"],
        as_of=options["as_of"],
        tell=lambda name, note: click.echo(f"{tame(name)}: {note_words(words, note)}", err=True),
    )
    if obj["output_format"] == "table":
        print_table(*ledger_table(words, rows))
    else:
        write_records(rows, obj["output_format"], ())
