"""`attribution subscription`: one subscription in two times, and whose it is."""

from __future__ import annotations

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import SUBSCRIPTION


def test_a_subscription_is_shown_with_what_is_held_on_it(reading: Run) -> None:
    """On a date, as known at a time: the DPOR change was learned late."""
    asked = ("subscription", SUBSCRIPTION, "--effective", "2020-10-05", "--json")
    shown = reading(*asked).object
    assert (shown["subscription"], shown["state"]) == (SUBSCRIPTION, "active")
    assert [(row["label"], row["partner"]) for row in shown["holders"]] == [("DPOR", "101")]
    earlier = reading(*asked, "--known", "2020-10-10").object
    assert [row["partner"] for row in earlier["holders"]] == ["201"]


def test_people_read_it_in_parts(reading: Run) -> None:
    """Nobody sold it as a CSP partner, so there is no such part."""
    out = reading("subscription", SUBSCRIPTION).out
    assert "Held on it:" in out
    assert "Who sold it when" not in out


def test_an_unknown_subscription_is_bad_input(reading: Run) -> None:
    """Also one that was not known yet."""
    for words in (("S-99",), (SUBSCRIPTION, "--known", "1")):
        ran = reading("subscription", *words, "--json")
        assert ran.code == 2
        assert "unknown_subscription" in ran.err
