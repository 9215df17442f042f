"""The error tree, by consequence: what the user can do about it, and the exit code.

Exit codes: 0 done, 1 the answer is no, 2 usage, 3 bad input, 4 a source could not be reached,
5 the store, 70 our fault (``EX_SOFTWARE`` of BSD's sysexits).
"""

from __future__ import annotations

_LONGEST_SHOWN = 80  # characters of a bad value: enough to find it by, short enough to read


class ZichtError(Exception):
    """Something that a user is told in one clear sentence, with what to do about it.

    Attributes:
        message: what was wrong, and where.
        hint: what to do, or ``None`` when there is nothing to be done.
    """

    exit_code = 70

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UsageError(ZichtError):
    """The request itself does not make sense; say it differently."""

    exit_code = 2


class NotFoundError(UsageError):
    """The request names something that the store does not hold."""


class InputError(ZichtError):
    """What was given to read is not what it should be; mend the input or skip the bad part."""

    exit_code = 3


class BadRowError(InputError):
    """A row of a file cannot be read.

    Attributes:
        file: the file's name as the user gave it.
        line: the line's number, the first line being 1.
        column: the column's name or its number, the first being 1.
        value: what stands there.
        expected: what should stand there.
    """

    def __init__(self, file: str, line: int, column: str, value: str, expected: str) -> None:
        shown = value if len(value) <= _LONGEST_SHOWN else f"{value[: _LONGEST_SHOWN - 3]}..."
        super().__init__(
            f"{file}, line {line}, column {column}: {shown!r} is not {expected}.",
            "Nothing of this file was stored. Mend the row, or store the other rows with"
            " --on-bad skip.",
        )
        self.file = file
        self.line = line
        self.column = column
        self.value = value
        self.expected = expected


class SourceUnreachableError(ZichtError):
    """A source could not be reached; try again later.

    Attributes:
        wait: the seconds for which the source asks to be left alone; 0 where it does not.
    """

    exit_code = 4

    def __init__(self, message: str, hint: str | None = None, *, wait: float = 0.0) -> None:
        super().__init__(message, hint)
        self.wait = wait


class SourceRefusesError(SourceUnreachableError):
    """A source does not take the question; ask it for something else."""


class StoreError(ZichtError):
    """The store could not be read or written; nothing that was committed is lost."""

    exit_code = 5


class FaultError(ZichtError):
    """Our own fault: something happened that the code holds to be impossible."""

    exit_code = 70
