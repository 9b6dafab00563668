"""The slot's intervals: who holds it at any instant, whatever ended or restored a holding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.slot import SLOT, Holding, SlotHistory
from schemas.subscriptions import SubscriptionEnded
from schemas.time import FOREVER_US
from tests.builders import CONTOSO, World

A = Holding("A", "101", 10, 20)
B = Holding("B", "201", 20, 35, "A")
C = Holding("C", "102", 40)
SLOT_OF_S1 = "cpor:bizapps:S-1:usage"


def history(*holdings: Holding) -> SlotHistory:
    """A slot with these holdings."""
    return SlotHistory(holdings=holdings)


def test_a_holding_begins_at_its_start_and_is_over_at_its_end() -> None:
    """Half open: no instant has two holders, and none is lost between two."""
    slot = history(A, B, C)
    found = {us: slot.at(us) for us in (9, 10, 19, 20, 34, 35, 39, 40, FOREVER_US - 1)}
    assert found == {9: None, 10: A, 19: A, 20: B, 34: B, 35: None, 39: None, 40: C} | {
        FOREVER_US - 1: C
    }


def test_the_holder_is_who_holds_with_no_end_in_sight() -> None:
    """An ended holding is history."""
    assert history(A, B).holder is None
    assert history(A, B, C).holder == C


def test_the_last_holding_beyond_an_instant_is_found() -> None:
    """That is what a back-dated start would overlap."""
    assert history(A, B).after(34) == B
    assert history(A, B).after(15) == B
    assert history(A, B).after(35) is None


def test_ending_what_ended_before_changes_nothing() -> None:
    """Nor does ending somebody else's."""
    assert history(A, B).ended("B", 40) == history(A, B)
    assert history(A, C).ended("A", 50) == history(A, C)


def test_an_end_that_is_told_late_shortens_what_ended_later_and_leaves_out_what_never_was() -> None:
    """A claim holds nothing from its end on, though it was approved again meanwhile."""
    again = Holding("A", "101", 50)
    assert history(A, C, again).ended("A", 15) == history(A._replace(until_us=15), C)
    assert history(A, again).ended("A", 10) == history()


def test_a_claim_that_replaced_one_that_never_held_restores_nobody() -> None:
    """The customer's no undid the loser's holding since (DESIGN §6)."""
    assert history(A, B).annulled("A").replaced_by("B") == ""


def test_annulling_takes_the_last_holding_of_the_claim_only() -> None:
    """An earlier one had its own consent."""
    again = Holding("A", "101", 50)
    assert history(A, C, again).annulled("A") == history(A, C)
    assert history(A).annulled("B") == history(A)


def test_only_the_last_holder_names_whom_it_replaced() -> None:
    """After a third nobody is restored (DESIGN §6)."""
    assert history(A, B).replaced_by("B") == "A"
    assert history(A, B, C).replaced_by("B") == ""
    assert history().replaced_by("B") == ""


def slot_of(holdings: list[Holding], ended_at_us: int) -> SlotHistory:
    """A slot with holdings after its subscription ended at an instant."""
    world = World()
    event = SubscriptionEnded(
        subscription="S-1", tenant=CONTOSO, reason="expired", slots=(SLOT_OF_S1,)
    )
    fact = world.record(event)._replace(effective_at_us=ended_at_us)
    return SLOT.apply(SlotHistory(holdings=tuple(holdings), awaiting=("X",)), fact)


@given(st.integers(0, 60))
def test_nobody_holds_a_slot_after_its_subscription_ended(ended_at_us: int) -> None:
    """And before that, who held it still did (domain.md §4.4)."""
    before, slot = history(A, B, C), slot_of([A, B, C], ended_at_us)
    assert slot.awaiting == ()
    for us in range(61):
        held, was = slot.at(us), before.at(us)
        expected = was.claim if was and us < ended_at_us else None
        assert (held.claim if held else None) == expected
