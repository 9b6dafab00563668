"""`attribution workloads`: what there is, and what a name meant on a date."""

from __future__ import annotations

from ledger.rules.workloads import table
from tests.interfaces.conftest import Run


def test_every_workload_is_listed_with_its_names_and_source(run: Run) -> None:
    """Without a ledger: the table ships with the program."""
    found = run("workloads", "--json").objects
    assert [row["workload"] for row in found] == list(table())
    assert all(row["source"] for row in found)


def test_a_name_is_answered_by_the_date(run: Run) -> None:
    """Before its day it meant nothing (domain.md §14.8)."""
    (row,) = run("workloads", "Viva Engage", "--on", "2024-01-01", "--json").objects
    assert row["workload"] == "yammer"
    assert run("workloads", "Viva Engage", "--on", "2020-01-01", "--json").objects == []
    shown = run("workloads", "Viva Engage", "--on", "2020-01-01")
    assert "was no name of a workload on 2020-01-01" in shown.out
