"""Wakes everybody in this process who waits for the log to grow, without losing a ring."""

from __future__ import annotations

import threading


class Doorbell:
    """Rings when a commit was kept. Look at ``rings``, then at the log, then ``wait``."""

    def __init__(self) -> None:
        self.rings = 0
        self._changed = threading.Condition()

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._changed:
            self.rings += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout_seconds: float) -> None:
        """Return when it rang since ``rings`` was ``seen``, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.rings != seen, timeout_seconds)
