"""``zicht lab truth``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_COLUMNS = ("entity", "signal", "begin", "end", "depth_percent", "cause", "unseen_by")


@click.command("truth")
@click.argument("scenario")
@click.option("--seed", type=int, help="Another seed than the scenario's.")
@click.option("--size", type=float, default=1.0, show_default=True, help="How large a planet is.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the labels to this file, as CSV that zicht score reads.",
)
@click.pass_obj
def command(
    obj: dict[str, Any], /, scenario: str, seed: int | None, size: float, to: Path | None
) -> None:
    """Say what really happens in a scenario: who had how little left, when, and who could see it.

    SCENARIO is one that is shipped, or a file. The table shows what people had left; the other
    formats have a row for each source too, as it counts.
    """
    from zicht.cli.output import write_records
    from zicht.lab.labels import truth_csv, truth_of_world
    from zicht.lab.world import open_scenario

    rows = truth_of_world(open_scenario(scenario, seed=seed, size=size))
    if to is not None:
        to.write_bytes(truth_csv(rows))
        click.echo(f"{len(rows)} labels are in {to}.", err=True)
        return
    if obj["output_format"] == "table":
        rows = [row for row in rows if row.signal.startswith("world.")]
    write_records(rows, obj["output_format"], _COLUMNS)
