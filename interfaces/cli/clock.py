"""Time passing when nobody writes: lapses that are due become events."""

from __future__ import annotations

from interfaces.cli.settings import AtOption, Settings, with_settings
from interfaces.moments import instant_us


@with_settings
def clock(settings: Settings, at: AtOption = None) -> None:
    """Record every lapse that is due by now."""
    at_us = None if at is None else instant_us(at, "--at")
    with settings.workspace() as workspace:
        before = workspace.ledger.head.position
        after = workspace.ledger.tick(at_us)
    settings.output.record({"recorded": after - before, "position": after})
