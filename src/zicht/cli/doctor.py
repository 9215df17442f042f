"""``zicht doctor``."""

from __future__ import annotations

import click

_COLUMNS = ("check", "state", "detail", "remedy")


@click.command("doctor")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say what is missing or sick here, and what to do about it.

    Looks at Python, the libraries, the store and its data, the room on the disk, the folder for
    compiled kernels, the renderer of charts, the sockets to probe with and the clock. Changes
    nothing. The exit code is 1 when there is a fault, else 0.
    """
    from zicht.cli.output import write_records
    from zicht.observe.diagnosis import diagnose

    findings = diagnose(ctx.obj["store"])
    write_records(findings, ctx.obj["output_format"], _COLUMNS)
    if any(finding.state == "fault" for finding in findings):
        ctx.exit(1)
