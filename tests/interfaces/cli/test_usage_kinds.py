"""Every kind of usage report, from its file to the growth it is credited as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.usage.reports.kinds import table
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, SUBSCRIPTION
from tests.ledger.usage.reports.report_rows import USUAL, content
from tests.ledger.usage.reports.test_kinds import cell

ROOT = Path(__file__).parents[3]
LATER = ("--at", "2020-11-02T09:00:00Z")
EXPORTED = ("--exported", "2020-11-01")

# Kind -> field, metric, and who is credited under which kind of association: the holder of the
# slot, or of the subscription (the small story's DPOR).
CREDITED = {
    "cpor_m365": ("active_users", "m365.mau", "101", "CPOR"),
    "office365": ("active_users", "m365.mau", "101", "CPOR"),
    "dynamics365": ("active_seats", "dynamics365.seats.active", "101", "DPOR"),
    "power_bi": ("active_seats", "power_bi.seats.active", "101", "DPOR"),
    "bizapps_usage": ("active_users", "bizapps.mau", "101", "DPOR"),
    "bizapps_revenue": ("adjusted_revenue", "bizapps.revenue", "101", "DPOR"),
    "azure": ("consumed_revenue", "azure.acr", "101", "DPOR"),
    "subscription_details": ("billed_revenue", "subscription.billed_revenue", "101", "DPOR"),
}
IS_FLOW = {"bizapps_revenue", "azure", "subscription_details"}


def write(path: Path, kind: str, **amount_of_month: int) -> Path:
    """A report of one customer: a number for each month, such as ``m10=60``."""
    where = cell(kind, "tenant", CONTOSO)
    if "subscription" in table()[kind].columns:
        where |= cell(kind, "subscription", SUBSCRIPTION)
    field = CREDITED[kind][0]
    rows = [
        where | cell(kind, "month", f"2020-{name[1:]}-01") | cell(kind, field, str(amount))
        for name, amount in amount_of_month.items()
    ]
    path.write_bytes(content(kind, *rows))
    return path


def grown(run: Run, kind: str, *words: str) -> dict[str, dict[str, Any]]:
    """Growth by month and partner of the kind's metric from November on."""
    _, metric, partner, association = CREDITED[kind]
    about = ("--metric", metric, "--kind", association, "--from", "2020-10", "--partner", partner)
    rows = run("growth", "--by", "month,partner", *about, *words, "--json").objects
    return {row["month"][5:7]: row for row in rows}


def test_every_kind_is_shown_with_what_it_states(reading: Run) -> None:
    """For people and for programs; the guide names them all with their metrics."""
    rows = {row["kind"]: row for row in reading("usage", "kinds", "--json").objects}
    assert set(rows) == set(USUAL) == set(CREDITED)
    guide = (ROOT / "docs" / "usage_reports.md").read_text("utf-8")
    for name, row in rows.items():
        assert name in reading("usage", "kinds").out
        (line,) = (line for line in guide.splitlines() if line.startswith(f"| `{name}` |"))
        told = {*row["columns"].split(", "), *row["metrics"].split(", ")}
        assert told <= set(line.replace("`", "").replace("|", ",").replace(" ", "").split(",")), (
            name
        )


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("kind", sorted(CREDITED))
def test_a_report_is_loaded_restated_and_withdrawn(run: Run, tmp_path: Path, kind: str) -> None:
    """Growth is credited; a newer file states it anew; without that the older one stands again."""
    flow = kind in IS_FLOW
    old = write(tmp_path / "old.tsv", kind, m10=40, m11=70)
    told = run("usage", "load", old, "--kind", kind, *EXPORTED, *LATER, "--json")
    assert (told.code, told.object["outcome"]) == (0, "loaded"), told.err
    assert grown(run, kind)["11"]["credited"] == ("70" if flow else "30")
    new = write(tmp_path / "new.tsv", kind, m11=90)
    later = ("--report", "again", "--exported", "2020-11-02", *LATER)
    assert run("usage", "load", new, "--kind", kind, *later).code == 0
    assert grown(run, kind)["11"]["credited"] == ("90" if flow else "50")
    assert run("usage", "withdraw", "again", "--reason", "Wrong.", *LATER).code == 0
    assert grown(run, kind)["11"]["credited"] == ("70" if flow else "30")
    conflicts = run("usage", "conflicts", "--metric", CREDITED[kind][1], "--json").objects
    assert {row["report"] for row in conflicts}.isdisjoint({"again"})


@pytest.mark.usefixtures("ledger")
def test_attached_users_are_credited_to_the_partner_the_file_names(
    run: Run, tmp_path: Path
) -> None:
    """By its global account; the seats and SKUs of a subscription are told apart when asked for."""
    path = write(tmp_path / "usage.tsv", "bizapps_usage", m10=40, m11=70)
    text = path.read_bytes().replace(b"\t4\t\t70", b"\t9\t\t70")
    path.write_bytes(text)
    words = ("usage", "load", path, "--kind", "bizapps_usage", *EXPORTED, *LATER)
    assert run(*words).code == 0
    by = ("growth", "--by", "partner,organisation,subscription,resource,workload", "--json")
    (row,) = run(*by, "--metric", "bizapps.pamau", "--workload", "Field Service").objects
    assert (row["partner"], row["organisation"], row["credited"]) == ("100", "100", "5")
    assert (row["subscription"], row["resource"]) == (SUBSCRIPTION, "Enterprise")
    assert row["workload"] == "field_service"
