"""``zicht bgp``: work with routes; one module a command, loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = {
    "dump": ("zicht.cli.bgp_dump", "Write files of routing data as text, JSON or Parquet."),
    "peers": ("zicht.cli.bgp_peers", "List the routers that files of routing data are of."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in sorted(_COMMANDS)])


@click.group("bgp", cls=_LazyGroup)
def command() -> None:
    """Work with routes: what collectors of RIPE's RIS and RouteViews publish."""
