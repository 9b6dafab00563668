"""`attribution kinds`: every kind of association, or one in any spelling."""

from __future__ import annotations

import pytest

from ledger.rules.kinds import table
from tests.interfaces.conftest import Run


def test_every_kind_is_listed_with_what_it_earns_and_its_source(run: Run) -> None:
    """Without a ledger: the table ships with the program."""
    found = run("kinds", "--json").objects
    assert [row["kind"] for row in found] == list(table())
    assert all(row["source"] and row["scope"] and row["earns"] for row in found)


@pytest.mark.parametrize("spelling", ["DPOR", "por", "Digital Partner of Record"])
def test_one_is_shown_in_any_spelling(run: Run, spelling: str) -> None:
    """With its aliases, who starts and confirms it, and the steps of its end."""
    shown = run("kinds", spelling, "--json").object
    assert (shown["kind"], shown["cardinality"], shown["priority"]) == ("DPOR", "exclusive", 2)
    assert shown["recorded_by"] == ["dpor.set", "dpor.remove"]
    assert len(shown["steps"]) == 3


def test_a_label_says_of_what_it_is_one(run: Run) -> None:
    """And a kind recorded by hand which commands do so."""
    assert run("kinds", "CPOR OSA", "--json").object["label_of"] == "CPOR"
    shown = run("kinds", "Dual Credit", "--json").object
    assert shown["recorded_by"] == ["association.record", "association.end"]
    assert shown["earns"] == "nothing (not documented)"


def test_an_unknown_kind_is_answered_with_near_ones(run: Run) -> None:
    """A slip of the finger is put right by the hint."""
    ran = run("kinds", "Hosting Partnr", "--json")
    assert ran.code == 2
    assert "HOSTING_PARTNER" in ran.err
    assert "Did you mean" not in run("kinds", "Cousin", "--json").err
