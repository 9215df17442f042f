"""``zicht alert send``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import settings_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("send")
@settings_option
@click.pass_context
def command(ctx: click.Context, /, settings: Path) -> None:
    """Make the alerts that are due, and send what is due of these and of earlier ones.

    Meant to be run after zicht detect, as often as you like: without news it does nothing. The exit
    code is 1 when an alert could not be delivered; it is tried again in a later run.
    """
    from zicht.cli.alert_list import COLUMNS
    from zicht.cli.output import write_records
    from zicht.observe.alert_delivering import deliver_alerts
    from zicht.observe.alerts import note_alerts
    from zicht.observe.settings import read_settings
    from zicht.store import open_store

    channels = read_settings(settings).channel
    store = open_store(ctx.obj["store"], create=True)
    made = note_alerts(store, channels)
    tried = {one.id: one for one in deliver_alerts(store, channels)}
    shown: dict[str, Any] = {one.id: one for one in made} | tried
    write_records(list(shown.values()), ctx.obj["output_format"], COLUMNS)
    if any(one.state != "delivered" for one in tried.values()):
        ctx.exit(1)
