"""The CPOR-M365 usage report, with the dirt of real files."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from ledger.usage.reports.columns import MissingColumnError
from ledger.usage.reports.kinds import UnknownReportKindError
from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.reports.read import ReportFile
from tests.ledger.usage.builders import MAU, MICRO, PAU, T1, T2, month
from tests.ledger.usage.synthetic_reports import cpor_m365_tsv

HEADER = (
    "CustomerTenantId\tCustomerName\tWorkloadName\tMonthlyActiveUsers\tPaidAvailableUnits\t"
    "ClaimId\tMpnId\tDateAssociated\tPartnerAttributionType\tDate"
)


def line(
    *, tenant: str = T1, workload: str = "Teams", users: str = "5", paid: str = "9",
    day: str = "2023-09-01", partner: str = "101",
) -> str:  # fmt: skip
    """One row of a report."""
    return f"{tenant}\tContoso\t{workload}\t{users}\t{paid}\tC1\t{partner}\t2023-01-01\tCPOR\t{day}"


def parse(*lines: str, header: str = HEADER) -> ParsedReport:
    """A report of these rows."""
    return parse_report(
        "cpor_m365", ReportFile.of("m365.tsv", "\n".join([header, *lines]).encode())
    )


def told(parsed: ParsedReport, metric: str) -> list[tuple[object, ...]]:
    """Tenant, workload, month, units and line of the statements about a metric."""
    rows = parsed.statements_about(metric).select(
        "tenant", "workload", "month", pl.col("value_micro") // MICRO, "row"
    )
    return rows.rows()


def refused(parsed: ParsedReport) -> list[tuple[object, ...]]:
    """Line, field and value of what was refused."""
    return parsed.rejected.select("line", "field", "value").rows()


def test_a_row_states_two_levels() -> None:
    """Active users and paid units of the tenant and workload in that month."""
    parsed = parse(line(tenant=T1.upper(), workload="TeamsMeetings", users="5", paid="9"))
    assert told(parsed, MAU) == [(T1, "teams_meetings", month(9), 5, 2)]
    assert told(parsed, PAU) == [(T1, "teams_meetings", month(9), 9, 2)]
    assert parsed.metrics == (MAU, PAU)
    assert parsed.period == (month(9), month(9))
    assert parsed.rejected_rows == 0


@pytest.mark.parametrize("spelling", ["Teams Meetings", "teams_meetings", "TEAMSMEETINGS"])
def test_spellings_of_a_workload_are_one(spelling: str) -> None:
    """partner_center_files.md §4."""
    assert told(parse(line(workload=spelling)), MAU)[0][1] == "teams_meetings"


@pytest.mark.parametrize(
    "bad, field, value",
    [
        (line(users="many"), "MonthlyActiveUsers", "many"),
        (line(users="-1"), "MonthlyActiveUsers", "-1"),
        (line(users="1.5"), "MonthlyActiveUsers", "1.5"),
        (line(paid="-2"), "PaidAvailableUnits", "-2"),
        (line(paid=""), "PaidAvailableUnits", ""),
        (line(day="2023-13-01"), "Date", "2023-13-01"),
        (line(day=""), "Date", ""),
        (line(tenant="contoso.example"), "CustomerTenantId", "contoso.example"),
        (line(tenant=""), "CustomerTenantId", ""),
        (line(workload="Clippy"), "WorkloadName", "Clippy"),
        (line(workload=""), "WorkloadName", ""),
    ],
)
def test_a_bad_row_is_listed_and_the_rest_loads(bad: str, field: str, value: str) -> None:
    """With file, line, field, value, what is wrong and what to do."""
    parsed = parse(line(), bad, line(tenant=T2))
    assert refused(parsed) == [(3, field, value)]
    (entry,) = parsed.rejected.rows(named=True)
    assert entry["file"] == "m365.tsv"
    assert entry["problem"]
    assert entry["hint"]
    assert [row[4] for row in told(parsed, MAU)] == [2, 4]
    assert [row[4] for row in told(parsed, PAU)] == [2, 4]


def test_every_fault_of_a_row_is_listed() -> None:
    """So that one round of corrections is enough; the row counts once."""
    parsed = parse(line(users="many", day="soon"), line(tenant=T2))
    assert refused(parsed) == [(2, "Date", "soon"), (2, "MonthlyActiveUsers", "many")]
    assert parsed.rejected_rows == 1


def test_rows_that_tell_one_fact_again_are_one_statement() -> None:
    """A tenant's users are one fact, whoever's row tells it."""
    parsed = parse(line(partner="101"), line(partner="102"))
    assert told(parsed, MAU) == [(T1, "teams", month(9), 5, 2)]
    assert parsed.rejected.is_empty()


def test_rows_that_disagree_are_refused_for_that_key_month_and_metric() -> None:
    """Both are listed; the other metric, other months and other keys load."""
    parsed = parse(line(users="5"), line(users="6"), line(day="2023-10", users="7"))
    assert refused(parsed) == [(2, "MonthlyActiveUsers", "5"), (3, "MonthlyActiveUsers", "6")]
    assert told(parsed, MAU) == [(T1, "teams", month(10), 7, 4)]
    assert [row[2] for row in told(parsed, PAU)] == [month(9), month(10)]


def test_an_unknown_column_is_ignored_and_named() -> None:
    """A known one that is not needed is not."""
    parsed = parse(line() + "\tblue", header=HEADER + "\tColour")
    assert parsed.ignored_columns == ("Colour",)


def test_a_missing_column_stops_the_import() -> None:
    """Before the first row."""
    with pytest.raises(MissingColumnError, match="PaidAvailableUnits"):
        parse(line(), header=HEADER.replace("PaidAvailableUnits", "Seats"))


def test_the_files_own_export_time_is_kept() -> None:
    """The latest one, where a column states it."""
    parsed = parse(line() + "\t1970-01-01T00:00:02Z", header=HEADER + "\tExportedAt")
    assert parsed.exported_us == 2_000_000


def test_an_unknown_kind_is_named() -> None:
    """With the kinds there are."""
    with pytest.raises(UnknownReportKindError, match="cpor_m365"):
        parse_report("cpor", ReportFile.of("f", b"x"))


def test_a_synthetic_report_is_clean_and_repeatable() -> None:
    """What the benchmark loads: every row a key of its own, nothing refused."""
    content = cpor_m365_tsv(1_000, month=date(2023, 9, 1))
    parsed = parse_report("cpor_m365", ReportFile.of("m365.tsv", content))
    assert content == cpor_m365_tsv(1_000, month=date(2023, 9, 1))
    assert parsed.statement_count == 2_000
    assert parsed.rejected.is_empty()
