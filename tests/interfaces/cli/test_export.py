"""`attribution export`: Partner Center's own files from the ledger's state."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ledger.usage.reports.parse import parse_report
from ledger.usage.reports.read import ReportFile
from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, HEADER, line, write_lines

AZURE = "a2000000-0000-4000-8000-000000000003"


def tsv(text: str) -> list[dict[str, str]]:
    """The rows of a file with tabs."""
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_the_cpor_file_has_the_documented_columns(reading: Run) -> None:
    """The same ten, a row for the workload that is held, with its users, claim and date."""
    ran = reading("export", "cpor-m365", "--month", "2020-08")
    assert ran.code == 0
    assert tuple(ran.out.splitlines()[0].split("\t")) == HEADER
    assert tsv(ran.out) == [
        {
            "CustomerTenantId": CONTOSO,
            "CustomerName": "Contoso",
            "WorkloadName": "Teams",
            "MonthlyActiveUsers": "25",
            "PaidAvailableUnits": "100",
            "ClaimId": "C-1",
            "MpnId": "101",
            "DateAssociated": "2020-07-08",
            "PartnerAttributionType": "CPOR",
            "Date": "2020-08-01",
        }
    ]


def test_the_cpor_file_is_told_as_known_then(reading: Run) -> None:
    """Before the second report was loaded, nobody had stated August."""
    ran = reading("export", "cpor-m365", "--month", "2020-08", "--known", "2020-10-01")
    (row,) = tsv(ran.out)
    assert (row["ClaimId"], row["MonthlyActiveUsers"]) == ("C-1", "")


def test_the_cpor_file_can_be_loaded_again(reading: Run, tmp_path: Path) -> None:
    """It is a report of its kind: every row is read, none is refused."""
    out = tmp_path / "ours.csv"
    span = ("--from", "2020-07", "--to", "2020-09")
    assert reading("export", "cpor-m365", *span, "--csv", "--out", out).code == 0
    parsed = parse_report("cpor_m365", ReportFile.open(out))
    assert parsed.rejected_rows == 0
    assert len(parsed.statements_about("m365.mau")) == 3


@pytest.mark.parametrize(
    "words,code",
    [
        ((), "months_needed"),
        (("--month", "2020-08", "--to", "2020-09"), "months_needed"),
        (("--from", "2020-08"), "months_needed"),
        (("--from", "2020-09", "--to", "2020-08"), "bad_span"),
        (("--month", "August"), "bad_moment"),
    ],
)
def test_the_months_have_to_be_said(reading: Run, words: tuple[str, ...], code: str) -> None:
    """Wrong use, named, with what to do next."""
    ran = reading("export", "azure", *words)
    assert ran.code == 2
    assert code in ran.err


def azure_report(path: Path) -> Path:
    """One consumption of May, told for four attributions of Alfa and one of Beta (S7)."""
    header = (
        *("SubscriptionId", "Month", "ServiceLevel1", "ServiceLevel2", "ServiceLevel3"),
        *("ServiceLevel4", "ServiceGroup2", "ServiceGroup3", "ServiceInfluencer", "ComputeOS"),
        *("UsageUnits", "CustomerTenantId", "PartnerID", "PartnerAttributionType", "AdminType"),
        "ACR_USD",
    )
    told = (
        ("101", "PAL", "Owner"),
        ("102", "PAL", "Contributor"),
        ("102", "Partner of record", ""),
        ("103", "CSP Tier 1", ""),
        ("201", "PAL", "Contributor"),
        ("103", "Deal registration", ""),
    )
    lines = ["\t".join(header)]
    for partner, kind, role in told:
        what = (AZURE, "2020-05-01", "Azure", "Compute > VM", *("",) * 6, "Hours", CONTOSO)
        lines.append("\t".join((*what, partner, kind, role, "1000")))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_azure_file_flags_what_is_told_again(run: Run, ledger: Path, tmp_path: Path) -> None:
    """Scenario S7 (domain.md §15) from a report to the file: 1,000 for each organisation."""
    assert ledger.exists()
    at = "2020-11-01T00:00:00Z"
    locations = [
        line(
            "location.register",
            f"x-{location}",
            at,
            location=location,
            organisation="100",
            name=f"Alfa {location}",
            country="CZ",
        )
        for location in ("102", "103")
    ]
    assert run("submit", write_lines(tmp_path / "more.jsonl", *locations)).code == 0
    report = azure_report(tmp_path / "azure.tsv")
    loaded = ("--kind", "azure", "--exported", "2020-10-20", "--at", at)
    assert run("usage", "load", report, *loaded).code == 0

    ran = run("export", "azure", "--month", "2020-05")
    assert ran.code == 0
    rows = {(row["PartnerID"], row["PartnerAttributionType"]): row for row in tsv(ran.out)}
    flags = {
        key: "".join(value for name, value in row.items() if name.startswith("IsACR"))
        for key, row in rows.items()
    }
    assert flags == {
        ("101", "PAL"): "000",
        ("102", "PAL"): "110",
        ("102", "DPOR"): "101",
        ("103", "CSP_T1"): "100",
        ("201", "PAL"): "000",
    }
    first = rows["101", "PAL"]
    assert (first["PGAPartnerID"], first["AdminType"], first["ACR_USD"]) == ("100", "Owner", "1000")
    assert (first["ServiceLevel2"], first["UsageUnits"]) == ("Compute > VM", "Hours")


def test_the_azure_file_loads_as_the_same_statements(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """What we write, read as a report, states what was loaded."""
    assert ledger.exists()
    report, out = azure_report(tmp_path / "azure.tsv"), tmp_path / "ours.tsv"
    loaded = ("--kind", "azure", "--exported", "2020-10-20", "--at", "2020-11-01T00:00:00Z")
    assert run("usage", "load", report, *loaded).code == 0
    assert run("export", "azure", "--month", "2020-05", "--out", out).code == 0
    theirs, ours = (parse_report("azure", ReportFile.open(path)) for path in (report, out))
    for metric in theirs.metrics:
        left, right = (
            parsed.statements_about(metric).drop("row").sort("partner", "attribution")
            for parsed in (theirs, ours)
        )
        assert left.equals(right)
