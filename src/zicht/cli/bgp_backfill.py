"""``zicht bgp backfill``."""

from __future__ import annotations

import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.compiling import announce_compilation
from zicht.cli.options import TIME, simulated_option

if TYPE_CHECKING:
    from datetime import datetime

_COLUMNS = (
    "collectors",
    "from",
    "until",
    "resumed",
    "files",
    "new",
    "revised",
    "unchanged",
    "gaps",
)


@click.command("backfill")
@click.option(
    "--collectors",
    required=True,
    metavar="NAME,...",
    help="Which collectors: rrc00, route-views2 ...; docs/routes.md tells of them.",
)
@click.option("--from", "start", type=TIME, required=True, help="The begin of the first bin.")
@click.option("--until", "end", type=TIME, required=True, help="The end of the last bin.")
@click.option(
    "--entity",
    "entities",
    multiple=True,
    help="Store only this entity: KZ, asn/9198 ...; may be repeated.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ZICHT_CACHE",
    show_envvar=True,
    help="The folder that keeps downloaded files.  [default: archives in the store's folder]",
)
@click.option("--discard", is_flag=True, help="Remove files when what they tell is stored.")
@click.option(
    "--cluster",
    is_flag=False,
    flag_value="local",
    default=None,
    metavar="[ADDRESS]",
    help="Go through files on a Ray cluster; one on this machine when no address is given.",
)
@click.option(
    "--ris", envvar="ZICHT_RIS", show_envvar=True, help="Where RIS's archive is, if it has moved."
)
@click.option(
    "--routeviews",
    envvar="ZICHT_ROUTEVIEWS",
    show_envvar=True,
    help="Where RouteViews' archive is, if it has moved.",
)
@simulated_option
@click.pass_obj
def command(obj: dict[str, Any], /, start: datetime, end: datetime, **options: Any) -> None:
    """Read what route collectors published of a time into the store.

    Needs a network: of one collector some hundreds of files a day. A run that was interrupted or
    killed goes on where it was when it is given again. ZICHT_CONTACT may name a mail address or
    page of yours, which archives are then told with each request.
    """
    from zicht.cli.output import write_record
    from zicht.cli.screen import Screen
    from zicht.observe.routes import backfill_routes
    from zicht.observe.routes_visibility import pipeline
    from zicht.store import open_store

    announce_compilation("bgp")
    store = open_store(obj["store"], create=True)
    with (
        redirect_stdout(sys.stderr),  # Ray writes its complaints to standard output
        Screen((end - start).total_seconds()) as screen,
        ExitStack() as stack,
    ):
        cluster = _cluster(options["cluster"], stack)
        record = backfill_routes(
            store,
            options["collectors"].split(","),
            start,
            end,
            pipeline(store, options["entities"], end, screen.line),
            cache=options["cache"] or store.path / "archives",
            addresses={
                name: options[name] for name in ("ris", "routeviews") if options[name] is not None
            },
            keep=not options["discard"],
            simulated=options["simulated"],
            tell=screen.line,
            progress=lambda what, done, _: screen.now(what, done),
            **cluster,
        )
    write_record(record, obj["output_format"], _COLUMNS)


def _cluster(address: str | None, stack: ExitStack) -> dict[str, Any]:
    """Where files are digested: on a cluster if one was asked for."""
    if address is None:
        return {}
    from zicht.observe.cluster import open_cluster

    executor = stack.enter_context(open_cluster(None if address == "local" else address))
    return {"executor": executor, "workers": executor.workers}
