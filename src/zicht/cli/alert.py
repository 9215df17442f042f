"""``zicht alert``: telling people."""

from __future__ import annotations

import click

from zicht.cli.lazy import LazyGroup

_COMMANDS = {
    "confirm": ("zicht.cli.alert_confirm", "Let a held alert go out."),
    "list": ("zicht.cli.alert_list", "List alerts, and what became of them."),
    "refuse": ("zicht.cli.alert_refuse", "Drop a held alert."),
    "send": ("zicht.cli.alert_send", "Make the alerts that are due, and send them."),
    "test": ("zicht.cli.alert_test", "Send a test to the channels."),
}


@click.group("alert", cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Tell people: one alert an event, updates that matter, and an end.

    The channels stand in the file of settings; docs/alerts.md shows one. What is public waits until
    a person confirms it.
    """
