"""``zicht bgp``: work with routes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "visibility": "Count what operators and countries could be reached by in files of routes.",
}


class _Group(click.Group):
    """Loads a command's module, ``zicht.cli.bgp_NAME``, only when it is called."""

    def list_commands(self, ctx: click.Context) -> Sequence[str]:  # type: ignore[override]
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"zicht.cli.bgp_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.command("bgp", cls=_Group)
def command() -> None:
    """Work with routes: what route collectors heard, and what of it could be reached."""
