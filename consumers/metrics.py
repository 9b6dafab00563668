"""What a long-running command measures, for Prometheus. Each metric carries the consumer's name."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)


class Metrics:
    """The metrics of one consumer, in a registry of their own."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self.registry = CollectorRegistry()
        self._position = self._gauge("position", "The last position that was handled.")
        self._head = self._gauge("head_position", "The last position of the accepted log.")
        self._lag = self._gauge("lag_positions", "Positions that are accepted and not handled.")
        self.voids = self._gauge("void_records", "Records of the chain that are void by its rule.")
        self.quarantined = self._gauge("quarantined_records", "Records kept in quarantine.")
        self.left_out = self._gauge(
            "quarantine_left_out", "Unreadable records not kept because quarantine was full."
        )
        self.handled = self._counter("handled", "Positions handled since the start.")
        self.sent = self._counter("sent_records", "Records sent since the start, repeats included.")
        self.refused = self._counter(
            "refused_records", "Records of a topic that did not count, by reason.", "reason"
        )
        self.waits = self._counter("waits", "Steps put off, by the error's code.", "code")
        self.step_seconds = self._histogram("step_seconds", "How long a step with work took.")
        self.delay_seconds = self._histogram(
            "delay_seconds", "From the instant a position was recorded until it was handled."
        )
        # Shown from the start: a rate of what never happened is zero, not missing.
        for each in (self.handled, self.sent):
            each.labels(consumer)

    def reached(self, position: int, head: int) -> None:
        """How far the consumer is, of how far the log is."""
        self._position.labels(self.consumer).set(position)
        self._head.labels(self.consumer).set(head)
        self._lag.labels(self.consumer).set(max(0, head - position))

    def worked(self, positions: int, seconds: float, delay_seconds: float) -> None:
        """A step handled so many positions, the last one so long after it was recorded."""
        self.handled.labels(self.consumer).inc(positions)
        self.step_seconds.labels(self.consumer).observe(seconds)
        self.delay_seconds.labels(self.consumer).observe(max(0.0, delay_seconds))

    def _gauge(self, name: str, help_: str) -> Gauge:
        return Gauge(f"attribution_{name}", help_, ("consumer",), registry=self.registry)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        names = ("consumer", *labels)
        return Counter(f"attribution_{name}", help_, names, registry=self.registry)

    def _histogram(self, name: str, help_: str) -> Histogram:
        names = ("consumer",)
        return Histogram(
            f"attribution_{name}", help_, names, registry=self.registry, buckets=_SECONDS
        )
