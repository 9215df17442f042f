from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from zicht import errors
from zicht.cli import cli, run
from zicht.errors import ZichtError

ERRORS_PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def every_error() -> list[type[ZichtError]]:
    found = [ZichtError]
    for error in found:
        found.extend(error.__subclasses__())
    return [error for error in found if error.__module__ == errors.__name__]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command ``fail`` that raises whatever the test puts into this list."""
    to_raise: list[BaseException] = []

    @click.command("fail")
    def fail() -> None:
        raise to_raise[0]

    original = cli.get_command

    def get_command(ctx: click.Context, name: str) -> click.Command | None:
        return fail if name == "fail" else original(ctx, name)

    monkeypatch.setattr(cli, "get_command", get_command)
    monkeypatch.delenv("ZICHT_DEBUG", raising=False)
    return to_raise


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_the_docs_give_every_error_its_exit_code(error: type[ZichtError]) -> None:
    row = rf"\|\s*{error.exit_code}\s*\|[^\n]*`{error.__name__}`"
    assert re.search(row, ERRORS_PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("Two entities at once."), 2),
        (errors.NotFoundError("No such event."), 2),
        (errors.BadRowError("a.csv", 3, "value", "x", "a number"), 3),
        (errors.SourceUnreachableError("Away."), 4),
        (errors.StoreError("Locked."), 5),
        (errors.FaultError("Impossible."), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_our_errors_exit_with_their_code_and_one_sentence(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    error: ZichtError,
    code: int,
) -> None:
    failing.append(error)
    assert run(["fail"]) == code
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"zicht: {error}\n")


def test_a_file_that_may_not_be_used_is_named_without_a_traceback(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(PermissionError(errno.EACCES, "Permission denied", "chart.svg"))
    assert run(["fail"]) == 3
    assert capsys.readouterr().err.startswith("zicht: chart.svg: Permission denied.")


def test_a_full_disk_is_said_even_if_the_system_names_no_file(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(OSError(errno.ENOSPC, "No space left on device"))
    assert run(["fail"]) == 3
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyError("x"), OSError(errno.EBADF, "Bad"), AssertionError()])
def test_what_nobody_expected_is_our_fault(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    failing.append(error)
    assert run(["fail"]) == 70
    err = capsys.readouterr().err
    assert "ur fault" in err
    assert "ZICHT_DEBUG=1" in err
    assert "Traceback" not in err


def test_the_traceback_shows_when_asked_for(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZICHT_DEBUG", "1")
    failing.append(KeyError("x"))
    assert run(["fail"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_exits_as_shells_expect(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(KeyboardInterrupt())
    assert run(["fail"]) == 128 + signal.SIGINT
    assert "interrupted" in capsys.readouterr().err


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--nonsense"]) == 2
    assert "No such option" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_a_reader_who_goes_away_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "zicht", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert process.stderr == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_what_an_error_quotes_steers_no_screen(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(errors.InputError("\x1b[2Jevil is no pack."))
    assert run(["fail"]) == 3
    assert capsys.readouterr().err == "zicht: [2Jevil is no pack.\n"


def test_too_little_memory_is_said_so(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(MemoryError("Unable to allocate 7 GiB"))
    assert run(["fail"]) == 3
    assert "not enough memory" in capsys.readouterr().err
