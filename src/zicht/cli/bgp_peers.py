"""``zicht bgp peers``."""

from __future__ import annotations

from typing import Any

import click

from zicht.cli.compiling import announce_compilation

_COLUMNS = (
    "collector",
    "peer",
    "peer_asn",
    "ipv4_prefixes",
    "full_ipv4",
    "ipv6_prefixes",
    "full_ipv6",
    "elements",
    "last_heard",
    "sick",
)


@click.command("peers")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--collector", default="", help="The collector that the files are of, such as rrc00.")
@click.option("--strict", is_flag=True, help="Stop at the first damage, instead of counting it.")
@click.pass_obj
def command(obj: dict[str, Any], /, files: tuple[str, ...], **options: Any) -> None:
    """List the routers that MRT files are of: how much each tells, and whether all that it knows.

    A feed is full when its table has at least half of the prefixes that two or more ASes carry;
    only full feeds have a vote on what is visible. Files of updates have no table, and there it is
    unknown.
    A feed is sick whose session is down at the end, or of which a table has no routes.
    """
    from zicht.cli.output import write_records
    from zicht.observe.dumping import list_feeds

    announce_compilation("bgp")
    records = list_feeds(files, tell=lambda text: click.echo(text, err=True), **options)
    write_records(records, obj["output_format"], _COLUMNS)
