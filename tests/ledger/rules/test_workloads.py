"""The table of workloads: the list of domain.md §8.3, found in any spelling."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.workloads import meant, parse, rows, table, workload

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


@pytest.mark.parametrize(
    "day, found",
    [(date(2023, 2, 12), None), (date(2023, 2, 13), "yammer"), (None, "yammer")],
)
def test_a_new_name_means_its_workload_from_its_day_on(day: date | None, found: str | None) -> None:
    """A renamed workload keeps its id, and so its slot (domain.md §14.8)."""
    assert workload("Viva Engage", day) == found
    assert workload("Yammer", day) == "yammer"


def test_a_part_that_was_split_off_is_a_workload_of_its_own() -> None:
    """A claim on Teams of 2020 does not hold Teams Phone (domain.md §14.8)."""
    parts = [row for row in rows().values() if row.split_from]
    assert {row.split_from for row in parts} == {"teams"}
    assert [row.slot_of() for row in parts] == [row.workload for row in parts]


def test_a_mapping_may_say_that_a_claim_on_the_whole_holds_the_part() -> None:
    """Then a claim on the part asks for the slot of the whole."""
    part = {"name": "Part", "split_from": "whole", "carries_over": True}
    found = meant(parse({"whole": {"name": "Whole"}, "part": part}), "part")
    assert found is not None
    assert (found.workload, found.slot_of()) == ("part", "whole")


def test_one_name_may_mean_two_workloads_one_after_the_other() -> None:
    """Which one depends on the day."""
    old = {"name": "Old", "names": [{"name": "Chat", "until": date(2021, 1, 1)}]}
    new = {"name": "New", "names": [{"name": "Chat", "since": date(2021, 1, 1)}]}
    table = parse({"old": old, "new": new})
    days = date(2020, 12, 31), date(2021, 1, 1)
    assert [row and row.workload for row in (meant(table, "chat", day) for day in days)] == [
        "old",
        "new",
    ]


def test_every_row_says_where_it_comes_from() -> None:
    """A reader can check it."""
    assert all("domain.md" in row.source for row in rows().values())
