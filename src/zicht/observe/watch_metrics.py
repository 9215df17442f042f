"""What Prometheus may ask a watch, on the loopback alone."""

from __future__ import annotations

from collections import Counter as Counted
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from zicht.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zicht.observe.fetching_pieces import Fetched
    from zicht.observe.watch_desk import Looked
    from zicht.observe.watch_state import Feeds, SourceState

_LOOPBACK = "127.0.0.1"


class Metrics:
    """Figures of a watch.

    Attributes:
        registry: where they are kept.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        own = self.registry
        self._last = Gauge(
            "zicht_source_last_data_timestamp_seconds",
            "Begin of the newest bin with a value.",
            ["source"],
            registry=own,
        )
        self._until = Gauge(
            "zicht_source_complete_timestamp_seconds",
            "Up to when everything was asked for and stored.",
            ["source"],
            registry=own,
        )
        self._faults = Gauge(
            "zicht_source_faults", "Rounds in a row that failed.", ["source"], registry=own
        )
        self._coverage = Gauge(
            "zicht_source_coverage_ratio",
            "Part of the entities told of.",
            ["source"],
            registry=own,
        )
        self._canaries = Gauge(
            "zicht_source_canaries",
            "What must look as is known beforehand, by how it looks.",
            ["source", "look"],
            registry=own,
        )
        self._collectors = Gauge(
            "zicht_routes_collectors", "Route collectors in each state.", ["state"], registry=own
        )
        self._peers = Gauge(
            "zicht_routes_peers",
            "Routers of which there is a table, and those that do not count.",
            ["state"],
            registry=own,
        )
        self._bins = Counter(
            "zicht_source_bins", "Bins that were stored.", ["source", "kind"], registry=own
        )
        self._seconds = Histogram("zicht_detection_seconds", "Time of a detection.", registry=own)
        self._series = Gauge("zicht_detection_series", "Series looked at last.", registry=own)
        self._ongoing = Gauge("zicht_events_ongoing", "Events that go on.", registry=own)
        self._alerts = Gauge("zicht_alerts", "Alerts in each state.", ["state"], registry=own)
        self._leads = Gauge(
            "zicht_watch_leads", "Whether this watch detects and alerts.", registry=own
        )

    def leading(self, leads: Callable[[], bool]) -> None:
        """Have it told whether this watch leads."""
        self._leads.set_function(lambda: float(leads()))

    def told(self, state: SourceState, fetched: Fetched | None) -> None:
        """Take in how a source fares, and what was fetched of it."""
        if state.last is not None:
            self._last.labels(state.source).set(state.last.timestamp())
        if state.until is not None:
            self._until.labels(state.source).set(state.until.timestamp())
        self._faults.labels(state.source).set(state.faults)
        if state.asked_of:
            self._coverage.labels(state.source).set(state.seen / len(state.asked_of))
        if state.canary is not None:
            for look in ("right", "wrong", "undecided"):
                self._canaries.labels(state.source, look).set(getattr(state.canary, look))
        if state.feeds is not None:
            self._feeds(state.feeds)
        if fetched is not None:
            self._bins.labels(state.source, "new").inc(fetched.new)
            self._bins.labels(state.source, "revised").inc(fetched.revised)

    def _feeds(self, feeds: Feeds) -> None:
        states = Counted(feeds.collectors.values())
        for state in ("known", "waiting", "lost"):
            self._collectors.labels(state).set(states[state])
        for state in ("peers", "voters", "silent", "down", "stale"):
            self._peers.labels(state).set(getattr(feeds, state))

    def looked(self, looked: Looked) -> None:
        """Take in what a detection took."""
        self._seconds.observe(looked.seconds)
        self._series.set(looked.series)
        self._ongoing.set(looked.ongoing)
        for state, count in looked.alerts.items():
            self._alerts.labels(state).set(count)


@contextmanager
def serving_metrics(metrics: Metrics, port: int) -> Iterator[int]:
    """Answer at ``http://127.0.0.1:PORT/metrics``; gives the port.

    Raises:
        UsageError: the port is taken.
    """
    try:
        server, thread = start_http_server(port, addr=_LOOPBACK, registry=metrics.registry)
    except OSError as error:
        raise UsageError(
            f"Port {port} cannot be listened on: {error.strerror or error}.",
            "Take another with --metrics, or 0 for any that is free.",
        ) from None
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(1)
