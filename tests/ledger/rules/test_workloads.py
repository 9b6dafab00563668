"""The table of workloads: the list of domain.md §8.3, found in any spelling."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.workloads import table, workload

IDS = (
    "exchange sharepoint teams teams_meetings teams_phone teams_phone_calling teams_platform"
    " proplus intune yammer viva_insights viva_topics viva_learning viva_connections"
    " azure_ad_premium defender_office_365 defender_endpoint defender_identity"
    " information_protection"
)


def test_the_table_has_the_eligible_workloads() -> None:
    """Domain.md §8.3, written down a second time."""
    assert set(table()) == set(IDS.split())
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) for name in table())


@pytest.mark.parametrize(
    "text, found",
    [
        ("Teams Meetings", "teams_meetings"),
        ("TeamsMeetings", "teams_meetings"),
        ("teams-phone calling", "teams_phone_calling"),
        ("M365 Apps", "proplus"),
        ("Exchange Online", "exchange"),
        ("Skype", None),
        ("", None),
    ],
)
def test_a_workload_is_found_in_any_spelling(text: str, found: str | None) -> None:
    """Reports and claims write it in many ways."""
    assert workload(text) == found


@given(st.sampled_from(IDS.split()), st.sampled_from([" ", "-", "", ".", "_"]), st.booleans())
def test_case_and_separators_never_matter(name: str, separator: str, upper: bool) -> None:
    """Whatever stands between the words."""
    text = name.replace("_", separator)
    assert workload(text.upper() if upper else text) == name
