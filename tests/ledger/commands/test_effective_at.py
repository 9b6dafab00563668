"""Effective dates: when a fact is true may differ from when it is told, but never lies ahead."""

from __future__ import annotations

import pytest

from ledger.commands import catalogue
from schemas.time import from_iso, iso
from tests.builders import refuses
from tests.ledger.commands.estate import BEFORE, estate, example, permitted

DATED = [name for name in BEFORE if "effective_at" in catalogue.load(name).model_fields]
MAY_LIE_AHEAD = {"role.grant", "role.revoke"}


def ending_later(name: str) -> dict[str, str]:
    """What an example needs to begin now: an end that does not lie behind."""
    ends = {"role.grant", "delegated_admin.grant"}
    return {"until": "2024-06-30T00:00:00Z"} if name in ends else {}


@pytest.mark.parametrize("name", DATED)
def test_the_date_given_is_when_it_is_true(name: str) -> None:
    """The decision takes the command's own date, whenever it is told."""
    data = example(name)
    decision = estate(name).decide(name, permitted(name), **data)
    assert decision.effective_at_us == from_iso(data["effective_at"])


@pytest.mark.parametrize(
    "name",
    [n for n in DATED if not catalogue.load(n).model_fields["effective_at"].is_required()],
)
def test_without_a_date_it_is_true_now(name: str) -> None:
    """Left out, the effective instant is that of the commit."""
    world = estate(name)
    data = example(name, effective_at=None, **ending_later(name))
    assert world.decide(name, permitted(name), **data).effective_at_us == world.now_us


@pytest.mark.parametrize("name", [name for name in DATED if name not in MAY_LIE_AHEAD])
def test_a_date_ahead_is_refused(name: str) -> None:
    """The world's facts can't be decided ahead; the refusal names both instants."""
    world = estate(name)
    tomorrow = iso(world.now_us + 86_400_000_000)
    data = example(name, effective_at=tomorrow)
    with refuses("effective_in_future") as refused:
        world.decide(name, permitted(name), **data)
    assert tomorrow in str(refused.value)
    assert iso(world.now_us) in str(refused.value)


@pytest.mark.parametrize("name", [name for name in DATED if name not in MAY_LIE_AHEAD])
def test_this_very_instant_is_not_ahead(name: str) -> None:
    """The bound itself is allowed."""
    world = estate(name)
    data = example(name, effective_at=iso(world.now_us), **ending_later(name))
    assert world.decide(name, permitted(name), **data).effective_at_us == world.now_us


@pytest.mark.parametrize(
    "name",
    [
        "subscription.end",
        "agreement.end",
        "dpor.set",
        "dpor.remove",
        "pal.unlink",
        "azure_role.remove",
        "delegated_admin.end",
    ],
)
def test_a_change_is_not_effective_before_what_it_changes(name: str) -> None:
    """An end before the start is refused; at the start it is allowed."""
    world = estate(name)
    begin_us = world.facts[-1].effective_at_us
    with refuses("effective_too_early") as refused:
        world.decide(name, permitted(name), **example(name, effective_at=iso(begin_us - 1)))
    assert iso(begin_us) in str(refused.value)
    at_begin = example(name, effective_at=iso(begin_us))
    assert world.decide(name, permitted(name), **at_begin).effective_at_us == begin_us
