"""What other observatories say they saw, told by a watch as it comes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.observe.watch_lines import claimed, sighted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zicht.observe.watch_clock import Clock
    from zicht.observe.watch_lines import Claimed, Line
    from zicht.observe.watch_log import Log
    from zicht.store import Store


class Sightings:
    """Tells each sighting once, and again when its source changes it.

    Args:
        store: where sightings are kept.
        clock: the time.
        log: where faults are said.
        say: given the lines.
    """

    def __init__(
        self, store: Store, clock: Clock, log: Log, say: Callable[[Sequence[Line]], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._log = log
        self._say = say
        self._told: dict[str, Claimed] = {}
        self._lock = threading.Lock()

    def tell(self) -> None:
        """Tell what is new in the store; called in any thread."""
        with self._lock:
            try:
                found = self._store.sightings()
                lines = sighted(self._told, found, self._clock.now())
                self._say(lines)
                self._told |= {one.id: claimed(one) for one in found}
            except ZichtError as error:
                self._log.warning("sightings not told", fault=str(error))
