"""What long-running commands share: a graceful stop, their log, how far they are, and their health.

A consumer tells its service what it reached; whoever asks (``consumers.endpoint``) reads it from
there, in another thread.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TextIO

from consumers.json_lines import OWN, JsonLine, logging_to, secrets_of
from consumers.metrics import Metrics

ALIVE_SECONDS = 90.0
"""Without a sign of life for so long a service counts as dead: longer than any of its waits."""


class State(NamedTuple):
    """How a service is, as it tells who asks."""

    alive: bool
    ready: bool
    what: str
    position: int
    head: int

    def told(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return self._asdict()


class Service:
    """A command that runs until it is told to stop.

    ``health`` is a file that holds the last happening and is written anew at each: its age tells
    whether the command still works. Ready means: it has caught up once, and its last step worked.
    """

    def __init__(
        self,
        name: str,
        health: Path | None = None,
        to: TextIO | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.metrics = Metrics(name)
        self._secrets = secrets_of()
        self._line = JsonLine(name, self._secrets)
        self._health = health
        self._to = to or sys.stderr
        self._monotonic = monotonic
        self._stop = threading.Event()
        self._moved = threading.Condition()
        self._seen_at = monotonic()
        self._what = "starting"
        self._position = self._head = 0
        self._started = self._caught_up = self._works = False

    @property
    def stopping(self) -> bool:
        """Whether the command was told to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Tell the command to stop when its step is done."""
        self._stop.set()
        with self._moved:
            self._moved.notify_all()

    def rest(self, seconds: float) -> None:
        """Wait, or until the command is told to stop."""
        self._stop.wait(seconds)

    def hide(self, secrets: Iterable[str]) -> None:
        """Never let these reach the log."""
        self._secrets.update(secrets)

    # What a consumer tells

    def started(self) -> None:
        """All that a service needs is there: from now on it works."""
        self._started = True
        self.say("started", pid=os.getpid())

    def say(self, what: str, **more: Any) -> None:
        """Log a happening as one line of JSON, and show that the command is well."""
        record = self._record(what, more)
        logging.getLogger(OWN).handle(record)
        self._touch(record)

    def reached(self, position: int, head: int) -> None:
        """A step worked: everything up to ``position`` is done, of a log that ends at ``head``."""
        with self._moved:
            self._position, self._head = position, head
            self._works, self._what = True, "running"
            self._caught_up = self._caught_up or position >= head
            self._seen_at = self._monotonic()
            self._moved.notify_all()
        self.metrics.reached(position, head)
        self._touch(self._record("well", {"position": position, "head": head}))

    def waits(self, code: str, message: str) -> None:
        """A step could not be done now and is tried again; ``code`` says why."""
        with self._moved:
            self._works, self._what = False, f"waiting: {code}"
            self._seen_at = self._monotonic()
        self.metrics.waits.labels(self.name, code).inc()
        self.say("waiting", error=code, message=message)

    # What others ask

    def state(self) -> State:
        """How the service is now."""
        with self._moved:
            alive = self._monotonic() - self._seen_at < ALIVE_SECONDS
            ready = alive and self._works and self._caught_up and not self.stopping
            return State(alive, ready, self._what, self._position, self._head)

    def wait_for(self, position: int, timeout_seconds: float) -> State:
        """Wait until ``position`` is reached, the time is over or the service stops; its state."""
        with self._moved:
            self._moved.wait_for(
                lambda: self._position >= position or self.stopping, timeout_seconds
            )
        return self.state()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT while the block runs; they are as before afterwards.

        What ends it before it has ``started`` is told by whoever ran the command, not by the log.
        """

        def told(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.stop()

        before = {number: signal.signal(number, told) for number in _SIGNALS}
        with logging_to(self._line, self._to, lambda: self._started):
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
                if self._started:
                    self.say("stopped")

    def _record(self, what: str, more: dict[str, Any]) -> logging.LogRecord:
        record = logging.LogRecord(OWN, logging.INFO, "", 0, what, None, None)
        record.told = more
        return record

    def _touch(self, record: logging.LogRecord) -> None:
        if self._health is None:
            return
        new = self._health.with_name(f"{self._health.name}.new")
        new.write_text(self._line.format(record) + "\n", encoding="utf-8")
        new.replace(self._health)


_SIGNALS = (signal.SIGTERM, signal.SIGINT)
