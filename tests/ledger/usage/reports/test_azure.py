"""The Azure usage report: what adds up, what is told twice, what stays with its partner."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.usage.reports.columns import names_of
from ledger.usage.reports.kinds import report_kind
from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile
from tests.ledger.usage.builders import ACR, T1, month

ATTRIBUTED = "azure.acr.attributed"
SERVICES = [names_of("columns")[field][0] for field in report_kind("azure").resource]
COLUMNS = [
    "CustomerTenantId", "SubscriptionId", "Month", *SERVICES,
    "PartnerID", "PartnerAttributionType", "AdminType", "ACR_USD",
]  # fmt: skip


USUAL = {
    "tenant": T1,
    "subscription": "s-1",
    "day": "2023-09",
    "service": "Compute",
    "partner": "101",
    "kind": "PAL",
    "role": "Owner",
}


def row(amount: str = "10", **other: str) -> str:
    """One row of a report, usual but for ``other``."""
    tenant, subscription, day, service, *who = {**USUAL, **other}.values()
    services = [service, *[""] * (len(SERVICES) - 1)]
    return "\t".join([tenant, subscription, day, *services, *who, amount])


def parse(*lines: str) -> ParsedReport:
    """A report of these rows."""
    text = "\n".join(["\t".join(COLUMNS), *lines])
    return parse_report("azure", ReportFile.of("azure.tsv", text.encode()))


def facts(parsed: ParsedReport) -> dict[str, float]:
    """The amounts in USD of the facts, by resource."""
    rows = parsed.statements_about(ACR).select("resource", pl.col("value_micro") / 1e6).rows()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def attributed(parsed: ParsedReport) -> dict[tuple[str, str], float]:
    """The amounts in USD by partner and attribution."""
    rows = parsed.statements_about(ATTRIBUTED).select(
        "partner", "attribution", pl.col("value_micro") / 1e6
    )
    return {(partner, kind): amount for partner, kind, amount in rows.iter_rows()}


def test_rows_of_one_attribution_add_up() -> None:
    """Same partner, type and role: parts of the month's sum, credits among them."""
    parsed = parse(row("10.25"), row("-0.25"), row("5"))
    assert facts(parsed) == {"Compute": 15}
    assert attributed(parsed) == {("101", "PAL.Owner"): 15}
    assert parsed.statements_about(ACR).get_column("row").to_list() == [2]


def test_attributions_that_agree_tell_one_fact() -> None:
    """The consumption counts once, and for each partner it is known."""
    parsed = parse(row("10"), row("10", partner="102", kind="CSP Tier 1", role=""))
    assert facts(parsed) == {"Compute": 10}
    assert attributed(parsed) == {("101", "PAL.Owner"): 10, ("102", "CSP_T1"): 10}


def test_attributions_that_disagree_stay_with_their_partners() -> None:
    """A PAL that sees one resource group only: there is no one fact."""
    parsed = parse(
        row("4"), row("10", partner="102", kind="DPOR", role=""), row("3", service="Disk")
    )
    assert facts(parsed) == {"Disk": 3}
    assert parsed.statements_about(ATTRIBUTED).height == 3


def test_roles_of_one_partner_are_attributions_of_their_own() -> None:
    """Owner and Contributor of one partner tell one fact twice, not two halves."""
    parsed = parse(row("10", role="Owner"), row("10", role="Contributor"))
    assert facts(parsed) == {"Compute": 10}
    assert set(attributed(parsed)) == {("101", "PAL.Owner"), ("101", "PAL.Contributor")}


def test_deal_registrations_are_never_summed_and_the_result_says_so() -> None:
    """They are amounts of a promise (domain.md §14 case 10)."""
    parsed = parse(row("10"), row("999", kind="Deal registration", role=""))
    assert facts(parsed) == {"Compute": 10}
    assert attributed(parsed) == {("101", "PAL.Owner"): 10}
    (note,) = parsed.notes
    assert note.startswith("1 deal registration rows were left out")
    assert note.endswith("never summed.")


def test_an_unknown_attribution_type_is_kept_and_named() -> None:
    """Dropping money because of a new label would be worse."""
    parsed = parse(row("10", kind="Moonshot", role=""))
    assert attributed(parsed) == {("101", "Moonshot"): 10}
    assert "Moonshot" in parsed.notes[0]


def test_all_that_says_what_was_used_is_the_key() -> None:
    """Places of the columns are kept, empty ends cut, the separator escaped."""
    cells = row().split("\t")
    cells[3:6] = ["Compute", "", "A > B"]
    assert facts(parse("\t".join(cells))) == {r"Compute >  > A \> B": 10}


@pytest.mark.parametrize(
    "bad, field, value",
    [
        (row("ten"), "ACR_USD", "ten"),
        (row(""), "ACR_USD", ""),
        (row(tenant="x"), "CustomerTenantId", "x"),
        (row(subscription=""), "SubscriptionId", ""),
        (row(partner=""), "PartnerID", ""),
        (row(kind=""), "PartnerAttributionType", ""),
        (row(day="2023-02-30"), "Month", "2023-02-30"),
        (row(service='"a\x0bb"'), "ServiceLevel1", "a\x0bb"),
    ],
)
def test_a_bad_row_is_listed_and_the_rest_loads(bad: str, field: str, value: str) -> None:
    """With its line, the column of the file, and the value."""
    parsed = parse(row("1"), bad)
    assert parsed.rejected.select("line", "field", "value").rows() == [(3, field, value)]
    assert facts(parsed) == {"Compute": 1}
    assert parsed.period == (month(9), month(9))
