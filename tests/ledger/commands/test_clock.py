"""What only the clock does is refused before its time, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.commands import catalogue
from tests.builders import refuses
from tests.ledger.commands.estate import BEFORE, do_example, estate

_AHEAD_US = 4_070_908_800_000_000  # 2099-01-01
_CONTOSO = "00000000-0000-4000-8000-0000000000c1"

CLOCK: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "clock.anniversary": ("competency.attain", {}, {"competency": "100:cloud_productivity"}),
    "clock.role_end": (
        "role.grant",
        {"until": "2099-01-01T00:00:00Z"},
        {"grant": f"jan.user|incentive_user||101|||{_AHEAD_US}"},
    ),
    "clock.delegation_end": (
        "delegated_admin.grant",
        {"effective_at": "2098-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"},
        {"delegation": f"{_CONTOSO}|101|{_AHEAD_US}"},
    ),
}
"""What has to have happened for there to be a deadline, and what the clock's command is about."""


@pytest.mark.parametrize("name", CLOCK)
def test_nothing_is_due_before_its_time(name: str) -> None:
    """A deadline that has not come has no lapse, though the clock itself asks."""
    before, other, data = CLOCK[name]
    world = estate(before)
    if other:
        world.at("2098-06-01T00:00:00Z")
    do_example(world, before, **other)
    told: dict[str, Any] = {**catalogue.load(name).EXAMPLE, **data}
    with refuses("nothing_due"):
        world.do(name, "clock", **told)
    assert before in BEFORE
