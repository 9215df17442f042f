"""``zicht alert test``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zicht.cli.options import settings_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("test")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@settings_option
@click.pass_context
def command(ctx: click.Context, /, channels: tuple[str, ...], settings: Path) -> None:
    """Send a message that says that it is a test, to the channels named or to all.

    Public channels are only told when they are named. The exit code is 1 when one was not reached.
    """
    from zicht.cli.output import write_records
    from zicht.observe.delivery import try_channels
    from zicht.observe.settings import read_settings

    told = try_channels(read_settings(settings).channel, channels)
    write_records(told, ctx.obj["output_format"], ("channel", "reached", "fault"))
    if not all(one.reached for one in told):
        ctx.exit(1)
