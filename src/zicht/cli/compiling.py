"""Saying that a first run takes longer, before it does."""

from __future__ import annotations

import click

from zicht.kernels import are_compiled


def announce_compilation(room: str) -> None:
    """Say on standard error that kernels of a room will be compiled, if they are not yet."""
    if not are_compiled(room):
        click.echo("Compiling for this machine; this once it takes half a minute.", err=True)
