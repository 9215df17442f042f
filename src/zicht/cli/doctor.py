"""``zicht doctor``."""

from __future__ import annotations

import click

_COLUMNS = ("check", "state", "detail", "remedy")


@click.command("doctor")
@click.option("--online", is_flag=True, help="Ask each source's service for one small answer too.")
@click.pass_context
def command(ctx: click.Context, /, *, online: bool) -> None:
    """Say what is missing or sick here, and what to do about it.

    Looks at Python, the libraries, the store and its data, the room on the disk, the folder for
    compiled kernels, the renderer of charts, the sockets to probe with, the clock and the tokens
    that sources need. Changes nothing, and without --online asks nobody. The exit code is 1 when
    there is a fault, else 0.
    """
    from zicht.cli.output import write_records
    from zicht.observe.diagnosis import diagnose
    from zicht.observe.service_checks import check_services

    findings = [*diagnose(ctx.obj["store"]), *check_services(online=online)]
    write_records(findings, ctx.obj["output_format"], _COLUMNS)
    if any(finding.state == "fault" for finding in findings):
        ctx.exit(1)
