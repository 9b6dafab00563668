"""Growth says where users only came from another tenant (domain.md §14.9)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, line

FABRIKAM = "00000000-0000-4000-8000-0000000000f1"
AT = "2030-01-01T00:00:00Z"


@pytest.fixture
def moved(run: Run, ledger: Path, tmp_path: Path) -> Path:
    """The small ledger after 900 of Contoso's users went over to Fabrikam."""
    customer = {"tenant": FABRIKAM, "name": "Fabrikam", "country": "CZ"}
    when = {"effective_at": "2029-11-20T00:00:00Z"}
    told = [
        line("customer.register", "m-1", AT, **customer, domains=["fabrikam.example"]),
        line("customer.migrate", "m-2", AT, tenant=CONTOSO, to=FABRIKAM, users=900, **when),
    ]
    story = tmp_path / "moved.jsonl"
    story.write_text("\n".join(map(json.dumps, told)) + "\n", encoding="utf-8")
    assert run("submit", story).code == 0
    return ledger


@pytest.mark.usefixtures("moved")
def test_who_asks_for_growth_is_told_where_users_only_came_from_another_tenant(run: Run) -> None:
    """How many, from where and when; not where users left, and not as of before it was known."""
    found = run("growth", "--tenant", FABRIKAM)
    assert found.code == 0
    assert f"900 users of {CONTOSO} went over to {FABRIKAM} on 2029-11-20" in found.err
    assert "went over" in run("growth").err
    assert "went over" not in run("growth", "--tenant", CONTOSO).err
    assert "went over" not in run("growth", "--known", "3").err


@pytest.mark.usefixtures("moved")
def test_a_rival_is_not_told_whose_users_moved(run: Run) -> None:
    """Of customers that the one who asks may not see, nothing is said (domain.md §14.2)."""
    found = run("growth", "--as", "a.anna")
    assert found.code == 0
    assert FABRIKAM not in found.err + found.out
