"""What only the clock does is refused before its time, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.commands import catalogue
from tests.builders import refuses
from tests.ledger.commands.estate import BEFORE, do_example, estate

CLOCK = {
    "clock.anniversary": ("competency.attain", {"competency": "100:cloud_productivity"}),
}
"""What has to have happened for there to be a deadline, and what the clock's command is about."""


@pytest.mark.parametrize("name", CLOCK)
def test_nothing_is_due_before_its_time(name: str) -> None:
    """A deadline that has not come has no lapse, though the clock itself asks."""
    before, data = CLOCK[name]
    world = estate(before)
    do_example(world, before)
    told: dict[str, Any] = {**catalogue.load(name).EXAMPLE, **data}
    with refuses("nothing_due"):
        world.do(name, "clock", **told)
    assert before in BEFORE
