"""``zicht bgp``: work with routes."""

from __future__ import annotations

import click

from zicht.cli.lazy import LazyGroup

_COMMANDS = {
    "backfill": ("zicht.cli.bgp_backfill", "Read what collectors published of a time."),
    "dump": ("zicht.cli.bgp_dump", "Write files of routing data as text, JSON or Parquet."),
    "peers": ("zicht.cli.bgp_peers", "List the routers that files of routing data are of."),
    "live": ("zicht.cli.bgp_live", "Follow routes as they change."),
    "visibility": ("zicht.cli.bgp_visibility", "Count what files of routes make visible."),
}


@click.group("bgp", cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Work with routes: what collectors of RIPE's RIS and RouteViews publish."""
