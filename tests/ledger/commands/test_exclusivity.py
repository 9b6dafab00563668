"""One partner for a whole subscription, where a policy says so (domain.md §3.2; DESIGN §6)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.decision_models.claim import SlotOutcome
from ledger.rules.policy import ClaimState, builtin
from ledger.rules.standing import slot_now
from tests.builders import refuses
from tests.claims import HOUR_US, Claims, claims, dynamics, for_dynamics
from tests.ledger.commands.test_submit_claim import submitted

USAGE, PRE_SALES = "cpor:bizapps:S-1:usage", "cpor:bizapps:S-1:pre_sales"


def wide(occupied: str) -> Claims:
    """A market in which a subscription has one partner over all activities; 101 holds usage."""
    world = claims("P2020")
    content: dict[str, Any] = builtin("P2020") | {"policy": "WIDE"}
    area = content["areas"]["business_applications"]
    area = area | {"exclusive": "subscription", "occupied": occupied}
    content["areas"] = content["areas"] | {"business_applications": area}
    world.do("policy.adopt", content=content, in_force_from="2020-01-01T00:00:00Z")
    dynamics(world, "S-1")
    world.now_us += 24 * 30 * HOUR_US
    submitted(world, for_dynamics("C-1", "101", "S-1"))
    world.review("C-1")
    world.approve("C-1")
    world.now_us += HOUR_US
    return world


def _pre_sales(claim: str, location: str) -> dict[str, Any]:
    return for_dynamics(claim, location, "S-1") | {"activity": "pre_sales"}


def test_another_partner_is_refused_any_activity_where_occupied_is_refused() -> None:
    """The other activity is not its to have, and no claim is named."""
    world = wide("refused")
    with refuses("already_claimed") as caught:
        submitted(world, _pre_sales("C-2", "201"))
    assert "C-1" not in str(caught.value)


def test_the_same_organisation_may_have_several_activities() -> None:
    """The one partner is an organisation, whichever of its locations works there."""
    world = wide("refused")
    submitted(world, _pre_sales("C-2", "102"))
    world.review("C-2")
    world.approve("C-2")
    assert world.claim("C-2").state is ClaimState.APPROVED


@pytest.fixture
def contested() -> Claims:
    """The same where it leads to arbitration: C-2 of 201 wants pre-sales."""
    world = wide("arbitration")
    submitted(world, _pre_sales("C-2", "201"))
    world.review("C-2")
    return world


def test_another_activity_is_contested_and_never_plainly_approved(contested: Claims) -> None:
    """Nor back-dated over the other's holding."""
    with refuses("contested"):
        contested.approve("C-2")


def test_who_wins_one_activity_takes_the_subscription(contested: Claims) -> None:
    """The loser gives up its own activity at the same instant, in the same event."""
    event = contested.arbitrate("C-2", "challenger_wins").event
    assert event.model_dump()["vacated"] == (USAGE,)
    assert slot_now(contested, USAGE).holder is None
    (held,) = slot_now(contested, PRE_SALES).holdings
    assert held.claim == "C-2"
    assert slot_now(contested, USAGE).holdings[0].until_us == held.since_us
    loser = contested.claim("C-1")
    assert (loser.state, loser.outcomes) == (ClaimState.REPLACED, (SlotOutcome.REPLACED,))


def test_a_win_before_the_loser_began_is_refused_here_too(contested: Claims) -> None:
    """Exclusivity is checked over the interval, on every activity."""
    with refuses("slot_was_held"):
        contested.arbitrate("C-2", "challenger_wins", effective_at="2021-03-02T00:00:00Z")
