"""``zicht lab list``."""

from __future__ import annotations

from typing import Any

import click

_COLUMNS = ("name", "title", "days", "countries", "operators", "happenings", "faults")


@click.command("list")
@click.pass_obj
def command(obj: dict[str, Any], /) -> None:
    """List the scenarios that are shipped."""
    from zicht.cli.output import write_records
    from zicht.lab.scenario_file import load_scenario, scenario_names

    records = []
    for name in scenario_names():
        scenario = load_scenario(name)
        header, planet = scenario.scenario, scenario.planet
        records.append(
            {
                "name": name,
                "title": header.title,
                "summary": header.summary,
                "invented": header.invented,
                "begin": header.begin,
                "live_from": header.live_from,
                "end": header.end,
                "days": (header.end - header.live_from).days,
                "countries": len(scenario.countries) if planet is None else "all",
                "operators": len(scenario.operators) if planet is None else planet.operators,
                "happenings": len(scenario.happenings) + len(scenario.hijacks),
                "faults": len(scenario.faults),
            }
        )
    write_records(records, obj["output_format"], _COLUMNS)
