"""The counts of each fault, told at the end of a run; and a cluster of three for what needs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.faults.arena import Verdict

Report = Callable[[Verdict], None]


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """Tells a verdict in the run's summary, and fails where a promise was broken."""

    def tell(verdict: Verdict) -> None:
        record_property("fault", verdict.line())
        assert not any(verdict.wrong.values()), verdict.line()
        assert verdict.book.kept(), "somebody was answered"

    return tell
