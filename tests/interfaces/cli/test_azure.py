"""`attribution pal`, `gdap` and `cua`: links, relationships and tracked deployments, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import main
from tests.interfaces.conftest import Run

CONTOSO = "11111111-1111-4111-8111-111111111111"
GUID = "eb7927c8-dd66-43e1-b0cf-c346a4220633"
BIRTH = "2023-07-01T00:00:00Z"
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("organisation.register", {"organisation": "100", "name": "Partner", "country": "CZ"}),
    ("location.register", {"location": "101", "organisation": "100", "name": "P", "country": "CZ"}),
    (
        "customer.register",
        {"tenant": CONTOSO, "name": "Contoso", "domains": ["contoso.example"], "country": "CZ"},
    ),
    (
        "subscription.start",
        {"subscription": "S-1", "tenant": CONTOSO, "product": "azure", "offer": "Azure"}
        | {"channel": "csp_direct", "transacting_partner": "101"},
    ),
    ("identity.register", {"identity": "dev-1", "kind": "user", "location": "101"}),
    ("pal.link", {"identity": "dev-1", "tenant": CONTOSO, "location": "101"}),
    (
        "azure_role.assign",
        {"assignment": "A-1", "identity": "dev-1", "tenant": CONTOSO, "role": "Owner"}
        | {"scope": "/subscriptions/S-1"},
    ),
    (
        "gdap.request",
        {"relationship": "G-1", "tenant": CONTOSO, "location": "101", "roles": ["Global Reader"]}
        | {"duration_days": 30},
    ),
    (
        "tracking_id.register",
        {"tracking_id": f"pid-{GUID}", "location": "101", "kind": "cua", "description": "Shop"},
    ),
    (
        "deployment.report",
        {"deployment": "D-1", "tracking_id": GUID, "tenant": CONTOSO, "subscription": "S-1"}
        | {
            "scope": "/subscriptions/S-1/resourceGroups/shop/providers/"
            "Microsoft.ContainerService/managedClusters/one"
        },
    ),
)


@pytest.fixture
def azure(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Run:
    """Runs `attribution` on a ledger with a link, a relationship and a deployment."""
    ledger, file = tmp_path / "ledger", tmp_path / "story.jsonl"
    lines = [
        {"command": name, "id": f"line-{n}", "at": BIRTH, "data": data}
        for n, (name, data) in enumerate(STORY)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(ledger))
    assert main.run(["init", str(ledger), "--clock", "told", "--at", BIRTH]) == 0
    assert main.run(["submit", str(file), "--quiet"]) == 0
    capsys.readouterr()
    return run


def test_a_link_is_listed_with_the_programmes_that_count_it(azure: Run) -> None:
    """By whom, where, by which role and how the transaction history names it."""
    row = azure("pal", "list", "--json").object
    told = (row["identity"], row["partner"], row["role"], row["counts_for"], row["reported"])
    assert told == ("dev-1", "101", "Owner", "MCI, PEC", "PAL.Contributor")
    assert azure("pal", "list", "--identity", "dev-9", "--json").objects == []


def test_why_says_what_a_link_lacks_and_what_to_do(azure: Run) -> None:
    """In JSON with its code, for people as sentences."""
    assert azure("pal", "why", "dev-1", CONTOSO.upper(), "--json").object["measures"] is True
    told = azure("pal", "why", "dev-9", CONTOSO)
    assert told.code == 0
    assert "There is no identity 'dev-9'" in told.out
    assert "identity.register" in told.out


@pytest.mark.parametrize(
    "words, code, says",
    [
        (("list", "--scope", "/subscriptions/S-1"), "wrong_use", "--tenant"),
        (("list", "--scope", "/x", "--tenant", CONTOSO), "bad_scope", "/subscriptions/ID"),
        (("pec", "S-1"), "wrong_use", "--month or --day"),
        (("pec", "S-1", "--month", "2023-07", "--day", "2023-07-01"), "wrong_use", "either"),
        (("pec", "S-1", "--day", "2023-07-32"), "bad_moment", "2023-07-32"),
        (("pec", "S-1", "--day", "2023-07-01", "--charge", "x"), "unknown_charge", "reservation"),
    ],
)
def test_wrong_words_are_answered_with_what_to_do(
    azure: Run, words: tuple[str, ...], code: str, says: str
) -> None:
    """What is missing or unknown, and nothing else is shown."""
    ran = azure("pal", *words, "--json")
    assert ran.code != 0
    assert ran.out == ""
    assert code in ran.err
    assert says in ran.err


def test_roles_tell_where_one_counts(azure: Run) -> None:
    """One role in every list, or the lists themselves; none before the first."""
    found = azure("pal", "roles", "reader", "--json").objects
    assert {(row["programme"], row["counts"]) for row in found} == {
        ("MCI", "counts not"),
        ("PEC", "counts not"),
    }
    assert len(azure("pal", "roles", "--json").objects) == 3 + 98 + 24
    assert azure("pal", "roles", "--effective", "2019-01-01", "--json").objects == []


def test_earning_and_earned_credit_are_told_by_subscription(azure: Run) -> None:
    """Who earns in which programme, and on which day; nothing of one that was never started."""
    found = azure("pal", "earning", "S-1", "--json").objects
    assert {(row["programme"], row["earns"]) for row in found} == {
        ("MCI", True),
        ("Enterprise", False),
    }
    day = azure("pal", "pec", "S-1", "--day", "2023-07-02", "--json").object
    assert (day["partner"], day["earns"], day["with_access"]) == ("101", True, ["101"])
    assert azure("pal", "pec", "S-9", "--month", "2023-07", "--json").objects == []


def test_relationships_and_deployments_are_listed(azure: Run) -> None:
    """A request with its lapse; a deployment under its id, spelled either way, with a remark."""
    row = azure("gdap", "list", "--json").object
    assert (row["state"], row["until"]) == ("requested", "2023-09-29T00:00:00Z")
    assert azure("gdap", "list", "--state", "active", "--json").objects == []
    told = azure("cua", "list", "--tracking-id", f"PID-{GUID}")
    assert "D-1" in told.out
    assert "under-reports" in told.err
    assert azure("cua", "list", "--effective", "2023-06-30", "--json").objects == []
    assert azure("cua", "ids", "--partner", "101", "--json").object["deployments"] == 1
