"""``zicht lab``: worlds with a known truth."""

from __future__ import annotations

import click

from zicht.cli.lazy import LazyGroup

_COMMANDS = {
    "list": ("zicht.cli.lab_list", "List the scenarios that are shipped."),
    "run": ("zicht.cli.lab_run", "Let a scenario speak as the services that Zicht listens to."),
    "truth": ("zicht.cli.lab_truth", "Say what really happens in a scenario."),
}


@click.group("lab", cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Make worlds with a known truth, for demos, tests and benchmarks.

    All that comes of them is made up and says so.
    """
