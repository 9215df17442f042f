"""``zicht serve``."""

from __future__ import annotations

from typing import Any

import click


@click.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    envvar="ZICHT_PORT",
    default=8600,
    show_default=True,
    show_envvar=True,
    help="The port; 0 takes any that is free.",
)
@click.option(
    "--host",
    envvar="ZICHT_HOST",
    default="127.0.0.1",
    show_default=True,
    show_envvar=True,
    help="The address to listen at: by default nobody but this machine is answered.",
)
@click.pass_obj
def command(obj: dict[str, Any], host: str, port: int) -> None:
    """Show what the store holds as pages and an API, until interrupted.

    Pages are in six languages and need no scripts; everything on them is also JSON and CSV. The
    store is only read: import, fetch or watch beside it, and pages follow. docs/pages.md tells
    more.
    """
    import os
    import sys

    from zicht.cli.stopping import stop_when_told
    from zicht.store import open_store
    from zicht.web.serving import serving

    stopped = stop_when_told()
    with serving(open_store(obj["store"]), host=host, port=port) as address:
        click.echo(f"Pages are at {address} (Ctrl+C ends it).", err=True)
        stopped.wait()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a detection under way would hold up the end
