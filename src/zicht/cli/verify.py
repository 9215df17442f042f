"""``zicht verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("verify")
@click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--signer", metavar="KEY", help="The public key that should have signed it.")
@click.option(
    "--authority",
    "certificates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Root certificates (PEM) of time-stamping authorities that you trust.",
)
@click.pass_context
def command(ctx: click.Context, /, pack: Path, signer: str | None, certificates: Any) -> None:
    """Check a PACK that zicht archive made, and run the detection in it again.

    Says whether its files are what was signed, by which key, and whether the same event comes out.
    No store is needed and nothing is kept. The exit code is 1 when something fails, else 0.
    """
    from zicht.cli.output import write_record, write_records
    from zicht.observe.files import read_file
    from zicht.observe.verifying import verify_pack

    trusted = None if certificates is None else read_file(str(certificates))
    found = verify_pack(read_file(str(pack)), pack.name, signer=signer, certificates=trusted)
    if ctx.obj["output_format"] == "table":
        if found.simulated:
            click.echo("This is simulated: a reconstruction or a lab's world, no measurement.\n")
        write_records(found.checks, "table", ("check", "state", "detail"))
    else:
        write_record(found, ctx.obj["output_format"], ())
    if not found.verified:
        ctx.exit(1)
