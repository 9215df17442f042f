"""``zicht archive``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zicht.cli.options import as_of_option

_COLUMNS = ("file", "event", "entity", "simulated", "signer", "stamped_at", "replays")


@click.command("archive")
@click.argument("event")
@as_of_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file; by default EVENT.zicht.zip in this folder.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ZICHT_KEY",
    show_envvar=True,
    help="The file of the key to sign with, made if it is not there. By default"
    " zicht/signing-key.pem in the folder of your settings.",
)
@click.option("--unsigned", is_flag=True, help="Do not sign.")
@click.option(
    "--time-stamp",
    "authority",
    metavar="URL",
    envvar="ZICHT_TIME_STAMP",
    show_envvar=True,
    help="Have a time-stamping authority (RFC 3161) state that the pack was there by now. It learns"
    " a hash, and your address.",
)
@click.pass_obj
def command(obj: dict[str, Any], /, event: str, **options: Any) -> None:
    """Pack the evidence of EVENT, so that anybody can check and replay it.

    The pack holds the series behind the event with their revisions, the event's own revisions, the
    versions and settings it was found with, a hash of each file, and your signature. zicht verify
    replays it.
    """
    from zicht.cli.output import write_record
    from zicht.errors import UsageError
    from zicht.observe.archiving import archive_event, usual_key
    from zicht.publish.files import STANDARD_OUTPUT, check_writable, write_whole
    from zicht.store import open_store

    if options["unsigned"] and options["key"]:
        raise UsageError("--key signs and --unsigned does not.", "Say one of them.")
    output = options["output"] or Path(f"{event}.zicht.zip")
    check_writable(output, force=options["force"])
    key = None if options["unsigned"] else options["key"] or usual_key()
    made = archive_event(
        open_store(obj["store"]),
        event,
        as_of=options["as_of"],
        key=key,
        authority=options["authority"],
    )
    write_whole(output, made.data, force=options["force"])
    if made.key_made:
        click.echo(
            f"A key was made in {key}: keep it to yourself, and publish its public half,"
            f" {made.signer}, where people know you from.",
            err=True,
        )
    if made.differences:
        click.echo(f"A replay differs: {'; '.join(made.differences[:3])}.", err=True)
    if output != STANDARD_OUTPUT:
        record = {
            "file": str(output),
            "event": made.event,
            "entity": made.entity,
            "simulated": made.simulated,
            "signer": made.signer,
            "stamped_at": made.stamped_at,
            "replays": not made.differences,
        }
        write_record(record, obj["output_format"], _COLUMNS)
