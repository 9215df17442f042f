from __future__ import annotations

import subprocess
import sys

import click
import pytest

from zicht.cli import cli

SLOW_TO_IMPORT = ["pyarrow", "duckdb", "deltalake", "numba", "numpy", "rich", "vl_convert"]
COMMANDS = cli.list_commands(click.Context(cli))
HANG_GUARD = 60  # seconds

ASK_FOR_HELP = f"""
import sys
from zicht.cli import run
code = run([*sys.argv[1:], "--help"])
print(*(name for name in {SLOW_TO_IMPORT} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_imports_nothing_slow(command: str | None) -> None:
    process = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP, *([command] if command else [])],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_GUARD,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("Usage: zicht")
    assert process.stderr.split() == []


def test_every_command_has_its_help_and_its_line_in_the_list() -> None:
    context = click.Context(cli)
    listed = cli.get_help(context)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help
        assert f"\n  {name} " in listed
