"""``zicht fetch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import TIME, simulated_option

if TYPE_CHECKING:
    from datetime import datetime

_COLUMNS = ("source", "signals", "entities", "pieces", "new", "revised", "unchanged", "empty")


@click.command("fetch")
@click.argument("source")
@click.argument("entities", nargs=-1, required=True, metavar="ENTITY...")
@click.option("--from", "start", type=TIME, required=True, help="The begin of the first bin.")
@click.option("--until", "end", type=TIME, help="The end of the last bin.  [default: now]")
@click.option(
    "--base-url",
    "address",
    metavar="URL",
    help="Where the service answers, if not at its own address: a mirror, or the lab. The"
    " environment's ZICHT_IODA_URL and so on say the same for every command.",
)
@click.option("--licence", help="Under which these data may be used, if not the source's own.")
@click.option("--citation", help="How to cite these data, if not as the source asks.")
@simulated_option
@click.pass_obj
def command(obj: dict[str, Any], /, start: datetime, end: datetime | None, **options: Any) -> None:
    """Fetch what others measured of a time into the store.

    SOURCE is atlas, google, ioda, ooni, radar or tor; ENTITY a country (KZ), an operator (asn/9198)
    or a region (region/KZ-75), as far as the source tells of them. A run that was interrupted goes
    on where it was when it is given again. Cloudflare Radar needs a token in ZICHT_RADAR_TOKEN.
    ZICHT_CONTACT may name a mail address or page of yours, which services are then told with each
    request. docs/sources.md tells what each source measures, and what it cannot tell.
    """
    from zicht.cli.output import write_record
    from zicht.cli.screen import Screen
    from zicht.observe.fetching import fetch_source
    from zicht.observe.fetching_pieces import Terms
    from zicht.store import open_store

    terms = Terms(
        licence=options["licence"], citation=options["citation"], simulated=options["simulated"]
    )
    store = open_store(obj["store"], create=True)
    with Screen((end - start).total_seconds() if end else 1.0) as screen:
        record = fetch_source(
            store,
            options["source"],
            options["entities"],
            start,
            end,
            address=options["address"],
            terms=terms,
            tell=screen.line,
            progress=screen.now,
        )
    if record.empty == record.pieces and record.pieces:
        click.echo(f"{record.source} has nothing of that time. That is no outage.", err=True)
    write_record(record, obj["output_format"], _COLUMNS)
