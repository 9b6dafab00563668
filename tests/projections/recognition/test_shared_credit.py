"""Shared credit and customer adds of the competency of 2020-21 (domain.md §7.2, §8.2, §13.15)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from projections.recognition.shared_credit import Credit, Option, customer_adds, sharers

CBA: Option = "cloud_business_applications"


def test_everyone_on_a_paid_subscription_shares_the_tenants_users() -> None:
    """Whoever is associated to any paid one; a partner of an unpaid one is not."""
    associated = {"S-1": ["A", "B"], "S-2": ["C"], "S-3": ["D"]}
    assert sharers(associated, ["S-1", "S-2"]) == {"A", "B", "C"}
    assert sharers(associated, []) == frozenset()


def test_whoever_is_associated_in_the_month_of_the_add_gets_it() -> None:
    """Later arrivals do not."""
    found = customer_adds({5: 10, 6: 10}, {5: ["A", "B"], 6: ["A", "B", "C"]}, CBA)
    assert found[:2] == (Credit(5, "A", 1), Credit(5, "B", 1))
    assert not any(credit.partner == "C" for credit in found if credit.change > 0)


def test_a_customer_served_directly_gives_later_partners_no_add() -> None:
    """The add was in a month when nobody was associated."""
    found = customer_adds({5: 10, 6: 10, 7: 10}, {7: ["A"]}, CBA)
    assert found == ()


def test_a_lost_customer_is_taken_back_from_those_credited_within_a_year() -> None:
    """Credited in month 5: lost in month 17 it is taken back, in month 18 no more."""
    lost_in_17 = customer_adds(dict.fromkeys(range(5, 17), 10), {5: ["A"]}, CBA)
    assert lost_in_17 == (Credit(5, "A", 1), Credit(17, "A", -1))
    lost_in_18 = customer_adds(dict.fromkeys(range(5, 18), 10), {5: ["A"]}, CBA)
    assert lost_in_18 == (Credit(5, "A", 1),)


def test_in_the_smb_option_everyone_associated_at_the_loss_loses() -> None:
    """Even who never had the add (§13.15)."""
    found = customer_adds({5: 10, 6: 10}, {5: ["A"], 6: ["A", "B"]}, "smb")
    assert found == (Credit(5, "A", 1), Credit(7, "A", -1), Credit(7, "B", -1))


def test_a_returning_customer_counts_again_for_all_associated() -> None:
    """The add of the return belongs to whom it finds there."""
    found = customer_adds({5: 1, 8: 1, 9: 1}, {5: ["A"], 8: ["B"]}, CBA)
    assert [it for it in found if it.change > 0] == [Credit(5, "A", 1), Credit(8, "B", 1)]


@given(
    st.dictionaries(st.integers(1, 40), st.integers(0, 3), max_size=40),
    st.dictionaries(st.integers(1, 40), st.sets(st.sampled_from("ABC")), max_size=40),
)
def test_nobody_loses_what_was_not_credited_within_a_year(
    seats: dict[int, int], associated: dict[int, set[str]]
) -> None:
    """A loss takes back the add before it, of the same partner, within a year."""
    found = customer_adds(seats, associated, CBA)
    for partner in "ABC":
        own = [credit for credit in found if credit.partner == partner]
        for place, credit in enumerate(own):
            if credit.change < 0:
                assert place > 0
                assert own[place - 1].change > 0
                assert credit.month - own[place - 1].month <= 12
