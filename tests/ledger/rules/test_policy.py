"""Shipped policies: complete, with the values of domain.md §4 and a source for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.errors import BadInputError
from ledger.rules.policy import BUILTIN, builtin, parse
from schemas.values import SolutionArea


def leaves(content: dict[str, Any], above: str = "") -> Iterator[str]:
    """The dotted names of all values of a policy but its sources."""
    for key, value in content.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            if name != "sources":
                yield from leaves(value, f"{name}.")
        else:
            yield name


@pytest.mark.parametrize("name", BUILTIN)
def test_every_value_names_its_source_and_every_source_a_value(name: str) -> None:
    """A reader can check each against domain.md."""
    content = builtin(name)
    assert set(content["sources"]) == set(leaves(content))


@pytest.mark.parametrize("name", BUILTIN)
def test_a_shipped_policy_has_rules_for_every_solution_area(name: str) -> None:
    """No claim of the field is without them."""
    assert set(parse(builtin(name)).areas) == set(SolutionArea)


@pytest.mark.parametrize(
    "name, days",
    [
        ("P2020", "5 business days, 5 business days, 5 business days, 7 whole days, 30 days, 1"),
        ("P2023", "5 business days, 14 business days, 14 business days, None, 30 days, 1"),
        ("EXPLICIT", "5 business days, 5 business days, 5 business days, None, 30 days, 1"),
    ],
)
def test_the_limits_are_those_of_the_sources(name: str, days: str) -> None:
    """Domain.md §4.2 and §4.3, written down a second time."""
    content = builtin(name)
    review, consent, dispute = content["review"], content["consent"], content["dispute"]
    found = [review["take_up"], review["decide"], review["answer"]]
    found += [consent.get("window"), dispute["within"], dispute["most"]]
    assert ", ".join(str(value) for value in found) == days


@pytest.mark.parametrize(
    "section, change, message",
    [
        ("consent", {"window": "7 weeks"}, r"consent\.window is '7 weeks': allowed is a number"),
        ("consent", {"window": None}, r"only where mode is opt_out_window"),
        ("consent", {"mode": "explicit"}, r"only where mode is opt_out_window"),
        ("consent", {"mode": "telepathy"}, r"consent\.mode is 'telepathy'.*decline_any_time"),
        ("dispute", {"most": -1}, r"dispute\.most is -1.*greater than or equal to 0"),
        ("dispute", {"often": 1}, r"dispute\.often is 1.*not permitted"),
        ("proof", {"added_in": ["asleep"]}, r"proof\.added_in\.0 is 'asleep'.*under_review"),
        ("proof", {"disclosure_countries": ["USA"]}, r"disclosure_countries\.0 is 'USA'"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(
    section: str, change: dict[str, Any], message: str
) -> None:
    """Key, value and the allowed ones stand in the message."""
    content = builtin("P2020")
    content[section] = content[section] | change
    with pytest.raises(BadInputError, match=message) as caught:
        parse(content)
    assert caught.value.code == "bad_policy"


def test_a_policy_that_lets_decline_at_any_time_can_not_ignore_a_late_no() -> None:
    """The two would contradict each other."""
    content = builtin("P2023")
    content["consent"] = content["consent"] | {"late_no": "recorded"}
    with pytest.raises(BadInputError, match="late_no can only be 'ends'"):
        parse(content)


def test_a_missing_value_is_named_and_the_others_are_counted() -> None:
    """One message, however much is wrong."""
    content = builtin("P2020")
    del content["review"], content["dispute"]
    with pytest.raises(BadInputError, match=r"review is missing.* 1 more like it"):
        parse(content)


def test_changing_a_read_policy_changes_no_shipped_one() -> None:
    """Who edits a copy edits a copy."""
    builtin("P2020")["consent"]["window"] = "1 days"
    assert builtin("P2020")["consent"]["window"] == "7 whole days"
