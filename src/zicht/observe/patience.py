"""Waiting for a store in an object store that is away, and having something to oneself in it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from zicht.errors import UsageError, ZichtError
from zicht.store.faults import StoreAwayError
from zicht.store.lease import EXPIRY, open_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.store import Store
    from zicht.store.lease import Lease

_PAUSE = 5.0  # seconds
_OFTEN = 3  # renewals within an expiry

_ResultT = TypeVar("_ResultT")


class Patience:
    """Does again what fails because the store cannot be reached, until it can be.

    Args:
        stopped: set by whoever does not want to wait any longer.
        tell: told when the waiting begins and ends.
        pause: seconds between two tries.
    """

    def __init__(
        self, stopped: threading.Event, tell: Callable[[str], None], *, pause: float = _PAUSE
    ) -> None:
        self._stopped = stopped
        self._tell = tell
        self._pause = pause

    def __call__(self, work: Callable[[], _ResultT]) -> _ResultT:
        """What ``work`` gives.

        Raises:
            StoreAwayError: the store could not be reached, and nobody wants to wait any longer.
        """
        waits = False
        while True:
            try:
                result = work()
            except StoreAwayError as error:
                if not waits:
                    self._tell(f"{error.message} Waiting until it can be.")
                waits = True
                if self._stopped.wait(self._pause):
                    raise
                continue
            if waits:
                self._tell("The store can be reached again.")
            return result


@contextmanager
def alone(
    store: Store,
    what: str,
    name: str,
    taken: str,
    *,
    lost: Callable[[], None] = lambda: None,
    expiry: float = EXPIRY,
) -> Iterator[Lease]:
    """Have the lease of something, renewed beside in a thread.

    Where it is held already it is waited for, until it shows that its holder lives.

    Args:
        store: the store.
        what: what one process at a time has, a part of a file's name.
        name: how people name this process.
        taken: what to say where another has it; ``{holder}`` is who.
        lost: called where another has taken it, since this process could not renew it.
        expiry: seconds.

    Raises:
        StoreError: the store cannot be reached.
        UsageError: another process has it.
    """
    lease = open_lease(store.lake, what, name, expiry=expiry)
    beat: int | None = None
    while not lease.take():
        if lease.beat is None or (beat is not None and lease.beat != beat):
            raise UsageError(
                taken.format(holder=lease.holder), "End it first, or leave it to the other."
            )
        beat = lease.beat
        time.sleep(expiry / _OFTEN / 2)
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(expiry / _OFTEN):
            try:
                if not lease.take():
                    lost()
                    return
            except ZichtError:
                continue  # who writes to the store will be told of it

    thread = threading.Thread(target=renew, name="zicht-lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        ended.set()
        thread.join()
        lease.end()
