"""``zicht probe import``."""

from __future__ import annotations

from typing import Any

import click

_ROW = ("name", "family", "addresses", "blocks", "new_blocks", "skipped")


@click.command("import")
@click.argument("kind", type=click.Choice(["hitlist"]))
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--on-bad",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row that cannot be read: stop, or leave it out and count.",
)
@click.pass_obj
def command(obj: dict[str, Any], /, kind: str, files: tuple[str, ...], on_bad: Any) -> None:
    """Take in addresses that are known to answer.

    A hitlist has an address a line, IPv4 or IPv6 (as that of TU München), or is a response history
    of ISI (fsdb). Files may be compressed, and - is standard input. The addresses stay in the
    store's own file.
    """
    from zicht.cli.output import write_records
    from zicht.observe.probe_hitlists import import_hitlists
    from zicht.store import open_store

    del kind  # there is one
    store = open_store(obj["store"], create=True)
    write_records(import_hitlists(store.path, files, on_bad=on_bad), obj["output_format"], _ROW)
