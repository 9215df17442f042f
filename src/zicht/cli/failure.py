"""What the command line says when something fails, and the exit code that goes with it."""

from __future__ import annotations

import errno
import os

import click

from zicht.errors import FaultError, InputError, ZichtError

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
BROKEN_PIPE = 141  # 128 + SIGPIPE, likewise

_SURROUNDINGS = {
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOSPC,
    errno.EROFS,
}
"""What an operating system's error says of the machine and not of us, even if it names no file."""


def report_error(error: BaseException) -> int:
    """Say on standard error what went wrong and what to do; give the exit code.

    With ``ZICHT_DEBUG=1`` the traceback comes first.
    """
    if os.environ.get("ZICHT_DEBUG", "") not in {"", "0"}:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    match error:
        case click.exceptions.Abort() | KeyboardInterrupt():
            click.echo("zicht: interrupted; what was committed is kept.", err=True)
            return INTERRUPTED
        case click.ClickException():
            error.show()
            return error.exit_code
        case ZichtError():
            return _say(error)
        case OSError() if error.filename is not None or error.errno in _SURROUNDINGS:
            return _say(_from_system(error))
        case MemoryError():
            return _say(InputError("There is not enough memory for this.", "Ask for less at once."))
        case _:
            return _say(_unexpected(error))


def _say(error: ZichtError) -> int:
    from zicht.publish.letters import visible

    click.echo(visible(f"zicht: {error}"), err=True)  # it may quote what others wrote
    return error.exit_code


def _from_system(error: OSError) -> InputError:
    reason = error.strerror or type(error).__name__
    if error.filename is None:
        return InputError(f"The system says: {reason}.", "Mend that, then run it again.")
    return InputError(
        f"{os.fsdecode(error.filename)}: {reason}.",
        "See that it is there, that you may use it, and that there is room.",
    )


def _unexpected(error: BaseException) -> FaultError:
    name = type(error).__name__
    return FaultError(
        f"This is our fault, not yours: {name}: {error}." if str(error) else f"Our fault: {name}.",
        "What was committed is kept. Run it again with ZICHT_DEBUG=1 before the command and"
        " report what it says, with the command itself, to those who gave you Zicht.",
    )
