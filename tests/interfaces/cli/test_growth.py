"""`attribution growth` by every period and attribute, in every form; what was never reported."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO

TEAMS = ("growth", "--metric", "m365.mau", "--workload", "teams", "--kind", "CPOR")


@pytest.mark.parametrize(
    "period, words, name",
    [
        ("quarter", (), "2020-Q3"),
        ("year", (), "2020"),
        ("fiscal_year", (), "FY21"),
        ("fiscal_year", ("--fiscal-year-starts", "10"), "FY20"),
    ],
)
def test_months_add_up_to_periods(
    reading: Run, period: str, words: tuple[str, ...], name: str
) -> None:
    """Growth and openings of the months are summed; the level is that of the last of them."""
    row = reading(*TEAMS, "--by", period, *words, "--json").object
    told = {key: row[key] for key in (period, "credited", "opening", "level", "months")}
    assert told == {period: name, "credited": "30", "opening": "10", "level": "40", "months": 3}


def test_trailing_months_run_over_a_year(reading: Run) -> None:
    """Each month stands with the months before it, and says how many of them are reported."""
    rows = reading(*TEAMS, "--by", "month", "--trailing", "--json").objects
    assert [(row["month"], row["credited"], row["months"]) for row in rows] == [
        ("2020-07-01", "0", 1),
        ("2020-08-01", "15", 2),
        ("2020-09-01", "30", 3),
    ]


def test_a_year_before_that_nobody_reported_is_not_zero(reading: Run) -> None:
    """Without a report of the year before there is nothing to compare with."""
    rows = reading(*TEAMS, "--by", "month", "--year-on-year", "--json").objects
    assert [(row["credited"], row["year_before"], row["change"]) for row in rows] == [
        ("0", None, None),
        ("15", None, None),
        ("15", None, None),
    ]


def test_the_share_is_of_active_users_in_paid_units(reading: Run) -> None:
    """Forty of a hundred in September, month by month before."""
    words = ("growth", "--by", "month", "--workload", "teams", "--share", "--json")
    rows = reading(*words).objects
    assert [(row["active"], row["paid"], row["share_percent"]) for row in rows] == [
        ("10", "100", 10.0),
        ("25", "100", 25.0),
        ("40", "100", 40.0),
    ]


def test_growth_is_told_by_what_is_recorded_of_customers(reading: Run) -> None:
    """Country and public sector of the tenant, as the ledger knows them."""
    row = reading(*TEAMS, "--by", "country,public_sector", "--json").object
    told = {name: row[name] for name in ("country", "public_sector", "credited")}
    assert told == {"country": "CZ", "public_sector": "False", "credited": "30"}


def test_a_chart_is_drawn_for_people_alone(reading: Run) -> None:
    """The greatest growth has the longest bar; data has none."""
    lines = reading(*TEAMS, "--by", "quarter,month"[8:], "--chart").out.splitlines()
    assert [line.count("█") for line in lines if line.startswith("2020-")] == [0, 24, 24]
    assert "█" not in reading(*TEAMS, "--chart", "--json").out


def test_rows_leave_as_csv_parquet_and_arrow(reading: Run, tmp_path: Path) -> None:
    """The same rows in each form; a folder that is not there is said so."""
    parquet, arrow = tmp_path / "g.parquet", tmp_path / "g.arrow"
    words = (*TEAMS, "--by", "month,partner", "--csv", "--parquet", parquet, "--arrow", arrow)
    header, *lines = reading(*words).out.splitlines()
    assert header.startswith("month,metric,partner,credited")
    assert [line.split(",")[3] for line in lines] == ["0", "15", "15"]
    for found in (pl.read_parquet(parquet), pl.read_ipc(arrow)):
        assert found["credited_micro"].to_list() == [0, 15_000_000, 15_000_000]
    ended = reading(*TEAMS, "--parquet", tmp_path / "nowhere" / "g.parquet")
    assert (ended.code, "can't be written" in ended.err) == (2, True)


def test_a_month_without_a_report_is_said_to_have_none(reading: Run) -> None:
    """No rows and no zero: the answer names the months and the metric."""
    ended = reading(*TEAMS, "--from", "2021-01", "--to", "2021-02")
    assert ended.code == 0
    assert "No report of m365.mau for 2021-01, 2021-02." in ended.err
    assert "No report" not in reading(*TEAMS, "--from", "2020-07", "--to", "2020-09").err
    beyond = reading(*TEAMS, "--from", "2020-09", "--to", "2020-10")
    assert "No report of m365.mau for 2020-10." in beyond.err


@pytest.mark.parametrize(
    "words, said",
    [
        (("--by", "month,quarter"), "two_periods"),
        (("--by", "partner", "--trailing"), "by_month_only"),
        (("--by", "month", "--share"), "share_of_two_metrics"),
        (("--rule", "fair"), "unknown_credit_rule"),
        (("--by", "resource", "--rule", "rbac_mci"), "credit_rule_asks_apart"),
        (("--by", "colour"), "Growth can't be told by 'colour'"),
    ],
)
def test_what_can_not_be_asked_is_refused_by_name(
    reading: Run, words: tuple[str, ...], said: str
) -> None:
    """The answer names what was asked and ends with 2."""
    ended = reading("growth", "--metric", "azure.acr", *words)
    assert (ended.code, said in ended.err) == (2, True)


def test_usage_of_a_customer_nobody_recorded_waits_for_the_fact(
    run: Run, ledger: Path, tmp_path: Path
) -> None:
    """It is loaded, listed as unattributed, and listed no longer once the customer is recorded."""
    del ledger
    stranger = "00000000-0000-4000-8000-0000000000ff"
    report = tmp_path / "strange.tsv"
    header = "CustomerTenantId\tCustomerName\tWorkloadName\tMonthlyActiveUsers\t"
    header += "PaidAvailableUnits\tClaimId\tMpnId\tDateAssociated\tPartnerAttributionType\tDate\n"
    report.write_text(
        f"{header}{stranger}\tFar\tTeams\t5\t9\t\t\t\t\t2020-09-01\n", encoding="utf-8"
    )
    later = ("--at", "2020-11-02T09:00:00Z")
    loaded = run("usage", "load", report, "--kind", "cpor_m365", "--exported", "2020-11-01", *later)
    assert loaded.code == 0
    found = run("analytics", "unattributed", "--json").objects
    assert {(row["tenant"], row["why"]) for row in found} == {(stranger, "customer not recorded")}
    known = tmp_path / "known.jsonl"
    known.write_text(
        '{"command": "customer.register", "id": "x-1", "at": "2020-11-03T09:00:00Z", "data": '
        f'{{"tenant": "{stranger}", "name": "Far", "country": "DE", "domains": ["f.example"]}}}}\n',
        encoding="utf-8",
    )
    assert run("submit", known, "--quiet").code == 0
    assert run("analytics", "unattributed", "--json").objects == []
    assert stranger != CONTOSO
