"""Reading of scenario files: those that are shipped, and anybody's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from zicht.errors import UsageError
from zicht.lab.scenario import Scenario
from zicht.lab.scenario_check import first_problem
from zicht.toml import decode_toml, nearest


def scenario_names() -> tuple[str, ...]:
    """The scenarios that are shipped."""
    folder = files("zicht.lab") / "scenarios"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario by its name, or a file.

    Raises:
        UsageError: no such scenario is shipped, and there is no such file.
        InputError: the file is no scenario.
    """
    name = str(name_or_path)
    if name in scenario_names():
        data = (files("zicht.lab") / "scenarios" / f"{name}.toml").read_bytes()
        return parse_scenario(data, name=f"{name}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(
            f"{name!r} is neither a scenario nor a file.{nearest(name, scenario_names())}",
            f"Shipped are {', '.join(scenario_names())}.",
        )
    return parse_scenario(path.read_bytes(), name=name)


def parse_scenario(data: bytes, *, name: str) -> Scenario:
    """Read a scenario.

    Raises:
        InputError: it is none; the line, the key, what was expected and the nearest right name are
            said.
    """
    return decode_toml(
        data, Scenario, name=name, guide="docs/scenarios.md", first_problem=first_problem
    )
