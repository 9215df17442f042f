"""``zicht serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from zicht.store import Store


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
@click.option(
    "--name",
    "names",
    multiple=True,
    envvar="ZICHT_NAMES",
    show_envvar=True,
    help="A name under which it is published, such as observatory.example.org. Requests for other"
    " names are refused.",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    envvar="ZICHT_PROXIES",
    show_envvar=True,
    help="The address of a proxy before it, whose X-Forwarded-For is believed.",
)
@click.option(
    "--rate",
    "per_second",
    type=click.FloatRange(0),
    envvar="ZICHT_RATE",
    default=20.0,
    show_default=True,
    show_envvar=True,
    help="Requests that one client may make in a second; 0 sets no limit.",
)
@click.option(
    "--keep-reports",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ZICHT_KEEP_REPORTS",
    show_envvar=True,
    default=None,
    metavar="FOLDER",
    help="Let readers ask that a report they check is kept, in this folder; by default none is.",
)
@click.pass_obj
def command(
    obj: dict[str, Any], /, host: str, port: int, keep_reports: Path | None, **terms: Any
) -> None:
    """Show what the store holds as pages and an API, until interrupted.

    Pages are in six languages and need no scripts; everything on them is also JSON and CSV. The
    store is only read: import, fetch or watch beside it, and pages follow. docs/pages.md tells
    more.

    The store cannot be written to; texts that readers check are read and forgotten. What listens on
    the loopback alone and has no --name is private: pages of other sites cannot read it from within
    a browser. docs/threats.md tells what holds.
    """
    import os
    import sys
    from threading import Thread

    from zicht.store import open_store

    store = open_store(obj["store"])
    # what the first page waits for longest is looked up while the rest is still being imported
    Thread(target=_look_up_keys, args=(store,), name="keys", daemon=True).start()

    from zicht.cli.stopping import stop_when_told
    from zicht.observe.watch_clock import clock_of
    from zicht.web.serving import serving, terms_at

    stopped = stop_when_told()
    now = clock_of(os.environ).now
    with serving(
        store,
        host=host,
        port=port,
        terms=terms_at(host, **terms),
        now=now,
        keep_reports=keep_reports,
    ) as address:
        click.echo(f"Pages are at {address} (Ctrl+C ends it).", err=True)
        stopped.wait()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a detection under way would hold up the end


def _look_up_keys(store: Store) -> None:
    from contextlib import suppress

    from zicht.errors import ZichtError

    with suppress(ZichtError):  # who reads the store next is told
        store.keys()
