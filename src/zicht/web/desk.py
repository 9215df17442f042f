"""The desk: a view of the store that pages and API share, kept fresh beside the requests.

No request detects or reads the whole store. A thread looks every few seconds whether the store has
changed, and puts a new view in the place of the old one when it is whole.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from zicht.errors import ZichtError
from zicht.place.everywhere import countries_named
from zicht.web.kept import KeptAnswers
from zicht.web.reading import read_view, version_of
from zicht.web.reports.keeping import Keeping
from zicht.web.reports.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zicht.detect.detection import Detection
    from zicht.store import Store
    from zicht.web.view import View

    _Asked = tuple[int, str, datetime | None, datetime | None, datetime | None]

LOOK = 2.0
"""Seconds between two looks at whether the store has changed."""

LOOK_ELSEWHERE = 10.0
"""Likewise, where each look is a request to an object store for every table."""

_REST = 9.0
"""Of ten seconds at most one is spent on working out how entities stand."""

_PAST_VIEWS = 8
_DETECTIONS = 8
_KEPT = 32 * 2**20  # bytes


class Desk:
    """Read-only view over a store; several threads may ask it at once.

    Attributes:
        store: the store.
        now: tells the time.
        kept: pages that were made already.
        readers: read the reports that readers bring.
        keeping: keeps those that readers ask to be kept; ``None`` keeps none.
        patience: seconds for which readers wait for a page that is made anew, before they are given
            it as it was; ``None`` lets them wait.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime] | None = None,
        keep_reports: Path | None = None,
    ) -> None:
        self.store = store
        self.now = now or (lambda: datetime.now(UTC))
        self.kept = KeptAnswers(most=_KEPT)
        self.patience: float | None = None
        self.readers = Readers(store)
        self.keeping = Keeping(keep_reports) if keep_reports is not None else None
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._past: OrderedDict[tuple[str, datetime], View] = OrderedDict()
        self._detections: OrderedDict[_Asked, Detection] = OrderedDict()
        self._changed = threading.Condition()
        self._stale = False
        self._rest_until = 0.0
        self._view = read_view(store, now=self.now())

    def view(self, as_of: datetime | None = None) -> View:
        """What is known now, or was at a time.

        Raises:
            StoreError: the store cannot be read.
        """
        if as_of is None:
            return self._view
        key = (self._view.key, as_of)
        with self._lock:
            if key in self._past:
                self._past.move_to_end(key)
                return self._past[key]
        with self._working:
            view = read_view(self.store, now=self.now(), as_of=as_of)
        with self._lock:
            self._past[key] = view
            while len(self._past) > _PAST_VIEWS:
                self._past.popitem(last=False)
        return view

    def detection(
        self,
        entity: str,
        as_of: datetime | None = None,
        *,
        start: datetime | None = None,
        until: datetime | None = None,
    ) -> Detection:
        """What detection says of an entity (a country brings its operators and regions).

        One is worked out at a time, and the last few are kept.

        Args:
            entity: its text.
            as_of: take only what was known then.
            start: what was before may be left out; by default everything is taken.
            until: take only bins that begin before this time.

        Raises:
            StoreError: the store cannot be read.
        """
        from zicht.web.looking import basis_of, detect_from  # noqa: PLC0415 - loads Numba

        key = (basis_of(self.store, start, until), entity, as_of, start, until)
        with self._working:
            with self._lock:
                if key in self._detections:
                    self._detections.move_to_end(key)
                    return self._detections[key]
            detection = detect_from(self.store, entity, as_of=as_of, start=start, until=until)
            with self._lock:
                self._detections[key] = detection
                while len(self._detections) > _DETECTIONS:
                    self._detections.popitem(last=False)
        return detection

    def refresh(self) -> View:
        """Put a new view in the place of the old one where the store has changed.

        The states of entities are those that a watch keeps. Where none does they are worked out,
        which takes a while: until then the former ones are shown, whose times are told.

        Raises:
            StoreError: the store cannot be read.
        """
        view = self._view
        if not view.key.startswith(version_of(self.store)):
            view = read_view(self.store, now=self.now())
            if view.statuses is None:
                self._stale = True
                view = replace(view, statuses=self._view.statuses, time=self._view.time)
            self._put(view)
        if (view.statuses is None or self._stale) and monotonic() >= self._rest_until:
            began = monotonic()
            self._put(read_view(self.store, now=self.now(), with_statuses=True))
            self._stale = False
            self._rest_until = monotonic() + _REST * (monotonic() - began)
        return self._view

    def _put(self, view: View) -> None:
        with self._changed:
            self._view = view
            self._changed.notify_all()

    def wait(self, key: str, seconds: float) -> View:
        """Wait until the view is another one than that with ``key``, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._view.key != key, seconds)
            return self._view

    def run(self, stopped: threading.Event) -> None:
        """Keep the view fresh until ``stopped`` is set; what fails is tried again."""
        while True:
            with suppress(ZichtError):  # the view that there is stays
                self.refresh()
            if stopped.wait(LOOK_ELSEWHERE if self.store.lake.shared else LOOK):
                return
            countries_named("NL")  # once, so that the first search does not wait for all names
