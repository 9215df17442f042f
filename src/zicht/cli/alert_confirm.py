"""``zicht alert confirm``."""

from __future__ import annotations

from typing import Any

import click


@click.command("confirm")
@click.argument("alert")
@click.option("--by", help="Who confirms it; kept with the alert, and not sent.")
@click.pass_obj
def command(obj: dict[str, Any], /, alert: str, by: str | None) -> None:
    """Let a held alert go out with the next zicht alert send.

    ALERT is the id that zicht alert list --held shows.
    """
    from zicht.cli.alert_list import COLUMNS
    from zicht.cli.output import write_records
    from zicht.observe.alerts import confirm
    from zicht.store import open_store

    write_records([confirm(open_store(obj["store"]), alert, by=by)], obj["output_format"], COLUMNS)
