"""Which of several watches of one store detects and alerts, and how another takes over.

All watches fetch and store; one of them has the lease of the lead. What detection finds depends on
what it found before, and an alert is to be sent once: both are for one at a time. The others stand
by, and the first to see the lease expire takes over, begins a term, and looks at everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.store.lease import EXPIRY, open_lease

if TYPE_CHECKING:
    import threading

    from zicht.observe.watch_log import Log
    from zicht.store import Store

LEAD = "lead"
"""The lease that the leading watch has."""

_OFTEN = 3  # renewals within an expiry


class Lead:
    """Whether this watch detects and alerts, or stands by for the one that does.

    Args:
        store: the store.
        name: the watch's name.
        log: where it says what it does.
        stopped: set from outside to end it.
        expiry: seconds after which the lead of a watch that is gone is taken over.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        log: Log,
        stopped: threading.Event,
        *,
        expiry: float = EXPIRY,
    ) -> None:
        self._store = store
        self._log = log
        self._stopped = stopped
        self._pause = expiry / _OFTEN if store.lake.shared else 1.0
        self._lease = open_lease(store.lake, LEAD, name, expiry=expiry)
        self._fenced: Store | None = None
        self._told: str | None = None

    def run(self) -> None:
        """Take, renew or wait for the lead, until stopped."""
        self.look()
        while not self._stopped.wait(self._pause):
            self.look()

    def look(self) -> None:
        """Take, renew or wait for the lead once; a store that cannot be reached is said."""
        try:
            if not self._lease.take():
                self._stand_by()
                return
            self._fenced = self._fenced or self._begin()
            self._tell("this watch detects and alerts")
        except ZichtError as error:
            if not self._lease.is_held():
                self._fenced = None
            self._tell("the lead cannot be looked at", fault=str(error))

    def _begin(self) -> Store:
        """The store, in which nobody writes findings under an earlier term any more."""
        term = self._lease.term
        if term is None:
            return self._store
        self._store.begin_term(term)
        return self._store.fenced(term)

    def _stand_by(self) -> None:
        self._fenced = None
        self._tell("standing by: another watch detects and alerts", leader=self._lease.holder)

    def _tell(self, what: str, **details: str) -> None:
        """Say what is new."""
        if self._told != f"{what} {details}":
            self._told = f"{what} {details}"
            self._log.info(what, **details)

    def store(self) -> Store | None:
        """The store to write findings to while this watch leads; else ``None``."""
        return self._fenced if self._lease.is_held() else None

    def end(self) -> None:
        """Give the lead back, so that another need not wait for its expiry."""
        self._fenced = None
        try:
            self._lease.end()
        except ZichtError as error:
            self._log.warning("the lead could not be given back", fault=str(error))
