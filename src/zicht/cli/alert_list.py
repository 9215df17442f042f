"""``zicht alert list``."""

from __future__ import annotations

from typing import Any

import click

COLUMNS = ("id", "kind", "state", "made_at", "settled_at", "title", "because", "fault")


@click.command("list")
@click.option("--held", "only", flag_value="held", help="Only those that wait for a person.")
@click.option("--undelivered", "only", flag_value="pending", help="Only those still to be sent.")
@click.pass_obj
def command(obj: dict[str, Any], /, only: str | None) -> None:
    """List alerts, the oldest first, and what became of them."""
    from zicht.cli.output import write_records
    from zicht.store import open_store

    alerts = [one for one in open_store(obj["store"]).alerts() if only in {None, one.state}]
    write_records(alerts, obj["output_format"], COLUMNS)
