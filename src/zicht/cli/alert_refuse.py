"""``zicht alert refuse``."""

from __future__ import annotations

from typing import Any

import click


@click.command("refuse")
@click.argument("alert")
@click.pass_obj
def command(obj: dict[str, Any], /, alert: str) -> None:
    """Drop a held alert; later news of its event makes another.

    ALERT is the id that zicht alert list --held shows.
    """
    from zicht.cli.alert_list import COLUMNS
    from zicht.cli.output import write_records
    from zicht.observe.alerts import refuse
    from zicht.store import open_store

    write_records([refuse(open_store(obj["store"]), alert)], obj["output_format"], COLUMNS)
