"""``zicht chart``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zicht.cli.options import TIME, as_of_option

_COLUMNS = ("file", "title", "from", "until", "simulated")


@click.command("chart")
@click.argument("entity")
@click.option(
    "--signal", "signals", multiple=True, help="Draw only this signal; may be given several times."
)
@click.option("--from", "start", type=TIME, help="Begin of the chart (UTC).")
@click.option("--until", type=TIME, help="End of the chart (UTC).")
@as_of_option
@click.option(
    "--language",
    "code",
    type=click.Choice(["en", "nl"]),
    default="en",
    show_default=True,
    envvar="ZICHT_LANGUAGE",
    show_envvar=True,
    help="The language of the chart.",
)
@click.option(
    "--operators", is_flag=True, help="Draw the operators of the country, mobile and fixed apart."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file: .svg, .png or .html; - is standard output, as SVG. By default the entity's"
    " name, as SVG, in this folder.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@click.pass_obj
def command(obj: dict[str, Any], /, **options: Any) -> None:
    """Draw ENTITY's connectivity, measured and expected, by each signal.

    ENTITY is country/KZ, region/KZ-75, asn/9198 or, shorter, KZ or AS9198. Outages are computed
    from what the store holds, so the chart is the same whether or not `zicht detect` has run.
    Without --from the chart begins with the data, at most 92 days before its end.
    """
    from zicht.cli.output import write_record
    from zicht.model.entity import parse_entity
    from zicht.observe.pictures import chart, draw_to_file
    from zicht.publish.files import STANDARD_OUTPUT, check_writable
    from zicht.store import open_store

    entity = str(parse_entity(options["entity"]))
    path = options["output"] or Path(f"{entity.replace('/', '-')}.svg")
    check_writable(path, force=options["force"])
    drawn = chart(
        open_store(obj["store"]),
        entity,
        signals=options["signals"],
        code=options["code"],
        operators=options["operators"],
        start=options["start"],
        until=options["until"],
        as_of=options["as_of"],
    )
    record = draw_to_file(drawn, path, code=options["code"], force=options["force"])
    if path != STANDARD_OUTPUT:
        write_record(record, obj["output_format"], _COLUMNS)
