"""Write docs/cli.md from the commands themselves, or say whether it is stale.

Usage: python scripts/cli_reference.py [--check] docs/cli.md
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zicht.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 88
_INTRODUCTION = """\
# The command line

<!-- Written by `make docs` from the commands themselves; a test fails when it is stale. -->

What each command says with `--help`. Results go to standard output, progress and errors to
standard error. `--store` and `--format` may stand before the command or behind it, and can be set
in the environment too. [What the exit codes mean](errors.md).
"""


def main() -> None:
    """Write the page, or compare it under ``--check``."""
    *options, page = sys.argv[1:]
    path = Path(page)
    text = reference()
    if "--check" not in options:
        path.write_text(text, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != text:
        sys.exit(f"{path} is not what the commands say. Run: make docs")


def reference() -> str:
    """Render every command's help, the groups' own commands below them."""
    context = click.Context(cli, info_name="zicht", terminal_width=_WIDTH)
    return "\n".join([_INTRODUCTION, *_sections(cli, context)])


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in sorted(command.list_commands(context)):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _sections(below, click.Context(below, parent=context, info_name=name))


if __name__ == "__main__":
    main()
