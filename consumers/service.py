"""What long-running commands share: a graceful stop, and one line of JSON a happening."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TextIO


class Service:
    """A command that runs until it is told to stop.

    ``health`` is a file that holds the last happening and is written anew at each: its age tells
    whether the command still works.
    """

    def __init__(self, name: str, health: Path | None = None, to: TextIO | None = None) -> None:
        self.name = name
        self._health = health
        self._to = to or sys.stderr
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether the command was told to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Tell the command to stop when its step is done."""
        self._stop.set()

    def rest(self, seconds: float) -> None:
        """Wait, or until the command is told to stop."""
        self._stop.wait(seconds)

    def say(self, what: str, **more: Any) -> None:
        """Log a happening as one line of JSON, and show that the command is well."""
        line = self._line(what, more)
        self._to.write(line + "\n")
        self._to.flush()
        self._touch(line)

    def well(self, **more: Any) -> None:
        """Show in the health file alone that the command is well."""
        if self._health is not None:
            self._touch(self._line("well", more))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT while the block runs; they are as before afterwards."""

        def told(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.stop()

        before = {number: signal.signal(number, told) for number in _SIGNALS}
        self.say("started", pid=os.getpid())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.say("stopped")

    def _line(self, what: str, more: dict[str, Any]) -> str:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"at": at, "service": self.name, "what": what, **more})

    def _touch(self, line: str) -> None:
        if self._health is None:
            return
        new = self._health.with_name(f"{self._health.name}.new")
        new.write_text(line + "\n", encoding="utf-8")
        new.replace(self._health)


_SIGNALS = (signal.SIGTERM, signal.SIGINT)
