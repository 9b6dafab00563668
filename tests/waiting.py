"""Waiting for a condition: as short as it can be, as long as a busy machine may need."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 240.0
"""Far beyond what two cores with ten things to do need; short of a test's own limit."""

_LOOK_SECONDS = 0.01


def until(holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as something holds; fails, saying what was waited for, when it never does."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, f"waited in vain: {what}"
        time.sleep(_LOOK_SECONDS)
