"""``zicht probe``: measure by oneself."""

from __future__ import annotations

import click

from zicht.cli.lazy import LazyGroup

_COMMANDS = {
    "coverage": ("zicht.cli.probe_coverage", "Say whom in a country probing can see."),
    "import": ("zicht.cli.probe_import", "Take in addresses that are known to answer."),
    "census": ("zicht.cli.probe_census", "Find out who answers in a country."),
    "once": ("zicht.cli.probe_once", "Ask addresses once whether they answer."),
    "run": ("zicht.cli.probe_run", "Follow which blocks of countries answer, minute by minute."),
}


@click.group("probe", cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Measure by oneself: which addresses answer.

    Probing sends packets to other people's machines. Read docs/probing.md before you do: what it
    may mean for those who are probed, and for you. No other command probes.
    """
