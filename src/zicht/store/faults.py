"""What the disk and the libraries complain of, told as a StoreError with what to do."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zicht.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class StoreAwayError(StoreError):
    """The store lies elsewhere and cannot be reached now; what is tried again later may succeed."""


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def writing(folder: Path | str) -> Iterator[None]:
    """Tell a failed write into ``folder`` as a StoreError.

    Raises:
        StoreError: no space is left, the folder may not be used, or the disk fails.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreError(
                f"No space is left for the store at {folder}.",
                "Free some space and run this again; what was stored before is still there.",
            ) from error
        if error.errno in _FORBIDDEN:
            raise StoreError(
                f"The store at {folder} may not be written to ({error.strerror}).",
                "Reading works. To write, get the right to, or name another folder with --store.",
            ) from error
        raise StoreError(
            f"The store at {folder} could not be written: {error}.",
            "Look at the disk, then run this again; what was stored before is still there.",
        ) from error


def damaged(file: Path | str, what: str) -> StoreError:
    """The error about a file that the store needs and cannot read."""
    return StoreError(
        f"The store's file {file} {what}.",
        "Put it back from a copy of the store; or begin a new store (--store) and import again.",
    )
